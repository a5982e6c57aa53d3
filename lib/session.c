// SPDX-License-Identifier: GPL-2.0
/* session - life of a capture session. Slot 0 is built in session_arm.c. */
#include "lib/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain.h"
#include "lib/pins.h"
#include "lib/ring.h"
#include "lib/session_int.h"
#include "lib/util.h"

/* Of the rings of all CPUs together, and of one. */
#define RING_BUDGET (256UL << 20)
#define RING_MIN    (4UL << 20)
#define RING_MAX    (64UL << 20)
#define RING_LEAST  (128UL << 10) /* if the kernel allows no more: two of the largest events */

#define SETTLE_NS (100000000ULL) /* no packet is on its way for longer */

static size_t ring_bytes(const struct session_spec *spec, int ncpus)
{
	size_t bytes = RING_MAX;

	if (spec->ring_bytes)
		return spec->ring_bytes;
	while (bytes > RING_MIN && bytes * ncpus > RING_BUDGET)
		bytes /= 2;
	return bytes;
}

static int counts(struct session *s, struct session_count *n)
{
	struct chain_totals *t = malloc(sizeof(*t));
	int err = t ? chain_totals(s->chain, t) : -ENOMEM;

	if (!err)
		*n = t->sessions[s->number];
	free(t);
	return err;
}

int session_counts(struct session *s, struct session_count *n)
{
	struct session_count now;
	int err = counts(s, &now);

	if (err)
		return err;
	n->offered = now.offered - s->base.offered;
	n->filtered = now.filtered - s->base.filtered;
	n->captured = now.captured - s->base.captured;
	n->lost = now.lost - s->base.lost;
	n->capped = now.capped - s->base.capped;
	n->matched = now.matched - s->base.matched;
	n->entry_captured = now.entry_captured - s->base.entry_captured;
	n->entry_lost = now.entry_lost - s->base.entry_lost;
	return 0;
}

/* Fill the place in the tables; nothing of it counts before slot 0 is armed. */
static int write_conf(struct session *s, const struct session_spec *spec)
{
	struct session_conf conf = {
		.beat = 1,
		.id = s->id,
		.since_ns = now_ns(),
		.snaplen = spec->snaplen,
		.flags = spec->flags,
		.verdicts = spec->verdicts,
		.slots = spec->slots,
		.rate = spec->rate,
		.sample = spec->sample,
		.rule_count = spec->rule_count,
		.pid = getpid(),
	};
	struct session_filter *filter = calloc(1, sizeof(*filter));
	int err = 0;

	if (!filter)
		return -ENOMEM;
	memcpy(conf.rules, spec->rules, sizeof(conf.rules));
	memcpy(conf.reasons, spec->reasons, sizeof(conf.reasons));
	snprintf(conf.filter, sizeof(conf.filter), "%s", spec->text ? spec->text : "");
	snprintf(conf.comm, sizeof(conf.comm), "%s", program_invocation_short_name);
	filter->id = s->id;
	filter->count = spec->count;
	if (spec->count)
		memcpy(filter->insns, spec->insns, spec->count * sizeof(filter->insns[0]));
	if (bpf_map_update_elem(s->chain->filters, &s->number, filter, BPF_ANY) ||
	    bpf_map_update_elem(s->chain->sessions, &s->number, &conf, BPF_ANY))
		err = -errno;
	free(filter);
	return err;
}

int session_add_rings(const struct session_spec *spec, int events, __u32 id, size_t *cut,
		      struct fail *f)
{
	int ncpus = libbpf_num_possible_cpus();
	size_t bytes = ring_bytes(spec, ncpus), least = RING_LEAST;
	int err = rings_add(spec->rings, events, bytes, id, spec->source);

	for (; err == -ENOMEM && !spec->ring_bytes && bytes > least; *cut = bytes) {
		bytes /= 2;
		err = rings_add(spec->rings, events, bytes, id, spec->source);
	}
	if (err == -EPERM)
		return fail_set(f, EPERM,
				"the kernel refuses perf rings: CAP_PERFMON is needed, and "
				"CAP_SYS_ADMIN where kernel.perf_event_paranoid is 3");
	if (err == -ENOMEM)
		return fail_set(f, ENOMEM,
				"rings of %zu KiB on each of %d CPUs are more than the kernel "
				"lets this user lock in memory: ask for less with -B, raise the "
				"limit with ulimit -l, or run with CAP_IPC_LOCK",
				bytes >> 10, ncpus);
	return err ? fail_set(f, -err, "perf rings: %s", strerror(-err)) : 0;
}

static int open_rings(struct session *s, const struct session_spec *spec, struct fail *f)
{
	struct session_spec with = *spec;

	s->shared = spec->rings != NULL;
	s->rings = with.rings = s->shared ? spec->rings : rings_new();
	return s->rings ? session_add_rings(&with, s->events, s->id, &s->cut, f) : -errno;
}

