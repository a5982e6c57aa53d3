// SPDX-License-Identifier: GPL-2.0
/* policer_set - the kind `set`: by whether the source is in one of some named lists. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/cover.h"
#include "lib/guard.h"
#include "lib/lists.h"
#include "lib/util.h"

struct params {
	const struct policer_pair *sets;
	const char *action, *others;
};

static const struct policer_param params[] = {
	{ "set", POLICER_LIST, offsetof(struct params, sets), NULL, 0, 0,
	  "names of `sets`; each is a rule" },
	{ "action", POLICER_TEXT, offsetof(struct params, action), "drop", 0, 0,
	  "for sources in a set: drop, pass (to the stack at once), next (count only)" },
	{ "others", POLICER_TEXT, offsetof(struct params, others), "next", 0, 0,
	  "for all other sources: next, drop" },
	{ 0 },
};

struct member {
	struct prefix prefix;
	__u32 rule;
};

struct state {
	struct set_conf conf;
	struct member *v; /* sorted, each prefix once */
	size_t count, of[FAMILIES];
	const struct policer_pair *sets;
};

static int member_cmp(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int diff = prefix_cmp(&x->prefix, &y->prefix);

	return diff ? diff : x->rule < y->rule ? -1 : x->rule > y->rule;
}

static int append(struct state *s, const struct prefixes *list, __u32 rule)
{
	struct member *more = realloc(s->v, (s->count + list->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	s->v = more;
	for (size_t i = 0; i < list->count; i++)
		s->v[s->count++] = (struct member){ list->v[i], rule };
	return 0;
}

/* A prefix in several sets belongs to the first of them. */
static void sort(struct state *s)
{
	size_t n = 0;

	if (s->count)
		qsort(s->v, s->count, sizeof(*s->v), member_cmp);
	for (size_t i = 0; i < s->count; i++)
		if (!n || prefix_cmp(&s->v[n - 1].prefix, &s->v[i].prefix)) {
			s->v[n++] = s->v[i];
			s->of[ptable_family(&s->v[i].prefix)]++;
		}
	s->count = n;
}

static int read_sets(const struct policer_conf *conf, struct state *s, struct fail *f)
{
	int err = 0;

	if (!s->sets)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "kind set needs a set: add set: [NAME, ...]");
	if (s->sets->count >= SET_RULES)
		return policer_fail(f, EINVAL, s->sets->line, conf->name,
				    "set: at most %d sets in a policer", SET_RULES - 1);
	for (size_t i = 0; !err && i < s->sets->count; i++) {
		struct prefixes list = { 0 };

		err = lists_set(conf, s->sets, s->sets->values[i], &list, f);
		if (!err && append(s, &list, i + 1))
			err = fail_errno(f, ENOMEM, conf->name);
		prefixes_free(&list);
	}
	sort(s);
	return err;
}

static int verdicts(const struct policer_conf *conf, const struct params *p, struct set_conf *out,
		    struct fail *f)
{
	int action = lists_verdict(p->action), others = lists_verdict(p->others);

	if (action < 0)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "action: %s: drop, pass or next is wanted", p->action);
	if (others < 0 || others == CHAIN_PASS)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "others: %s: next or drop is wanted", p->others);
	out->action = action;
	out->others = others;
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;

	return guard_conf(obj, "set_conf", &s->conf, sizeof(s->conf), f);
}

/* A copy that its user closes. */
static int map_fd(const void *arg, const char *name)
{
	int fd = fcntl(bpf_object__find_map_fd_by_name(arg, name), F_DUPFD_CLOEXEC, 3);

	return fd < 0 ? -errno : fd;
}

static int put_all(const struct state *s, struct cover *cover)
{
	int err = ptables_reserve(&cover->tables[V4], s->of[V4]);

	if (!err)
		err = ptables_reserve(&cover->tables[V6], s->of[V6]);
	for (size_t i = 0; !err && i < s->count; i++) {
		const struct member *m = &s->v[i];

		cover_add(cover, &m->prefix);
		err = ptables_put(&cover->tables[ptable_family(&m->prefix)], &m->prefix, m->rule,
				  0);
	}
	return err;
}

static int put_rules(const struct state *s, const struct bpf_object *obj)
{
	int fd = bpf_object__find_map_fd_by_name(obj, "rules");

	for (__u32 id = 1; id <= s->sets->count; id++) {
		struct chain_rule rule = { .since_ns = now_ns() };

		snprintf(rule.text, sizeof(rule.text), "%s", s->sets->values[id - 1]);
		if (bpf_map_update_elem(fd, &id, &rule, BPF_ANY))
			return -errno;
	}
	return 0;
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;
	struct cover cover = { 0 };
	int err = cover_map(&cover, map_fd, obj, 1);

	if (!err)
		err = put_all(s, &cover);
	cover_unmap(&cover);
	if (!err)
		err = put_rules(s, obj);
	return err ? fail_set(f, -err, "set: %s", strerror(-err)) : 0;
}

static void digest(struct policer *p, const struct state *s)
{
	__u64 d = policer_digest(p->spec.digest, &s->conf, sizeof(s->conf));

	for (size_t i = 0; i < s->sets->count; i++)
		d = policer_digest(d, s->sets->values[i], strlen(s->sets->values[i]) + 1);
	for (size_t i = 0; i < s->count; i++)
		d = policer_digest(d, &s->v[i], sizeof(s->v[i]));
	p->spec.digest = d;
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	/* Made anew as a whole: a packet sees the old sets or the new ones. */
	static const char *const fresh[] = { "tables4", "tables6", "cover4", "cover6",
					     "lengths", "hits",	   "rules",  NULL };
	struct params want = { 0 };
	struct state *s = guard_begin(p, sizeof(*s), setup, fill, f);
	int err;

	if (!s)
		return -ENOMEM;
	p->spec.fresh = fresh;
	err = policer_params(conf, params, &want, f);
	s->sets = want.sets;
	if (!err)
		err = verdicts(conf, &want, &s->conf, f);
	if (!err)
		err = read_sets(conf, s, f);
	if (!err)
		digest(p, s);
	return err;
}

static void drop(struct policer *p)
{
	struct state *s = p->state;

	free(s->v);
	free(s);
}

const struct policer_kind policer_set = {
	.name = "set",
	.help = "drop or pass by whether the source is in a named list",
	.params = params,
	.make = make,
	.drop = drop,
};
