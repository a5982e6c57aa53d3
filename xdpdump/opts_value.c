// SPDX-License-Identifier: GPL-2.0
/* opts_value - arguments of options. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/trail.h"
#include "lib/util.h"
#include "xdpchain/chain.h"
#include "xdpdump/opts_int.h"

#define RECORDER_MIN (512ULL << 10) /* some packets of 64 KiB fit in */
#define RECORDER_MAX (1ULL << 40)

int opts_wrong(const char *noun, const char *value, const char *mend)
{
	fprintf(stderr, "xdpdump: %s: %s: %s\n", noun, value, mend);
	return CLI_USAGE;
}

/* A whole number from @min to @max; what follows it is left at @end, or must be nothing. */
static int number(const char *text, unsigned long min, unsigned long max, unsigned long *out,
		  char **rest)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *text < '0' || *text > '9' || v < min || v > max)
		return -EINVAL;
	if (rest)
		*rest = end;
	else if (*end)
		return -EINVAL;
	*out = v;
	return 0;
}

static int verdicts(struct opts *o, const char *list)
{
	if (!*list)
		return opts_wrong("--verdict", "nothing", "use pass, drop, tx, redirect, aborted");
	while (*list) {
		size_t len = strcspn(list, ",");
		int v = trail_verdict_find(list, len);

		if (v < 0 || v >= CHAIN_NEXT)
			return opts_wrong("--verdict", list,
					  "not a verdict, use pass, drop, tx, redirect, aborted");
		o->verdicts |= 1u << v;
		list += len + (list[len] == ',');
	}
	return -1;
}

static int rules(struct opts *o, const char *list)
{
	char *rest = (char *)list;
	unsigned long v;

	do {
		if (number(rest, 1, UINT_MAX, &v, &rest) || (*rest && *rest != ','))
			return opts_wrong("--rule", list, "not rule ids like 7 or 7,12");
		if (o->rule_count == SESSION_RULES)
			return opts_wrong("--rule", list, "8 rules at most");
		o->rules[o->rule_count++] = v;
	} while (*rest++);
	return -1;
}

static int iface(struct opts *o, const char *name)
{
	if (!strcmp(name, "any-chain")) {
		o->any_chain = true;
		return -1;
	}
	for (unsigned int i = 0; i < o->n_ifnames; i++)
		if (!strcmp(name, o->ifnames[i]))
			return opts_wrong("-i", name, "named twice");
	if (o->n_ifnames == OPTS_IFACES)
		return opts_wrong("-i", name, "32 interfaces at most");
	o->ifnames[o->n_ifnames++] = name;
	return -1;
}

static int point(struct opts *o, const char *text)
{
	static const struct {
		const char *name;
		unsigned int points;
	} points[] = { { "exit", 1u << EVENT_EXIT },
		       { "entry", 1u << EVENT_ENTRY },
		       { "both", 1u << EVENT_EXIT | 1u << EVENT_ENTRY } };

	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		if (!strcmp(text, points[i].name)) {
			o->points = points[i].points;
			return -1;
		}
	return opts_wrong("--point", text, "use entry, exit or both");
}

static int source(struct opts *o, const char *text)
{
	static const char *const words[] = { "chain", "program", "pcap" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], text)) {
			o->source = OPTS_SOURCE_CHAIN + i;
			return -1;
		}
	return opts_wrong("--source", text, "use chain, program or pcap");
}

static int sample(struct opts *o, const char *text)
{
	unsigned long v;

	if (number(text, 1, UINT_MAX, &v, NULL))
		return opts_wrong("--sample", text,
				  "not a number, 1 or more: one packet in so many");
	o->sample = v;
	return -1;
}

static int rate(struct opts *o, const char *text)
{
	unsigned long v;
	char *rest;

	if (number(text, 1, UINT_MAX, &v, &rest) || (*rest && strcmp(rest, "/s")))
		return opts_wrong("--rate", text, "not packets a second like 1000 or 1000/s");
	o->rate = v;
	return -1;
}

static int snaplen(struct opts *o, const char *text)
{
	unsigned long v;

	if (number(text, 0, 1UL << 31, &v, NULL))
		return opts_wrong("-s", text, "not a number of bytes");
	o->snaplen = !v || v > EVENT_SNAPLEN_MAX ? EVENT_SNAPLEN_MAX : v;
	return -1;
}

static int packets(struct opts *o, const char *text)
{
	if (number(text, 1, ~0UL, &o->count, NULL))
		return opts_wrong("-c", text, "not a number of packets, 1 or more");
	return -1;
}

static int ring(struct opts *o, const char *text)
{
	unsigned long v;

	if (number(text, 4, 4UL << 20, &v, NULL))
		return opts_wrong("-B", text, "not a size in KiB, 4 to 4194304");
	o->ring_bytes = v << 10;
	return -1;
}

