// SPDX-License-Identifier: GPL-2.0
#include "lib/health_items.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "lib/health_route.h"
#include "lib/util.h"

#define EVENTS 64

const char *health_name(enum health_type type)
{
	static const char *const names[HEALTH_TYPES] = { "none", "tcp", "http", "https", "icmp" };

	return type < HEALTH_TYPES ? names[type] : "?";
}

static const struct health_kind *kind_of(const struct health_spec *s)
{
	switch (s->type) {
	case HEALTH_HTTP:
	case HEALTH_HTTPS:
		return &health_http;
	case HEALTH_ICMP:
		return &health_icmp;
	default:
		return &health_tcp;
	}
}

int health_why(struct health_probe *p, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, args);
	va_end(args);
	return -err;
}

static void state_of(const struct health_item *i, struct health_state *out)
{
	*out = (struct health_state){ .target = &i->target,
				      .is_up = i->plan.is_up,
				      .run = i->plan.run,
				      .passed = i->passed,
				      .failed = i->failed,
				      .since_ns = i->since_ns,
				      .why = i->why };
}

/* Release what the check has, if one is under way. */
static void stop(struct health_item *i)
{
	const struct health_kind *kind = kind_of(&i->target.spec);

	if (!i->plan.is_busy)
		return;
	if (kind->stop)
		kind->stop(&i->probe);
	fd_close(i->probe.fd);
	i->probe.fd = -1;
}

void health_finish(struct health *h, struct health_item *i, int result)
{
	struct health_state state;

	result = health_through_judge(h, i, result);
	stop(i);
	if (result > 0) {
		i->passed++;
	} else {
		i->failed++;
		snprintf(i->why, sizeof(i->why), "%s",
			 *i->probe.why ? i->probe.why : strerror(-result));
	}
	if (!health_plan_result(&i->plan, &i->target.spec.pace, result > 0))
		return;
	i->since_ns = now_ns();
	state_of(i, &state);
	h->fn(&state, h->arg);
}

static void start(struct health *h, struct health_item *i, __u64 now)
{
	const struct health_kind *kind = kind_of(&i->target.spec);
	struct epoll_event ev = { .data.ptr = i };
	int err;

	i->last_flow = i->probe.flow;
	i->probe = (struct health_probe){
		.target = &i->target, .curl = h->curl, .fd = -1, .id = (__u32)random()
	};
	health_plan_start(&i->plan, &i->target.spec.pace, now);
	err = health_through_mend(h, i);
	if (!err)
		err = kind->start(&i->probe);
	if (!err && i->probe.fd >= 0) {
		ev.events = i->probe.events;
		if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, i->probe.fd, &ev))
			err = -errno;
	}
	if (err)
		health_finish(h, i, err);
}

static void on_curl(struct health_probe *p, int result, void *arg)
{
	struct health *h = arg;

	for (size_t i = 0; i < h->count; i++)
		if (&h->items[i]->probe == p) {
			health_finish(h, h->items[i], result);
			return;
		}
}

int health_open(health_fn fn, void *arg, struct health **out, struct fail *f)
{
	struct health *h = calloc(1, sizeof(*h));
	struct epoll_event ev = { .events = EPOLLIN };

	if (!h)
		return fail_errno(f, ENOMEM, "health");
	h->fn = fn;
	h->arg = arg;
	h->tunnel = -1;
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	h->curl = h->epoll < 0 ? NULL : health_curl_open(h->epoll, on_curl, h);
	if (!h->curl || h->timer < 0 || epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->timer, &ev)) {
		fail_errno(f, errno, "health");
		health_close(h);
		return -errno;
	}
	srandom(now_ns());
	*out = h;
	return 0;
}

/* Wake when the next thing is due. */
static void arm(const struct health *h)
{
	__u64 wake = health_curl_wake(h->curl);
	struct itimerspec t = { 0 };

	for (size_t i = 0; i < h->count; i++) {
		__u64 at = health_plan_wake(&h->items[i]->plan);

		if (!wake || at < wake)
			wake = at;
	}
	t.it_value.tv_sec = wake / NSEC;
	t.it_value.tv_nsec = wake % NSEC;
	timerfd_settime(h->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static struct health_item *find(const struct health *h, const struct lb_service *vip,
				const struct lb_addr *real)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct health_target *t = &h->items[i]->target;

		if (!memcmp(&t->vip, vip, sizeof(*vip)) && !memcmp(&t->real, real, sizeof(*real)))
			return h->items[i];
	}
	return NULL;
}

