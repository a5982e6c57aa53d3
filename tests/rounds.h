/* SPDX-License-Identifier: GPL-2.0 */
/* tests/rounds.h - how often a test repeats: an emulated machine is some thirty times slower. */
#ifndef TESTS_ROUNDS_H
#define TESTS_ROUNDS_H

#include <stdlib.h>

/** rounds - @n, or in a virtual machine (make test-kernels) a tenth of it. Never 0 of some. */
static inline int rounds(int n)
{
	return getenv("TEST_EMULATED") ? (n + 9) / 10 : n;
}

#endif
