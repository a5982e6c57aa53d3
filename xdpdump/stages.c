// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/stages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/trail.h"

static void label(const struct chain_stage *st, __u32 slot, char *out)
{
	struct trail_step step = { .slot = slot };

	snprintf(step.stage, sizeof(step.stage), "%s", st->name);
	trail_label(&step, out);
}

int stages_label(const struct chain *c, __u32 slot, char out[TRAIL_LABEL])
{
	struct chain_stage st;
	int err = chain_stage(c, slot, &st);

	if (!err)
		label(&st, slot, out);
	return err;
}

void stages_list(const struct chain *c, char *out, size_t size)
{
	char name[TRAIL_LABEL];
	size_t len = 0;

	snprintf(out, size, "no stages");
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		if (len >= size || stages_label(c, slot, name))
			continue;
		len += snprintf(out + len, size - len, "%s%s", len ? ", " : "", name);
	}
}

int stages_find(const struct chain *c, const char *word)
{
	char name[TRAIL_LABEL], *end;
	struct chain_stage st;
	unsigned long slot = strtoul(word, &end, 10);

	if (end != word && !*end)
		return slot >= CHAIN_SLOT_POLICER_MIN && slot < CHAIN_SLOTS ? (int)slot : -ENOENT;
	if (!strcmp(word, "end"))
		return CHAIN_SLOT_END;
	for (slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		if (chain_stage(c, slot, &st))
			continue;
		label(&st, slot, name);
		if (!strcmp(word, st.name) || !strcmp(word, name))
			return slot;
	}
	return -ENOENT;
}

int stages_mask(const char *ifname, const char *list, __u32 *mask, struct fail *f)
{
	char there[512], *copy, *save = NULL;
	struct chain *c = NULL;
	int slot = 0, err;

	*mask = 0;
	err = chain_open(ifname, CHAIN_READ, &c, f);
	if (err || !list) {
		chain_close(c);
		return err;
	}
	copy = strdup(list);
	for (char *w = copy ? strtok_r(copy, ",", &save) : NULL; w;
	     w = strtok_r(NULL, ",", &save)) {
		slot = stages_find(c, w);
		if (slot < 0)
			break;
		*mask |= 1u << slot;
	}
	stages_list(c, there, sizeof(there));
	if (!copy)
		err = -ENOMEM;
	else if (slot < 0 || !*mask)
		err = fail_set(f, ESRCH, "--stage: %s: no such stage on %s, there are: %s, end",
			       list, ifname, there);
	free(copy);
	chain_close(c);
	return err;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

static bool is_step(const char *word, size_t len, const struct trail_step *s)
{
	char name[TRAIL_LABEL], slot[8];

	if (s->verdict == CHAIN_NEXT && !s->reason)
		return false;
	snprintf(slot, sizeof(slot), "%u", s->slot);
	trail_label(s, name);
	return is_word(word, len, slot) || is_word(word, len, s->stage) || is_word(word, len, name);
}

static bool word_said(const char *word, size_t len, const struct trail *t)
{
	if (is_word(word, len, "end"))
		return trail_decider(t) < 0;
	for (int i = 0; i < t->steps; i++)
		if (is_step(word, len, &t->step[i]))
			return true;
	return false;
}

bool stages_said(const char *list, const struct trail *t)
{
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len && word_said(list, len, t))
			return true;
	}
	return false;
}
