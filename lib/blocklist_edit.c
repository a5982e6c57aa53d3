// SPDX-License-Identifier: GPL-2.0
/* blocklist_edit - add and remove a prefix. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/blocklist_int.h"
#include "lib/util.h"

/* Rule ids with a counter a CPU that are tried before one without is taken. */
#define FAST_TRIES   64
#define FAST_CROWDED (BLOCKLIST_FAST / 4 * 3) /* rules, from which on that may fail */

int blocklist_exact(const struct blocklist *b, const struct prefix *p, struct blocklist_entry *e)
{
	struct blocklist_key key = blocklist_key(p);

	return bpf_map_lookup_elem(b->prefixes[ptable_family(p)], &key, e) ? -errno : 0;
}

/* 1: a shorter prefix on the list holds @p; @p is set to it. */
static int find_holder(const struct blocklist *b, struct prefix *p)
{
	struct prefix wide = *p;
	struct blocklist_entry e;
	__be32 mask[4];

	while (wide.len--) {
		prefix_mask(wide.len, mask);
		for (int i = 0; i < 4; i++)
			wide.addr[i] &= mask[i];
		if (!blocklist_exact(b, &wide, &e)) {
			*p = wide;
			return 1;
		}
	}
	return 0;
}

int blocklist_counted(struct blocklist *b, __u32 rule, __u64 *packets)
{
	__u32 page = rule / BLOCKLIST_PAGE;
	struct blocklist_hits *cpus;

	*packets = 0;
	if (rule >= BLOCKLIST_FAST)
		return 0;
	if (!b->hits[page]) {
		cpus = calloc(b->ncpus, sizeof(*cpus));
		b->hits[page] = calloc(BLOCKLIST_PAGE, sizeof(__u64));
		if (!cpus || !b->hits[page] || bpf_map_lookup_elem(b->pages, &page, cpus)) {
			free(cpus);
			free(b->hits[page]);
			b->hits[page] = NULL;
			return -ENOMEM;
		}
		for (int i = 0; i < b->ncpus; i++)
			for (size_t j = 0; j < BLOCKLIST_PAGE; j++)
				b->hits[page][j] += cpus[i].packets[j];
		free(cpus);
	}
	*packets = b->hits[page][rule % BLOCKLIST_PAGE];
	return 0;
}

__u64 blocklist_hits(struct blocklist *b, const struct prefix *p, const struct blocklist_entry *e)
{
	const struct ptable *t = &b->cover.tables[ptable_family(p)].now;
	const struct ptable_slot *slot;
	__u64 counted;

	if (e->rule < BLOCKLIST_FAST)
		return blocklist_counted(b, e->rule, &counted) ? 0 : e->hits + counted;
	slot = ptable_find(t, p);
	return e->hits + (slot && ptable_rule(slot) == e->rule ? slot->hits : 0);
}

