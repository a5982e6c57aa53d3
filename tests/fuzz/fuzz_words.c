// SPDX-License-Identifier: GPL-2.0
/* What people type: prefixes, durations, rates, triggers. What is read must read the same again. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/prefix.h"
#include "lib/ratelimit.h"
#include "lib/trigger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void prefix(const char *text)
{
	struct prefix p, again;
	char buf[PREFIX_TEXT];
	struct fail f;

	if (prefix_parse(text, &p, &f)) {
		assert(f.text[0]);
		return;
	}
	assert(!prefix_parse(prefix_text(&p, buf), &again, NULL));
	assert(!prefix_cmp(&p, &again) && p.len <= prefix_bits(&p));
}

static void duration(const char *text)
{
	char buf[DURATION_TEXT];
	__u64 ns, again;
	struct fail f;

	if (duration_parse(text, &ns, &f)) {
		assert(f.text[0]);
		return;
	}
	/* the text is cut to two units, so it may say less */
	assert(!duration_parse(duration_text(ns, buf), &again, NULL));
	assert(again <= ns && again > ns / 2);
}

static void trigger(const char *text)
{
	struct trigger t, again;
	struct fail f;

	if (trigger_parse(text, &t, &f)) {
		assert(f.text[0]);
		return;
	}
	assert(!strcmp(t.text, text) && t.over <= TRIGGER_OVER);
	assert(!trigger_parse(t.text, &again, NULL) && !memcmp(&t, &again, sizeof(t)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1); /* on the heap: a byte too far is found */
	struct ratelimit limit = { 0 };
	__u32 rate;

	memcpy(text, data, len);
	text[len] = 0;
	prefix(text);
	duration(text);
	trigger(text);
	if (!ratelimit_parse(text, &limit, NULL))
		assert(limit.rate && limit.rate <= RATELIMIT_BYTES_MAX);
	if (!ratelimit_rate(text, &rate, NULL))
		assert(rate && rate <= RATELIMIT_RATE_MAX);
	free(text);
	return 0;
}
