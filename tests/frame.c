// SPDX-License-Identifier: GPL-2.0
#include "tests/frame.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

struct out {
	unsigned char *buf;
	__u32 len;
};

static void put8(struct out *o, __u8 v)
{
	o->buf[o->len++] = v;
}

static void put16(struct out *o, __u16 v)
{
	put8(o, v >> 8);
	put8(o, v);
}

static void put32(struct out *o, __u32 v)
{
	put16(o, v >> 16);
	put16(o, v);
}

static void put_zeros(struct out *o, int n)
{
	while (n-- > 0)
		put8(o, 0);
}

static void put_addr(struct out *o, int family, const char *text)
{
	inet_pton(family, text, o->buf + o->len);
	o->len += family == AF_INET ? 4 : 16;
}

static int l4_size(const struct frame *f)
{
	if (f->frag > 0)
		return 0;
	switch (f->proto) {
	case IPPROTO_TCP:
		return 20;
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 8;
	}
	return 0;
}

static void put_l4(struct out *o, const struct frame *f)
{
	if (!l4_size(f))
		return;
	if (f->proto == IPPROTO_ICMP || f->proto == IPPROTO_ICMPV6) {
		put8(o, f->proto == IPPROTO_ICMP ? 8 : ICMP6_ECHO_REQUEST);
		put_zeros(o, 7);
		return;
	}
	put16(o, f->sport);
	put16(o, f->dport);
	if (f->proto == IPPROTO_UDP) {
		put16(o, 8 + f->payload);
		put16(o, 0);
		return;
	}
	put32(o, 1);
	put32(o, 0);
	put8(o, 0x50);
	put8(o, f->tcp_flags);
	put_zeros(o, 6);
}

__u32 frame_sum(const unsigned char *p, __u32 len, __u32 sum)
{
	for (__u32 i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void set16(unsigned char *p, __u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

void frame_fix4(unsigned char *ip)
{
	set16(ip + 10, 0);
	set16(ip + 10, ~frame_sum(ip, (ip[0] & 15) * 4, 0));
}

void frame_fix_l4(unsigned char *ip, __u32 at, __u32 len, int proto)
{
	int six = ip[0] >> 4 == 6;
	__u32 sum = 0, field = proto == IPPROTO_TCP ? 16 : proto == IPPROTO_UDP ? 6 : 2;

	if (proto != IPPROTO_ICMP)
		sum = frame_sum(ip + (six ? 8 : 12), six ? 32 : 8, len + proto);
	set16(ip + at + field, 0);
	sum = frame_sum(ip + at, len, sum) ^ 0xffff;
	set16(ip + at + field, sum ? sum : 0xffff);
}

static void put_ip4(struct out *o, const struct frame *f)
{
	unsigned char *ip = o->buf + o->len;
	int hlen = 20 + f->options;

	put8(o, 0x40 | hlen / 4);
	put8(o, 0);
	put16(o, hlen + l4_size(f) + f->payload);
	put16(o, 1);
	put16(o, f->frag < 0 ? 0x2000 : f->frag / 8);
	put8(o, 64);
	put8(o, f->proto);
	put16(o, 0);
	put_addr(o, AF_INET, f->src);
	put_addr(o, AF_INET, f->dst);
	for (int i = 0; i < f->options; i++)
		put8(o, 1); /* no operation, RFC 791 */
	frame_fix4(ip);
}

static void put_ip6(struct out *o, const struct frame *f)
{
	int frag = f->frag ? 8 : 0;

	put32(o, 0x60000000);
	put16(o, f->options + frag + l4_size(f) + f->payload);
	put8(o, f->options ? IPPROTO_HOPOPTS : frag ? IPPROTO_FRAGMENT : f->proto);
	put8(o, 64);
	put_addr(o, AF_INET6, f->src);
	put_addr(o, AF_INET6, f->dst);
	if (f->options) {
		put8(o, frag ? IPPROTO_FRAGMENT : f->proto);
		put8(o, f->options / 8 - 1);
		put_zeros(o, f->options - 2); /* Pad1, RFC 8200 */
	}
	if (frag) {
		put8(o, f->proto);
		put8(o, 0);
		put16(o, f->frag < 0 ? 1 : f->frag);
		put32(o, 1);
	}
}

__u32 frame_make(unsigned char buf[FRAME_MAX], const struct frame *f, __u32 *l3)
{
	static const unsigned char macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	struct out o = { buf, sizeof(macs) };
	int six = !!strchr(f->src, ':');

	memset(buf, 0, FRAME_MAX);
	memcpy(buf, macs, sizeof(macs));
	for (int i = f->tags; i > 0; i--) {
		put16(&o, i == 2 ? 0x88a8 : 0x8100);
		put16(&o, 100 * i);
	}
	put16(&o, six ? 0x86dd : 0x0800);
	if (l3)
		*l3 = o.len;
	if (six)
		put_ip6(&o, f);
	else
		put_ip4(&o, f);
	put_l4(&o, f);
	for (int i = 0; i < f->payload; i++)
		put8(&o, i);
	return o.len;
}
