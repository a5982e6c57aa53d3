// SPDX-License-Identifier: GPL-2.0
#include "droplet/report.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/util.h"

struct report *report_new(const struct chain *c, struct fail *f)
{
	struct report *r = calloc(1, sizeof(*r));
	int err = r ? chain_totals(c, &r->totals) : -ENOMEM;

	if (!err) {
		r->chain = c;
		r->now_ns = now_ns();
		r->names = names_new(c);
		if (r->names)
			return r;
		err = -errno;
	}
	fail_set(f, -err, "%s: %s", c->ifname, strerror(-err));
	report_free(r);
	errno = -err;
	return NULL;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	names_free(r->names);
	free(r);
}

struct chain_count report_packets(const struct report *r, __u32 slot)
{
	struct chain_count sum = { 0 };

	for (int v = 0; v < CHAIN_VERDICTS; v++) {
		sum.packets += r->totals.verdicts[slot][v].packets;
		sum.bytes += r->totals.verdicts[slot][v].bytes;
	}
	return sum;
}

/* Insertion into a short sorted array: most rules end at the first comparison. */
static int list_add(const struct blocklist_item *item, void *arg)
{
	struct report_list *list = arg;
	size_t i = list->count;

	list->total++;
	if (i == REPORT_RULES && item->hits <= list->top[i - 1].hits)
		return 0;
	if (i < REPORT_RULES)
		list->count++;
	else
		i--;
	for (; i && list->top[i - 1].hits < item->hits; i--)
		list->top[i] = list->top[i - 1];
	list->top[i] = *item;
	return 0;
}

int report_list(const struct report *r, __u32 slot, struct report_list *list)
{
	struct blocklist_size size = { 0 };
	struct blocklist *b;
	int err = blocklist_open(r->chain, slot, &b, NULL);

	if (err)
		return err;
	memset(list, 0, sizeof(*list));
	err = blocklist_each(b, list_add, list, NULL);
	for (size_t i = 0; i < list->count; i++)
		blocklist_rule(b, list->top[i].rule, &list->rules[i]);
	blocklist_size(b, &size);
	list->max = size.max;
	blocklist_close(b);
	return err;
}

int report_session(const struct report *r, __u32 i, struct session_conf *s)
{
	if (bpf_map_lookup_elem(r->chain->sessions, &i, s) || !s->id)
		return -ENOENT;
	s->comm[sizeof(s->comm) - 1] = s->filter[sizeof(s->filter) - 1] = 0;
	/* A dead reader's entry stays until the next capture sweeps it. */
	return kill(s->pid, 0) && errno == ESRCH ? -ENOENT : 0;
}

const char *report_verdict(__u32 verdict)
{
	static const char *const names[] = { "aborted", "drop", "pass", "tx", "redirect", "next" };

	return verdict < ARRAY_SIZE(names) ? names[verdict] : "unknown";
}
