/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/lbrows.h - VIPs and their reals as rows: from the balancer's maps, or from trails. */
#ifndef VIEWER_LBROWS_H
#define VIEWER_LBROWS_H

#include "viewer/live.h"
#include "viewer/seen.h"

#define LBROWS 4096

struct lbrow {
	bool is_vip;
	__u32 iface, number;   /* of the VIP or real */
	__u32 vip;	       /* row of the VIP */
	char name[TRAIL_NAME]; /* "192.0.2.10:80/tcp", "10.0.2.2" */
	__u64 packets, bytes, dropped;
	double pps, bps, drops; /* pps below 0: not known yet */
	double mean; /* of the last pps, what is older counting less; below 0: not known */
	double share,
		weight; /* of the VIP's packets, and of its ring: 0 to 1; below 0: not known */
	__u32 reals;	/* of a VIP */
	int mode;	/* of a real: enum lb_real_mode; below 0: not known */
	long conns;	/* that live; below 0: not known */
};

struct lbrows {
	size_t n;
	struct lbrow *row;
	__u64 guard_packets, guard_times; /* of the flood guard */
	__u32 guard_cpus;		  /* on which it is on */
	__u64 used;			  /* of the tables; 0: not known */
	__u64 count_ns;			  /* when connections are counted again, CLOCK_MONOTONIC */
	__u64 conns;			  /* entries of the tables; 0: not known */
	__u64 read_ns, due_ns;		  /* CLOCK_MONOTONIC */
};

/** lbrows_read - all of them anew; @live NULL: a capture file. An earlier reading gives rates. */
void lbrows_read(struct lbrows *l, struct live *live, __u32 ifs, const struct seen *seen,
		 double seconds, __u64 every_ns);

/** lbrows_free - forget them. */
void lbrows_free(struct lbrows *l);

#endif
