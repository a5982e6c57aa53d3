/* SPDX-License-Identifier: GPL-2.0 */
/* lbrig.h - a chain with nothing but the load balancer, packets through it, and what came out. */
#ifndef TESTS_LBRIG_H
#define TESTS_LBRIG_H

#include "lib/lb.h"
#include "tests/rig.h"

#define LBRIG_FRAME 16384 /* bytes */

/* Of one packet. */
struct lbrig_out {
	int verdict;		     /* enum xdp_action */
	char reason[CHAIN_NAME_LEN]; /* "" if none was counted */
	unsigned char frame[LBRIG_FRAME];
	__u32 len;
};

/* The outer header of an encapsulated frame, read from the bytes by the RFCs. */
struct lbrig_outer {
	int version, tos, ttl, proto; /* proto: of what follows */
	int id, df;		      /* IPv4 */
	int sport, dport, udp_check;  /* GUE: proto is UDP */
	__u32 len;		      /* bytes of outer header and what follows it, by the header */
	__u32 at, inner;	      /* offsets of outer and inner header */
	char src[64], dst[64];
	int check_ok; /* IPv4 header checksum; UDP length and checksum, which IPv6 must have */
};

extern struct rig lbrig;
extern struct lb *lbrig_lb;

/** lbrig_up - namespaces of our own, a veth, a chain, the stage. Exits on failure. */
void lbrig_up(void);

/** lbrig_down - take it all down. */
void lbrig_down(void);

/**
 * lbrig_load - load or replace the stage with @o, and open it anew. Exits on failure.
 * @o: without a GUE port, all but table and gateway become the defaults, in place
 */
void lbrig_load(struct lb_options *o);

/** lbrig_vip, lbrig_vip_del, lbrig_real, lbrig_real_del - by text; exit on failure. */
void lbrig_vip(const char *vip);
void lbrig_vip_del(const char *vip);
void lbrig_real(const char *vip, const char *addr, __u32 weight);
void lbrig_real_del(const char *vip, const char *addr);

/** lbrig_vip_flags - as lbrig_vip(), with options. */
void lbrig_vip_flags(const char *vip, __u32 flags, __u32 id_bytes);

/** lbrig_clear - delete all VIPs. */
void lbrig_clear(void);

/** lbrig_run - one packet, as if it came in by the interface of the chain. */
void lbrig_run(const void *frame, __u32 len, struct lbrig_out *out);

/** lbrig_outer - 0, or -1 if @frame is no Ethernet frame with IP or GUE in IP of sound lengths. */
int lbrig_outer(const unsigned char *frame, __u32 len, struct lbrig_outer *o);

/**
 * lbrig_wrapped - fails the test unless @out is @in, of @len bytes, from @l3 on unchanged and in a
 * sound outer header that goes to @real.
 * Return: the outer header.
 */
struct lbrig_outer lbrig_wrapped(const unsigned char *in, __u32 len, __u32 l3,
				 const struct lbrig_out *out, const char *real);

#endif
