// SPDX-License-Identifier: GPL-2.0
#include "lib/policer_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/filter.h"
#include "lib/graft.h"
#include "lib/stage.h"
#include "lib/translate.h"
#include "lib/util.h"

struct state {
	const struct policer_conf *conf;
	struct filter_action *actions; /* a rule each */
	struct chain_rule *rules;
	struct translate_code code;
	__u64 made_ns;
	bool used[FILTER_PLACES]; /* places of the program that runs */
};

static const struct graft filter_graft = {
	.prog = "filter",
	.match = "filter_match",
	.what = "filter",
	.type = BPF_PROG_TYPE_XDP,
	.attach = BPF_XDP,
	.flags = BPF_F_XDP_HAS_FRAGS,
};

/* --- what is configured ----------------------------------------------------------------------- */

/* The line of the first rule before @at with the same id; 0: there is none. */
static unsigned int taken(const struct state *s, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (s->actions[i].rule == s->actions[at].rule)
			return s->conf->rules[i].line;
	return 0;
}

static int read_rule(struct state *s, size_t i, struct fail *f)
{
	const struct policer_rule *r = &s->conf->rules[i];
	const char *name = s->conf->name, *action = r->action ? r->action : "drop";
	char why[128];
	unsigned int line;

	if (!r->match || !*r->match)
		return policer_fail(f, EINVAL, r->line, name,
				    "a rule needs an expression: add match: EXPRESSION");
	if (r->expires)
		return policer_fail(f, EINVAL, r->line, name,
				    "expires: rules of kind filter do not expire, remove it");
	if (filter_action(action, &s->actions[i], why, sizeof(why)))
		return policer_fail(f, EINVAL, r->line, name, "action: %s: %s", action, why);
	s->actions[i].rule = r->id ? r->id : i + 1;
	line = taken(s, i);
	if (line)
		return policer_fail(f, EINVAL, r->line, name, "id: rule %u is in line %u already%s",
				    s->actions[i].rule, line,
				    r->id ? ""
					  : "; this one has the number of its place: add an id");
	snprintf(s->rules[i].text, sizeof(s->rules[i].text), "%s", r->match);
	snprintf(s->rules[i].note, sizeof(s->rules[i].note), "%s", r->note ? r->note : "");
	return 0;
}

/* All that makes one policer differ from another. */
static __u64 digest(const struct state *s, const struct classic_prog *progs, __u64 sum)
{
	for (size_t i = 0; i < s->conf->rule_count; i++) {
		sum = policer_digest(sum, &progs[i].count, sizeof(progs[i].count));
		sum = policer_digest(sum, progs[i].insns, progs[i].count * sizeof(*progs->insns));
		sum = policer_digest(sum, &s->actions[i], sizeof(s->actions[i]));
		sum = policer_digest(sum, s->rules[i].text, sizeof(s->rules[i].text));
		sum = policer_digest(sum, s->rules[i].note, sizeof(s->rules[i].note));
	}
	return sum;
}

static int translate_rules(struct state *s, const struct filter *filters, __u64 *sum,
			   struct fail *f)
{
	struct classic_prog *progs = calloc(s->conf->rule_count, sizeof(*progs));
	int err = progs ? 0 : -ENOMEM;

	for (size_t i = 0; progs && i < s->conf->rule_count; i++)
		progs[i] = (struct classic_prog){ filters[i].insns, filters[i].count };
	if (!err)
		err = translate_first(progs, s->conf->rule_count, &s->code);
	if (!err)
		*sum = digest(s, progs, *sum);
	free(progs);
	return err ? policer_fail(f, -err, s->conf->line, s->conf->name,
				  err == -E2BIG
					  ? "the rules are too large together: make two policers"
					  : "cannot translate the rules: %s",
				  strerror(-err))
		   : 0;
}

static int compile(struct state *s, __u64 *sum, struct fail *f)
{
	size_t count = s->conf->rule_count, failed = 0;
	struct filter *filters = calloc(count, sizeof(*filters));
	const char **texts = calloc(count, sizeof(*texts));
	struct fail why = { 0 };
	int err = filters && texts ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < count; i++)
		texts[i] = s->conf->rules[i].match;
	if (!err) {
		err = filter_compile_many(texts, count, filters, &failed, &why);
		if (err)
			policer_fail(f, -err, s->conf->rules[failed].line, s->conf->name, "%s: %s",
				     texts[failed], why.text);
		else
			err = translate_rules(s, filters, sum, f);
	}
	for (size_t i = 0; filters && i < count; i++)
		filter_free(&filters[i]);
	free(filters);
	free(texts);
	return err;
}

static void drop(struct policer *p)
{
	struct state *s = p->state;

	translate_free(&s->code);
	free(s->actions);
	free(s->rules);
	free(s);
}

/* --- what goes on from the one before --------------------------------------------------------- */

/* Before it goes into a chain: it knows nothing of one that it went into before. */
static void forget(struct state *s)
{
	memset(s->used, 0, sizeof(s->used));
	for (size_t i = 0; i < s->conf->rule_count; i++) {
		s->actions[i].place = FILTER_PLACES; /* none yet */
		s->rules[i].since_ns = s->made_ns;
	}
}

/* A rule of the program that runs. */
struct old {
	__u32 id, place;
	struct chain_rule rule;
	bool goes_on;
};

struct olds {
	struct old *v;
	__u32 count;
};

