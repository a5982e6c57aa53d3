// SPDX-License-Identifier: GPL-2.0
/*
 * dns_entropy - hold a flood of queries for names that nobody has made up before.
 *
 * The attack (water torture, random subdomains): queries for x7g2kq9vbn4t.example.com, another name
 * each time, through many resolvers. No cache has the answer, so each goes to the name server of
 * example.com, which looks for it in vain. Sources are real resolvers, and the names of customers
 * come from the same ones, so neither is a rule.
 *
 * What gives such a query away is its first label: long, and with many different characters. Its
 * entropy is log2(n) - sum(c * log2(c)) / n bits a character, where n is its length and c how often
 * each character is in it: "www" has 0, twelve random letters and digits some 3.3. But so has
 * "autodiscover", and what content networks make up. Hence three steps:
 *
 *	1. A label that is short, or of little entropy, is not looked at further.
 *	2. Nor is one in the map `names`: write the labels that your zones have into its file.
 *	3. The rest is counted by zone, the name behind the first label, and passes, marked
 *`random`; what is above `allowed` a second is dropped. Zones that are not attacked go on as
 *before.
 *
 * Only queries over UDP are looked at. A client that goes on with TCP is let in.
 */
#include "xdpchain/stage.bpf.h"

#define DNS_PORT   pkt_be16(53)
#define DNS_HEADER 12 /* bytes */
#define LABEL_MAX  63 /* RFC 1035, 2.3.4 */
#define ZONE_BYTES 64 /* that are looked at */
#define SECOND	   1000000000ULL

enum dns_entropy_reason {
	DNS_ENTROPY_RANDOM = 1, /* looks made up; below `allowed`: handed on */
	DNS_ENTROPY_FLOOD,	/* the same, above: dropped */
};

const volatile __u32 shortest = 10; /* characters of a label that is looked at */
const volatile __u32 entropy = 290; /* hundredths of a bit a character that are suspicious */
const volatile __u32 allowed = 100; /* such queries a second and zone */

/* Labels that are there: from a file, one a line, in small letters. */
struct dns_label {
	char text[64]; /* zeros behind */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct dns_label);
	__type(value, __u8);
} names SEC(".maps");

struct dns_zone {
	__u64 second; /* in which they came */
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64); /* hash of the name behind the first label */
	__type(value, struct dns_zone);
} zones SEC(".maps");

/* A stage has 512 bytes of stack, so what is larger is a map of one value a CPU. */
struct dns_scratch {
	struct dns_label label;
	__u8 zone[ZONE_BYTES];
	__u8 counts[64]; /* how often a character is in the label, by its low 6 bits */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct dns_scratch);
} scratch SEC(".maps");

/* 100 * n * log2(n): BPF has no floating point. */
static const __u16 n_log_n[LABEL_MAX + 1] = {
	0,     0,     200,   475,   800,   1161,  1551,	 1965,	2400,  2853,  3322,  3805,  4302,
	4811,  5330,  5860,  6400,  6949,  7506,  8071,	 8644,	9224,  9811,  10404, 11004, 11610,
	12221, 12838, 13461, 14088, 14721, 15358, 16000, 16647, 17297, 17952, 18612, 19275, 19942,
	20613, 21288, 21966, 22648, 23333, 24021, 24713, 25408, 26107, 26808, 27512, 28219, 28929,
	29642, 30358, 31076, 31797, 32521, 33247, 33976, 34708, 35441, 36177, 36916, 37657,
};

/* Hundredths of a bit a character. Makes small letters of the label (RFC 1035, 2.3.3). */
static __always_inline __u32 entropy_of(struct dns_scratch *s, __u32 n)
{
	__u32 sum = 0;

	__builtin_memset(s->counts, 0, sizeof(s->counts));
	for (__u32 i = 0; i < LABEL_MAX; i++) {
		__u8 c = s->label.text[i];

		if (i >= n)
			break;
		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		s->label.text[i] = c;
		s->counts[c & 63]++;
	}
	for (__u32 i = 0; i < 64; i++)
		sum += n_log_n[s->counts[i] & 63];
	return (n_log_n[n & 63] - sum) / (n ? n : 1);
}

/* FNV-1a; to the end of the name, or of what was loaded. */
static __always_inline __u64 hash_of(const struct dns_scratch *s, __u32 n)
{
	__u64 hash = 0xcbf29ce484222325ULL;

	for (__u32 i = 0; i < ZONE_BYTES; i++) {
		if (i >= n || !s->zone[i])
			break;
		hash = (hash ^ (s->zone[i] | 0x20)) * 0x100000001b3ULL; /* any case */
	}
	return hash;
}

static __always_inline int is_flood(__u64 zone)
{
	__u64 now = bpf_ktime_get_coarse_ns() / SECOND;
	struct dns_zone *z = bpf_map_lookup_elem(&zones, &zone), first = { now, 1 };

	if (!z) {
		bpf_map_update_elem(&zones, &zone, &first, BPF_ANY);
		return 0;
	}
	if (z->second != now) { /* two CPUs may do so: then a few more come through */
		z->second = now;
		z->count = 0;
	}
	return __sync_fetch_and_add(&z->count, 1) >= allowed;
}

STAGE(dns_entropy)
{
	__u32 zero = 0, at = pkt->payload + DNS_HEADER, n, rest;
	struct dns_scratch *s;
	const __u8 *dns;

	if (pkt->ipproto != PKT_UDP || !(pkt->flags & PKT_L4) || pkt->dport != DNS_PORT)
		return NEXT;
	dns = stage_bytes(ctx, pkt->payload, DNS_HEADER + 1);
	if (!dns || dns[2] & 0x80) /* an answer */
		return NEXT;
	n = dns[DNS_HEADER];
	if (n < shortest || n > LABEL_MAX)
		return NEXT;
	s = bpf_map_lookup_elem(&scratch, &zero);
	if (!s)
		return NEXT;
	__builtin_memset(&s->label, 0, sizeof(s->label));
	if (stage_copy(ctx, pkt, at + 1, n, &s->label, LABEL_MAX) < n)
		return NEXT;
	if (entropy_of(s, n) < entropy || bpf_map_lookup_elem(&names, &s->label))
		return NEXT;
	rest = stage_copy(ctx, pkt, at + 1 + n, ZONE_BYTES, s->zone, ZONE_BYTES);
	return is_flood(hash_of(s, rest)) ? DROP(DNS_ENTROPY_FLOOD) : NEXT_NOTE(DNS_ENTROPY_RANDOM);
}
