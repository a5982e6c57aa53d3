// SPDX-License-Identifier: GPL-2.0
/* policer_list - the kinds `blocklist` and `allowlist`: the same list, another verdict. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/blocklist.h"
#include "lib/cover.h"
#include "lib/duration.h"
#include "lib/lists.h"
#include "lib/util.h"

struct params {
	__u32 max;
	const struct policer_pair *files, *sets;
};

static const struct policer_param params[] = {
	{ "max_prefixes", POLICER_NUMBER, offsetof(struct params, max), "1000000", 1,
	  BLOCKLIST_MAX_LIMIT, "room for prefixes, for each family" },
	{ "files", POLICER_LIST, offsetof(struct params, files), NULL, 0, 0,
	  "files with a prefix a line" },
	{ "set", POLICER_LIST, offsetof(struct params, sets), NULL, 0, 0, "names of `sets`" },
	{ 0 },
};

/*
 * Maps that begin anew where the old list was another kind's. Where it had another size, those do
 * whose shape is the same all the same: that prefixes4, prefixes6 and rules cannot go on is seen,
 * and told, by who loads them.
 */
static const char *const all_maps[] = { "cover4",    "cover6", "tables4", "tables6",
					"lengths",   "hits",   "state",	  "prefixes4",
					"prefixes6", "rules",  NULL };
#define OF_ANY_SIZE 7 /* of them */

struct state {
	__u32 max;
	struct blocklist_entry_conf *v;
	size_t count;
	__u64 digest; /* of v */
	const char *kind;
	const char *fresh[ARRAY_SIZE(all_maps)];
	int goes_on; /* of the chain that is being prepared: it has a list already */
	int tables;  /* and the tables that packets are to look into */
};

static int entry_cmp(const void *a, const void *b)
{
	const struct blocklist_entry_conf *x = a, *y = b;
	int diff = prefix_cmp(&x->prefix, &y->prefix);

	return diff ? diff : x->order < y->order ? -1 : x->order > y->order;
}

/* Files and sets, to be behind each other in one list. */
static int gather(const struct policer_conf *conf, const struct params *want, struct prefixes *list,
		  struct fail *f)
{
	int err = 0;

	for (size_t i = 0; !err && want->files && i < want->files->count; i++)
		err = lists_file(conf, want->files, want->files->values[i], list, f);
	for (size_t i = 0; !err && want->sets && i < want->sets->count; i++)
		err = lists_set(conf, want->sets, want->sets->values[i], list, f);
	return err;
}

static int refuse(const struct policer_conf *conf, const struct policer_rule *r, const char *key,
		  const char *why, struct fail *f)
{
	return policer_fail(f, EINVAL, r->line, conf->name, "%s: %s", key, why);
}

static int add_rule(const struct policer_conf *conf, const struct policer_rule *r,
		    struct blocklist_entry_conf *e, struct fail *f)
{
	const char *does = !strcmp(conf->kind, "allowlist") ? "pass" : "drop";
	struct fail why = { 0 };

	*e = (struct blocklist_entry_conf){ .note = r->note ? r->note : "",
					    .order = r - conf->rules + 1 };
	if (prefix_parse(r->match ? r->match : "", &e->prefix, &why))
		return refuse(conf, r, "match", why.text, f);
	if (r->id)
		return refuse(conf, r, "id",
			      "rules of this kind get their ids at run time, "
			      "leave it out",
			      f);
	if (r->action && strcmp(r->action, does))
		return refuse(conf, r, "action",
			      "a blocklist drops and an allowlist passes, "
			      "leave it out",
			      f);
	if (strlen(e->note) >= sizeof(((struct chain_rule *)0)->note))
		return refuse(conf, r, "note", "too long", f);
	if (r->expires && duration_parse(r->expires, &e->lasts_ns, &why))
		return refuse(conf, r, "expires", why.text, f);
	return 0;
}

/* Sorted, each prefix once: a rule counts, and not the file that has the prefix too. */
static int sort(const struct policer_conf *conf, struct state *s, struct fail *f)
{
	char text[PREFIX_TEXT];
	size_t n = 0;

	if (s->count)
		qsort(s->v, s->count, sizeof(*s->v), entry_cmp);
	for (size_t i = 0; i < s->count; i++) {
		if (n && !prefix_cmp(&s->v[n - 1].prefix, &s->v[i].prefix)) {
			n--;
			if (s->v[n].order)
				return policer_fail(f, EINVAL, conf->rules[s->v[i].order - 1].line,
						    conf->name, "match: %s: two rules have it",
						    prefix_text(&s->v[i].prefix, text));
		}
		s->v[n++] = s->v[i];
	}
	s->count = n;
	return 0;
}

static int fits(const struct policer_conf *conf, struct state *s, struct fail *f)
{
	size_t n[FAMILIES] = { 0 };

	for (size_t i = 0; i < s->count; i++) {
		const struct blocklist_entry_conf *e = &s->v[i];

		n[ptable_family(&e->prefix)]++;
		s->digest = policer_digest(s->digest, &e->prefix, sizeof(e->prefix));
		s->digest = policer_digest(s->digest, e->note, strlen(e->note) + 1);
		s->digest = policer_digest(s->digest, &e->lasts_ns, sizeof(e->lasts_ns));
	}
	s->digest |= 1;
	if (n[V4] <= s->max && n[V6] <= s->max)
		return 0;
	return policer_fail(f, EINVAL, conf->line, conf->name,
			    "%zu prefixes of %s, and max_prefixes is %u: raise it",
			    n[V4] > s->max ? n[V4] : n[V6], n[V4] > s->max ? "IPv4" : "IPv6",
			    s->max);
}

