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

/* A run of /24s, of a length that is a power of two and aligned to it. */
static void cover4(__u64 *cover, const struct prefix *p)
{
	struct blocklist_cover at = blocklist_cover4(p->addr[0]);
	__u32 count = p->len >= 24 ? 1 : 1u << (24 - p->len);

	if (count < 64)
		cover[at.word] |= ((1ULL << count) - 1) << at.bit;
	else
		memset(&cover[at.word], 0xff, count / 64 * sizeof(*cover));
}

static void cover6(__u64 *cover, const struct prefix *p)
{
	struct blocklist_cover at = blocklist_cover6(p->addr);
	__be32 addr[4] = { 0 };

	if (p->len >= 48) {
		cover[at.word] |= 1ULL << at.bit;
	} else if (p->len < 32 - BLOCKLIST_COVER_BITS) {
		memset(cover, 0xff, COVER_BYTES);
	} else {
		for (__u32 i = 0; i < (p->len >= 32 ? 1 : 1u << (32 - p->len)); i++) {
			addr[0] = pkt_be32(pkt_h32(p->addr[0]) + i);
			cover[blocklist_cover6(addr).word] = ~0ULL;
		}
	}
}

void blocklist_cover(__u64 *cover, const struct prefix *p)
{
	if (blocklist_family(p) == V4)
		cover4(cover, p);
	else
		cover6(cover, p);
}

int blocklist_exact(const struct blocklist *b, const struct prefix *p, struct blocklist_entry *e)
{
	struct blocklist_key key = blocklist_key(p);

	e->rule = 0;
	if (bpf_map_lookup_elem(b->prefixes[blocklist_family(p)], &key, e))
		return -errno;
	return e->len == p->len ? 0 : -ENOENT;
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
 * are used up, after 4 thousand million of them, it is a search.
 */
static int claim_slow(struct blocklist *b, const struct chain_rule *r, __u32 *rule)
{
	if (b->st.next_slow < BLOCKLIST_FAST)
		b->st.next_slow = BLOCKLIST_FAST;
	for (;;) {
		if (b->st.next_slow < UINT32_MAX)
			*rule = b->st.next_slow++;
		else
			*rule = (__u32)(now_ns() * 0x9e3779b1) | BLOCKLIST_FAST;
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

/* The entry goes into the trie last: what is killed before leaves a rule at most. */
static int add_new(struct blocklist *b, const struct prefix *p, const struct blocklist_want *want,
		   struct blocklist_entry *e)
{
	int family = blocklist_family(p), err;
	struct blocklist_key key = blocklist_key(p);
	struct chain_rule r;
	__u64 counted;

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
	e->len = p->len;
	e->expires_ns = want->expires_ns;
	blocklist_cover(b->cover[family], p);
	if (bpf_map_update_elem(b->prefixes[family], &key, e, BPF_ANY)) {
		err = -errno;
		goto unclaim;
	}
	++*blocklist_count(b, family);
	return 0;
unclaim:
	bpf_map_delete_elem(b->rules, &e->rule);
	return err;
}

static int update(struct blocklist *b, const struct prefix *p, const struct blocklist_want *want,
		  struct blocklist_entry *e)
{
	struct blocklist_key key = blocklist_key(p);
	struct chain_rule r;

	/* Hits of a rule without a counter a CPU that come in between are lost. */
	e->expires_ns = want->expires_ns;
	if (bpf_map_update_elem(b->prefixes[blocklist_family(p)], &key, e, BPF_ANY))
		return -errno;
	if (!want->note || bpf_map_lookup_elem(b->rules, &e->rule, &r))
		return 0;
	snprintf(r.note, sizeof(r.note), "%s", want->note);
	return bpf_map_update_elem(b->rules, &e->rule, &r, BPF_ANY) ? -errno : 0;
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
	blocklist_expires(b, want->expires_ns);
	*rule = e.rule;
	return !!found;
}

int blocklist_drop(struct blocklist *b, const struct prefix *p, __u32 rule)
{
	int family = blocklist_family(p);
	struct blocklist_key key = blocklist_key(p);

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
	if (!--*blocklist_count(b, family))
		memset(b->cover[family], 0, COVER_BYTES);
	return 0;
}

int blocklist_del(struct blocklist *b, const struct prefix *p, struct fail *f)
{
	char text[PREFIX_TEXT], holder[PREFIX_TEXT];
	struct prefix wide = *p;
	struct blocklist_entry e;
	__be32 mask[4];
	int err = blocklist_exact(b, p, &e);

	prefix_text(p, text);
	if (!err)
		err = blocklist_drop(b, p, e.rule);
	if (!err)
		return 0;
	if (err != -ENOENT)
		return fail_set(f, -err, "%s: %s: %s", b->ifname, text, strerror(-err));
	if (!e.rule)
		return fail_set(f, ENOENT, "%s: %s: not blocked", b->ifname, text);
	wide.len = e.len;
	prefix_mask(e.len, mask);
	for (int i = 0; i < 4; i++)
		wide.addr[i] &= mask[i];
	return fail_set(f, ENOENT, "%s: %s: not blocked itself, but %s is, which holds it",
			b->ifname, text, prefix_text(&wide, holder));
}