static int map_confs(struct session *s)
{
	void *p = mmap(NULL, SESSIONS * sizeof(*s->confs), PROT_READ | PROT_WRITE, MAP_SHARED,
		       s->chain->sessions, 0);

	if (p == MAP_FAILED)
		return -errno;
	s->confs = p;
	return 0;
}

static int start(struct session *s, const struct session_spec *spec, struct fail *f)
{
	int err = session_take(s, f);

	if (err)
		return err;
	err = chain_instance(s->chain, &s->id);
	if (!err)
		err = open_rings(s, spec, f);
	if (err)
		return err;
	err = map_confs(s);
	if (!err)
		err = write_conf(s, spec);
	if (!err)
		err = counts(s, &s->base);
	if (err)
		return fail_set(f, -err, "session: %s", strerror(-err));
	return session_arm(s, f);
}

static void chain_unlock(struct chain *c)
{
	fd_close(c->lock);
	c->lock = -1;
}

int session_open(const char *ifname, const struct session_spec *spec, struct session **out,
		 struct fail *f)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->dir = s->events = -1;
	err = chain_open(ifname, CHAIN_WRITE, &s->chain, f);
	if (!err)
		err = start(s, spec, f);
	if (err) {
		session_close(s);
		return err;
	}
	chain_unlock(s->chain);
	*out = s;
	return 0;
}

/* Wait until what was offered is accounted for. */
static void settle(struct session *s)
{
	__u64 until = now_ns() + SETTLE_NS;
	struct session_count n;

	while (!counts(s, &n) && n.offered != n.filtered + n.captured + n.lost && now_ns() < until)
		usleep(1000);
}

void session_stop(struct session *s)
{
	static const struct session_conf nobody;
	int locked;

	if (!s || !s->armed)
		return;
	s->armed = 0;
	session_unpark(s);
	locked = s->chain->lock >= 0 ? 0 : pins_lock(NULL);
	if (locked >= 0)
		session_disarm(s);
	settle(s);
	bpf_map_update_elem(s->chain->sessions, &s->number, &nobody, BPF_ANY);
	if (locked > 0)
		close(locked);
}

static void leave(struct session *s)
{
	if (s->confs)
		munmap(s->confs, SESSIONS * sizeof(*s->confs));
	fd_close(s->events); /* the last one takes the rings out of the array */
	fd_close(s->dir);    /* the last one gives the place free */
	s->confs = NULL;
	s->events = s->dir = -1;
}

void session_close(struct session *s)
{
	static const struct session_conf nobody;

	if (!s)
		return;
	session_stop(s);
	if (s->dir >= 0) /* the place was ours, armed or not */
		bpf_map_update_elem(s->chain->sessions, &s->number, &nobody, BPF_ANY);
	if (!s->shared)
		rings_close(s->rings);
	leave(s);
	chain_close(s->chain);
	free(s);
}

void session_leave(struct session *s)
{
	s->armed = 0;
	session_unpark(s);
	leave(s);
	chain_forget(s->chain);
}

struct rings *session_rings(struct session *s)
{
	return s->rings;
}

size_t session_cut(const struct session *s)
{
	return s->cut;
}

struct chain *session_chain(struct session *s)
{
	return s->chain;
}

/* Does the chain still stand, and is it the one that we are in? */
static int check_chain(struct session *s, struct fail *f)
{
	__u32 prog, ifindex = 0;
	int err = pins_link(s->chain->ifname, &prog, &ifindex);

	if (!err && !ifindex)
		return fail_set(f, ENODEV, "%s: the interface is gone", s->chain->ifname);
	if (err || ifindex != s->chain->info.ifindex)
		return fail_set(f, ENOENT, "%s: the chain was taken down", s->chain->ifname);
	return 0;
}

void session_beat(struct session *s)
{
	struct session_conf *conf = s->confs ? &s->confs[s->number] : NULL;

	if (conf && __atomic_load_n(&conf->id, __ATOMIC_RELAXED) == s->id)
		__atomic_store_n(&conf->beat, conf->beat + 1, __ATOMIC_RELAXED);
}

int session_check(struct session *s, struct fail *f)
{
	struct session_conf conf;
	int lock, err = check_chain(s, f);

	session_beat(s);
	if (err)
		return err;
	if (bpf_map_lookup_elem(s->chain->sessions, &s->number, &conf) || conf.id != s->id)
		return fail_set(f, ECONNRESET, "%s: the session was ended from outside",
				s->chain->ifname);
	if (s->parked_ns || session_is_armed(s))
		return 0;
	lock = pins_lock(f);
	if (lock < 0)
		return 0; /* busy: the next check does it */
	err = session_arm(s, f);
	close(lock);
	return err;
}
