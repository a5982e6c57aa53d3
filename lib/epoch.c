// SPDX-License-Identifier: GPL-2.0
#include "lib/epoch.h"

#include "lib/util.h"

__u64 epoch_ns(int tries)
{
	__u64 best = ~0ULL, epoch = 0;
	struct timespec t;

	for (int i = 0; i < tries; i++) {
		__u64 a = now_ns(), b;

		clock_gettime(CLOCK_REALTIME, &t);
		b = now_ns();
		if (b - a >= best)
			continue;
		best = b - a;
		epoch = (__u64)t.tv_sec * NSEC + t.tv_nsec - (a + (b - a) / 2);
	}
	return epoch;
}
