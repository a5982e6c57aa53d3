// SPDX-License-Identifier: GPL-2.0
/* malformed - drop what no sender makes who means well: lengths, flags, addresses, ports. */
#include "xdpchain/malformed.h"
#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

#define MALFORMED_PREFIXES 4096

const volatile struct malformed_conf malformed_conf;

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MALFORMED_PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key4); /* source */
	__type(value, __u32);		    /* enum malformed_source */
} sources4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MALFORMED_PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key6); /* source */
	__type(value, __u32);		    /* enum malformed_source */
} sources6 SEC(".maps");

#define WRONG(reason) (malformed_conf.drops & 1u << (reason))

static __always_inline int is4(const struct pkt *pkt)
{
	return pkt->proto == pkt_be16(PKT_ETH_IP4);
}

/* Of a packet whose IP header is there: is its length impossible? */
static __always_inline int bad_ip_length(struct xdp_md *ctx, const struct pkt *pkt)
{
	struct pkt_ip4 *ip4;
	struct pkt_ip6 *ip6;
	__u32 len;

	if (!is4(pkt)) {
		ip6 = stage_bytes(ctx, pkt->l3, sizeof(*ip6));
		return ip6 && pkt->l3 + sizeof(*ip6) + pkt_h16(ip6->payload_len) > pkt->len;
	}
	ip4 = stage_bytes(ctx, pkt->l3, sizeof(*ip4));
	len = ip4 ? pkt_h16(ip4->tot_len) : 0; /* 0: BIG TCP */
	return len && (len < (ip4->ver_ihl & 0xf) * 4u || pkt->l3 + len > pkt->len);
}

/* What made the parser say PKT_MALFORMED. */
static __always_inline __u32 bad_length(struct xdp_md *ctx, const struct pkt *pkt)
{
	if (!pkt->l3)
		return WRONG(MALFORMED_IP_HEADER) ? MALFORMED_IP_HEADER : 0;
	if (bad_ip_length(ctx, pkt))
		return WRONG(MALFORMED_IP_LENGTH) ? MALFORMED_IP_LENGTH : 0;
	if (!(pkt->flags & PKT_L4))
		return 0;
	if (pkt->ipproto == PKT_TCP && WRONG(MALFORMED_TCP_OFFSET))
		return MALFORMED_TCP_OFFSET;
	if (pkt->ipproto == PKT_UDP && WRONG(MALFORMED_UDP_LENGTH))
		return MALFORMED_UDP_LENGTH;
	return 0;
}

/* RFC 1071: the sum of a header with its checksum is all ones, in whatever byte order. */
static __always_inline int bad_checksum(struct xdp_md *ctx, const struct pkt *pkt)
{
	__u32 *word = stage_bytes(ctx, pkt->l3, 20);
	__u64 sum;
	__u32 len;

	if (!word)
		return 0;
	len = (*(__u8 *)word & 0xf) * 4;
	sum = (__u64)word[0] + word[1] + word[2] + word[3] + word[4];
	for (__u32 at = 20; at < 60 && at < len; at += 4) {
		word = stage_bytes(ctx, pkt->l3 + at, 4);
		if (!word)
			return 0;
		sum += *word;
	}
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum != 0xffff;
}

static __always_inline int same_addresses(const struct pkt *pkt)
{
	return pkt->saddr[0] == pkt->daddr[0] && pkt->saddr[1] == pkt->daddr[1] &&
	       pkt->saddr[2] == pkt->daddr[2] && pkt->saddr[3] == pkt->daddr[3];
}

/*
 * Who has no address yet sends from 0.0.0.0 and :: to all or to a group: DHCP (RFC 2131 4.1), IGMP
 * (RFC 3376 4.2.13), duplicate address detection (RFC 4862 5.4.2), MLD (RFC 3590).
 */
static __always_inline int asks_for_address(const struct pkt *pkt)
{
	__u8 to = *(const __u8 *)pkt->daddr;

	return !pkt->saddr[0] && !pkt->saddr[1] && !pkt->saddr[2] && !pkt->saddr[3] &&
	       to >= (is4(pkt) ? 224 : 255);
}

static __always_inline int bad_source(const struct pkt *pkt)
{
	__u8 first = *(const __u8 *)pkt->saddr, word = first >> 6;
	__u32 *value;

	if (is4(pkt)) {
		struct blocklist_key4 key = { 32, pkt->saddr[0] };

		if (!(malformed_conf.cover4[word] >> (first & 63) & 1))
			return 0;
		value = bpf_map_lookup_elem(&sources4, &key);
	} else {
		struct blocklist_key6 key = {
			128, { pkt->saddr[0], pkt->saddr[1], pkt->saddr[2], pkt->saddr[3] }
		};

		if (!(malformed_conf.cover6[word] >> (first & 63) & 1))
			return 0;
		value = bpf_map_lookup_elem(&sources6, &key);
	}
	return value && *value == MALFORMED_SOURCE_BAD && !asks_for_address(pkt);
}

static __always_inline __u32 bad_ip(struct xdp_md *ctx, const struct pkt *pkt)
{
	if (is4(pkt) && WRONG(MALFORMED_IP_CHECKSUM) && bad_checksum(ctx, pkt))
		return MALFORMED_IP_CHECKSUM;
	if (!pkt->ttl && is4(pkt) && WRONG(MALFORMED_TTL_ZERO))
		return MALFORMED_TTL_ZERO;
	if (!pkt->ttl && !is4(pkt) && WRONG(MALFORMED_HOP_LIMIT_ZERO))
		return MALFORMED_HOP_LIMIT_ZERO;
	if (WRONG(MALFORMED_LAND) && same_addresses(pkt))
		return MALFORMED_LAND;
	if (WRONG(MALFORMED_SOURCE) && bad_source(pkt))
		return MALFORMED_SOURCE;
	return 0;
}

static __always_inline __u32 bad_l4(const struct pkt *pkt)
{
	__u32 reason;

	if (pkt->ipproto == PKT_TCP) {
		reason = malformed_conf.tcp[pkt->tcp_flags & 63];
		if (reason)
			return reason;
	} else if (pkt->ipproto != PKT_UDP) {
		return 0;
	}
	if (!pkt->dport || (!pkt->sport && pkt->ipproto == PKT_TCP))
		return WRONG(MALFORMED_ZERO_PORT) ? MALFORMED_ZERO_PORT : 0;
	if (!pkt->sport && WRONG(MALFORMED_UDP_SOURCE_ZERO))
		return MALFORMED_UDP_SOURCE_ZERO;
	return 0;
}

STAGE(malformed)
{
	__u32 reason = 0;

	if (pkt->flags & PKT_MALFORMED)
		reason = bad_length(ctx, pkt);
	/* What is in a later buffer is there; a first fragment that is too short is another's. */
	if (!reason && (pkt->flags & (PKT_TRUNCATED | PKT_MULTIBUF | PKT_FRAG)) == PKT_TRUNCATED &&
	    WRONG(MALFORMED_TRUNCATED))
		reason = MALFORMED_TRUNCATED;
	if (!reason && pkt->l3)
		reason = bad_ip(ctx, pkt);
	if (!reason && pkt->flags & PKT_L4)
		reason = bad_l4(pkt);
	return reason ? DROP(reason) : NEXT;
}
