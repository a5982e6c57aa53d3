/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/model.h - what the views show of chains: counters, rates and their history.
 *
 * It is fed samples (the counters of one interface at one time) and knows no kernel and no file,
 * so a test feeds it what it likes. It is flat: a copy of it is what a paused screen shows. Times
 * are ns of the clock of who feeds it: CLOCK_MONOTONIC, or since 1970 for a file.
 */
#ifndef VIEWER_MODEL_H
#define VIEWER_MODEL_H

#include <net/if.h>
#include <stdbool.h>

#include "lib/chain.h"
#include "lib/trail.h"
#include "viewer/history.h"

#define MODEL_IFS 32

struct model_reason {
	struct chain_count total; /* since this program came into the slot, as far as was seen */
	double pps;
	double last_pps;	 /* of the last interval alone, where pps is a mean */
	__u64 first_ns, last_ns; /* when it was seen to count; 0: never */
	bool before;		 /* it had counted before anybody looked: first_ns is not known */
	char name[TRAIL_NAME];	 /* "": not known */
	struct chain_count base; /* counter when this program came */
};

struct model_stage {
	bool here;
	char name[TRAIL_NAME];
	__u64 since_ns; /* 0: not known */
	__u32 prog_id, instance;
	__u32 flags;				  /* enum chain_stage_flag */
	struct chain_count total[CHAIN_VERDICTS]; /* as the counters say */
	double pps[CHAIN_VERDICTS], bps;	  /* packets and bits a second */
	double last_drops; /* dropped and aborted a second in the last interval alone */
	double step_ns;	   /* mean time a packet; below 0: never measured */
	struct model_reason reasons[CHAIN_REASONS];
	struct history history;
};

struct model_if {
	char name[IF_NAMESIZE];
	char gone[128]; /* why it has no chain now; "": it has */
	__u32 ifindex;
	bool generic;
	bool mean;		/* rates are means since start_ns: a capture file */
	__u64 created_ns;	/* of the chain */
	__u64 start_ns, now_ns; /* first and last sample */
	__u32 guard_cpus;	/* on which the balancer's flood guard is on */
	char loss[128]; /* what is lost behind the chain, in words; "": nothing that is known */
	struct chain_totals last;
	struct model_stage stages[CHAIN_COUNTED];
};

struct model {
	__u32 n;
	__u64 epoch_ns; /* to add to its times for the time since 1970 */
	struct model_if *ifs;
};

/* Who is in a slot at the time of a sample. */
struct model_who {
	bool here;
	char name[TRAIL_NAME];
	__u64 since_ns;
	__u32 prog_id, instance, flags;
};

struct model_sample {
	__u64 now_ns, created_ns; /* created_ns: of the chain; another one has counters from 0 */
	struct chain_totals totals;
	struct model_who who[CHAIN_SLOTS];
	/* The name of a reason of who is in @slot, or NULL. May be NULL itself. */
	const char *(*reason)(void *arg, __u32 slot, __u32 reason);
	void *arg;
};

/** model_new - room for @n interfaces, all of them there; @width_ns: of a bucket of history, see
 * history_init(). NULL and errno. */
struct model *model_new(__u32 n, __u64 width_ns);

/** model_copy - a second one, as it is now. NULL and errno. */
struct model *model_copy(const struct model *m);

/** model_free - NULL is allowed. */
void model_free(struct model *m);

/**
 * model_update - take a sample in.
 *
 * Rates are what came since the sample before, by the time since then, however long that was. A
 * chain that was made anew since has counters that began at 0; counters that are lower than
 * before did too. Reasons count from when their program came into its slot.
 */
void model_update(struct model_if *mi, const struct model_sample *s);

/** model_step - a packet was @ns in the stage in @slot. */
void model_step(struct model_if *mi, __u32 slot, __u32 ns);

/** model_pps - packets a second of @st, all verdicts. */
double model_pps(const struct model_stage *st);

/** model_packets - packets that came to @st, all verdicts. */
__u64 model_packets(const struct model_stage *st);

/** model_drops - of them those dropped or aborted, a second. */
double model_drops(const struct model_stage *st);

/** model_dropped - the same, in all. */
__u64 model_dropped(const struct model_stage *st);

struct model_sum {
	double pps, bps, final[CHAIN_VERDICTS]; /* by final verdict, a second */
	__u64 packets[CHAIN_VERDICTS];		/* by final verdict, in all */
};

/** model_sum - the packets of a chain: each is counted where it ended. */
void model_sum(const struct model_if *mi, struct model_sum *sum);

/** model_verdict - lower-case name of a verdict. */
const char *model_verdict(__u32 verdict);

#endif
