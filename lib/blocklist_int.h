/* SPDX-License-Identifier: GPL-2.0 */
/* lib/blocklist_int.h - shared by the files of lib/blocklist.h, and by nobody else. */
#ifndef LIB_BLOCKLIST_INT_H
#define LIB_BLOCKLIST_INT_H

#include "lib/blocklist.h"
#include "lib/cover.h"

#define HIT_PAGES (BLOCKLIST_FAST / BLOCKLIST_PAGE)

struct blocklist {
	char ifname[IF_NAMESIZE];
	struct blocklist_state st; /* of a writer: goes to the kernel when it closes */
	struct cover cover;	   /* what packets are looked up in; mapped */
	__u64 *hits[HIT_PAGES];	   /* sums over CPUs; NULL: not read */
	int prefixes[FAMILIES], rules, pages, state; /* map descriptors */
	int ncpus;
	int writes;
	int fast_full; /* no rule id below BLOCKLIST_FAST was free */
};

/* A key of either hash: that of IPv4 is its first 8 bytes. */
struct blocklist_key {
	__u32 len;
	__be32 addr[4];
};

/**
 * blocklist_scan - call @fn for each entry of @family, expired ones too; stop when it returns
 * nonzero, and return that. @fn must not change the hash.
 */
int blocklist_scan(struct blocklist *b, int family,
		   int (*fn)(const struct prefix *p, const struct blocklist_entry *e, void *arg),
		   void *arg, struct fail *f);

/** blocklist_tidy - drop what has expired, count anew, make the bitmaps anew. */
int blocklist_tidy(struct blocklist *b, struct fail *f);

/** blocklist_mend - drop rules that no prefix has: their writer was killed. */
int blocklist_mend(struct blocklist *b, struct fail *f);

/** blocklist_exact - the entry of exactly @p. 0; -ENOENT; -errno. */
int blocklist_exact(const struct blocklist *b, const struct prefix *p, struct blocklist_entry *e);

/** blocklist_claim - make @r the rule of a free id with a counter a CPU. -ENOSPC: none is free. */
int blocklist_claim(struct blocklist *b, const struct chain_rule *r, __u32 *rule);

/** blocklist_failed - say why @p could not be added. */
int blocklist_failed(const struct blocklist *b, const struct prefix *p, int err, struct fail *f);

/** blocklist_new_rule - the text of a new rule. */
void blocklist_new_rule(struct chain_rule *r, const struct prefix *p, const char *note);

/** blocklist_expires - some entry now expires at @ns; 0: it does not. */
void blocklist_expires(struct blocklist *b, __u64 ns);

/** blocklist_owner - who wants it. */
__u32 blocklist_owner(const struct blocklist_want *want);

/** blocklist_disown - the configuration wants the entry @e at @p no more. */
int blocklist_disown(struct blocklist *b, const struct prefix *p, struct blocklist_entry *e);

/** blocklist_put_back - @p, which is on the list, is as @e again; @note NULL: none. 0 or -errno. */
int blocklist_put_back(struct blocklist *b, const struct prefix *p, const struct blocklist_entry *e,
		       const char *note);

/** blocklist_drop - remove the entry at @p, then its rule. */
int blocklist_drop(struct blocklist *b, const struct prefix *p, __u32 rule);

/** blocklist_counted - what the counters a CPU of @rule hold together; 0 if it has none. */
int blocklist_counted(struct blocklist *b, __u32 rule, __u64 *packets);

/** blocklist_hits - packets that the entry @e at @p has met. */
__u64 blocklist_hits(struct blocklist *b, const struct prefix *p, const struct blocklist_entry *e);

static inline struct blocklist_key blocklist_key(const struct prefix *p)
{
	return (struct blocklist_key){ p->len, { p->addr[0], p->addr[1], p->addr[2], p->addr[3] } };
}

static inline __u32 *blocklist_count(struct blocklist *b, int family)
{
	return family == V4 ? &b->st.count4 : &b->st.count6;
}

#endif