static int entries(const struct policer_conf *conf, const struct params *want, struct state *s,
		   struct fail *f)
{
	struct prefixes list = { 0 };
	int err = gather(conf, want, &list, f);

	s->v = err ? NULL : calloc(list.count + conf->rule_count + 1, sizeof(*s->v));
	if (!err && !s->v)
		err = fail_errno(f, ENOMEM, conf->name);
	for (size_t i = 0; !err && i < list.count; i++)
		s->v[s->count++] = (struct blocklist_entry_conf){ .prefix = list.v[i], .note = "" };
	for (size_t i = 0; !err && i < conf->rule_count; i++)
		err = add_rule(conf, &conf->rules[i], &s->v[s->count++], f);
	prefixes_free(&list);
	if (!err)
		err = sort(conf, s, f);
	return err ? err : fits(conf, s, f);
}

static __u32 room(const struct chain *c, __u32 slot)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = stage_map(c, slot, "prefixes4");

	if (fd >= 0)
		bpf_obj_get_info_by_fd(fd, &info, &len);
	fd_close(fd);
	return info.max_entries;
}

static int adopt(const struct chain *c, __u32 from, void *arg, struct fail *f)
{
	struct state *s = arg;
	struct chain_stage st;
	int same = !chain_stage(c, from, &st) && !strcmp(st.kind, s->kind);
	size_t n = same ? OF_ANY_SIZE : ARRAY_SIZE(all_maps);

	int tables = stage_map(c, from, "tables4");

	(void)f;
	fd_close(tables);
	s->tables = tables >= 0;
	s->goes_on = same && room(c, from) == s->max;
	memset(s->fresh, 0, sizeof(s->fresh));
	for (size_t i = 0; !s->goes_on && i < n; i++)
		s->fresh[i] = all_maps[i];
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	struct state *s = arg;

	return blocklist_sizes(obj, &s->max, f);
}

/*
 * A list that goes on is other packets' too: it is changed when all is switched over. But one of a
 * version that had no tables gets them here, by being opened.
 */
static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	struct state *s = arg;
	int goes_on = s->goes_on, err;
	struct blocklist *b;

	s->goes_on = 0;
	if (goes_on && s->tables)
		return 0;
	err = blocklist_open_object(obj, &b, f);
	if (err)
		return err;
	if (!goes_on)
		err = blocklist_configure(b, s->v, s->count, s->digest, f);
	blocklist_close(b);
	return err;
}

static int settle(struct policer *p, struct chain *c, __u32 slot, void **change, struct fail *f)
{
	struct blocklist_change *made = NULL;
	const struct state *s = p->state;
	struct blocklist *b;
	int err = blocklist_open(c, slot, &b, f);

	if (err)
		return err;
	err = blocklist_change(b, s->v, s->count, s->digest, &made, f);
	blocklist_close(b);
	*change = made;
	return err;
}

static int finish(struct chain *c, __u32 slot, void *change, struct fail *f)
{
	struct blocklist *b = NULL;
	int err = blocklist_open(c, slot, &b, f), left = blocklist_finish(b, change, f);

	blocklist_close(b);
	return err ? err : left;
}

static void undo(struct chain *c, __u32 slot, void *change)
{
	struct blocklist *b = NULL;

	blocklist_open(c, slot, &b, NULL);
	blocklist_undo(b, change);
	blocklist_close(b);
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct params want = { 0 };
	struct state *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return fail_errno(f, ENOMEM, conf->name);
	p->state = s;
	s->kind = p->kind->name;
	p->spec.object = p->kind->name;
	p->spec.adopt = adopt;
	p->spec.setup = setup;
	p->spec.fill = fill;
	p->spec.fresh = s->fresh;
	p->spec.arg = s;
	err = policer_params(conf, params, &want, f);
	s->max = want.max;
	/* What is on the list is not: it changes in place, and the program stays. */
	p->spec.digest = policer_digest(p->spec.digest, &s->max, sizeof(s->max));
	return err ? err : entries(conf, &want, s, f);
}

static void drop(struct policer *p)
{
	struct state *s = p->state;

	free(s->v);
	free(s);
}

const struct policer_kind policer_blocklist = {
	.name = "blocklist",
	.help = "drop by source prefix",
	.params = params,
	.takes = POLICER_TAKES_RULES,
	.make = make,
	.settle = settle,
	.finish = finish,
	.undo = undo,
	.drop = drop,
};

const struct policer_kind policer_allowlist = {
	.name = "allowlist",
	.help = "to the stack at once by source prefix, past the policers after it",
	.params = params,
	.takes = POLICER_TAKES_RULES,
	.make = make,
	.settle = settle,
	.finish = finish,
	.undo = undo,
	.drop = drop,
};
