// SPDX-License-Identifier: GPL-2.0
/* fuzz_event - whatever ev_decode() accepts lies within the sample, down to the last byte. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/event.h"
#include "xdpchain/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned char *mem = malloc(len + 4);
	unsigned char *copy = NULL;
	struct ev ev;

	memcpy(mem + 4, data, len);
	if (!ev_decode(mem + 4, len, &ev)) {
		assert(ev.head->cap_len <= EVENT_SNAPLEN_MAX);
		assert(ev.data + ev.head->cap_len <= mem + 4 + len);
		for (unsigned int i = 0; i < ev.head->steps; i++)
			assert(ev.steps[i].slot < CHAIN_SLOTS);
		copy = malloc(ev.head->cap_len + 1);
		memcpy(copy, ev.data, ev.head->cap_len); /* for the sanitizer to judge */
	}
	free(copy);
	free(mem);
	return 0;
}
