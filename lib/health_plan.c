// SPDX-License-Identifier: GPL-2.0
#include "lib/health_plan.h"

void health_plan_begin(struct health_plan *p, int is_up, __u64 first_ns)
{
	*p = (struct health_plan){ .is_up = is_up, .next_ns = first_ns };
}

enum health_do health_plan_due(const struct health_plan *p, __u64 now_ns)
{
	if (now_ns < health_plan_wake(p))
		return HEALTH_WAIT;
	return p->is_busy ? HEALTH_EXPIRED : HEALTH_START;
}

void health_plan_start(struct health_plan *p, const struct health_pace *pace, __u64 now_ns)
{
	p->is_busy = 1;
	p->deadline_ns = now_ns + pace->timeout_ns;
	p->next_ns += pace->interval_ns;
	/* what was slept through is not made up for */
	if (p->next_ns <= now_ns)
		p->next_ns = now_ns + pace->interval_ns;
}

int health_plan_result(struct health_plan *p, const struct health_pace *pace, int passes)
{
	p->is_busy = 0;
	if (!passes == !p->is_up) {
		p->run = 0;
		return 0;
	}
	p->run++;
	if (p->run < (p->is_up ? pace->fall : pace->rise))
		return 0;
	p->is_up = !p->is_up;
	p->run = 0;
	return 1;
}

__u64 health_plan_wake(const struct health_plan *p)
{
	return p->is_busy ? p->deadline_ns : p->next_ns;
}
