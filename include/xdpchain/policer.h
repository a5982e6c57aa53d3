/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/policer.h - maps and configuration of the built-in policers of lists and rates.
 *
 * Keys are what the kernel's LPM trie wants (struct bpf_lpm_trie_key, linux/bpf.h): the prefix
 * length in host order, the address in network order. Bits of the address beyond the length
 * are zero. Times are CLOCK_MONOTONIC.
 */
#ifndef XDPCHAIN_POLICER_H
#define XDPCHAIN_POLICER_H

#include <linux/types.h>

#include "xdpchain/pkt.h"
#include "xdpchain/ptable.h"

/* Keys of the hashes `prefixes4` and `prefixes6`, by source address: what is on a list. */
struct blocklist_key4 {
	__u32 len; /* bits, 0 to 32 */
	__be32 addr;
};
_Static_assert(sizeof(struct blocklist_key4) == 8, "blocklist_key4");

struct blocklist_key6 {
	__u32 len; /* bits, 0 to 128 */
	__be32 addr[4];
};
_Static_assert(sizeof(struct blocklist_key6) == 20, "blocklist_key6");

/*
 * `cover4`, `cover6`: does any prefix hold the address, or lie beside it? Bitmaps, arrays of 64-bit
 * words, which a stage asks before it looks for prefixes of many lengths, one after the other. A
 * bit that is 0 says "in no list"; one that is 1 may be out of date. Who adds a prefix sets its
 * bits first; who removes one leaves them until all are made anew. IPv4: a bit a /24. IPv6: a word
 * for each hash of the first 32 bits, in it a bit for each hash of the first 48: a prefix of 32 to
 * 47 bits has a whole word, a shorter one has many.
 */
#define BLOCKLIST_COVER_BITS  18 /* 2^18 words: 2 MiB */
#define BLOCKLIST_COVER_WORDS (1u << BLOCKLIST_COVER_BITS)

struct blocklist_cover {
	__u32 word;
	__u32 bit;
};

/* Where the bit of an address is; @addr in network order. The same in BPF and in user space. */
static inline __attribute__((always_inline)) struct blocklist_cover blocklist_cover4(__be32 addr)
{
	__u32 a = pkt_h32(addr);

	return (struct blocklist_cover){ a >> (32 - BLOCKLIST_COVER_BITS), a >> 8 & 63 };
}

/* 0x9e3779b1: a prime near 2^32 / the golden ratio; Knuth, TAOCP 3, 6.4. */
static inline __attribute__((always_inline)) struct blocklist_cover
blocklist_cover6(const __be32 *addr)
{
	__u32 h32 = pkt_h32(addr[0]) * 0x9e3779b1u, h48 = h32 + (pkt_h32(addr[1]) >> 16);

	return (struct blocklist_cover){ h32 >> (32 - BLOCKLIST_COVER_BITS),
					 h48 * 0x9e3779b1u >> 26 };
}

/*
 * The array `lengths`, IPv4 at 0, IPv6 at 1: how the prefixes of a family are found. The lengths
 * that they have, longest first, up to a length1 of 0; a packet asks the table for each. A length
 * goes in by moving the shorter ones up, the last one first: who reads on meanwhile sees one twice,
 * and misses none. One that no prefix has any more stays until the family is empty.
 */
#define BLOCKLIST_LENGTHS 129
#define BLOCKLIST_MANY	  3 /* lengths, from which on `cover` is asked first */

struct blocklist_length {
	__be32 mask[4];
	__u32 length1; /* bits, plus 1 */
};

struct blocklist_lengths {
	struct ptable_shape shapes[2]; /* of the tables in slots 0 and 1 of `tables4`, `tables6` */
	__u32 current;		       /* which of them holds */
	__u32 many;		       /* 1: BLOCKLIST_MANY lengths or more */
	struct blocklist_length v[BLOCKLIST_LENGTHS + 1];
};
_Static_assert(sizeof(struct blocklist_lengths) == 2640, "blocklist_lengths");

/* Who wants a prefix on a list. It goes when nobody does. */
enum blocklist_owner {
	BLOCKLIST_RUN = 1 << 0,	 /* a command, at run time */
	BLOCKLIST_CONF = 1 << 1, /* the configuration */
};

/*
 * A blocked prefix. Hits of a rule below BLOCKLIST_FAST are counted per CPU in the map `hits`,
 * those of any other in its slot of the table: so one hot rule moves no cache line from CPU to CPU,
 * and a million rules need no counter a CPU each. In either case a rule's hits are
 *
 *	entry.hits + (rule < BLOCKLIST_FAST ? sum over CPUs of its counter : slot.hits)  (mod 2^64)
 *
 * A counter in `hits` is never reset: who gives a rule id out again starts with entry.hits at
 * minus what the counter holds then.
 */
