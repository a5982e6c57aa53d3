// SPDX-License-Identifier: GPL-2.0
/* amplification - drop what reflectors send: long answers of UDP services that nobody asked. */
#include "xdpchain/amplification.h"
#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

#define AMPLIFICATION_ALLOWED 65536

enum amplification_reason {
	AMPLIFICATION_REFLECTED = 1,
	AMPLIFICATION_ALLOW, /* a note: as long as that, from one of our own resolvers */
};

const volatile struct amplification_conf amplification_conf;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AMPLIFICATION_PORTS);
	__type(key, __u32); /* source port */
	__type(value, struct amplification_service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, AMPLIFICATION_ALLOWED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key4); /* source */
	__type(value, __u32);
} allow4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, AMPLIFICATION_ALLOWED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key6); /* source */
	__type(value, __u32);
} allow6 SEC(".maps");

/* Packets that were dropped, as lib/rules.h reads them. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, AMPLIFICATION_RULES);
	__type(key, __u32); /* amplification_service.place */
	__type(value, __u64);
} hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AMPLIFICATION_RULES);
	__type(key, __u32); /* rule */
	__type(value, __u32);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AMPLIFICATION_RULES);
	__type(key, __u32); /* rule: the source port */
	__type(value, struct chain_rule);
} rules SEC(".maps");

/* Bytes of the whole datagram's payload: the first fragment of it says that too. */
static __always_inline __u32 payload_len(struct xdp_md *ctx, const struct pkt *pkt)
{
	struct pkt_udp *udp = stage_bytes(ctx, pkt->l4, sizeof(*udp));
	__u32 len = udp ? pkt_h16(udp->len) : 0;

	if (len >= sizeof(*udp))
		return len - sizeof(*udp);
	return pkt->len - pkt->payload; /* a jumbogram, or nonsense */
}

static __always_inline int has_head(struct xdp_md *ctx, const struct pkt *pkt,
				    const struct amplification_service *s)
{
	__be32 *head;

	if (!s->mask)
		return 1;
	head = stage_bytes(ctx, pkt->payload, sizeof(*head));
	return head && (*head & s->mask) == s->head;
}

/* RFC 1918, RFC 3927; RFC 4193, RFC 4291 2.5.6. */
static __always_inline int is_private(const struct pkt *pkt)
{
	__u32 a = pkt_h32(pkt->saddr[0]);

	if (pkt->proto == pkt_be16(PKT_ETH_IP6))
		return a >> 25 == 0xfc >> 1 || a >> 22 == 0xfe80 >> 6;
	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe;
}

/* What is sent to a group or to all was sent by a neighbour. */
static __always_inline int is_multicast(const struct pkt *pkt)
{
	__u8 to = *(const __u8 *)pkt->daddr;

	return to >= (pkt->proto == pkt_be16(PKT_ETH_IP6) ? 0xff : 0xe0);
}

static __always_inline int is_allowed(const struct pkt *pkt)
{
	struct blocklist_key4 key4 = { 32, pkt->saddr[0] };
	struct blocklist_key6 key6 = {
		128, { pkt->saddr[0], pkt->saddr[1], pkt->saddr[2], pkt->saddr[3] }
	};

	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		return !!bpf_map_lookup_elem(&allow4, &key4);
	return !!bpf_map_lookup_elem(&allow6, &key6);
}

STAGE(amplification)
{
	struct amplification_service *s;
	__u32 port, place;
	__u64 *hit;

	if (pkt->ipproto != PKT_UDP || !(pkt->flags & PKT_L4))
		return NEXT;
	port = pkt_h16(pkt->sport);
	if (!(amplification_conf.ports[port / 64] >> port % 64 & 1))
		return NEXT;
	s = bpf_map_lookup_elem(&services, &port);
	if (!s || payload_len(ctx, pkt) <= s->above || !has_head(ctx, pkt, s))
		return NEXT;
	if (is_multicast(pkt) || (s->flags & AMPLIFICATION_LAN && is_private(pkt)))
		return NEXT;
	if (is_allowed(pkt))
		return NEXT_NOTE_RULE(AMPLIFICATION_ALLOW, port);
	place = s->place;
	hit = bpf_map_lookup_elem(&hits, &place);
	if (hit)
		(*hit)++;
	return DROP_RULE(AMPLIFICATION_REFLECTED, port);
}
