/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lb_id.h - a real by the server id that a packet carries, so that a client keeps its real when
 * its address changes. In QUIC, the connection id that the server chose has it in plain, in one of
 * two forms:
 *  - draft-ietf-quic-load-balancers, section 5.2: a first byte, whose upper three bits are the
 *    configuration (7: none), then id_bytes of server id;
 *  - LB_ID_BY_VERSION: bits 7 and 6 of the first byte are 1: the id is the 16 bits after them;
 *    2: bytes 1 to 3; 3: bytes 1 to 4.
 * LB_VIP_STABLE: a UDP payload of at least 8 bytes that begins with 0x52 has it in bytes 1 to 3.
 */
#ifndef LB_ID_H
#define LB_ID_H

#include "lb_table.h"

#define LB_QUIC_LONG	  0x80 /* header form, RFC 9000 section 17 */
#define LB_QUIC_TYPE	  0x30 /* long packet type: 0 Initial, 1 0-RTT, 2 Handshake, 3 Retry */
#define LB_QUIC_HANDSHAKE 0x20
#define LB_CID_UNROUTED	  7 /* configuration: the server had none */
#define LB_CID_BYTES	  (1 + LB_ID_BYTES)
#define LB_STABLE	  0x52
#define LB_STABLE_BYTES	  8

/*
 * Where the connection id begins, and in @len how long it is at most; 0: there is none that a
 * server chose. A short header does not say its length. RFC 8999.
 */
static __always_inline __u32 lb_cid_at(struct xdp_md *ctx, const struct pkt *pkt, __u32 *len)
{
	__u8 *head = stage_bytes(ctx, pkt->payload, 6);

	*len = LB_CID_BYTES;
	if (!head)
		head = stage_bytes(ctx, pkt->payload, 1);
	else if (*head & LB_QUIC_LONG)
		*len = head[5];
	if (!head)
		return 0;
	if (!(*head & LB_QUIC_LONG))
		return pkt->payload + 1;
	/* the client chose that of its first packets */
	return (*head & LB_QUIC_TYPE) >= LB_QUIC_HANDSHAKE ? pkt->payload + 6 : 0;
}

/* The @bytes of @p, a number in network order. */
static __always_inline __u64 lb_id_read(struct xdp_md *ctx, __u32 at, __u32 bytes)
{
	__u64 id = 0;

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < LB_ID_BYTES && i < bytes; i++) {
		__u8 *p = stage_bytes(ctx, at + i, 1);

		if (!p)
			return 0;
		id = id << 8 | *p;
		barrier_var(i); /* or it counts bytes down to 0, which is no bound to Linux 6.1 */
	}
	return id;
}

/* The server id in the connection id at @at, of @len bytes. 0: none. */
static __always_inline __u64 lb_cid_id(struct xdp_md *ctx, __u32 at, __u32 len, __u32 id_bytes)
{
	__u8 *first = stage_bytes(ctx, at, 1);
	__u32 version;

	if (!first)
		return 0;
	version = *first >> 6;
	if (id_bytes != LB_ID_BY_VERSION) {
		if (*first >> 5 == LB_CID_UNROUTED || len < 1 + id_bytes)
			return 0;
		return lb_id_read(ctx, at + 1, id_bytes);
	}
	if (version == 1)
		return len < 3 ? 0 : lb_id_read(ctx, at, 3) >> 6 & 0xffff;
	if (!version || len < 2 + version)
		return 0;
	return lb_id_read(ctx, at + 1, 1 + version);
}

static __always_inline __u64 lb_id_of(struct xdp_md *ctx, const struct pkt *pkt,
				      const struct lb_way *way)
{
	__u32 at, len;

	if (way->flags & LB_VIP_QUIC) {
		at = lb_cid_at(ctx, pkt, &len);
		return at ? lb_cid_id(ctx, at, len, way->id_bytes) : 0;
	}
	if (!stage_bytes(ctx, pkt->payload, LB_STABLE_BYTES) ||
	    lb_id_read(ctx, pkt->payload, 1) != LB_STABLE)
		return 0;
	return lb_id_read(ctx, pkt->payload + 1, 3);
}

/*
 * Does the packet name its real? With QUIC the table learns it, since a client may send packets
 * without the id; a stable id is in every packet that has one.
 */
static __always_inline int lb_by_id(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	struct lb_id key = { .vip = way->vip };
	__u64 *data;

	key.id = lb_id_of(ctx, pkt, way);
	if (!key.id)
		return 0;
	data = bpf_map_lookup_elem(&ids, &key);
	return data && lb_valid(*data, way);
}

#endif
