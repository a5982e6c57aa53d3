// SPDX-License-Identifier: GPL-2.0
/* blocklist_conf - what the configuration owns of a list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/blocklist_int.h"
#include "lib/util.h"

/* What a list has that the configuration wanted before, and what of @v is in it. */
struct compare {
	const struct blocklist_entry_conf *v;
	size_t count;
	struct present {
		__u64 expires_ns;
		__u32 rule; /* 0: the configuration does not own it yet */
	} * present;	    /* of each of @v */
	struct gone {
		struct prefix prefix;
		struct blocklist_entry entry;
	} * gone;
	size_t gone_count, gone_room;
};

static int by_prefix(const void *key, const void *element)
{
	const struct blocklist_entry_conf *e = element;

	return prefix_cmp(key, &e->prefix);
}

static int compare_one(const struct prefix *p, const struct blocklist_entry *e, void *arg)
{
	const struct blocklist_entry_conf *wanted;
	struct compare *c = arg;
	struct gone *more;

	if (!(e->owner & BLOCKLIST_CONF))
		return 0;
	wanted = c->count ? bsearch(p, c->v, c->count, sizeof(*c->v), by_prefix) : NULL;
	if (wanted) {
		c->present[wanted - c->v] = (struct present){ e->expires_ns, e->rule };
		return 0;
	}
	if (c->gone_count == c->gone_room) {
		c->gone_room = c->gone_room ? 2 * c->gone_room : 64;
		more = realloc(c->gone, c->gone_room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->gone = more;
	}
	c->gone[c->gone_count++] = (struct gone){ *p, *e };
	return 0;
}

/* Is the entry as it is configured? One with a time keeps the one that runs. */
static int as_wanted(const struct blocklist *b, const struct blocklist_entry_conf *e,
		     const struct present *p)
{
	struct chain_rule r;

	return p->rule && !p->expires_ns == !e->lasts_ns && !blocklist_rule(b, p->rule, &r) &&
	       !strncmp(r.note, e->note, sizeof(r.note) - 1);
}

static int add_one(struct blocklist *b, const struct blocklist_entry_conf *e,
		   const struct present *p, struct fail *f)
{
	struct blocklist_want want = { .note = e->note, .owner = BLOCKLIST_CONF };
	__u32 rule;
	int err;

	if (e->lasts_ns)
		want.expires_ns = p->expires_ns ? p->expires_ns : now_ns() + e->lasts_ns;
	err = blocklist_add(b, &e->prefix, &want, &rule, f);
	return err < 0 ? err : 0;
}

static int is_plain(const struct blocklist_entry_conf *e)
{
	return !e->lasts_ns && !e->note[0];
}

/* Those without note and time in one go; the rest, which somebody wrote by hand, one by one. */
static int add_missing(struct blocklist *b, const struct compare *c, struct fail *f)
{
	const struct blocklist_want want = { .note = "", .owner = BLOCKLIST_CONF };
	struct prefix *plain = calloc(c->count + 1, sizeof(*plain));
	struct blocklist_added sum;
	size_t n = 0;
	int err = plain ? 0 : fail_set(f, ENOMEM, "%s: out of memory", b->ifname);

	for (size_t i = 0; !err && i < c->count; i++) {
		if (is_plain(&c->v[i]) && !c->present[i].rule)
			plain[n++] = c->v[i].prefix;
		else if (!as_wanted(b, &c->v[i], &c->present[i]))
			err = add_one(b, &c->v[i], &c->present[i], f);
	}
	if (!err)
		err = blocklist_add_many(b, plain, n, &want, &sum, f);
	free(plain);
	return err;
}

static int difference(struct blocklist *b, struct compare *c, struct fail *f)
{
	int err = 0;

	for (int family = V4; !err && family < FAMILIES; family++)
		err = blocklist_scan(b, family, compare_one, c, f);
	if (err == -ENOMEM)
		fail_set(f, ENOMEM, "%s: out of memory", b->ifname);
	for (size_t i = 0; !err && i < c->gone_count; i++) {
		err = blocklist_disown(b, &c->gone[i].prefix, &c->gone[i].entry);
		if (err)
			blocklist_failed(b, &c->gone[i].prefix, err, f);
	}
	return err ? err : add_missing(b, c, f);
}

int blocklist_configure(struct blocklist *b, const struct blocklist_entry_conf *v, size_t count,
			__u64 digest, struct fail *f)
{
	struct compare c = { .v = v, .count = count };
	int err;

	if (b->st.configured == digest)
		return 0;
	c.present = calloc(count + 1, sizeof(*c.present));
	err = c.present ? difference(b, &c, f)
			: fail_set(f, ENOMEM, "%s: out of memory", b->ifname);
	if (!err)
		b->st.configured = digest;
	free(c.present);
	free(c.gone);
	return err;
}
