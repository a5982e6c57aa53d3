/* SPDX-License-Identifier: GPL-2.0 */
/* lib/example.h - a packet that a filter accepts, made from the filter. */
#ifndef LIB_EXAMPLE_H
#define LIB_EXAMPLE_H

#include "lib/filter.h"

#define EXAMPLE_MAX 2048 /* bytes of a packet */

/**
 * example_packet - make an Ethernet frame that @filter accepts and that is else as plain as can
 * be: addresses of documentation, right lengths and checksums where the filter leaves them open.
 * @packet: gets it; @len is set
 *
 * Follows the program's branches with what each wants of which bit (lib/classic.h), and lets
 * libpcap's own matcher judge the outcome.
 * Return: 0; -ENOENT none was found: there may be none, or it takes arithmetic that is not
 * followed; -EFBIG the packet would be longer than EXAMPLE_MAX.
 */
int example_packet(const struct filter *filter, unsigned char packet[EXAMPLE_MAX], __u32 *len);

#endif
