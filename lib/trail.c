// SPDX-License-Identifier: GPL-2.0
#include "lib/trail.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "lib/trail_impl.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

/* In text these end a name; a name that has one stands in quotes. */
#define NAME_SPECIAL " \"\\;:,|()="
#define TEXT_SPECIAL "\"\\()|"

static const char *const verdicts[] = {
	[CHAIN_ABORTED] = "ABORTED", [CHAIN_DROP] = "DROP",	    [CHAIN_PASS] = "PASS",
	[CHAIN_TX] = "TX",	     [CHAIN_REDIRECT] = "REDIRECT", [CHAIN_NEXT] = "NEXT",
};

const char *trail_verdict_name(unsigned int verdict)
{
	return verdict < ARRAY_SIZE(verdicts) ? verdicts[verdict] : NULL;
}

int trail_verdict_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (strlen(verdicts[i]) == len && !strncasecmp(verdicts[i], name, len))
			return i;
	return -1;
}

const char *trail_group(unsigned int slot)
{
	if (slot == CHAIN_SLOT_DUMP)
		return "xdpdump/";
	return slot == CHAIN_SLOT_LB ? "lb/" : "droplet/";
}

void trail_label(const struct trail_step *s, char label[TRAIL_NAME + 16])
{
	if (!*s->stage)
		snprintf(label, TRAIL_NAME + 16, "slot%u", s->slot);
	else if (s->slot == CHAIN_SLOT_LB && !strcmp(s->stage, "lb"))
		strcpy(label, "lb");
	else
		snprintf(label, TRAIL_NAME + 16, "%s%s", trail_group(s->slot), s->stage);
}

int trail_decider(const struct trail *t)
{
	for (int i = t->steps - 1; i >= 0; i--)
		if (t->step[i].verdict != CHAIN_NEXT && !t->step[i].shadow)
			return i;
	return -1;
}

static void step_make(const struct event_step *e, const struct trail_names *n, struct trail_step *s)
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
		step_make(&ev->steps[i], names, &t->step[i]);
		if (!t->times)
			t->step[i].ns = 0;
	}
}

void trail_out_verdict(struct trail_out *o, unsigned int verdict)
{
	const char *name = trail_verdict_name(verdict);

	textbuf_str(&o->b, name ? name : "verdict");
	if (!name)
		textbuf_u64(&o->b, verdict);
}

/* "droplet/blocklist: prefix rule 7 (203.0.113.0/24), 212 ns" */
static void out_step(struct trail_out *o, const struct trail *t, unsigned int i)
{
	const struct trail_step *s = &t->step[i];
	char label[TRAIL_NAME + 16];

	trail_label(s, label);
	textbuf_char(&o->b, ' ');
	textbuf_word(&o->b, label, NAME_SPECIAL);
	if (s->reason || s->rule)
		textbuf_char(&o->b, ':');
	if (*s->reason_name) {
		textbuf_char(&o->b, ' ');
		textbuf_word(&o->b, s->reason_name, NAME_SPECIAL);
	} else if (s->reason) {
		textbuf_str(&o->b, " reason ");
		textbuf_u64(&o->b, s->reason);
	}
	if (s->rule) {
		textbuf_str(&o->b, " rule ");
		textbuf_u64(&o->b, s->rule);
	}
	if (*s->rule_text) {
		textbuf_str(&o->b, " (");
		textbuf_word(&o->b, s->rule_text, TEXT_SPECIAL);
		textbuf_char(&o->b, ')');
	}
	if (t->times) {
		textbuf_str(&o->b, ", ");
		trail_out_ns(o, t, i);
		textbuf_str(&o->b, " ns");
	}
}

/*
 * Lower case for what did not decide, so that `grep DROP` finds what was dropped and not what
 * a stage in shadow mode would have.
 */
static void out_other(struct trail_out *o, const struct trail *t, unsigned int i)
{
	const struct trail_step *s = &t->step[i];
	char *from;

	textbuf_str(&o->b, s->shadow ? " | would " : " | ");
	from = o->b.pos;
	trail_out_verdict(o, s->verdict);
	for (; from < o->b.pos; from++)
		*from = tolower((unsigned char)*from);
	out_step(o, t, i);
}

static void out_text(struct trail_out *o, const struct trail *t, bool all)
{
	int decider = trail_decider(t);

	textbuf_str(&o->b, " | ");
	trail_out_verdict(o, t->verdict);
	if (decider >= 0)
		out_step(o, t, decider);
	else if (t->verdict == CHAIN_PASS)
		textbuf_str(&o->b, " end of chain");
	for (int i = 0; i < t->steps; i++)
		if (i != decider && (all || t->step[i].reason || t->step[i].shadow))
			out_other(o, t, i);
}

void trail_out(struct trail_out *o, const struct trail *t, enum trail_form form)
{
	if (form == TRAIL_COMMENT)
		trail_out_comment(o, t);
	else
		out_text(o, t, form == TRAIL_TEXT_ALL);
}

size_t trail_format(const struct trail *t, enum trail_form form, char *buf, size_t size)
{
	struct trail_out o = { .b = textbuf_at(buf, size) };

	trail_out(&o, t, form);
	return textbuf_done(&o.b);
}
