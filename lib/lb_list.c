// SPDX-License-Identifier: GPL-2.0
/* A snapshot of VIPs and reals, with their counters. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"

/* Sum over CPUs the value of @words counters at @key. */
static int sum(const struct lb *lb, int fd, __u32 key, __u64 *out, size_t words)
{
	__u64 *all = calloc(lb->chain->ncpus, words * sizeof(*all));
	int err;

	if (!all)
		return -ENOMEM;
	err = bpf_map_lookup_elem(fd, &key, all) ? -errno : 0;
	memset(out, 0, words * sizeof(*out));
	for (size_t i = 0; !err && i < lb->chain->ncpus * words; i++)
		out[i % words] += all[i];
	free(all);
	return err;
}

static int by_addr(const struct lb_addr *a, const struct lb_addr *b)
{
	if (a->family != b->family)
		return a->family == AF_INET ? -1 : 1;
	return memcmp(a->word, b->word, sizeof(a->word));
}

static int by_service(const void *a, const void *b)
{
	const struct lb_service *x = &((const struct lb_vip_state *)a)->service;
	const struct lb_service *y = &((const struct lb_vip_state *)b)->service;
	int d = by_addr(&x->addr, &y->addr);

	if (!d)
		d = (int)x->plen - y->plen;
	if (!d)
		d = (int)pkt_h16(x->port) - pkt_h16(y->port);
	return d ? d : (int)x->proto - y->proto;
}

static int by_real(const void *a, const void *b)
{
	return by_addr(&((const struct lb_real_state *)a)->addr,
		       &((const struct lb_real_state *)b)->addr);
}

static size_t count_reals(const struct lb *lb, __u32 vip)
{
	size_t n = 0;

	for (__u32 i = 1; i < LB_REALS; i++)
		n += lb->reals[i].gen && lb->reals[i].vip == vip;
	return n;
}

static int list_reals(const struct lb *lb, struct lb_vip_state *v, const __u32 *entries)
{
	size_t max = count_reals(lb, v->number);
	int err = 0;

	v->reals = calloc(max + 1, sizeof(*v->reals));
	if (!v->reals)
		return -ENOMEM;
	/* A reader takes no lock: the real that it counted may be gone, or be more than one. */
	for (__u32 i = 1; !err && i < LB_REALS && v->count_reals < max; i++) {
		const struct lb_real *r = &lb->reals[i];
		struct lb_real_state *out = &v->reals[v->count_reals];

		if (!r->gen || r->vip != v->number)
			continue;
		memcpy(out->addr.word, r->addr, sizeof(r->addr));
		out->addr.family = r->version == 6 ? AF_INET6 : AF_INET;
		out->number = i;
		out->weight = r->weight;
		out->mode = r->mode;
		out->entries = entries[i];
		v->count_reals++;
		err = sum(lb, lb->real_counts, i, &out->sent.packets, 2);
		if (!err)
			err = lb_claims_list(lb, v->number, out);
	}
	qsort(v->reals, v->count_reals, sizeof(*v->reals), by_real);
	return err;
}

/* How many entries of the ring each real has. */
static void count_entries(const struct lb *lb, __u32 vip, __u32 *entries)
{
	struct lb_ring *ring = lb_ring_map(lb, vip, 0);

	if (!ring)
		return;
	for (size_t i = 0; i < LB_RING; i++)
		if (ring->real[i] < LB_REALS)
			entries[ring->real[i]]++;
	lb_ring_unmap(ring);
}

static int list_vip(const struct lb *lb, struct lb_vip_state *v)
{
	__u32 *entries = calloc(LB_REALS, sizeof(*entries));
	int err;

	if (!entries)
		return -ENOMEM;
	count_entries(lb, v->number, entries);
	lb_vip_options(lb, v->number, &v->options);
	err = sum(lb, lb->vip_counts, v->number, &v->count.sent.packets, 4);
	if (!err)
		err = list_reals(lb, v, entries);
	free(entries);
	return err;
}

int lb_list(struct lb *lb, struct lb_state *state, struct fail *f)
{
	struct lb_state out = { .vips = calloc(LB_VIPS, sizeof(*out.vips)) };
	int err = out.vips ? 0 : -ENOMEM;

	for (__u32 i = 1; !err && i < LB_VIPS; i++) {
		struct lb_vip_state *v = &out.vips[out.count];

		if (lb_vip_service(lb, i, &v->service))
			continue;
		v->number = i;
		out.count++;
		err = list_vip(lb, v);
	}
	if (err) {
		lb_state_free(&out);
		return fail_set(f, -err, "%s: cannot list VIPs: %s", lb->chain->ifname,
				strerror(-err));
	}
	qsort(out.vips, out.count, sizeof(*out.vips), by_service);
	*state = out;
	return 0;
}

void lb_state_free(struct lb_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		for (size_t j = 0; j < state->vips[i].count_reals; j++)
			lb_claims_free(&state->vips[i].reals[j]);
		free(state->vips[i].reals);
	}
	free(state->vips);
	*state = (struct lb_state){ 0 };
}
