/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/health_plan.h - when a server is checked next, and when results make it up or down. Pure:
 * the clock is the caller's. All times are nanoseconds of one clock.
 */
#ifndef LIB_HEALTH_PLAN_H
#define LIB_HEALTH_PLAN_H

#include <linux/types.h>

struct health_pace {
	__u64 interval_ns, timeout_ns; /* from start to start; the timeout is not longer */
	__u32 rise, fall;	       /* results in a row that make it up, down; at least 1 */
};

struct health_plan {
	int is_up, is_busy; /* busy: a check is under way */
	__u32 run;	    /* results in a row that contradict is_up */
	__u64 next_ns;	    /* when a check starts */
	__u64 deadline_ns;  /* when the one under way has failed */
};

enum health_do { HEALTH_WAIT, HEALTH_START, HEALTH_EXPIRED };

/** health_plan_begin - it is @is_up, as long as no check says otherwise; the first is at @first. */
void health_plan_begin(struct health_plan *p, int is_up, __u64 first_ns);

/** health_plan_due - what is to be done at @now. */
enum health_do health_plan_due(const struct health_plan *p, __u64 now_ns);

/** health_plan_start - a check has been started. */
void health_plan_start(struct health_plan *p, const struct health_pace *pace, __u64 now_ns);

/** health_plan_result - it has ended. 1: is_up has changed by it. */
int health_plan_result(struct health_plan *p, const struct health_pace *pace, int passes);

/** health_plan_wake - when something is to be done next. */
__u64 health_plan_wake(const struct health_plan *p);

#endif
