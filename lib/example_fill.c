// SPDX-License-Identifier: GPL-2.0
/* example_fill - the bits of an example, and plain headers around those that are fixed. */
#include <errno.h>
#include <string.h>

#include "lib/example_int.h"
#include "xdpchain/pkt.h"

#define LEN_LEAST 60 /* bytes of an Ethernet frame, no FCS */

static __u32 get(const unsigned char *p, __u32 off, __u32 size)
{
	__u32 v = 0;

	for (__u32 i = 0; i < size; i++)
		v = v << 8 | p[off + i];
	return v;
}

__u32 example_get(const struct example *e, __u32 off, __u32 size)
{
	return get(e->value, off, size);
}

__u32 example_known(const struct example *e, __u32 off, __u32 size)
{
	return get(e->known, off, size);
}

int example_fix(struct example *e, __u32 off, __u32 size, __u32 mask, __u32 value)
{
	if ((example_get(e, off, size) ^ value) & example_known(e, off, size) & mask)
		return 0;
	for (__u32 i = 0; i < size; i++) {
		unsigned char m = mask >> 8 * (size - 1 - i), v = value >> 8 * (size - 1 - i);

		e->value[off + i] = (e->value[off + i] & ~m) | (v & m);
		e->known[off + i] |= m;
	}
	return 1;
}

/* The packet while it is made: what is known wins over what would be usual. */
struct fill {
	const struct example *e;
	unsigned char *p;
	__u32 len;
};

static void usual(struct fill *f, __u32 off, __u32 size, __u32 value)
{
	if (off + size > f->len)
		return;
	for (__u32 i = 0; i < size; i++) {
		unsigned char v = value >> 8 * (size - 1 - i), known = 0, fixed = 0;

		if (off + i < EXAMPLE_REACH) {
			known = f->e->known[off + i];
			fixed = f->e->value[off + i];
		}
		f->p[off + i] = (fixed & known) | (v & ~known);
	}
}

static __u32 sum(const unsigned char *p, __u32 len, __u32 acc)
{
	for (__u32 i = 0; i < len; i++)
		acc += i & 1 ? p[i] : p[i] << 8;
	return acc;
}

static __u16 fold(__u32 acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return ~acc;
}

/* @pseudo: the sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1). */
static void fill_l4(struct fill *f, __u32 l4, __u32 proto, __u32 pseudo)
{
	__u32 size = f->len - l4, check = 0;

	if (proto == PKT_TCP) {
		usual(f, l4, 2, 40000);
		usual(f, l4 + 2, 2, 80);
		usual(f, l4 + 12, 1, 0x50);
		usual(f, l4 + 13, 1, PKT_SYN);
		usual(f, l4 + 14, 2, 65535);
		check = l4 + 16;
	} else if (proto == PKT_UDP) {
		usual(f, l4, 2, 40000);
		usual(f, l4 + 2, 2, 53);
		usual(f, l4 + 4, 2, size);
		check = l4 + 6;
	} else if (proto == PKT_ICMP || proto == PKT_ICMP6) {
		usual(f, l4, 1, proto == PKT_ICMP ? 8 : 128); /* echo request */
		check = l4 + 2;
		pseudo = proto == PKT_ICMP ? 0 : pseudo;
	}
	if (check && check + 2 <= f->len) {
		usual(f, check, 2, 0);
		usual(f, check, 2, fold(sum(f->p + l4, size, pseudo)));
	}
}

static void fill_ip4(struct fill *f, __u32 l3)
{
	__u32 hlen, proto;

	usual(f, l3, 1, 0x45);
	usual(f, l3 + 2, 2, f->len - l3);
	usual(f, l3 + 8, 1, 64);
	usual(f, l3 + 9, 1, PKT_UDP);
	usual(f, l3 + 12, 4, 0xc0000201); /* 192.0.2.1 */
	usual(f, l3 + 16, 4, 0xc6336401); /* 198.51.100.1 */
	hlen = (f->p[l3] & 0xf) * 4;
	proto = f->p[l3 + 9];
	if (hlen < 20 || l3 + hlen > f->len)
		return;
	usual(f, l3 + 10, 2, 0);
	usual(f, l3 + 10, 2, fold(sum(f->p + l3, hlen, 0)));
	if (!(get(f->p, l3 + 6, 2) & 0x1fff))
		fill_l4(f, l3 + hlen, proto, sum(f->p + l3 + 12, 8, proto + f->len - l3 - hlen));
}

static void fill_ip6(struct fill *f, __u32 l3)
{
	__u32 proto;

	usual(f, l3, 1, 0x60);
	usual(f, l3 + 4, 2, f->len - l3 - 40);
	usual(f, l3 + 6, 1, PKT_UDP);
	usual(f, l3 + 7, 1, 64);
	for (__u32 off = l3 + 8; off < l3 + 40; off += 16) { /* 2001:db8::1, ::2 */
		usual(f, off, 4, 0x20010db8);
		usual(f, off + 12, 4, off == l3 + 8 ? 1 : 2);
	}
	proto = f->p[l3 + 6];
	fill_l4(f, l3 + 40, proto, sum(f->p + l3 + 8, 32, proto + f->len - l3 - 40));
}

/* The ethertype, stepping over VLAN tags that are wanted. */
static __u32 fill_ether(struct fill *f, __u32 *l3)
{
	__u32 at = 12, type;

	usual(f, 0, 4, 0x02000000);
	usual(f, 4, 2, 2);
	usual(f, 6, 4, 0x02000000);
	usual(f, 10, 2, 1);
	for (;; at += 4) {
		usual(f, at, 2, PKT_ETH_IP4);
		type = get(f->p, at, 2);
		if (type != PKT_ETH_8021Q && type != PKT_ETH_8021AD && type != PKT_ETH_QINQ1)
			break;
		if (at + 6 > f->len)
			break;
	}
	*l3 = at + 2;
	return type;
}

int example_finish(const struct example *e, int plain, unsigned char packet[EXAMPLE_MAX],
		   __u32 *len)
{
	struct fill f = { .e = e, .p = packet, .len = LEN_LEAST };
	__u32 type, l3;

	if (f.len < e->reach)
		f.len = e->reach;
	if (f.len < e->least)
		f.len = e->least;
	if (f.len > e->most) /* a short one is wanted */
		f.len = e->most;
	if (f.len > EXAMPLE_MAX)
		return -EFBIG;
	memset(packet, 0, EXAMPLE_MAX);
	memcpy(packet, e->value, f.len < EXAMPLE_REACH ? f.len : EXAMPLE_REACH);
	*len = f.len;
	if (plain)
		return 0;
	type = fill_ether(&f, &l3);
	if (type == PKT_ETH_IP6 && f.len < l3 + 48 && e->most >= l3 + 62) {
		f.len = *len = l3 + 62;
		type = fill_ether(&f, &l3);
	}
	if (type == PKT_ETH_IP4 && l3 + 20 <= f.len)
		fill_ip4(&f, l3);
	else if (type == PKT_ETH_IP6 && l3 + 40 <= f.len)
		fill_ip6(&f, l3);
	return 0;
}
