// SPDX-License-Identifier: GPL-2.0
/*
 * blocklist_conf - what the configuration owns of a list. A change has two halves: what comes can
 * fail (the list is full) and can be undone (blocklist_undo.c); what goes, goes when all else is
 * well.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/blocklist_undo.h"
#include "lib/util.h"

/* The list as it is, beside what is wanted. */
struct compare {
	struct blocklist *b;
	const struct blocklist_entry_conf *v;
	size_t count;
	struct blocklist_entry *present; /* of each of @v; rule 0: it is not on the list */
	struct blocklist_change *change;
};

static int by_prefix(const void *key, const void *element)
{
	const struct blocklist_entry_conf *e = element;

	return prefix_cmp(key, &e->prefix);
}

static int compare_one(const struct prefix *p, const struct blocklist_entry *e, void *arg)
{
	struct compare *c = arg;
	const struct blocklist_entry_conf *wanted =
		c->count ? bsearch(p, c->v, c->count, sizeof(*c->v), by_prefix) : NULL;

	if (wanted)
		c->present[wanted - c->v] = *e;
	else if (e->owner & BLOCKLIST_CONF)
		return blocklist_goes(c->change, p, e);
	return 0;
}

static int is_owned(const struct blocklist_entry *present)
{
	return present->rule && present->owner & BLOCKLIST_CONF;
}

/* Is the entry as it is configured? One with a time keeps the one that runs. */
static int as_wanted(const struct blocklist *b, const struct blocklist_entry_conf *e,
		     const struct blocklist_entry *present)
{
	struct chain_rule r;

	return is_owned(present) && !present->expires_ns == !e->lasts_ns &&
	       !blocklist_rule(b, present->rule, &r) &&
	       !strncmp(r.note, e->note, sizeof(r.note) - 1);
}

static int is_plain(const struct blocklist_entry_conf *e)
{
	return !e->lasts_ns && !e->note[0];
}

static int add_one(const struct compare *c, size_t i, struct fail *f)
{
	struct blocklist_want want = { .note = c->v[i].note, .owner = BLOCKLIST_CONF };
	const struct blocklist_entry *present = &c->present[i];
	__u32 rule;
	int err;

	if (c->v[i].lasts_ns)
		want.expires_ns = is_owned(present) && present->expires_ns
					  ? present->expires_ns
					  : now_ns() + c->v[i].lasts_ns;
	err = blocklist_add(c->b, &c->v[i].prefix, &want, &rule, f);
	return err < 0 ? err : 0;
}

/* Those without note and time in one go; the rest, which somebody wrote by hand, one by one. */
static int add_all(const struct compare *c, const unsigned char *is_to_do, struct fail *f)
{
	const struct blocklist_want want = { .note = "", .owner = BLOCKLIST_CONF };
	struct prefix *plain = calloc(c->count + 1, sizeof(*plain));
	struct blocklist_added sum;
	size_t n = 0;
	int err = plain ? 0 : fail_set(f, ENOMEM, "%s: out of memory", c->b->ifname);

	for (size_t i = 0; !err && i < c->count; i++) {
		if (!is_to_do[i])
			continue;
		if (is_plain(&c->v[i]))
			plain[n++] = c->v[i].prefix;
		else
			err = add_one(c, i, f);
	}
	if (!err)
		err = blocklist_add_many(c->b, plain, n, &want, &sum, f);
	free(plain);
	return err;
}

/* Say what is going to be done before it is, so that it can be undone wherever it ends. */
static int plan(const struct compare *c, unsigned char *is_to_do)
{
	int err = 0;

	for (size_t i = 0; !err && i < c->count; i++) {
		is_to_do[i] = !as_wanted(c->b, &c->v[i], &c->present[i]);
		if (is_to_do[i])
			err = blocklist_comes(c->change, c->b, &c->v[i].prefix, &c->present[i]);
	}
	return err;
}

static int difference(struct compare *c, struct fail *f)
{
	unsigned char *is_to_do = calloc(c->count + 1, 1);
	int err = is_to_do && c->present && c->change ? 0 : -ENOMEM;

	for (int family = V4; !err && family < FAMILIES; family++)
		err = blocklist_scan(c->b, family, compare_one, c, f);
	if (!err)
		err = plan(c, is_to_do);
	if (err == -ENOMEM)
		fail_set(f, ENOMEM, "%s: out of memory", c->b->ifname);
	if (!err)
		err = blocklist_make_room(c->change, c->b, f);
	if (!err)
		err = add_all(c, is_to_do, f);
	free(is_to_do);
	return err;
}

int blocklist_change(struct blocklist *b, const struct blocklist_entry_conf *v, size_t count,
		     __u64 digest, struct blocklist_change **out, struct fail *f)
{
	struct compare c = { .b = b, .v = v, .count = count };
	int err;

	*out = NULL;
	if (b->st.configured == digest)
		return 0;
	c.present = calloc(count + 1, sizeof(*c.present));
	c.change = blocklist_change_new(b->st.configured, digest);
	err = difference(&c, f);
	free(c.present);
	if (err && c.change)
		blocklist_undo(b, c.change);
	else
		*out = c.change;
	return err;
}

int blocklist_configure(struct blocklist *b, const struct blocklist_entry_conf *v, size_t count,
			__u64 digest, struct fail *f)
{
	struct blocklist_change *change;
	int err = blocklist_change(b, v, count, digest, &change, f);

	return err ? err : blocklist_finish(b, change, f);
}
