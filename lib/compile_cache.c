// SPDX-License-Identifier: GPL-2.0
/*
 * compile_cache - what was compiled, for reloads: the files of a configuration are few, and most
 * are as they were. The one state of this library that is not the kernel's or a caller's, since who
 * makes a policer has nowhere to keep it; to forget it costs time only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/compile_int.h"

#define CACHE 16 /* a chain has 14 policers */

struct entry {
	char *path, *text;
	size_t size;
	struct compiled made;
	int err; /* it was refused, and why; 0: made */
	struct fail why;
};

static struct entry made[CACHE], refused;
static unsigned int next;

static int copy(const struct compiled *from, struct compiled *to)
{
	struct compiled c = { malloc(from->size), from->size, strdup(from->warnings) };

	if (!c.elf || !c.warnings) {
		compiled_free(&c);
		return -ENOMEM;
	}
	memcpy(c.elf, from->elf, from->size);
	*to = c;
	return 0;
}

static int is_of(const struct entry *e, const struct compile_spec *spec)
{
	return e->text && e->size == spec->size && !strcmp(e->path, spec->path) &&
	       !memcmp(e->text, spec->text, spec->size);
}

static const struct entry *find(const struct compile_spec *spec)
{
	for (int i = 0; i < CACHE; i++)
		if (is_of(&made[i], spec))
			return &made[i];
	return is_of(&refused, spec) ? &refused : NULL;
}

static void forget(struct entry *e)
{
	free(e->path);
	free(e->text);
	compiled_free(&e->made);
	memset(e, 0, sizeof(*e));
}

/* 0, or -ENOMEM: then it is not remembered. */
static int set(struct entry *e, const struct compile_spec *spec)
{
	forget(e);
	e->path = strdup(spec->path);
	e->text = malloc(spec->size + 1);
	e->size = spec->size;
	if (!e->path || !e->text) {
		forget(e);
		return -ENOMEM;
	}
	memcpy(e->text, spec->text, spec->size);
	return 0;
}

int compile_known(const struct compile_spec *spec)
{
	return find(spec) != NULL;
}

int compile_recall(const struct compile_spec *spec, struct compiled *out, struct fail *f)
{
	const struct entry *e = find(spec);

	if (!e)
		return 0;
	if (e->err) {
		if (f)
			*f = e->why;
		return e->err;
	}
	return copy(&e->made, out) ? fail_errno(f, ENOMEM, spec->path) : 1;
}

/* The oldest gives way. */
void compile_remember(const struct compile_spec *spec, const struct compiled *c)
{
	struct entry *e = &made[next];

	if (set(e, spec))
		return;
	if (copy(c, &e->made))
		forget(e);
	else
		next = (next + 1) % CACHE;
}

void compile_remember_refusal(const struct compile_spec *spec, int err, const struct fail *why)
{
	if (set(&refused, spec))
		return;
	refused.err = err;
	refused.why = *why;
}

void compile_forget_refusal(void)
{
	forget(&refused);
}