/* An id comes back as late as can be: traces name it for a while. */
int blocklist_claim(struct blocklist *b, const struct chain_rule *r, __u32 *rule)
{
	for (int i = 0; i < FAST_TRIES && !b->fast_full; i++) {
		if (!b->st.next_fast || b->st.next_fast >= BLOCKLIST_FAST)
			b->st.next_fast = 1;
		*rule = b->st.next_fast++;
		if (!bpf_map_update_elem(b->rules, rule, r, BPF_NOEXIST))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	b->fast_full = 1;
	return -ENOSPC;
}

/*
 * Ids that count in their entry are taken in order: all from next_slow on are free. When they
 * are used up, after 67 million of them, it is a search.
 */
static int claim_slow(struct blocklist *b, const struct chain_rule *r, __u32 *rule)
{
	if (b->st.next_slow < BLOCKLIST_FAST)
		b->st.next_slow = BLOCKLIST_FAST;
	for (;;) {
		if (b->st.next_slow < PTABLE_RULE_MAX)
			*rule = b->st.next_slow++;
		else
			*rule = ((now_ns() * 0x9e3779b1) & PTABLE_RULE_MAX) | BLOCKLIST_FAST;
		if (!bpf_map_update_elem(b->rules, rule, r, BPF_NOEXIST))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
}

void blocklist_new_rule(struct chain_rule *r, const struct prefix *p, const char *note)
{
	*r = (struct chain_rule){ .since_ns = now_ns() };
	prefix_text(p, r->text);
	snprintf(r->note, sizeof(r->note), "%s", note ? note : "");
}

void blocklist_expires(struct blocklist *b, __u64 ns)
{
	if (ns && (!b->st.next_expiry_ns || ns < b->st.next_expiry_ns))
		b->st.next_expiry_ns = ns;
}

__u32 blocklist_owner(const struct blocklist_want *want)
{
	return want->owner ? want->owner : BLOCKLIST_RUN;
}

/* First the rule, then the entry, then the table: who is killed leaves what can be mended. */
static int add_new(struct blocklist *b, const struct prefix *p, const struct blocklist_want *want,
		   struct blocklist_entry *e)
{
	int family = ptable_family(p), err;
	struct ptables *t = &b->cover.tables[family];
	struct blocklist_key key = blocklist_key(p);
	struct chain_rule r;
	__u64 counted;

	err = ptables_reserve(t, *blocklist_count(b, family) + 1);
	if (err)
		return err;
	blocklist_new_rule(&r, p, want->note);
	err = blocklist_claim(b, &r, &e->rule);
	if (err == -ENOSPC)
		err = claim_slow(b, &r, &e->rule);
	if (err)
		return err;
	err = blocklist_counted(b, e->rule, &counted);
	if (err)
		goto unclaim;
	e->hits = -counted;
	e->owner = blocklist_owner(want);
	e->expires_ns = want->expires_ns;
	if (bpf_map_update_elem(b->prefixes[family], &key, e, BPF_ANY)) {
		err = -errno;
		goto unclaim;
	}
	cover_add(&b->cover, p);
	err = ptables_put(t, p, e->rule, ptable_until(e->expires_ns));
	if (err)
		goto remove;
	++*blocklist_count(b, family);
	return 0;
remove:
	bpf_map_delete_elem(b->prefixes[family], &key);
unclaim:
	bpf_map_delete_elem(b->rules, &e->rule);
	return err;
}

/*
 * What two want, for a while the one, lasts as long as the longer: a command cannot cut short what
 * is configured. What the configuration takes over from a command that gave it a time is its alone.
 */
static void share(struct blocklist_entry *e, const struct blocklist_want *want)
{
	__u64 now = want->expires_ns;

	if (blocklist_owner(want) == BLOCKLIST_CONF && e->expires_ns)
		e->owner = 0;
	else if (blocklist_owner(want) == BLOCKLIST_CONF && e->owner & BLOCKLIST_RUN)
		now = 0;
	else if (blocklist_owner(want) == BLOCKLIST_RUN && e->owner & BLOCKLIST_CONF)
		now = e->expires_ns && now ? (now > e->expires_ns ? now : e->expires_ns) : 0;
	e->owner |= blocklist_owner(want);
	e->expires_ns = now;
}

static int update(struct blocklist *b, const struct prefix *p, const struct blocklist_want *want,
		  struct blocklist_entry *e)
{
	const struct ptables *t = &b->cover.tables[ptable_family(p)];
	struct blocklist_key key = blocklist_key(p);
	struct ptable_slot *slot = ptable_find(&t->now, p);
	struct chain_rule r;

	share(e, want);
	if (bpf_map_update_elem(b->prefixes[ptable_family(p)], &key, e, BPF_ANY))
		return -errno;
	if (slot)
		ptable_set_until(slot, ptable_until(e->expires_ns));
	if (!want->note || bpf_map_lookup_elem(b->rules, &e->rule, &r))
		return 0;
	snprintf(r.note, sizeof(r.note), "%s", want->note);
	return bpf_map_update_elem(b->rules, &e->rule, &r, BPF_ANY) ? -errno : 0;
}

/* Hits of a rule without a counter a CPU that came meanwhile are in the entry that is there. */
int blocklist_put_back(struct blocklist *b, const struct prefix *p, const struct blocklist_entry *e,
		       const char *note)
{
	const struct blocklist_want want = { .note = note ? note : "",
					     .owner = e->owner,
					     .expires_ns = e->expires_ns };
	struct blocklist_entry now;
	int err = blocklist_exact(b, p, &now);

	if (err)
		return err;
	now.owner = 0; /* nobody's, who would have a say in the time */
	return update(b, p, &want, &now);
}

int blocklist_failed(const struct blocklist *b, const struct prefix *p, int err, struct fail *f)
{
	struct blocklist_size size = { 0 };
	char text[PREFIX_TEXT];

	prefix_text(p, text);
	if (err != -ENOSPC && err != -E2BIG)
		return fail_set(f, -err, "%s: %s: %s", b->ifname, text, strerror(-err));
	blocklist_size(b, &size);
	return fail_set(f, ENOSPC,
			"%s: %s: the list is full with %u prefixes: unblock some, or detach and "
			"attach with a larger --max-prefixes",
			b->ifname, text, size.max);
}

int blocklist_add(struct blocklist *b, const struct prefix *p, const struct blocklist_want *want,
		  __u32 *rule, struct fail *f)
{
	struct blocklist_entry e;
	int found = blocklist_exact(b, p, &e), err;

	if (found && found != -ENOENT)
		return blocklist_failed(b, p, found, f);
	err = found ? add_new(b, p, want, &e) : update(b, p, want, &e);
	if (err)
		return blocklist_failed(b, p, err, f);
	if (e.owner == BLOCKLIST_RUN)
		blocklist_expires(b, want->expires_ns);
	b->st.configured = 0; /* it may be another now than was configured */
	*rule = e.rule;
	return !!found;
}

int blocklist_drop(struct blocklist *b, const struct prefix *p, __u32 rule)
{
	int family = ptable_family(p);
	struct ptables *t = &b->cover.tables[family];
	struct blocklist_key key = blocklist_key(p);
	struct ptable_slot *slot = ptable_find(&t->now, p);

	if (slot)
		ptable_erase(slot);
	if (bpf_map_delete_elem(b->prefixes[family], &key))
		return -errno;
	if (bpf_map_delete_elem(b->rules, &rule) && errno != ENOENT)
		return -errno;
	if (rule < BLOCKLIST_FAST) { /* it has counted since that was read */
		free(b->hits[rule / BLOCKLIST_PAGE]);
		b->hits[rule / BLOCKLIST_PAGE] = NULL;
		b->fast_full = 0;
		if (b->st.count4 + b->st.count6 > FAST_CROWDED)
			b->st.next_fast = rule; /* the search would not find it */
	}
	b->st.stale++;
	b->st.configured = 0;
	if (--*blocklist_count(b, family))
		return 0;
	cover_clear(&b->cover, family);
	return ptables_trim(t, 0);
}

int blocklist_disown(struct blocklist *b, const struct prefix *p, struct blocklist_entry *e)
{
	struct blocklist_key key = blocklist_key(p);

	e->owner &= ~BLOCKLIST_CONF;
	if (!e->owner)
		return blocklist_drop(b, p, e->rule);
	blocklist_expires(b, e->expires_ns);
	return bpf_map_update_elem(b->prefixes[ptable_family(p)], &key, e, BPF_ANY) ? -errno : 0;
}

int blocklist_del(struct blocklist *b, const struct prefix *p, struct fail *f)
{
	char text[PREFIX_TEXT], holder[PREFIX_TEXT];
	struct prefix wide = *p;
	struct blocklist_entry e;
	int err = blocklist_exact(b, p, &e);

	prefix_text(p, text);
	if (!err)
		err = blocklist_drop(b, p, e.rule);
	if (!err)
		return 0;
	if (err != -ENOENT)
		return fail_set(f, -err, "%s: %s: %s", b->ifname, text, strerror(-err));
	if (!find_holder(b, &wide))
		return fail_set(f, ENOENT, "%s: %s: not blocked", b->ifname, text);
	return fail_set(f, ENOENT, "%s: %s: not blocked itself, but %s is, which holds it",
			b->ifname, text, prefix_text(&wide, holder));
}
