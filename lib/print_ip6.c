// SPDX-License-Identifier: GPL-2.0
/* lib/print_ip6.c - the IPv6 header and the chain of its extension headers (RFC 8200, 2675). */
#include <netinet/in.h>

#include "lib/print_int.h"

#define HDR 40

/* Where the walk along the chain stands. */
struct chain {
	struct print_ip ip;
	__u32 avail;	 /* bytes that hold the packet, as the layer below says */
	__u32 outer_end; /* print.end_off before this packet */
	__u32 payload;	 /* of the header, or of a jumbo payload option */
	__u32 len;	 /* left, counted from `at` */
	__u32 at;	 /* the header at hand */
	__u8 nh;	 /* what it is */
	bool jumbo, any; /* a jumbo option was seen; any extension header was */
};

/* RFC 8200 section 3; class and flow label only when there are any. */
static void put_verbose(struct print *p, const struct chain *c)
{
	__u32 flow = print_get32(p, c->ip.off);
	const char *name = print_tok(print_ipprotos, c->nh);

	put_char(p, '(');
	if (flow & 0x0ff00000) {
		put_str(p, "class 0x");
		put_hex_pad(p, (flow & 0x0ff00000) >> 20, 2);
		put_str(p, ", ");
	}
	if (flow & 0x000fffff) {
		put_str(p, "flowlabel 0x");
		put_hex_pad(p, flow & 0x000fffff, 5);
		put_str(p, ", ");
	}
	put_num(p, "hlim ", c->ip.ttl, ", next-header ");
	put_str(p, name ? name : "unknown");
	put_num(p, " (", c->nh, ") payload length: ");
	put_num(p, "", c->payload, ") ");
}

/* No byte behind the packet of @len bytes may be read, nor behind the one around it. */
static void set_end(struct print *p, const struct chain *c, __u32 len)
{
	__u64 end = (__u64)c->ip.off + len;

	p->end_off = end < c->outer_end ? (__u32)end : c->outer_end;
}

/*
 * The transport header is reached: fix the length of a jumbogram, and of a packet that has no
 * payload at all. False if the lengths contradict what was printed already.
 */
static bool settle_len(struct print *p, struct chain *c)
{
	__u32 done = c->at - c->ip.off, len;

	if (!c->jumbo && c->payload)
		return true;
	if (!c->jumbo && c->any)
		return false;
	len = HDR + (c->jumbo ? c->payload : 0);
	if (len < done)
		return false;
	if (c->jumbo && c->avail < len)
		put_num(p, "truncated-ip6 - ", len - c->avail, " bytes missing!");
	set_end(p, c, len);
	c->len = len - done;
	return true;
}

/* Hop-by-hop options; bytes, or -1 if the line ends here. */
static int put_hbh(struct print *p, struct chain *c, __u8 before)
{
	int n;

	if (c->any && before == IPPROTO_HOPOPTS) {
		put_str(p, "[The Hop-by-Hop Options header was already found]");
		print_invalid(p);
		return -1;
	}
	if (c->any) {
		put_str(p, "[The Hop-by-Hop Options header don't follow the IPv6 header]");
		print_invalid(p);
		return -1;
	}
	n = print_ip6_options(p, "hbhopt", c->at, &c->payload, &c->jumbo);
	if (!p->cut && !c->payload && !c->jumbo) {
		put_str(p, "[No valid Jumbo Payload Hop-by-Hop option found]");
		print_invalid(p);
		return -1;
	}
	return n;
}

/* One extension header; its bytes, -1 if the line ends here, 0 if it is none. */
static int put_header(struct print *p, struct chain *c, __u8 before)
{
	int n;

	switch (c->nh) {
	case IPPROTO_HOPOPTS:
		return put_hbh(p, c, before);
	case IPPROTO_DSTOPTS:
		return print_ip6_options(p, "dstopt", c->at, NULL, NULL);
	case IPPROTO_FRAGMENT:
		n = print_ip6_frag(p, c->at, c->ip.off);
		if (n < 0 || p->end_off <= c->at + (__u32)n)
			return -1;
		c->ip.frag = true;
		return n;
	case IPPROTO_ROUTING:
		if (print_has(p, c->at, 1))
			return print_ip6_routing(p, c->at);
		print_trunc(p);
		return -1;
	}
	return 0;
}

/* False if the chain is cut short. */
static bool walk(struct print *p, struct chain *c)
{
	__u8 before = 255;
	int n = HDR;

	while (c->at < p->end_off) {
		if (c->len < (__u32)n)
			return false;
		c->at += (__u32)n;
		c->len -= (__u32)n;
		n = put_header(p, c, before);
		if (n < 0 || p->cut)
			return true;
		if (!n) {
			if (!settle_len(p, c))
				return false;
			print_payload(p, &c->ip, c->nh, c->at, c->len);
			return true;
		}
		before = c->nh;
		c->nh = print_get8(p, c->at);
		c->any = true;
		p->proto = "ip6";
	}
	return true;
}

/* False, and why printed, if there is no IPv6 header. */
static bool check_header(struct print *p, __u32 off, __u32 len)
{
	p->proto = "ip6";
	if (!print_has(p, off, HDR)) {
		print_trunc(p);
		return false;
	}
	if (len < HDR) {
		put_num(p, "truncated-ip6 ", len, "");
		return false;
	}
	if (!(p->o.flags & PRINT_LINK))
		put_str(p, "IP6 ");
	if (print_get8(p, off) >> 4 != 6) {
		put_num(p, "version error: ", print_get8(p, off) >> 4, " != 6");
		return false;
	}
	return true;
}

void print_ip6(struct print *p, __u32 off, __u32 len)
{
	struct chain c = { .ip = { .off = off, .ver = 6 }, .avail = len, .at = off };

	if (p->nest >= PRINT_NEST_MAX || !check_header(p, off, len))
		return;
	c.payload = print_get16(p, off + 4);
	c.nh = c.ip.proto = print_get8(p, off + 6);
	c.ip.ttl = print_get8(p, off + 7);
	c.len = HDR + (c.payload ? c.payload : len);
	c.outer_end = p->end_off;
	if (c.payload && len < c.len)
		put_num(p, "truncated-ip6 - ", c.len - len, " bytes missing!");
	if (p->o.verbose)
		put_verbose(p, &c);
	set_end(p, &c, c.len);
	if (!print_has_ports(c.nh))
		print_addrs(p, &c.ip);
	p->nest++;
	if (!walk(p, &c))
		print_trunc(p);
	p->nest--;
	p->end_off = c.outer_end;
}
