// SPDX-License-Identifier: GPL-2.0
/*
 * bench_pcapng - ns an event from the perf sample to bytes in the write buffer: decode, record,
 * comment, block. Median of runs, with the least and the most; no system call is in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json_event.h"
#include "lib/pcapfile.h"
#include "lib/pcapng.h"
#include "lib/trail.h"
#include "lib/util.h"

#define RUNS	15
#define EVENTS	200000
#define SAMPLES 1024 /* different events in turn, as a ring has them */
#define BATCH	(1 << 20)

#define HEAD (sizeof(struct event) + 2 * sizeof(struct event_step))

/* Samples one behind the other, as in a ring. */
struct samples {
	unsigned char *mem;
	size_t size;
};

static bool name(void *arg, __u32 slot, __u32 instance, char text[TRAIL_NAME])
{
	(void)arg;
	(void)instance;
	strcpy(text, slot == 1 ? "ratelimit" : "blocklist");
	return true;
}

static bool reason(void *arg, __u32 slot, __u32 instance, __u32 number, char text[TRAIL_NAME])
{
	(void)number;
	(void)slot;
	return name(arg, 1, instance, text);
}

static bool rule(void *arg, __u32 slot, __u32 instance, __u32 number, char text[TRAIL_NAME])
{
	(void)arg;
	(void)slot;
	(void)instance;
	snprintf(text, TRAIL_NAME, "203.0.%u.0/24", number);
	return true;
}

/* Events differ in their times, and in one of @rules rules. */
static bool make(struct samples *all, unsigned int bytes, unsigned int rules, bool times)
{
	all->size = (HEAD + bytes + 15) / 8 * 8 + 4; /* a perf header, and its padding */
	all->mem = calloc(SAMPLES, all->size);
	for (int i = 0; all->mem && i < SAMPLES; i++) {
		const struct event head = {
			.time_ns = i * 300,
			.seq = i,
			.len = bytes,
			.cap_len = bytes,
			.version = EVENT_VERSION,
			.type = EVENT_PACKET,
			.verdict = 1,
			.steps = 2,
			.flags = times ? EVENT_STEP_TIMES : 0,
			.size = HEAD + bytes,
		};
		const struct event_step steps[2] = {
			{ .slot = 1, .verdict = 5, .ns = times * (90 + i % 20) },
			{ .slot = 2,
			  .verdict = 1,
			  .reason = 1,
			  .rule = 1 + i % rules,
			  .ns = times * (190 + i % 99) },
		};

		memcpy(all->mem + i * all->size, &head, sizeof(head));
		memcpy(all->mem + i * all->size + sizeof(head), steps, sizeof(steps));
	}
	return all->mem;
}

enum what { PCAPNG, PCAPNG_NO_COMMENT, PCAP, TEXT, UNCACHED, JSON };

static struct trail_cache *cache;
static const struct trail_names names = { name, reason, rule, NULL, 0 };

static size_t comment(const struct ev *ev, enum what what, const char **text)
{
	static char anew[TRAIL_MAX];
	struct trail t;

	*text = anew;
	if (what == PCAPNG_NO_COMMENT || what == PCAP || what == JSON)
		return 0;
	if (what == PCAPNG)
		return trail_cached(cache, ev, &names, TRAIL_COMMENT, text);
	if (what == TEXT)
		return trail_cached(cache, ev, &names, TRAIL_TEXT, text);
	trail_make(ev, &names, &t);
	return trail_format(&t, TRAIL_COMMENT, anew, sizeof(anew));
}

static double run(const struct samples *all, enum what what, char *batch)
{
	static const struct format_file file = { .snaplen = 65000 };
	static struct trail t;
	const struct format_ops *ops = what == PCAP   ? &pcapfile_ops
				       : what == JSON ? &json_event_ops
						      : &pcapng_ops;
	__u64 start = now_ns();
	size_t at = 0;

	for (int i = 0; i < EVENTS; i++) {
		struct record r;
		struct ev ev;
		size_t n;

		if (ev_decode(all->mem + i % SAMPLES * all->size, all->size, &ev))
			abort();
		record_event(&r, &ev, 0, 1700000000ULL * NSEC, 0);
		r.comment_len = comment(&ev, what, &r.comment);
		if (!r.comment_len)
			r.comment = NULL;
		if (ops->wants & FORMAT_TRAIL) {
			trail_make(&ev, &names, &t);
			r.trail = &t;
		}
		n = ops->packet(&file, &r, batch + at, BATCH - at);
		at = n ? at + n : 0;
	}
	return (double)(now_ns() - start) / EVENTS;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static const struct {
	const char *name;
	unsigned int bytes, rules;
	enum what what;
	bool times;
} cases[] = {
	{ "pcapng, trail of two steps, 64 bytes", 64, 4, PCAPNG, false },
	{ "pcapng, trail of two steps, 256 bytes", 256, 4, PCAPNG, false },
	{ "pcapng, trail of two steps, 1400 bytes", 1400, 4, PCAPNG, false },
	{ "the same with 1000 rules, 64 bytes", 64, 1000, PCAPNG, false },
	{ "the same with the time of each stage, 64 bytes", 64, 4, PCAPNG, true },
	{ "the same without the cache, 64 bytes", 64, 4, UNCACHED, false },
	{ "pcapng without a trail, 64 bytes", 64, 4, PCAPNG_NO_COMMENT, false },
	{ "classic pcap, 64 bytes", 64, 4, PCAP, false },
	{ "JSON, 64 bytes", 64, 4, JSON, false },
	{ "trail as text, with times, and a pcapng block, 64 bytes", 64, 4, TEXT, true },
};

int main(void)
{
	char *batch = malloc(BATCH);

	cache = trail_cache_new();
	if (!batch || !cache)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct samples all;
		double ns[RUNS];

		if (!make(&all, cases[i].bytes, cases[i].rules, cases[i].times))
			return 1;
		run(&all, cases[i].what, batch);
		for (int r = 0; r < RUNS; r++)
			ns[r] = run(&all, cases[i].what, batch);
		qsort(ns, RUNS, sizeof(*ns), by_value);
		printf("%-56s %6.1f ns (%.1f to %.1f)\n", cases[i].name, ns[RUNS / 2], ns[0],
		       ns[RUNS - 1]);
		free(all.mem);
	}
	trail_cache_free(cache);
	free(batch);
	return 0;
}
