/* SPDX-License-Identifier: GPL-2.0 */
/* tests/capture.h - capture files in memory, for the tests of their reader. */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include "lib/capfile.h"

/** capture_open - read @size bytes as a capture file; NULL if its header is refused. */
struct capfile *capture_open(const void *data, size_t size, size_t max);

/** capture_close - close what capture_open() gave; NULL is allowed. */
void capture_close(struct capfile *c);

/** capture_swap - turn a pcapng that we wrote into the other byte order, in place. */
void capture_swap(void *data, size_t size);

#endif
