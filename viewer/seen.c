// SPDX-License-Identifier: GPL-2.0
#include "viewer/seen.h"

#include <stdio.h>
#include <stdlib.h>

#include "xdpchain/chain.h"

#define PROBES 8

struct seen {
	struct seen_rule rules[SEEN];
};

struct seen *seen_new(void)
{
	return calloc(1, sizeof(struct seen));
}

void seen_free(struct seen *s)
{
	free(s);
}

/* Its place, or that of the oldest of those where it could be. */
static struct seen_rule *place(struct seen *s, __u32 iface, __u32 slot, __u32 rule)
{
	__u64 h = ((__u64)rule << 16 | slot << 8 | iface) * 0x9e3779b97f4a7c15ULL >> 40;
	struct seen_rule *oldest = NULL;

	for (int i = 0; i < PROBES; i++) {
		struct seen_rule *r = &s->rules[(h + i) % SEEN];

		if (r->rule == rule && r->slot == slot && r->iface == iface)
			return r;
		if (!oldest || r->last_ns < oldest->last_ns)
			oldest = r;
	}
	*oldest = (struct seen_rule){ .iface = iface, .slot = slot, .rule = rule };
	return oldest;
}

struct seen_rule *seen_step(struct seen *s, __u32 iface, const struct trail_step *step,
			    __u64 time_ns, __u32 len)
{
	struct seen_rule *r = place(s, iface, step->slot, step->rule);

	if (!r->packets)
		r->first_ns = time_ns;
	r->last_ns = time_ns;
	r->packets++;
	r->bytes += len;
	r->drops += step->verdict == CHAIN_DROP && !step->shadow;
	if (step->rule_text[0])
		snprintf(r->text, sizeof(r->text), "%s", step->rule_text);
	snprintf(r->reason, sizeof(r->reason), "%s", step->reason_name);
	return r;
}

const struct seen_rule *seen_at(const struct seen *s, size_t i)
{
	return &s->rules[i];
}
