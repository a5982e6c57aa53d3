/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/print_int.h - what the files of the printer share. Private to lib/print*.c.
 *
 * Positions in the packet are offsets from its first byte. All bytes pass print_get8() and its
 * like. tcpdump leaves its printers by longjmp when a packet is cut short; here print_cut()
 * writes the mark ` [|name]` and then takes away all room for output, so that what still runs
 * prints nothing, and what it reads is 0. Loops therefore run on lengths, or ask print_ended().
 */
#ifndef LIB_PRINT_INT_H
#define LIB_PRINT_INT_H

#include <stdbool.h>
#include <string.h>

#include "lib/print.h"

#define PRINT_NEST_MAX 48 /* headers within headers: bounds the stack, no real packet has it */

struct print_tok {
	__u32 v;
	const char *s; /* NULL ends a table */
};

struct print_seqs;

struct print {
	struct print_opts o;

	char *pos, *lim;    /* output: next byte, end of the room for header text */
	char *end;	    /* end of the buffer, less the terminating zero */
	const char *suffix; /* still to be written, or NULL */

	const __u8 *data;
	__u32 end_off;	   /* first offset that may not be read */
	__u32 link_len;	   /* bytes of link-level header, which -x leaves out */
	const char *proto; /* whom [|name] names */
	bool cut;	   /* print_cut() was called */
	char *upper;	   /* where a decoder of tcpdump would take over, or NULL */
	int nest;

	__u64 count;	/* packets so far */
	__u64 ref_ns;	/* of -ttt and -ttttt */
	__s64 sec;	/* the second that `clock` holds, and the quarter of */
	__s64 quarter;	/* an hour that gmt_off holds for */
	long gmt_off;	/* seconds east of Greenwich */
	char clock[24]; /* "2024-01-31 23:59:59" */
	struct print_seqs *seqs;
};

/* The IP header that a transport header belongs to. */
struct print_ip {
	__u32 off;
	__u8 ver; /* 4 or 6 */
	__u8 ttl;
	__u8 proto; /* protocol or next header field of that very header */
	bool frag;  /* a first fragment: no checksum can be checked */
};

/* Output: each cuts what does not fit. */

static inline void put_char(struct print *p, char c)
{
	if (p->pos < p->lim)
		*p->pos++ = c;
}

static inline void put_mem(struct print *p, const char *s, size_t n)
{
	size_t room = (size_t)(p->lim - p->pos);

	n = n < room ? n : room;
	memcpy(p->pos, s, n);
	p->pos += n;
}

static inline void put_str(struct print *p, const char *s)
{
	put_mem(p, s, strlen(s));
}

void put_u32(struct print *p, __u32 v);
void put_u64(struct print *p, __u64 v);
void put_u32_pad(struct print *p, __u32 v, unsigned int width); /* leading zeros */
void put_hex(struct print *p, __u32 v);				/* %x */
void put_hex_pad(struct print *p, __u32 v, unsigned int width); /* %0<width>x */
void put_ip4(struct print *p, const __u8 *a);
void put_ip6(struct print *p, const __u8 *a);
void put_mac(struct print *p, const __u8 *a);

/* Text, number, text: the most frequent sequence. */
void put_num(struct print *p, const char *before, __u32 v, const char *after);

/* The name of @v, or NULL. */
const char *print_tok(const struct print_tok *t, __u32 v);

/* The names of the bits of @v that @t knows, with @sep between them, or @none. */
void put_bits(struct print *p, const struct print_tok *t, __u32 v, const char *sep,
	      const char *none);

/* Input: checked access. */

void print_trunc(struct print *p);   /* " [|proto]"; the printer goes on */
void print_cut(struct print *p);     /* " [|proto]"; nothing is printed after it */
void print_invalid(struct print *p); /* " (invalid)" */

/* Here tcpdump would go on in a protocol of which we give the length alone. */
static inline void print_upper(struct print *p)
{
	if (!p->upper)
		p->upper = p->pos;
}

/* With hex to come anyway, or with -q, tcpdump does not dump what nobody knows. */
static inline bool print_dumps_unknown(const struct print *p)
{
	return !(p->o.flags & PRINT_QUIET) &&
	       (p->o.dump == PRINT_DUMP_NONE || p->o.dump >= PRINT_DUMP_ASCII);
}

static inline bool print_ended(const struct print *p)
{
	return p->cut || p->pos >= p->lim;
}

/* True if @n bytes from @off on were captured. */
static inline bool print_has(const struct print *p, __u32 off, __u32 n)
{
	return off <= p->end_off && n <= p->end_off - off;
}

static inline __u32 print_left(const struct print *p, __u32 off)
{
	return off < p->end_off ? p->end_off - off : 0;
}

/* @n bytes from @off on, or NULL after print_cut(). */
static inline const __u8 *print_get(struct print *p, __u32 off, __u32 n)
{
	if (print_has(p, off, n))
		return p->data + off;
	print_cut(p);
	return NULL;
}

static inline __u8 print_get8(struct print *p, __u32 off)
{
	const __u8 *b = print_get(p, off, 1);

	return b ? b[0] : 0;
}

static inline __u16 print_get16(struct print *p, __u32 off)
{
	const __u8 *b = print_get(p, off, 2);

	return b ? b[0] << 8 | b[1] : 0;
}

static inline __u32 print_get32(struct print *p, __u32 off)
{
	const __u8 *b = print_get(p, off, 4);

	return b ? (__u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3] : 0;
}

/* The address at @off, or print_cut(). */
void put_ip4_at(struct print *p, __u32 off);
void put_ip6_at(struct print *p, __u32 off);
void put_mac_at(struct print *p, __u32 off);

