/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/ptable.h - the table that a packet's source is looked up in: prefixes by hash, in lines
 * of one cache line, written by user space through a mapping while packets read.
 *
 * A table is the array in slot `current` of the map of arrays `tables4` or `tables6`: a power of
 * two of lines, then a filter. A prefix is in the line that its hash names, or, when that is full,
 * in one of PTABLE_TRIES that its hash names in turn. Whoever puts it into a later one first leaves
 * a mark in each of those before, so a packet goes on only where it finds its mark.
 *
 * A slot is taken and given back by one store to `what`; an entry stays where it is until it is
 * removed. A table that is too small, or full of marks, is made anew beside the old one: `current`
 * changes by one store, and the old one goes when no packet can be in it any more. So a packet
 * finds a prefix that is there, at every moment, with no lock and no second try.
 *
 * The filter has 8 bits a prefix, of which one sets four, all in one line: where the lines are
 * many times the processor's cache, the filter still fits, and says "not there" of 49 in 50.
 */
#ifndef XDPCHAIN_PTABLE_H
#define XDPCHAIN_PTABLE_H

#include <linux/types.h>

#define PTABLE_RULE_BITS   26
#define PTABLE_RULE_MAX	   ((1u << PTABLE_RULE_BITS) - 1)
#define PTABLE_UNTIL_SHIFT 27	      /* the unit of `until`: 2^27 ns, 134 ms */
#define PTABLE_MARK	   (1u << 31) /* in `until`: see ptable_mark() */
#define PTABLE_SLOTS4	   4	      /* of a line */
#define PTABLE_SLOTS6	   2
#define PTABLE_TRIES	   16
#define PTABLE_LINES_MIN   64
#define PTABLE_LINES_MAX   (1u << 24)

struct ptable_slot {
	__u64 what;  /* 0: free; else ptable_what4() or ptable_what6() with the rule in it */
	__u32 hits;  /* packets mod 2^32; the list has the rest */
	__u32 until; /* when it expires, CLOCK_MONOTONIC in PTABLE_UNTIL_SHIFT, rounded up; 0: never
		      */
};

struct ptable_slot6 {
	__u64 addr[2]; /* ptable_addr6() */
	struct ptable_slot s;
};

union ptable_line {
	struct ptable_slot v4[PTABLE_SLOTS4];
	struct ptable_slot6 v6[PTABLE_SLOTS6];
	__u64 words[8]; /* of the filter */
};
_Static_assert(sizeof(union ptable_line) == 64, "ptable_line");

/* How to find something in a table. */
struct ptable_shape {
	__u64 seed;   /* odd, random: nobody can aim at a line */
	__u32 mask;   /* lines - 1 */
	__u32 filter; /* 1: ask the filter first */
};
_Static_assert(sizeof(struct ptable_shape) == 16, "ptable_shape");

/* What is in ptable_slot.what of a prefix of @length1 - 1 bits, above the rule. */
static inline __attribute__((always_inline)) __u64 ptable_what4(__be32 addr, __u32 length1)
{
	return (__u64)addr << 6 | length1;
}

static inline __attribute__((always_inline)) __u64 ptable_what6(__u32 length1)
{
	return length1;
}

/*
 * Multiplication by a secret odd number is universal (Dietzfelbinger and others, 1997): no two
 * prefixes share a line more often than by chance. The constant is 2^64 / the golden ratio.
 */
static inline __attribute__((always_inline)) __u64 ptable_mix(__u64 h)
{
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static inline __attribute__((always_inline)) __u64 ptable_hash4(__be32 addr, __u32 length1,
								__u64 seed)
{
	return ptable_mix(((__u64)addr << 8 | length1) * seed);
}

/* Four words as two. */
static inline __attribute__((always_inline)) void ptable_addr6(const __be32 a[4], __u64 addr[2])
{
	addr[0] = (__u64)a[1] << 32 | a[0];
	addr[1] = (__u64)a[3] << 32 | a[2];
}

static inline __attribute__((always_inline)) __u64 ptable_hash6(const __u64 addr[2], __u32 length1,
								__u64 seed)
{
	__u64 h = addr[0] * seed;

	return ptable_mix(((h ^ h >> 32) + length1 + addr[1]) * (seed ^ 0x2545f4914f6cdd1eULL));
}

/* Of a hash: bits 0 to 23 the filter's, 24 and 25 the mark's, 26 to 39 the step's, then the line.
 */
static inline __attribute__((always_inline)) __u32 ptable_first(__u64 h, __u32 mask)
{
	return h >> 40 & mask;
}

/* The line to look at in the @t-th place: the first's neighbour next, then other such pairs. */
static inline __attribute__((always_inline)) __u32 ptable_line(__u64 h, __u32 mask, __u32 t)
{
	__u32 step = ((h >> 26 & 0x3fff) << 1 | 1) << 1;

	return ((ptable_first(h, mask) + (t >> 1) * step) & mask) ^ (t & 1);
}

/*
 * The slot of a line, of @slots, where this prefix is if it was free, and whose mark says that it
 * may be further on.
 */
static inline __attribute__((always_inline)) __u32 ptable_mark(__u64 h, __u32 slots)
{
	return h >> 24 & (slots - 1);
}

/* The filter has a line for 32 of IPv4 or 64 of IPv6, behind them all. */
static inline __attribute__((always_inline)) __u32 ptable_filter(__u64 h, __u32 mask, __u32 slots)
{
	return mask + 1 + (ptable_first(h, mask) >> (slots == PTABLE_SLOTS4 ? 5 : 6));
}

/* Which two words of that line, and which bits of them. */
static inline __attribute__((always_inline)) __u32 ptable_word(__u64 h, __u32 second)
{
	return ((h >> 40) + (second ? 1 + (h >> 43 & 3) : 0)) & 7;
}

static inline __attribute__((always_inline)) __u64 ptable_bits(__u64 h, __u32 second)
{
	h >>= second ? 12 : 0;
	return 1ULL << (h & 63) | 1ULL << (h >> 6 & 63);
}

#endif
