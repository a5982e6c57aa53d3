// SPDX-License-Identifier: GPL-2.0
#include "lib/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "lib/chain.h"
#include "lib/progmap.h"
#include "lib/stage.h"
#include "lib/trail.h"
#include "lib/util.h"

#define SUFFIX	      "_reason"
#define KEEP	      64   /* programs that are remembered; then the oldest goes */
#define RULES	      256  /* rules whose text is kept; a power of two */
#define RULE_FRESH_NS NSEC /* how long: an operator may give the id to another prefix */

struct rule {
	__u64 read_ns;
	__u32 id; /* 0: empty */
	char text[sizeof(((struct chain_rule *)0)->text)];
};

struct program {
	__u32 slot, instance; /* instance 0: unused */
	char name[CHAIN_NAME_LEN];
	char *reasons[CHAIN_REASONS];
	int rules; /* map, or -1 */
	struct rule rule[RULES];
};

struct names {
	const struct chain *chain;
	struct program *programs[KEEP];
	unsigned int next;
};

struct names *names_new(const struct chain *c)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n)
		n->chain = c;
	return n;
}

static void program_free(struct program *p)
{
	if (!p)
		return;
	for (int i = 0; i < CHAIN_REASONS; i++)
		free(p->reasons[i]);
	fd_close(p->rules);
	free(p);
}

void names_free(struct names *n)
{
	if (!n)
		return;
	for (int i = 0; i < KEEP; i++)
		program_free(n->programs[i]);
	free(n);
}

/* enum <stage>_reason: its type, and how long <stage> is. */
static const struct btf_type *reason_enum(const struct btf *btf, const char **name, size_t *len)
{
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *s;

		if (!btf_is_enum(t))
			continue;
		s = btf__name_by_offset(btf, t->name_off);
		*len = strlen(s);
		if (*len <= strlen(SUFFIX) || strcmp(s + *len - strlen(SUFFIX), SUFFIX))
			continue;
		*len -= strlen(SUFFIX);
		*name = s;
		return t;
	}
	return NULL;
}

/* BLOCKLIST_PREFIX of stage blocklist: "prefix". */
static char *short_name(const char *enumerator, const char *stage, size_t len)
{
	char *s;

	if (!strncasecmp(enumerator, stage, len) && enumerator[len] == '_' && enumerator[len + 1])
		enumerator += len + 1;
	s = strdup(enumerator);
	for (char *p = s; p && *p; p++)
		*p = tolower((unsigned char)*p);
	return s;
}

int names_reasons(const struct btf *btf, char *out[])
{
	const char *stage = NULL;
	size_t len = 0;
	const struct btf_type *t = reason_enum(btf, &stage, &len);
	const struct btf_enum *e;

	for (int i = 0; i < CHAIN_REASONS; i++)
		out[i] = NULL;
	if (!t)
		return -ENOENT;
	e = btf_enum(t);
	for (int i = 0; i < btf_vlen(t); i++) {
		__u32 v = e[i].val;

		if (!v || v >= CHAIN_REASONS || out[v])
			continue;
		out[v] = short_name(btf__name_by_offset(btf, e[i].name_off), stage, len);
		if (!out[v])
			return -ENOMEM;
	}
	return 0;
}

static struct program *program_read(const struct chain *c, __u32 slot, const struct chain_stage *st)
{
	struct program *p = calloc(1, sizeof(*p));
	struct btf *btf;

	if (!p)
		return NULL;
	p->slot = slot;
	p->instance = st->instance;
	memcpy(p->name, st->name, sizeof(p->name));
	p->name[sizeof(p->name) - 1] = 0;
	btf = prog_btf(st->prog_id);
	if (btf)
		names_reasons(btf, p->reasons);
	btf__free(btf);
	p->rules = stage_map(c, slot, "rules");
	return p;
}

static struct program *program_get(struct names *n, __u32 slot, __u32 instance)
{
	struct chain_stage st;
	struct program *p;

	for (int i = 0; instance && i < KEEP; i++) {
		p = n->programs[i];
		if (p && p->slot == slot && p->instance == instance)
			return p;
	}
	if (chain_stage(n->chain, slot, &st))
		return NULL;
	if (!instance && st.instance)
		return program_get(n, slot, st.instance);
	if (instance != st.instance)
		return NULL;
	p = program_read(n->chain, slot, &st);
	if (!p)
		return NULL;
	program_free(n->programs[n->next]);
	n->programs[n->next] = p;
	n->next = (n->next + 1) % KEEP;
	return p;
}

const char *names_stage(struct names *n, __u32 slot, __u32 instance)
{
	const struct program *p = program_get(n, slot, instance);

	return p ? p->name : NULL;
}

const char *names_reason(struct names *n, __u32 slot, __u32 instance, __u32 reason)
{
	const struct program *p = program_get(n, slot, instance);

	return p && reason < CHAIN_REASONS ? p->reasons[reason] : NULL;
}

const char *names_rule(struct names *n, __u32 slot, __u32 instance, __u32 rule)
{
	struct program *p = program_get(n, slot, instance);
	__u64 now = now_ns();
	struct chain_rule r;
	struct rule *kept;

	if (!p || p->rules < 0 || !rule)
		return NULL;
	kept = &p->rule[rule % RULES];
	if (kept->id != rule || now - kept->read_ns > RULE_FRESH_NS) {
		if (bpf_map_lookup_elem(p->rules, &rule, &r))
			return kept->id == rule ? kept->text : NULL;
		kept->id = rule;
		kept->read_ns = now;
		snprintf(kept->text, sizeof(kept->text), "%.*s", (int)sizeof(r.text), r.text);
	}
	return kept->text;
}

static bool copy_name(const char *from, char name[TRAIL_NAME])
{
	if (!from || !*from)
		return false;
	snprintf(name, TRAIL_NAME, "%s", from);
	return true;
}

static bool trail_stage(void *arg, __u32 slot, __u32 instance, char name[TRAIL_NAME])
{
	return copy_name(names_stage(arg, slot, instance), name);
}

static bool trail_reason(void *arg, __u32 slot, __u32 instance, __u32 reason, char name[TRAIL_NAME])
{
	return copy_name(names_reason(arg, slot, instance, reason), name);
}

static bool trail_rule(void *arg, __u32 slot, __u32 instance, __u32 rule, char text[TRAIL_NAME])
{
	return copy_name(names_rule(arg, slot, instance, rule), text);
}

void names_trail(struct names *n, struct trail_names *out)
{
	*out = (struct trail_names){ trail_stage, trail_reason, trail_rule, n, 0 };
}