/* Make [0, @off) all that may be read, if that is less; returns what was, to be restored. */
static inline __u32 print_limit(struct print *p, __u32 off)
{
	__u32 was = p->end_off;

	if (off < was)
		p->end_off = off;
	return was;
}

extern const struct print_tok print_ethertypes[], print_ipprotos[];

void print_time(struct print *p, __u64 ns);
void print_hex(struct print *p, const char *indent, __u32 off, __u32 len);
void print_hex_ascii(struct print *p, const char *indent, __u32 off, __u32 len);
void print_ascii(struct print *p, __u32 off, __u32 len);
/* A hex dump of what was captured of @len bytes. */
void print_unknown(struct print *p, const char *indent, __u32 off, __u32 len);
void print_suffix(struct print *p);

/* An Ethernet frame of @len bytes on the wire; returns the bytes of its link-level header. */
__u32 print_ether(struct print *p, __u32 off, __u32 len);
/* False if nothing knows @type: the caller dumps the bytes. */
bool print_ethertype(struct print *p, __u16 type, __u32 off, __u32 len);
/* "source > destination" of the frame at @off. */
void print_macs(struct print *p, __u32 off);
/* LLC behind the frame at @frame: the bytes of its header, negative if the payload is unknown. */
int print_llc(struct print *p, __u32 frame, __u32 off, __u32 len);
void print_arp(struct print *p, __u32 off, __u32 len);
void print_ip4(struct print *p, __u32 off, __u32 len);
void print_ip6(struct print *p, __u32 off, __u32 len);

/*
 * An extension header at @off: its bytes, or -1 if the line ends with it. @payload is the payload
 * length that a jumbo option may set, and NULL for destination options.
 */
int print_ip6_options(struct print *p, const char *proto, __u32 off, __u32 *payload, bool *jumbo);
int print_ip6_frag(struct print *p, __u32 off, __u32 ip);
int print_ip6_routing(struct print *p, __u32 off);

/* What an IP header of protocol @nh carries: @len bytes at @off. */
void print_payload(struct print *p, const struct print_ip *ip, __u8 nh, __u32 off, __u32 len);
void print_tcp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len);
void print_udp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len);
void print_icmp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len);
/* The extension of an ICMP error, if there is one. */
void print_icmp_ext(struct print *p, __u32 icmp, __u32 len);
void print_icmp6(struct print *p, const struct print_ip *ip, __u32 off, __u32 len);
void print_igmp(struct print *p, __u32 off, __u32 len);
void print_gre(struct print *p, __u32 off, __u32 len);
void print_vxlan(struct print *p, __u32 off, __u32 len);
void print_mpls(struct print *p, __u32 off, __u32 len);
void print_esp(struct print *p, __u32 off, __u32 len);
/* The bytes of the header, 0 if it is cut short. */
__u32 print_ah(struct print *p, __u32 off);

/* ICMPv6 types that more than one file needs. */
enum {
	PRINT_MLD_QUERY = 130,
	PRINT_MLD_REPORT = 131,
	PRINT_MLD_DONE = 132,
	PRINT_ND_RS = 133,
	PRINT_ND_RA = 134,
	PRINT_ND_NS = 135,
	PRINT_ND_NA = 136,
	PRINT_ND_REDIRECT = 137,
	PRINT_MLD2_REPORT = 143
};
void print_mld(struct print *p, __u8 type, __u32 off, __u32 len);
/* False if it ended the line. */
bool print_nd(struct print *p, __u8 type, __u32 off, __u32 len);

/* True if the printer of protocol @nh writes the addresses itself, with the ports. */
bool print_has_ports(__u8 nh);
/* "a > b" of the header, and with ": ", both without ports. */
void print_ends(struct print *p, const struct print_ip *ip);
void print_addrs(struct print *p, const struct print_ip *ip);
/* "a.1 > b.2: ", or "1 > 2: " when other headers stand between. */
void print_addrs_ports(struct print *p, const struct print_ip *ip, __u8 proto, __u16 sport,
		       __u16 dport);

/* Internet checksum of @len captured bytes at @off, 0 if right; the pseudo header's with @ip. */
__u16 print_sum(const struct print *p, __u32 off, __u32 len);
__u16 print_sum_ip(struct print *p, const struct print_ip *ip, __u8 proto, __u32 off, __u32 len);
/* What the field @sum should have been, when the sum came out as @computed. */
__u16 print_sum_should_be(__u16 sum, __u16 computed);

/* Both ends of a TCP connection, the lower port (then address) first; padding must be zero. */
struct print_conn {
	__u8 a[16], b[16];
	__u16 port_a, port_b;
	__u32 ver;
};

/* Sequence numbers as they are in the packet, made relative in place. */
struct print_rel {
	__u32 seq, ack;
	__u32 sack_base; /* to be taken from the edges of a SACK block */
};

struct print_seqs *print_seqs_new(void);
void print_seqs_free(struct print_seqs *s);
size_t print_seqs_most(void); /* bytes */
/* @rev: the packet goes from b to a. The first packet seen and each SYN set the origin. */
void print_seqs_relate(struct print_seqs *s, const struct print_conn *c, bool rev, bool syn,
		       struct print_rel *r);

/* What the options of a TCP header need to know of it. */
struct print_seg {
	__u32 sack_base;
	__u8 flags;
	bool whole; /* all of the segment was captured */
};

/* False if the options ended the line. */
bool print_tcp_options(struct print *p, __u32 off, __u32 len, const struct print_seg *seg);
/* The Multipath TCP option at @off, of @len bytes; false if it is malformed. */
bool print_mptcp(struct print *p, __u32 off, __u32 len, __u8 flags);
/* One character of text out of a packet, as cat -v shows it. */
void put_visible(struct print *p, __u8 c);

#endif
