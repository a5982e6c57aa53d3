// SPDX-License-Identifier: GPL-2.0
#include "lib/trigger.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trail.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

#define EXAMPLES "'drop>1000/s', 'ratelimit:rate>500/s', 'stage:lb>0/s', 'reason=syn_flood'"

static int wrong(struct fail *f, const char *text, const char *why)
{
	return fail_set(f, EINVAL, "%.*s: %s, use " EXAMPLES, TRIGGER_TEXT, text, why);
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < '!' || *text > '~')
			return false;
	return true;
}

/* What of @what is behind @prefix, if it begins so and that is not nothing. */
static const char *behind(const char *what, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(what, prefix, n) && what[n] ? what + n : NULL;
}

static bool is_verdict(struct trigger *t, const char *name)
{
	int v = trail_verdict_find(name, strlen(name));

	if (v < 0 || v >= CHAIN_NEXT)
		return false;
	t->kind = TRIGGER_VERDICT;
	t->verdict = v;
	return true;
}

static void named(struct trigger *t, enum trigger_kind kind, const char *name)
{
	t->kind = kind;
	snprintf(t->name, sizeof(t->name), "%s", name);
}

/* Left of > */
static bool take_counted(struct trigger *t, const char *what)
{
	const char *name, *colon = strchr(what, ':');

	if (!strcmp(what, "lost")) {
		t->kind = TRIGGER_LOST;
		return true;
	}
	if (is_verdict(t, what))
		return true;
	if (!colon || colon == what || !colon[1])
		return false;
	name = behind(what, "reason:");
	if (name || !behind(what, "stage:"))
		named(t, TRIGGER_REASON, name ? name : what);
	else
		named(t, TRIGGER_DROPS, colon + 1);
	return true;
}

/* N[k|M][/s]; 0 is a number too: any packet is more. */
static bool take_number(struct trigger *t, const char *text)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text) || strlen(text) > 12)
		return false;
	n = strtoul(text, &end, 10);
	if (*end == 'k')
		n *= 1000;
	else if (*end == 'M')
		n *= 1000000;
	end += *end == 'k' || *end == 'M';
	t->over = n;
	return n <= TRIGGER_OVER && (!*end || !strcmp(end, "/s"));
}

static int take_event(struct trigger *t, const char *key, const char *name, struct fail *f)
{
	if (!*name)
		return wrong(f, t->text, "a name is missing behind =");
	if (!strcmp(key, "reason"))
		named(t, TRIGGER_REASON, name);
	else if (!strcmp(key, "stage"))
		named(t, TRIGGER_STAGE, name);
	else if (strcmp(key, "verdict"))
		return wrong(f, t->text, "before = stands reason, stage or verdict");
	else if (!is_verdict(t, name))
		return wrong(f, t->text, "a verdict is pass, drop, tx, redirect or aborted");
	return 0;
}

int trigger_parse(const char *text, struct trigger *t, struct fail *f)
{
	struct trigger made = { 0 };
	char left[TRIGGER_TEXT];
	size_t at = strcspn(text, ">=");
	int err;

	if (strlen(text) >= sizeof(made.text) || !printable(text))
		return wrong(f, text, "too long, or not printable");
	if (!text[at])
		return wrong(f, text, "no > or = in it (the shell takes a > without quotes)");
	snprintf(made.text, sizeof(made.text), "%s", text);
	snprintf(left, sizeof(left), "%.*s", (int)at, text);
	if (text[at] == '=') {
		err = take_event(&made, left, text + at + 1, f);
		if (err)
			return err;
	} else if (!take_counted(&made, left)) {
		return wrong(f, text,
			     "before > stands a verdict, reason:NAME, STAGE:REASON, "
			     "stage:NAME or lost");
	} else if (!take_number(&made, text + at + 1)) {
		return wrong(f, text, "behind > stands a rate like 1000/s, 100 million at most");
	}
	*t = made;
	return 0;
}

static void keep(struct trigger_state *s, __u64 now, __u64 count)
{
	__u32 last = (s->samples + TRIGGER_SAMPLES - 1) % TRIGGER_SAMPLES;

	/* Called more often, the samples still reach back beyond a second. */
	if (s->samples && now - s->sample[last].ns < TRIGGER_TICK * 9 / 10)
		return;
	s->sample[s->samples % TRIGGER_SAMPLES].ns = now;
	s->sample[s->samples % TRIGGER_SAMPLES].count = count;
	s->samples++;
}

/*
 * The larger of two: what came since the oldest sample within the second, which shows a burst at
 * once, and the mean since the newest one before it, which misses nothing of a steady rate.
 */
static __u64 within_second(const struct trigger_state *s, __u64 now, __u64 count)
{
	__u32 n = s->samples < TRIGGER_SAMPLES ? s->samples : TRIGGER_SAMPLES;
	__u64 inside = 0, mean = 0;

	for (__u32 i = 1; i <= n; i++) {
		__u32 at = (s->samples - i) % TRIGGER_SAMPLES; /* the newest first */
		__u64 age = now - s->sample[at].ns, more = count - s->sample[at].count;

		if (age > NSEC) {
			/* rounded up: one packet is more than none */
			mean = ((unsigned __int128)more * NSEC + age - 1) / age;
			break;
		}
		inside = more;
	}
	return inside > mean ? inside : mean;
}

bool trigger_step(struct trigger_state *s, __u32 over, __u64 now_ns, __u64 count, __u64 *rate)
{
	*rate = within_second(s, now_ns, count);
	keep(s, now_ns, count);
	if (*rate > over) {
		bool fires = !s->fired;

		s->fired = true;
		s->below_ns = 0;
		return fires;
	}
	if (s->fired && !s->below_ns)
		s->below_ns = now_ns;
	/* That there was not one packet within a second is all that can be asked for. */
	if (s->fired && (!over || now_ns - s->below_ns >= NSEC))
		s->fired = false;
	return false;
}
