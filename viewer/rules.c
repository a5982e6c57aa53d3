// SPDX-License-Identifier: GPL-2.0
#include "viewer/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/blocklist.h"
#include "lib/util.h"

#define SHARE 20 /* of the time at most one in so many is spent on reading */

struct top {
	struct blocklist_item v[RULES];
	size_t n;
};

/* Insertion into a short sorted array: most rules end at the first comparison. */
static int take(const struct blocklist_item *item, void *arg)
{
	struct top *t = arg;
	size_t i = t->n;

	if (i == RULES && item->hits <= t->v[i - 1].hits)
		return 0;
	if (i < RULES)
		t->n++;
	else
		i--;
	for (; i && t->v[i - 1].hits < item->hits; i--)
		t->v[i] = t->v[i - 1];
	t->v[i] = *item;
	return 0;
}

static const struct rules_one *find(const struct rules *r, __u32 rule)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->one[i].rule == rule)
			return &r->one[i];
	return NULL;
}

static __u64 wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (__u64)t.tv_sec * NSEC + t.tv_nsec;
}

static void fill(struct rules_one *o, struct blocklist *b, const struct blocklist_item *item,
		 const struct rules *before, __u64 now)
{
	const struct rules_one *was = find(before, item->rule);
	double seconds = (now - before->read_ns) / (double)NSEC;
	struct chain_rule rule;
	char prefix[PREFIX_TEXT];

	*o = (struct rules_one){ .rule = item->rule, .packets = item->hits, .pps = -1 };
	snprintf(o->text, sizeof(o->text), "%s", prefix_text(&item->prefix, prefix));
	if (!blocklist_rule(b, item->rule, &rule))
		snprintf(o->note, sizeof(o->note), "%.63s", rule.note);
	if (item->expires_ns > now)
		o->left_ns = item->expires_ns - now;
	if (!was || seconds <= 0)
		return;
	o->first_ns = was->first_ns;
	o->last_ns = was->last_ns;
	o->pps = item->hits >= was->packets ? (item->hits - was->packets) / seconds : -1;
	if (item->hits > was->packets) {
		o->last_ns = wall_ns();
		if (!o->first_ns && !was->packets)
			o->first_ns = o->last_ns;
	}
}

/* false: it is no blocklist. */
static bool read_blocklist(struct rules *r, const struct chain *c, __u32 slot)
{
	struct rules *old;
	struct blocklist *b;
	struct top *top;
	__u64 now = now_ns();

	if (blocklist_open(c, slot, &b, NULL))
		return false;
	top = calloc(1, sizeof(*top));
	old = malloc(sizeof(*old));
	if (top && old) {
		*old = *r;
		blocklist_each(b, take, top, NULL);
		r->n = top->n;
		for (size_t i = 0; i < top->n; i++)
			fill(&r->one[i], b, &top->v[i], old, now);
		r->read_ns = now;
	}
	free(top);
	free(old);
	blocklist_close(b);
	return true;
}

static void read_seen(struct rules *r, const struct seen *seen, bool sampled)
{
	r->n = 0;
	for (size_t i = 0; i < SEEN && r->n < RULES; i++) {
		const struct seen_rule *s = seen_at(seen, i);
		struct rules_one *o = &r->one[r->n];

		if (!s->rule || s->iface != r->iface || s->slot != r->slot)
			continue;
		*o = (struct rules_one){
			.rule = s->rule,
			.packets = s->packets,
			.pps = -1,
			.first_ns = s->first_ns,
			.last_ns = s->last_ns,
			.sampled = sampled,
		};
		snprintf(o->text, sizeof(o->text), "%s", s->text);
		r->n++;
	}
}

void rules_read(struct rules *r, struct live *live, const struct seen *seen, __u32 iface,
		__u32 slot, __u64 every_ns)
{
	__u64 start = now_ns(), took;

	if (r->iface != iface || r->slot != slot)
		*r = (struct rules){ .iface = iface, .slot = slot };
	if (start < r->due_ns)
		return;
	if (!live)
		read_seen(r, seen, false);
	else if (!live_chain(live, iface))
		r->n = 0;
	else if (slot >= CHAIN_SLOTS || !read_blocklist(r, live_chain(live, iface), slot))
		read_seen(r, seen, true);
	took = now_ns() - start;
	r->due_ns = start + (SHARE * took > every_ns ? SHARE * took : every_ns) - NSEC / 20;
}
