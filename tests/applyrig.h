/* SPDX-License-Identifier: GPL-2.0 */
/* applyrig.h - configurations of object policers, applied to two interfaces xap0 and xap1. */
#ifndef TESTS_APPLYRIG_H
#define TESTS_APPLYRIG_H

#include "lib/apply.h"

#define IFACES "interfaces: [xap0, xap1]\n"
#define PROBE(name, verdict)                                                                       \
	"  - name: " name "\n    kind: object\n    file: probe.bpf.o\n"                            \
	"    params: {probe_verdict: " verdict "}\n"
#define NEXT_ "5"
#define DROP_ "1"

extern const char *const applyrig_ifnames[2];
extern char applyrig_dir[];		    /* of the configuration and its objects */
extern struct apply_result applyrig_result; /* of the last one */

/** applyrig_apply - load @yaml and apply it. What that returns. */
int applyrig_apply(const char *yaml, struct fail *f);

/** applyrig_ok - the same; fails the test if it fails. */
void applyrig_ok(const char *yaml);

/** applyrig_chain - fails the test unless the chain is @want, "name@slot ...". */
void applyrig_chain(const char *ifname, const char *want);

/** applyrig_run - a packet through the chain. The verdict (enum xdp_action). */
int applyrig_run(const char *ifname);

/** applyrig_stage - the stage called @name, and the packets that the chain has counted for it. */
struct chain_stage applyrig_stage(const char *ifname, const char *name, __u64 *packets);

/* For cmocka: the interfaces, before and after each test; the folder, of them all. */
int applyrig_up(void **state);
int applyrig_down(void **state);
int applyrig_group_up(void **state);
int applyrig_group_down(void **state);

#endif
