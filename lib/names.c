// SPDX-License-Identifier: GPL-2.0
#include "lib/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "lib/btf_reasons.h"
#include "lib/chain.h"
#include "lib/progmap.h"
#include "lib/stage.h"
#include "lib/trail.h"
#include "lib/util.h"

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
	struct chain_program is;
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

size_t names_most(void)
{
	return sizeof(struct names) + KEEP * sizeof(struct program);
}

/* Put there by other means, so that only the kernel knows its names: for CAP_SYS_ADMIN. */
static void ask_kernel(const struct chain_stage *st, struct chain_program *is)
{
	struct btf *btf = prog_btf(st->prog_id);

	memcpy(is->name, st->name, sizeof(is->name));
	if (btf)
		btf_reasons(btf, is->reasons);
	btf__free(btf);
}

/* @st: who is in the slot now, NULL: nobody. */
static struct program *program_read(const struct chain *c, __u32 slot, __u32 instance,
				    const struct chain_stage *st)
{
	struct program *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->slot = slot;
	p->instance = instance;
	p->rules = -1;
	if (!instance || chain_program(c, instance, &p->is)) {
		if (!st || st->instance != instance) {
			program_free(p);
			return NULL;
		}
		ask_kernel(st, &p->is);
	}
	return p;
}

static struct program *program_get(struct names *n, __u32 slot, __u32 instance)
{
	struct chain_stage st;
	struct program *p;
	int err;

	for (int i = 0; instance && i < KEEP; i++) {
		p = n->programs[i];
		if (p && p->slot == slot && p->instance == instance)
			return p;
	}
	err = chain_stage(n->chain, slot, &st);
	if (!instance && err)
		return NULL;
	if (!instance && st.instance)
		return program_get(n, slot, st.instance);
	p = program_read(n->chain, slot, instance, err ? NULL : &st);
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

	return p ? p->is.name : NULL;
}

const char *names_reason(struct names *n, __u32 slot, __u32 instance, __u32 reason)
{
	const struct program *p = program_get(n, slot, instance);

	return p && reason < CHAIN_REASONS && p->is.reasons[reason][0] ? p->is.reasons[reason]
								       : NULL;
}

/* Its map, once it is in its slot; one that is not there any more when first asked has none. */
static int find_rules(const struct chain *c, struct program *p)
{
	struct chain_stage st;

	if (p->rules < 0 && !chain_stage(c, p->slot, &st) && st.instance == p->instance)
		p->rules = stage_map(c, p->slot, "rules");
	return p->rules;
}

const char *names_rule(struct names *n, __u32 slot, __u32 instance, __u32 rule)
{
	struct program *p = program_get(n, slot, instance);
	__u64 now = now_ns();
	struct chain_rule r;
	struct rule *kept;

	if (!p || !rule || find_rules(n->chain, p) < 0)
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