struct blocklist_entry {
	__u64 expires_ns; /* 0: never */
	__u64 hits;	  /* packets, see above */
	__u32 rule;	  /* never 0 */
	__u32 owner;	  /* enum blocklist_owner, of them at least one */
};
_Static_assert(sizeof(struct blocklist_entry) == 24, "blocklist_entry");

#define BLOCKLIST_FAST 65536 /* rule ids that have a counter a CPU */
#define BLOCKLIST_PAGE 1024  /* of them in one value of `hits` */

/*
 * A value of the per-CPU array `hits`; its index is rule / BLOCKLIST_PAGE. In pages, since the
 * kernel allocates a per-CPU array value by value: 64 of 8 KiB are there at once, 65,536 of 8
 * bytes take as many calls.
 */
struct blocklist_hits {
	__u64 packets[BLOCKLIST_PAGE];
};
_Static_assert(sizeof(struct blocklist_hits) == 8192, "blocklist_hits");

/* The one value of the array `state`: what the writers of a list hand to each other. */
struct blocklist_state {
	__u64 next_expiry_ns; /* no entry of BLOCKLIST_RUN alone expires before; 0: none does */
	__u64 configured;     /* a digest of the configured list that is in it; 0: it may differ */
	__u32 next_fast,
		next_slow;    /* where to look for a free rule id, below BLOCKLIST_FAST and not */
	__u32 count4, count6; /* prefixes; valid while `busy` is 0 */
	__u32 busy;	      /* 1: a writer is at work, or died at it */
	__u32 stale;	      /* prefixes removed since the bitmaps were made */
};
_Static_assert(sizeof(struct blocklist_state) == 40, "blocklist_state");

#define SET_RULES 64 /* one more than the sets that a `set` may name */

/* The .rodata variable `set_conf` of the policer `set`. */
struct set_conf {
	__u32 action; /* enum chain_verdict, for sources in a set: drop, pass; next: count only */
	__u32 others; /* for the rest: next, drop */
};
_Static_assert(sizeof(struct set_conf) == 8, "set_conf");

/*
 * ratelimit. A bucket is a point in time (the generic cell rate algorithm, ITU-T I.371): the one
 * at which it will be full. Units are 1/256 ns, so that a second divided by the rate is right
 * to 4e-5 at 10 M/s; they wrap, and only differences count.
 *
 * Buckets are in sets of four, one cache line, in the arrays `buckets4` and `buckets6`. A
 * source's set is a hash of it; in the set it takes any bucket that is full, since a full one
 * says no more than a new one. When none is full the one with the smallest debt goes: those
 * that press against the limit stay, however many sources a flood invents.
 */
#define RATELIMIT_UNIT 256 /* units a ns */
#define RATELIMIT_WAYS 4

struct ratelimit_bucket {
	__u64 source; /* of IPv4 the masked address as it is in the packet */
	__u64 full;   /* units; in the past: the bucket is full */
};

struct ratelimit_set {
	struct ratelimit_bucket ways[RATELIMIT_WAYS];
};
_Static_assert(sizeof(struct ratelimit_set) == 64, "ratelimit_set");

/* What is counted. */
enum ratelimit_unit { RATELIMIT_PACKETS, RATELIMIT_BYTES };

/* Who has a bucket: a source, a destination, or everybody together one. */
enum ratelimit_by { RATELIMIT_SOURCE, RATELIMIT_DESTINATION, RATELIMIT_ALL };

/* The .rodata variable `ratelimit_conf`. */
struct ratelimit_conf {
	__u64 cost;  /* units: 1 s / rate; of a packet, or of a byte times 2^byte_shift */
	__u64 depth; /* units: cost * (burst - 1), and a tick; of bytes: cost * burst, and a tick */
	__u64 deepest; /* units that a bucket can lack; more was left by another limit */
	__u64 tick;    /* units a jiffy: the clock is jiffies; 0: the clock is CLOCK_MONOTONIC */
	__u64 secret;  /* odd; of the hash, so that nobody can aim at a set */
	__u64 rate;    /* packets or bytes per second of whom it holds; 0: no limit */
	__u64 burst;   /* packets or bytes at once, >= 1 */
	__u32 unit;    /* enum ratelimit_unit */
	__u32 by;      /* enum ratelimit_by */
	__be32 mask4, mask6[4]; /* what of the address counts */
	__u32 len4, len6;	/* the same in bits; for people */
	__u32 byte_shift;	/* 9 to 16: cost of 65,535 bytes fits into 63 bits */
	__u32 shift;		/* 64 - log2 of the number of sets */
	__u32 reserved;
};
_Static_assert(sizeof(struct ratelimit_conf) == 104, "ratelimit_conf");

#define RATELIMIT_RULE 1 /* rule id of the limit, in its map `rules` */

#endif
