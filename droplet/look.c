// SPDX-License-Identifier: GPL-2.0
/* look - policers and rules of chains. */
#include "droplet/look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "droplet/act.h"
#include "droplet/ask.h"
#include "droplet/report.h"
#include "lib/rules.h"
#include "lib/util.h"

static int nothing(const char *ifname, void *arg)
{
	(void)ifname;
	(void)arg;
	return 0;
}

int look_allowed(void)
{
	return chain_each(nothing, NULL, NULL) != -EPERM;
}

json_t *look(json_t *(*fn)(const void *arg), const void *arg, const char *socket, json_t *request,
	     struct fail *f)
{
	struct fail why = { 0 };
	json_t *answer = NULL;

	if (chain_each(nothing, NULL, f) != -EPERM) {
		json_decref(request);
		return fn(arg);
	}
	/* Without a daemon, what keeps us from looking ourselves is what is to be mended. */
	if (ask(socket, request, &answer, &why) != -ENOENT && why.text[0])
		*f = why;
	return answer;
}

static void add_counts(const struct report *r, __u32 slot, int shadow, json_t *o)
{
	struct chain_count all = report_packets(r, slot);
	__u64 said = 0;

	for (__u32 i = 1; i < CHAIN_REASONS; i++)
		said += r->totals.reasons[slot][i].packets;
	json_object_set_new(o, "packets", json_integer(all.packets));
	json_object_set_new(o, "bytes", json_integer(all.bytes));
	json_object_set_new(o, "dropped",
			    json_integer(r->totals.verdicts[slot][CHAIN_DROP].packets +
					 r->totals.verdicts[slot][CHAIN_ABORTED].packets));
	json_object_set_new(o, "would", json_integer(shadow ? said : 0));
}

static json_t *policers(const struct report *r)
{
	json_t *list = json_array();

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot <= CHAIN_SLOT_POLICER_MAX; slot++) {
		struct chain_stage st;
		int shadow;
		json_t *o;

		if (chain_stage(r->chain, slot, &st))
			continue;
		shadow = !!(st.flags & CHAIN_STAGE_SHADOW);
		o = json_pack("{s:s, s:i, s:s, s:s, s:s}", "interface", r->chain->ifname, "slot",
			      (int)slot, "policer", st.name, "kind", st.kind, "mode",
			      shadow ? "shadow" : "enforce");
		add_counts(r, slot, shadow, o);
		if (st.since_ns)
			json_object_set_new(o, "age_ns", json_integer(r->now_ns - st.since_ns));
		json_array_append_new(list, o);
	}
	return list;
}

static int policers_of(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct report *r = report_new(c, f);

	(void)slot;
	if (!r)
		return -errno;
	json_array_append_new(arg,
			      json_pack("{s:s, s:s, s:b, s:o}", "interface", c->ifname, "mode",
					c->info.generic ? "generic" : "native", "panic",
					!!(c->info.flags & CHAIN_PANIC), "policers", policers(r)));
	report_free(r);
	return 0;
}

static json_t *run(const char *ifname, droplet_fn fn, void *arg, json_t *chains)
{
	struct targets t = { .ifname = ifname, .access = CHAIN_READ, .fn = fn, .arg = arg };
	int failed = targets_each(&t);

	return act_done(&t, failed, chains);
}

static int status_of(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct report *r = report_new(c, f);
	json_t *o;

	(void)slot;
	if (!r)
		return -errno;
	o = report_json(r);
	report_free(r);
	if (!o)
		return fail_set(f, EILSEQ, "%s: a name is not in UTF-8", c->ifname);
	json_array_append_new(arg, o);
	return 0;
}

json_t *look_status(const char *ifname)
{
	json_t *chains = json_array();

	return run(ifname, status_of, chains, chains);
}

json_t *look_policers(const char *ifname)
{
	json_t *chains = json_array();

	return run(ifname, policers_of, chains, chains);
}

static json_t *rule_json(const char *ifname, const struct rules_item *item, __u64 now)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:s, s:s}", "interface", ifname, "policer",
			      item->stage->name, "rule", (json_int_t)item->id, "match",
			      item->rule.text, "note", item->rule.note);

	if (!o) /* not in UTF-8 */
		return json_pack("{s:s, s:I}", "interface", ifname, "rule", (json_int_t)item->id);
	if (item->counted)
		json_object_set_new(o, "packets", json_integer(item->packets));
	if (item->rule.since_ns)
		json_object_set_new(o, "age_ns", json_integer(now - item->rule.since_ns));
	if (item->expires_ns)
		json_object_set_new(o, "left_ns", json_integer(item->expires_ns - now));
	return o;
}

struct rules {
	const char *ifname, *policer;
	json_t *chains, *list;
	__u32 slot, in_slot;
	json_int_t more;
	__u64 now;
};

static int add_rule(const struct rules_item *item, void *arg)
{
	struct rules *r = arg;

	if (r->policer && strcmp(r->policer, item->stage->name))
		return 0;
	if (item->slot != r->slot)
		r->in_slot = 0;
	r->slot = item->slot;
	if (r->in_slot++ < LOOK_RULES)
		json_array_append_new(r->list, rule_json(r->ifname, item, r->now));
	else
		r->more++;
	return 0;
}

static int rules_of(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct rules *r = arg;
	int err;

	(void)slot;
	r->ifname = c->ifname;
	r->list = json_array();
	r->more = r->slot = 0;
	r->now = now_ns();
	if (r->policer && chain_find(c, r->policer) < 0) {
		json_decref(r->list);
		/* Not ENOENT: that is a chain that has gone, and nobody's trouble. */
		return fail_set(f, ESRCH, "%s: %s: no such policer in its chain: droplet policers",
				c->ifname, r->policer);
	}
	err = rules_each_slot(c, add_rule, r, f);
	json_array_append_new(r->chains, json_pack("{s:s, s:o, s:I}", "interface", c->ifname,
						   "rules", r->list, "more", r->more));
	return err;
}

json_t *look_rules(const char *ifname, const char *policer)
{
	struct rules r = { .policer = policer, .chains = json_array() };

	return run(ifname, rules_of, &r, r.chains);
}

/* Most packets first; insertion, since most end at the first comparison. */
struct top {
	size_t count, max;
	struct {
		__u64 packets;
		json_t *rule;
	} v[LOOK_TOP];
	const char *ifname;
	__u64 now;
};

static int add_top(const struct rules_item *item, void *arg)
{
	struct top *top = arg;
	size_t i = top->count;

	if (!item->packets || (i == top->max && item->packets <= top->v[i - 1].packets))
		return 0;
	if (i == top->max)
		json_decref(top->v[--i].rule);
	else
		top->count++;
	for (; i && top->v[i - 1].packets < item->packets; i--)
		top->v[i] = top->v[i - 1];
	top->v[i].packets = item->packets;
	top->v[i].rule = rule_json(top->ifname, item, top->now);
	return 0;
}

static int top_of(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct top *top = arg;

	(void)slot;
	top->ifname = c->ifname;
	return rules_each_slot(c, add_top, top, f);
}

json_t *look_top(const char *ifname, size_t n)
{
	struct top *top = calloc(1, sizeof(*top));
	json_t *list = json_array(), *answer;

	if (!top)
		return NULL;
	top->max = n < LOOK_TOP ? n : LOOK_TOP;
	top->now = now_ns();
	answer = run(ifname, top_of, top, list);
	for (size_t i = 0; i < top->count; i++)
		json_array_append_new(list, top->v[i].rule);
	free(top);
	return answer;
}