static int read_olds(struct state *s, struct olds *olds, int places, int rules)
{
	__u32 id;
	int more = !bpf_map_get_next_key(places, NULL, &id);

	olds->v = calloc(FILTER_RULES, sizeof(*olds->v));
	if (!olds->v)
		return -ENOMEM;
	for (; more && olds->count < FILTER_RULES; more = !bpf_map_get_next_key(places, &id, &id)) {
		struct old *o = &olds->v[olds->count];

		o->id = id;
		if (bpf_map_lookup_elem(places, &id, &o->place) || o->place >= FILTER_PLACES ||
		    bpf_map_lookup_elem(rules, &id, &o->rule))
			continue;
		s->used[o->place] = true;
		olds->count++;
	}
	return 0;
}

/* How a rule is found again. */
enum same { SAME_ID, SAME_ID_AND_TEXT, SAME_TEXT };

static bool is_same(const struct state *s, size_t i, const struct old *o, enum same how)
{
	bool text = !memcmp(o->rule.text, s->rules[i].text, sizeof(o->rule.text));
	bool whole = strlen(o->rule.text) < sizeof(o->rule.text) - 1; /* not cut */

	if (how == SAME_TEXT)
		return text && whole;
	return o->id == s->actions[i].rule && (text || how == SAME_ID);
}

/* Rules that are found by @how go on with their places. Those without an id have no name but their
 * text: the number of their place in the list is another rule's after a change. */
static void find_olds(struct state *s, struct olds *olds, enum same how)
{
	for (size_t i = 0; i < s->conf->rule_count; i++) {
		struct filter_action *a = &s->actions[i];

		if (a->place != FILTER_PLACES || !s->conf->rules[i].id == (how == SAME_ID))
			continue;
		for (struct old *o = olds->v; o < olds->v + olds->count; o++) {
			if (o->goes_on || !is_same(s, i, o, how))
				continue;
			o->goes_on = true;
			a->place = o->place;
			if (!memcmp(o->rule.text, s->rules[i].text, sizeof(o->rule.text)))
				s->rules[i].since_ns = o->rule.since_ns;
			break;
		}
	}
}

static int adopt(const struct chain *c, __u32 from, void *arg, struct fail *f)
{
	struct state *s = arg;
	struct olds olds = { 0 };
	int places = stage_map(c, from, "places"), rules = stage_map(c, from, "rules"), err = 0;

	forget(s);
	if (places >= 0 && rules >= 0)
		err = read_olds(s, &olds, places, rules);
	for (enum same how = SAME_ID; how <= SAME_TEXT; how++)
		find_olds(s, &olds, how);
	free(olds.v);
	fd_close(places);
	fd_close(rules);
	return err ? fail_errno(f, -err, s->conf->name) : 0;
}

/* --- maps ------------------------------------------------------------------------------------- */

/* A place for a rule that is new: its counter and its bucket begin anew. */
static int new_place(struct state *s, const struct bpf_object *obj, __u32 *place)
{
	int hits = bpf_object__find_map_fd_by_name(obj, "hits"), cpus = libbpf_num_possible_cpus();
	int limits = bpf_object__find_map_fd_by_name(obj, "limits");
	__u64 zero = 0, *zeros;
	__u32 at = 0;
	int err;

	while (at < FILTER_PLACES && s->used[at])
		at++;
	zeros = calloc(cpus > 0 ? cpus : 1, sizeof(*zeros));
	if (at == FILTER_PLACES || !zeros) {
		free(zeros);
		return -ENOSPC;
	}
	err = bpf_map_update_elem(hits, &at, zeros, BPF_ANY);
	if (!err)
		err = bpf_map_update_elem(limits, &at, &zero, BPF_ANY);
	free(zeros);
	s->used[at] = true;
	*place = at;
	return err;
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	struct state *s = arg;
	int actions = bpf_object__find_map_fd_by_name(obj, "actions");
	int places = bpf_object__find_map_fd_by_name(obj, "places");
	int rules = bpf_object__find_map_fd_by_name(obj, "rules"), err = 0;

	for (__u32 i = 0; !err && i < s->conf->rule_count; i++) {
		struct filter_action a = s->actions[i];

		if (a.place == FILTER_PLACES)
			err = new_place(s, obj, &a.place);
		if (!err)
			err = bpf_map_update_elem(actions, &i, &a, BPF_ANY);
		if (!err)
			err = bpf_map_update_elem(places, &a.rule, &a.place, BPF_ANY);
		if (!err)
			err = bpf_map_update_elem(rules, &a.rule, &s->rules[i], BPF_ANY);
	}
	forget(s);
	return err ? fail_errno(f, -err, "filter: rules") : 0;
}

static int program(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;

	return graft_load(obj, &filter_graft, &s->code, f);
}

/* Of the program that they are of: a rule of another program may have the same number. */
static const char *const fresh[] = { "actions", "places", "rules", NULL };

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct state *s;
	int err = 0;

	if (!conf->rule_count || conf->rule_count > FILTER_RULES)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "kind filter has 1 to %d rules, not %zu", FILTER_RULES,
				    conf->rule_count);
	p->state = s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->conf = conf;
	s->made_ns = now_ns();
	s->actions = calloc(conf->rule_count, sizeof(*s->actions));
	s->rules = calloc(conf->rule_count, sizeof(*s->rules));
	if (!s->actions || !s->rules)
		return -ENOMEM;
	for (size_t i = 0; !err && i < conf->rule_count; i++)
		err = read_rule(s, i, f);
	if (!err)
		err = compile(s, &p->spec.digest, f);
	forget(s);
	p->spec.object = "filter";
	p->spec.adopt = adopt;
	p->spec.fill = fill;
	p->spec.program = program;
	p->spec.fresh = fresh;
	p->spec.arg = s;
	return err;
}

static const struct policer_param params[] = { { 0 } };

const struct policer_kind policer_filter = {
	.name = "filter",
	.help = "pcap-filter rules, the first that matches: drop, pass, limit RATE",
	.params = params,
	.takes = POLICER_TAKES_RULES,
	.make = make,
	.drop = drop,
};
