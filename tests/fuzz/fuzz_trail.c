// SPDX-License-Identifier: GPL-2.0
/* fuzz_trail - a comment that is accepted says the same when it is written and read again. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char first[TRAIL_MAX], second[TRAIL_MAX];
	struct trail t, back;
	size_t n;

	if (trail_parse((const char *)data, len, &t))
		return 0;
	n = trail_format(&t, TRAIL_COMMENT, first, sizeof(first));
	assert(n > 0);
	assert(!trail_parse(first, n, &back));
	assert(trail_format(&back, TRAIL_COMMENT, second, sizeof(second)) == n);
	assert(!memcmp(first, second, n));
	assert(trail_format(&t, TRAIL_TEXT_ALL, first, sizeof(first)) > 0);
	return 0;
}