/* One that is known, or a new one whose first check is at @first. */
static struct health_item *take(const struct health *h, const struct health_target *t, __u64 first)
{
	struct health_item *i = find(h, &t->vip, &t->real);
	int is_up = i ? i->plan.is_up : t->was_up;

	if (i && !memcmp(&i->target.spec, &t->spec, sizeof(t->spec))) {
		i->is_kept = 1;
		return i;
	}
	i = calloc(1, sizeof(*i));
	if (!i)
		return NULL;
	i->target = *t;
	i->probe.fd = -1;
	health_plan_begin(&i->plan, is_up, first);
	return i;
}

static void drop(struct health_item **items, size_t count, int but_kept)
{
	for (size_t i = 0; i < count; i++) {
		if (but_kept && items[i]->is_kept)
			continue;
		stop(items[i]);
		free(items[i]);
	}
	free(items);
}

int health_set(struct health *h, const struct health_target *targets, size_t count, struct fail *f)
{
	struct health_item **items = calloc(count + 1, sizeof(*items));
	__u64 now = now_ns();
	int err = health_through_set(h, targets, count, f);

	if (err) {
		free(items);
		return err;
	}
	for (size_t i = 0; i < h->count; i++)
		h->items[i]->is_kept = 0;
	for (size_t i = 0; items && i < count; i++) {
		/* spread over the interval, so that they never come all at once */
		__u64 first = now + targets[i].spec.pace.interval_ns / count * i;

		items[i] = take(h, &targets[i], first);
		if (items[i])
			continue;
		drop(items, i, 1);
		items = NULL;
	}
	if (!items)
		return fail_errno(f, ENOMEM, "health");
	drop(h->items, h->count, 1);
	h->items = items;
	h->count = count;
	arm(h);
	return 0;
}

int health_fd(const struct health *h)
{
	return h->epoll;
}

static void on_ready(struct health *h, struct health_item *i)
{
	int result;

	if (!i->plan.is_busy || i->probe.fd < 0)
		return;
	result = kind_of(&i->target.spec)->ready(&i->probe);
	if (result)
		health_finish(h, i, result);
}

static void on_time(struct health *h)
{
	__u64 wake = health_curl_wake(h->curl), now = now_ns();

	if (wake && wake <= now)
		health_curl_serve(h->curl, -1, 0);
	for (size_t n = 0; n < h->count; n++) {
		struct health_item *i = h->items[n];
		enum health_do what = health_plan_due(&i->plan, now);

		if (what == HEALTH_START)
			start(h, i, now);
		if (what == HEALTH_EXPIRED)
			health_finish(h, i, health_why(&i->probe, ETIMEDOUT, "no answer in time"));
	}
}

void health_serve(struct health *h)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(h->epoll, events, EVENTS, 0);
	__u64 ticks;

	for (int i = 0; i < n; i++)
		if (events[i].data.u64 & 1)
			health_curl_serve(h->curl, events[i].data.u64 >> 1, events[i].events);
		else if (events[i].data.ptr == h)
			health_through_serve(h);
		else if (events[i].data.ptr)
			on_ready(h, events[i].data.ptr);
		else if (read(h->timer, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
			return;
	on_time(h);
	arm(h);
}

int health_get(const struct health *h, size_t i, struct health_state *state)
{
	if (i >= h->count)
		return -ENOENT;
	state_of(h->items[i], state);
	return 0;
}

int health_is_up(const struct health *h, const struct lb_service *vip, const struct lb_addr *real)
{
	const struct health_item *i = find(h, vip, real);

	return !i || i->plan.is_up;
}

void health_close(struct health *h)
{
	if (!h)
		return;
	drop(h->items, h->count, 0);
	health_curl_close(h->curl);
	health_route_close(h->tunnel);
	fd_close(h->timer);
	fd_close(h->epoll);
	free(h);
}
