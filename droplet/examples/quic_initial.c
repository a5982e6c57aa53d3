// SPDX-License-Identifier: GPL-2.0
/*
 * quic_initial - hold a flood of QUIC Initial packets.
 *
 * The attack: each Initial packet makes a server derive keys, decrypt, parse a TLS client hello and
 * answer with some kilobytes of certificates, before it knows whether the source is real. A few
 * hundred thousand a second from invented addresses are enough. Packets of connections that stand
 * are none of this: they have a short header, and pass at once.
 *
 * What an Initial packet is, is not encrypted (RFC 9000, 17.2): a long header, type 0 of version 1
 * (type 1 of version 2, RFC 9369), a version, the two connection ids, a token. So:
 *
 *	1. A client's datagram with an Initial has 1200 bytes or more of UDP payload (14.1). The id
 *	   that it is sent to has at most 20 bytes (17.2), and at least 8 (7.2), as long as the
 *	   server does not choose shorter ones. What has not is no client, and is always dropped.
 *	2. Initials are counted by destination. Below `flood` a second all pass.
 *	3. Above, the first Initial of a source is dropped and the source remembered. A real client
 *	   sends it again, after a second at most, and passes; an invented one does not come back.
 *	4. Above, a source that was remembered passes, up to `each` Initials a second.
 *
 * So in an attack new connections take a second longer, and others nothing.
 */
#include "xdpchain/stage.bpf.h"

#define SECOND	    1000000000ULL
#define PAYLOAD_MIN 1200 /* bytes of a datagram with a client's Initial */
#define HEADER	    6	 /* bytes: flags, version, length of the destination's id */
#define ID_MAX	    20
#define VERSION_1   0x00000001
#define VERSION_2   0x6b3343cf

enum quic_initial_reason {
	QUIC_INITIAL_SHORT = 1, /* below 1200 bytes */
	QUIC_INITIAL_ID,	/* a connection id of an impossible length */
	QUIC_INITIAL_FIRST,	/* above `flood`: the first of its source */
	QUIC_INITIAL_RATE,	/* above `flood`: more than `each` of its source */
};

const volatile __be16 port = pkt_be16(443);
const volatile __u8 id_min = 8;	   /* bytes; less if the server's own ids have less */
const volatile __u32 flood = 5000; /* Initials a second to one destination */
const volatile __u32 each = 20;	   /* Initials a second of one source, in a flood */

struct quic_addr {
	__be32 addr[4];
};

struct quic_count {
	__u64 second; /* in which they came */
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct quic_addr); /* destination */
	__type(value, struct quic_count);
} destinations SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 262144);
	__type(key, struct quic_addr); /* source; of IPv6 its /64 */
	__type(value, struct quic_count);
} sources SEC(".maps");

/* How many came of @addr in this second, this one among them; 0: none ever, as far as is known. */
static __always_inline __u64 count(void *map, const struct quic_addr *addr)
{
	__u64 now = bpf_ktime_get_coarse_ns() / SECOND;
	struct quic_count *c = bpf_map_lookup_elem(map, addr), first = { now, 1 };

	if (!c) {
		bpf_map_update_elem(map, addr, &first, BPF_ANY);
		return 0;
	}
	if (c->second != now) { /* two CPUs may do so: then a few more come through */
		c->second = now;
		c->count = 0;
	}
	return __sync_fetch_and_add(&c->count, 1) + 1;
}

static __always_inline int is_initial(const __u8 *quic)
{
	__u32 version = (__u32)quic[1] << 24 | quic[2] << 16 | quic[3] << 8 | quic[4];
	__u32 type = quic[0] >> 4 & 3;

	if (!(quic[0] & 0x80)) /* a short header */
		return 0;
	return (version == VERSION_1 && type == 0) || (version == VERSION_2 && type == 1);
}

STAGE(quic_initial)
{
	struct quic_addr to, from;
	const __u8 *quic;
	__u64 n;

	if (pkt->ipproto != PKT_UDP || !(pkt->flags & PKT_L4) || pkt->dport != port)
		return NEXT;
	quic = stage_bytes(ctx, pkt->payload, HEADER);
	if (!quic || !is_initial(quic))
		return NEXT;
	if (pkt->len - pkt->payload < PAYLOAD_MIN)
		return DROP(QUIC_INITIAL_SHORT);
	if (quic[5] < id_min || quic[5] > ID_MAX)
		return DROP(QUIC_INITIAL_ID);

	__builtin_memcpy(&to, pkt->daddr, sizeof(to));
	__builtin_memcpy(&from, pkt->saddr, sizeof(from));
	from.addr[2] = from.addr[3] = 0;
	if (count(&destinations, &to) <= flood)
		return NEXT;
	n = count(&sources, &from);
	if (!n)
		return DROP(QUIC_INITIAL_FIRST);
	return n > each ? DROP(QUIC_INITIAL_RATE) : NEXT;
}
