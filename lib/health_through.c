// SPDX-License-Identifier: GPL-2.0
/* The tunnel of the checks that ask for it: there while there are any, and each packet to its real.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/health_items.h"
#include "lib/health_route.h"
#include "lib/health_tunnel.h"

#define PACKETS 256 /* sent in a row */

static void shut(struct health *h)
{
	health_route_close(h->tunnel); /* that takes it out of the epoll, too */
	h->tunnel = -1;
}

static int open_tunnel(struct health *h, struct fail *f)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = h };
	int fd = health_route_open(f), err;

	if (fd < 0)
		return fd;
	h->tunnel = fd;
	if (!epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev))
		return 0;
	err = fail_errno(f, errno, HEALTH_DEVICE);
	shut(h);
	return err;
}

int health_through_set(struct health *h, const struct health_target *targets, size_t count,
		       struct fail *f)
{
	int wanted = 0;

	for (size_t i = 0; i < count; i++)
		wanted |= targets[i].spec.is_tunnel;
	if (!wanted)
		shut(h);
	return wanted && h->tunnel < 0 ? open_tunnel(h, f) : 0;
}

int health_through_mend(struct health *h, struct health_item *i)
{
	struct fail f = { 0 };
	int err;

	if (!i->target.spec.is_tunnel || h->tunnel >= 0)
		return 0;
	err = open_tunnel(h, &f);
	return err ? health_why(&i->probe, -err, "%.*s", HEALTH_WHY - 1, f.text) : 0;
}

static int is_of(const struct health_item *i, const struct health_flow *flow)
{
	const struct health_target *t = &i->target;
	int is_icmp = flow->proto != IPPROTO_TCP;

	return t->spec.is_tunnel && is_icmp == (t->spec.type == HEALTH_ICMP) &&
	       !memcmp(&t->vip.addr, &flow->vip, sizeof(flow->vip));
}

/* That of a check under way, before one whose check is over. */
static struct health_item *owner(const struct health *h, const struct health_flow *flow)
{
	struct health_item *late = NULL;

	for (size_t n = 0; n < h->count; n++) {
		struct health_item *i = h->items[n];

		if (!is_of(i, flow))
			continue;
		if (i->plan.is_busy && i->probe.flow == flow->id)
			return i;
		if (i->probe.flow == flow->id || i->last_flow == flow->id)
			late = i;
	}
	return late;
}

static void forward(struct health *h, const void *packet, size_t size)
{
	struct health_flow flow;
	struct health_item *i;
	int err;

	if (health_flow_of(packet, size, &flow))
		return; /* the kernel's own, on a new device */
	i = owner(h, &flow);
	if (!i)
		return;
	err = health_tunnel_send(&i->target, packet, size);
	if (!err)
		i->probe.sent++;
	else if (i->plan.is_busy)
		health_finish(h, i, err);
}

void health_through_serve(struct health *h)
{
	char packet[HEALTH_PACKET];

	for (int n = 0; n < PACKETS && h->tunnel >= 0; n++) {
		ssize_t size = read(h->tunnel, packet, sizeof(packet));

		if (size > 0)
			forward(h, packet, size);
		else if (size < 0 && errno == EAGAIN)
			return;
		else
			shut(h); /* somebody has deleted the device */
	}
}

int health_through_judge(struct health *h, struct health_item *i, int result)
{
	if (result <= 0 || !i->target.spec.is_tunnel || i->probe.sent)
		return result;
	shut(h); /* made anew with the next check */
	return health_why(&i->probe, EIO,
			  "it did not go through the tunnel: rule or route is gone");
}
