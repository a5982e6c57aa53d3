/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/trial.h - packets through a chain by BPF_PROG_TEST_RUN: none is sent, and what each stage
 * said of it is told. On a chain of chain_alone(), or on a running one, where each packet that is
 * tried is counted by the stages as one that came.
 */
#ifndef LIB_TRIAL_H
#define LIB_TRIAL_H

#include <linux/types.h>

#include "lib/fail.h"
#include "lib/trail.h"

struct trial;

/**
 * trial_open - on the chain of @ifname. Captures there, so it takes one of its sessions.
 * @packet: the only one that trial_run() is going to try, for a chain that has others: a capture
 *          of @len bytes that match no other; NULL: whatever comes is ours
 *
 * Return: 0; as session_open(); -EPERM.
 */
int trial_open(const char *ifname, const void *packet, __u32 len, struct trial **out,
	       struct fail *f);

/** trial_close - NULL is allowed. */
void trial_close(struct trial *t);

/**
 * trial_run - one packet, from the Ethernet header on.
 * @trail: set: the final verdict, and what each stage said
 * Return: 0; -EINVAL shorter than an Ethernet header; -ENODATA nothing was heard of it; -errno.
 */
int trial_run(struct trial *t, const void *packet, __u32 len, struct trail *trail, struct fail *f);

/**
 * trial_cost - the time that the chain takes for a packet: the least of several rounds, ns.
 * To be called while no trial is open: a packet that is captured takes longer.
 * @root: descriptor of the root program. Return: ns, or -errno.
 */
long trial_cost(int root, const void *packet, __u32 len);

#endif
