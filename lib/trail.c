// SPDX-License-Identifier: GPL-2.0
#include "lib/trail.h"

#include <strings.h>

#include "lib/trail_impl.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

static const struct {
	const char *upper, *lower;
	size_t len;
} verdicts[] = {
#define VERDICT(upper, lower)                                                                      \
	{                                                                                          \
		upper, lower, sizeof(upper) - 1                                                    \
	}
	[CHAIN_ABORTED] = VERDICT("ABORTED", "aborted"),
	[CHAIN_DROP] = VERDICT("DROP", "drop"),
	[CHAIN_PASS] = VERDICT("PASS", "pass"),
	[CHAIN_TX] = VERDICT("TX", "tx"),
	[CHAIN_REDIRECT] = VERDICT("REDIRECT", "redirect"),
	[CHAIN_NEXT] = VERDICT("NEXT", "next"),
};

const char *trail_verdict_name(unsigned int verdict)
{
	return verdict < ARRAY_SIZE(verdicts) ? verdicts[verdict].upper : NULL;
}

int trail_verdict_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (verdicts[i].len == len && !strncasecmp(verdicts[i].lower, name, len))
			return i;
	return -1;
}

struct trail_words trail_verdict(unsigned int verdict, bool lower, char scratch[TRAIL_VERDICT])
{
	struct textbuf b = textbuf_at(scratch, TRAIL_VERDICT);

	if (verdict < ARRAY_SIZE(verdicts))
		return (struct trail_words){
			lower ? verdicts[verdict].lower : verdicts[verdict].upper,
			verdicts[verdict].len,
		};
	textbuf_str(&b, "verdict");
	textbuf_u64(&b, verdict);
	return (struct trail_words){ scratch, textbuf_done(&b) };
}

const char *trail_group(unsigned int slot)
{
	if (slot == CHAIN_SLOT_DUMP)
		return "";
	return slot == CHAIN_SLOT_LB ? "lb/" : "droplet/";
}

void trail_label(const struct trail_step *s, char label[TRAIL_LABEL])
{
	struct textbuf b = textbuf_at(label, TRAIL_LABEL);

	if (!*s->stage) {
		textbuf_str(&b, "slot");
		textbuf_u64(&b, s->slot);
	} else {
		if (s->slot != CHAIN_SLOT_LB || strcmp(s->stage, "lb"))
			textbuf_str(&b, trail_group(s->slot));
		textbuf_str(&b, s->stage);
	}
	textbuf_char(&b, 0);
}

int trail_decider(const struct trail *t)
{
	for (int i = t->steps - 1; i >= 0; i--)
		if (t->step[i].verdict != CHAIN_NEXT && !t->step[i].shadow)
			return i;
	return -1;
}

void trail_make_step(const struct event_step *e, const struct trail_names *n, struct trail_step *s)
{
	s->rule = e->rule;
	s->ns = e->ns;
	s->reason = e->reason;
	s->slot = e->slot;
	s->verdict = e->verdict & ~EVENT_SHADOW;
	s->shadow = e->verdict & EVENT_SHADOW;
	if (!n || !n->stage || !n->stage(n->arg, e->slot, e->instance, s->stage))
		*s->stage = 0;
	if (!e->reason || !n || !n->reason ||
	    !n->reason(n->arg, e->slot, e->instance, e->reason, s->reason_name))
		*s->reason_name = 0;
	if (!e->rule || !n || !n->rule ||
	    !n->rule(n->arg, e->slot, e->instance, e->rule, s->rule_text))
		*s->rule_text = 0;
	/* they come from outside */
	s->stage[TRAIL_NAME - 1] = s->reason_name[TRAIL_NAME - 1] = 0;
	s->rule_text[TRAIL_NAME - 1] = 0;
}

void trail_make(const struct ev *ev, const struct trail_names *names, struct trail *t)
{
	t->verdict = ev->head->verdict;
	t->point = ev->head->point;
	t->steps = ev->head->steps;
	t->times = t->steps && ev->head->flags & EVENT_STEP_TIMES;
	for (unsigned int i = 0; i < t->steps; i++) {
		trail_make_step(&ev->steps[i], names, &t->step[i]);
		if (!t->times)
			t->step[i].ns = 0;
	}
}
