// SPDX-License-Identifier: GPL-2.0
#include "lib/lb_simulate.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/maglev.h"

/* The ring as lib/lb_ring.c builds it; a value is an index in @reals, plus one. */
static int build(const struct lb_sim_real *reals, size_t count, int then, __u16 *ring)
{
	struct maglev_node *nodes = calloc(count + 1, sizeof(*nodes));
	size_t n = 0;
	int err;

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		__u32 weight = then ? reals[i].weight_then : reals[i].weight_now;
		const struct lb_addr *a = &reals[i].addr;

		if (weight)
			nodes[n++] =
				(struct maglev_node){ .key = maglev_key(a->word, sizeof(a->word)),
						      .weight = weight,
						      .value = i + 1 };
	}
	err = maglev_build(nodes, n, ring, LB_RING);
	free(nodes);
	return err;
}

int lb_simulate(struct lb_sim_real *reals, size_t count, struct lb_sim *out)
{
	__u16 *now = malloc(LB_RING * sizeof(*now)), *then = malloc(LB_RING * sizeof(*then));
	int err = now && then ? build(reals, count, 0, now) : -ENOMEM;

	if (!err)
		err = build(reals, count, 1, then);
	*out = (struct lb_sim){ 0 };
	for (size_t i = 0; i < count; i++)
		reals[i].now = reals[i].then = 0;
	for (size_t i = 0; !err && i < LB_RING; i++) {
		if (now[i])
			reals[now[i] - 1].now++;
		if (then[i])
			reals[then[i] - 1].then++;
		out->moved += now[i] != then[i];
	}
	/* what a real loses must move; and all of it, when there was nobody before */
	for (size_t i = 0; !err && i < count; i++)
		if (reals[i].now > reals[i].then)
			out->needed += reals[i].now - reals[i].then;
	if (!err && !now[0])
		out->needed = out->moved;
	free(now);
	free(then);
	return err;
}
