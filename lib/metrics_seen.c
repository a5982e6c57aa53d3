// SPDX-License-Identifier: GPL-2.0
/* metrics_seen - read what metrics are made of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/metrics_int.h"
#include "lib/rules.h"

static int more_packets(const void *a, const void *b)
{
	const struct seen_rule *x = a, *y = b;

	if (x->packets != y->packets)
		return x->packets < y->packets ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Room for twice as many as are kept: then the half with fewer hits goes. */
static int add_rule(const struct rules_item *item, void *arg)
{
	struct seen_stage *s = arg;
	struct seen_rule *r;

	if (!item->counted || !item->packets)
		return 0;
	if (!s->rules)
		s->rules = calloc(2 * METRICS_RULES, sizeof(*s->rules));
	if (!s->rules)
		return -ENOMEM;
	if (s->rule_count == 2 * METRICS_RULES) {
		qsort(s->rules, s->rule_count, sizeof(*s->rules), more_packets);
		s->rule_count = METRICS_RULES;
	}
	r = &s->rules[s->rule_count++];
	r->id = item->id;
	r->packets = item->packets;
	snprintf(r->text, sizeof(r->text), "%.*s", (int)sizeof(item->rule.text), item->rule.text);
	return 0;
}

static int read_rules(struct seen_stage *s, struct fail *f)
{
	int err = rules_each(s->chain->chain, s->slot, add_rule, s, f);

	if (err == -ENOENT) /* it has gone meanwhile */
		return 0;
	if (s->rule_count)
		qsort(s->rules, s->rule_count, sizeof(*s->rules), more_packets);
	if (s->rule_count > METRICS_RULES)
		s->rule_count = METRICS_RULES;
	return err;
}

static struct seen_stage *add_stage(struct seen *seen, struct seen_chain *c, __u32 slot)
{
	struct seen_stage *s;

	s = realloc(seen->stages, (seen->stage_count + 1) * sizeof(*s));
	if (!s)
		return NULL;
	seen->stages = s;
	s += seen->stage_count++;
	memset(s, 0, sizeof(*s));
	s->chain = c;
	s->slot = slot;
	return s;
}

static int read_stages(struct seen *seen, struct seen_chain *c, struct fail *f)
{
	struct chain_stage st;
	struct seen_stage *s;
	int err = chain_totals(c->chain, &c->totals);

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; !err && slot <= CHAIN_SLOT_END; slot++) {
		if (slot != CHAIN_SLOT_END && chain_stage(c->chain, slot, &st))
			continue;
		s = add_stage(seen, c, slot);
		if (!s)
			return -ENOMEM;
		if (slot == CHAIN_SLOT_END) {
			strcpy(s->name, "end");
			continue;
		}
		s->st = st;
		memcpy(s->name, st.name, sizeof(s->name));
		err = read_rules(s, f);
	}
	return err;
}

static int add_chain(const char *ifname, void *arg)
{
	struct seen *seen = arg;
	struct seen_chain **more, *c = calloc(1, sizeof(*c));

	more = realloc(seen->chains, (seen->chain_count + 1) * sizeof(*more));
	if (more)
		seen->chains = more;
	if (!c || !more) {
		free(c);
		return -ENOMEM;
	}
	if (chain_open(ifname, CHAIN_READ, &c->chain, NULL)) {
		free(c); /* of another namespace, or gone */
		return 0;
	}
	seen->chains[seen->chain_count++] = c;
	c->names = names_new(c->chain);
	return c->names ? 0 : -ENOMEM;
}

int seen_read(struct seen *seen, struct fail *f)
{
	int err = chain_each(add_chain, seen, f);

	for (size_t i = 0; !err && i < seen->chain_count; i++) {
		err = read_stages(seen, seen->chains[i], f);
		if (!err)
			err = seen_lb_read(seen->chains[i], f);
	}
	return err ? fail_errno(f, -err, "metrics") : 0;
}

void seen_free(struct seen *seen)
{
	for (size_t i = 0; i < seen->stage_count; i++)
		free(seen->stages[i].rules);
	for (size_t i = 0; i < seen->chain_count; i++) {
		names_free(seen->chains[i]->names);
		lb_state_free(&seen->chains[i]->lb);
		chain_close(seen->chains[i]->chain);
		free(seen->chains[i]);
	}
	free(seen->stages);
	free(seen->chains);
}
