/* SPDX-License-Identifier: GPL-2.0 */
/* lbapplyrig.h - configurations of the balancer, applied to two interfaces xap0 and xap1. */
#ifndef TESTS_LBAPPLYRIG_H
#define TESTS_LBAPPLYRIG_H

#include "lib/lb_int.h"
#include "lib/lbapply.h"

#define IFACES "interfaces: [{name: xap0, lru_size: 4096}, {name: xap1, lru_size: 4096}]\n"
#define BASE                                                                                       \
	"vips:\n"                                                                                  \
	"- vip: \"192.0.2.1:80/tcp\"\n  reals: [{addr: 10.0.0.1}, {addr: 10.0.0.2}]\n"             \
	"- vip: \"192.0.2.1:443/udp\"\n  options: [quic]\n  id_bytes: 1\n"                         \
	"  reals: [{addr: 10.0.0.1, ids: [7]}, {addr: 10.0.0.2, ids: [8], sources: "               \
	"[10.9.0.0/16]}]\n"                                                                        \
	"- vip: \"192.0.2.9:53/udp\"\n  options: [fragments]\n  reals: [{addr: 10.0.0.1}]\n"

extern const char *const lbapplyrig_ifnames[2];
extern struct lbapply_result lbapplyrig_result; /* of the last one that worked */

/** lbapplyrig_apply - load the file of these two parts and apply it. What that returns. */
int lbapplyrig_apply(const char *ifaces, const char *vips, const struct lbapply_last *last,
		     struct fail *f);

/** lbapplyrig_ok - the same; fails the test if it fails. */
void lbapplyrig_ok(const char *ifaces, const char *vips);

/**
 * lbapplyrig_say - what is there, for people; with @all also numbers, counters, rings and
 * connections. For free().
 */
char *lbapplyrig_say(const char *ifname, int all);

/** lbapplyrig_ring - a sum over the ring of VIP @vip. */
__u64 lbapplyrig_ring(const struct lb *lb, __u32 vip);

/** lbapplyrig_pins - how many maps of stages are pinned. */
int lbapplyrig_pins(const char *ifname);

/** lbapplyrig_begin - BASE is there, with connections that the table knows, and a drained real. */
void lbapplyrig_begin(char *before[2]);

/** lbapplyrig_end - all of it goes. */
void lbapplyrig_end(char *before[2]);

/* For cmocka: the file, of all tests. */
int lbapplyrig_group_up(void **state);
int lbapplyrig_group_down(void **state);

#endif