/* tcpdump's: millions without a unit, powers of 1024 with one. */
static int file_size(struct opts *o, const char *text)
{
	static const struct {
		char name;
		__u64 bytes;
	} units[] = { { 0, 1000000 }, { 'k', 1 << 10 }, { 'm', 1 << 20 }, { 'g', 1 << 30 } };
	unsigned long v;
	char *rest;

	if (!number(text, 1, 1UL << 31, &v, &rest) && (!*rest || !rest[1]))
		for (size_t i = 0; i < ARRAY_SIZE(units); i++)
			if (units[i].name == (*rest | (*rest ? 32 : 0))) {
				o->file_bytes = v * units[i].bytes;
				return -1;
			}
	return opts_wrong("-C", text, "not a size like 10 (million bytes), 512k, 10m, 1g");
}

static int file_seconds(struct opts *o, const char *text)
{
	unsigned long v;

	if (number(text, 1, INT_MAX, &v, NULL))
		return opts_wrong("-G", text, "not a number of seconds, 1 or more");
	o->file_seconds = v;
	return -1;
}

static int file_count(struct opts *o, const char *text)
{
	unsigned long v;

	if (number(text, 1, INT_MAX, &v, NULL))
		return opts_wrong("-W", text, "not a number of files, 1 or more");
	o->file_count = v;
	return -1;
}

/* Without a unit it is seconds, as everywhere in tcpdump. 0 or -EINVAL. */
static int seconds(const char *text, __u64 *ns)
{
	unsigned long v;

	if (number(text, 1, DURATION_DAYS_MAX * 86400UL, &v, NULL))
		return duration_parse(text, ns, NULL) ? -EINVAL : 0;
	*ns = v * NSEC;
	return 0;
}

static int duration(struct opts *o, const char *text)
{
	if (seconds(text, &o->duration_ns))
		return opts_wrong("--duration", text, "not a duration like 5, 90s, 10m or 1h30m");
	return -1;
}

/* An m is a minute here, so sizes are M. Given twice, it may be a time and a size. */
static int recorder(struct opts *o, const char *text)
{
	static const char units[] = "kMG";
	const char *unit;
	unsigned long v;
	char *rest;

	o->recorder = true;
	if (!seconds(text, &o->recorder_ns))
		return -1;
	if (!number(text, 1, 1UL << 20, &v, &rest) && *rest && !rest[1]) {
		unit = strchr(units, *rest == 'K' ? 'k' : *rest);
		v = unit ? v << (10 * (unit - units + 1)) : 0;
		if (v >= RECORDER_MIN && v <= RECORDER_MAX) {
			o->recorder_bytes = v;
			return -1;
		}
	}
	return opts_wrong("--flight-recorder", text,
			  "neither a size like 64M (512k to 1024G) nor a time like 30s or 2m");
}

static int trigger(struct opts *o, const char *text)
{
	struct fail f = { 0 };

	if (o->trigger_count == OPTS_TRIGGERS)
		return opts_wrong("--trigger", text, "8 triggers at most");
	if (!trigger_parse(text, &o->triggers[o->trigger_count], &f)) {
		o->trigger_count++;
		return -1;
	}
	fprintf(stderr, "xdpdump: --trigger: %s\n", f.text);
	return CLI_USAGE;
}

static int after(struct opts *o, const char *text)
{
	o->after_given = true;
	if (!strcmp(text, "0") || !strcmp(text, "0s"))
		o->after_ns = 0;
	else if (seconds(text, &o->after_ns))
		return opts_wrong("--trigger-after", text, "not a time like 0, 1s or 2m");
	return -1;
}

static int precision(struct opts *o, const char *text)
{
	if (!strcmp(text, "nano"))
		o->print.flags |= PRINT_NANO;
	else if (!strcmp(text, "micro"))
		o->print.flags &= ~PRINT_NANO;
	else
		return opts_wrong("--time-stamp-precision", text, "use micro or nano");
	return -1;
}

/* As in ls(1) and grep(1), without an argument it is always. */
static int color(struct opts *o, const char *text)
{
	static const char *const words[] = { "auto", "always", "never" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], text ? text : "always")) {
			o->color = OPTS_COLOR_AUTO + i;
			return -1;
		}
	return opts_wrong("--color", text, "use auto, always or never");
}

static const struct {
	int key;
	int (*take)(struct opts *o, const char *text);
} values[] = {
	{ 'B', ring },
	{ 'c', packets },
	{ 'C', file_size },
	{ 'G', file_seconds },
	{ 'i', iface },
	{ 'W', file_count },
	{ 's', snaplen },
	{ OPTS_AFTER, after },
	{ OPTS_COLOR, color },
	{ OPTS_DURATION, duration },
	{ OPTS_POINT, point },
	{ OPTS_PRECISION, precision },
	{ OPTS_RATE, rate },
	{ OPTS_RECORDER, recorder },
	{ OPTS_RULE, rules },
	{ OPTS_SAMPLE, sample },
	{ OPTS_SOURCE, source },
	{ OPTS_TRIGGER, trigger },
	{ OPTS_VERDICT, verdicts },
};

int opts_value(struct opts *o, int key, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i].key == key)
			return values[i].take(o, text);
	return -2;
}
