// SPDX-License-Identifier: GPL-2.0
/*
 * session_arm - slot 0: which sessions live, and the dump stage and its exit for them.
 *
 * A place in the table is taken while somebody holds the lock on its pin directory. The filters
 * of all sessions are in one program, so whoever comes or goes builds it anew for all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain.h"
#include "lib/dump.h"
#include "lib/load.h"
#include "lib/object.h"
#include "lib/pins.h"
#include "lib/session_int.h"
#include "lib/util.h"

#define FIND_TRIES   20
#define FIND_WAIT_US 1000
#define PATIENCE_NS  (3 * NSEC)	    /* a process that lives beats twice a second */
#define REST_NS	     (NSEC / 5 * 2) /* a little longer than the dump stage lets a session rest */

static void place_path(char path[PINS_PATH], const struct session *s, __u32 number,
		       const char *name)
{
	char rel[32];

	snprintf(rel, sizeof(rel), "session%u%s%s", number, name ? "/" : "", name ? name : "");
	pins_path(path, s->chain->ifname, rel);
}

/* A locked descriptor of the place; -EWOULDBLOCK: somebody lives there; -errno. */
static int place_lock(const struct session *s, __u32 number)
{
	char path[PINS_PATH];
	int fd, err;

	place_path(path, s, number, NULL);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int place_events(const struct session *s, __u32 number)
{
	char path[PINS_PATH];
	int fd;

	place_path(path, s, number, "events");
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static int all_taken(const struct session *s, struct fail *f)
{
	char names[256] = "";
	struct session_conf conf;
	size_t len = 0;

	for (__u32 i = 0; i < SESSIONS; i++)
		if (!bpf_map_lookup_elem(s->chain->sessions, &i, &conf) && len < sizeof(names))
			len += snprintf(names + len, sizeof(names) - len, "%s%.16s (pid %d)",
					len ? ", " : "", conf.comm, conf.pid);
	return fail_set(f, EUSERS, "%s: %d captures are running already, end one: %s",
			s->chain->ifname, SESSIONS, names);
}

static int place_find(struct session *s)
{
	int fd = -EWOULDBLOCK;

	for (s->number = 0; fd == -EWOULDBLOCK && s->number < SESSIONS; s->number++)
		fd = place_lock(s, s->number);
	s->number--;
	return fd;
}

int session_take(struct session *s, struct fail *f)
{
	int fd = place_find(s);

	for (int i = 0; fd == -EWOULDBLOCK && i < FIND_TRIES; i++) {
		usleep(FIND_WAIT_US); /* another session may just be probing a dead one's lock */
		fd = place_find(s);
	}
	if (fd == -EWOULDBLOCK)
		return all_taken(s, f);
	if (fd < 0)
		return fail_set(f, -fd, "%s: session: %s", s->chain->ifname, strerror(-fd));
	s->dir = fd;
	s->events = place_events(s, s->number);
	if (s->events < 0)
		return fail_set(f, -s->events, "%s: perf event array: %s", s->chain->ifname,
				strerror(-s->events));
	return 0;
}

/* Is there a process behind this entry of the table? An entry without one is cleared. */
static int lives(const struct session *s, __u32 number)
{
	static const struct session_conf nobody;
	struct session_conf conf;
	int fd;

	if (bpf_map_lookup_elem(s->chain->sessions, &number, &conf) || !conf.id)
		return 0;
	if (number == s->number)
		return 1;
	fd = place_lock(s, number);
	if (fd < 0)
		return 1;
	bpf_map_update_elem(s->chain->sessions, &number, &nobody, BPF_ANY);
	close(fd);
	return 0;
}

/* Does a session in @mask want packets as they came? */
static int wants_entry(const struct session *s, __u32 mask)
{
	struct session_conf conf;

	for (__u32 i = 0; i < SESSIONS; i++)
		if (mask & 1u << i && !bpf_map_lookup_elem(s->chain->sessions, &i, &conf) &&
		    conf.flags & SESSION_ENTRY)
			return 1;
	return 0;
}

static int make_entries(__u32 n)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "entries", sizeof(__u32),
				sizeof(struct session_entry), n, NULL);

	return fd < 0 ? -errno : fd;
}

static void forget_entries(const struct session *s)
{
	char path[PINS_PATH];

	pins_path(path, s->chain->ifname, "entries");
	unlink(path);
}

/*
 * Where packets are kept as they came: 64 KiB a CPU, so it is there only while a session in @mask
 * wants it. It is pinned for the sessions that follow; the programs hold it beyond that.
 */
static int open_entries(const struct session *s, __u32 mask)
{
	char path[PINS_PATH];
	int fd, err;

	if (!wants_entry(s, mask)) {
		forget_entries(s);
		return make_entries(1);
	}
	pins_path(path, s->chain->ifname, "entries");
	fd = bpf_obj_get(path);
	if (fd >= 0)
		return fd;
	fd = make_entries(s->chain->ncpus);
	if (fd < 0)
		return fd;
	err = pins_pin(fd, path);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int load_exit(const struct session *s, int entries, struct fail *f)
{
	static const char *const names[SESSIONS] = { "events0", "events1", "events2", "events3" };
	const struct object *o = object_find("xdp_exit");
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xdp_exit");
	struct bpf_object *obj = bpf_object__open_mem(o->data, o->size, &opts);
	int err = obj ? chain_reuse(s->chain, obj, f) : -errno, fd;

	for (__u32 i = 0; !err && i < SESSIONS; i++) {
		err = fd = place_events(s, i);
		if (fd < 0)
			break;
		err = bpf_map__reuse_fd(bpf_object__find_map_by_name(obj, names[i]), fd);
		close(fd);
	}
	if (!err)
		err = bpf_map__reuse_fd(bpf_object__find_map_by_name(obj, "entries"), entries);
	if (!err)
		err = load_object(obj, f);
	if (!err)
		err = fd = fcntl(bpf_program__fd(bpf_object__next_program(obj, NULL)),
				 F_DUPFD_CLOEXEC, 3);
	bpf_object__close(obj);
	return err;
}

/* The dump stage with the filters of the sessions in @mask. */
static int load_dump(const struct session *s, __u32 mask, int entries, struct fail *f)
{
	struct session_filter *filters = calloc(SESSIONS, sizeof(*filters));
	const struct dump_map maps[] = {
		{ "slots", s->chain->slots }, { "tap", s->chain->tap },
		{ "cpus", s->chain->cpus },   { "sessions", s->chain->sessions },
		{ "entries", entries },	      { NULL, -1 }
	};
	struct dump_spec spec = {
		.maps = maps, .sessions = mask, .instance = s->id, .patience_ns = PATIENCE_NS
	};
	int err = filters ? 0 : -ENOMEM;

	for (__u32 i = 0; !err && i < SESSIONS; i++) {
		if (!(mask & 1u << i))
			continue;
		if (bpf_map_lookup_elem(s->chain->filters, &i, &filters[i]))
			err = -errno;
		spec.filters[i].insns = (const void *)filters[i].insns;
		spec.filters[i].count = filters[i].count;
	}
	if (!err)
		err = dump_load(&spec, f);
	free(filters);
	return err;
}

static int tap_set(const struct session *s, __u32 index, int prog)
{
	if (prog < 0)
		return prog;
	if (bpf_map_update_elem(s->chain->tap, &index, &prog, BPF_ANY))
		return -errno;
	return index == CHAIN_TAP_DUMP ? chain_tap(s->chain, 1) : 0;
}

static __u32 tap_id(const struct session *s, __u32 index)
{
	__u32 id = 0;

	return bpf_map_lookup_elem(s->chain->tap, &index, &id) ? 0 : id;
}

static int tap_filled(const struct session *s)
{
	return tap_id(s, CHAIN_TAP_DUMP) && tap_id(s, CHAIN_TAP_EXIT);
}

static __u32 live_mask(const struct session *s)
{
	__u32 mask = 0;

	for (__u32 i = 0; i < SESSIONS; i++)
		if (lives(s, i))
			mask |= 1u << i;
	return mask;
}

int session_arm(struct session *s, struct fail *f)
{
	int entries, leave = -1, dump = -1, err;

	s->built = live_mask(s);
	err = entries = open_entries(s, s->built);
	if (entries < 0)
		fail_set(f, -err, "%s: memory for packets as they came: %s", s->chain->ifname,
			 strerror(-err));
	if (entries >= 0)
		err = leave = load_exit(s, entries, f);
	if (leave >= 0)
		err = dump = load_dump(s, s->built, entries, f);
	if (dump >= 0) {
		err = tap_set(s, CHAIN_TAP_EXIT, leave); /* the way out first */
		if (!err)
			err = tap_set(s, CHAIN_TAP_DUMP, dump);
		if (err)
			fail_set(f, -err, "%s: slot 0: %s", s->chain->ifname, strerror(-err));
	}
	s->armed = err >= 0;
	s->built_id = tap_id(s, CHAIN_TAP_DUMP);
	fd_close(entries);
	fd_close(leave);
	fd_close(dump);
	return err < 0 ? err : 0;
}

static void tap_clear(const struct session *s)
{
	__u32 dump = CHAIN_TAP_DUMP, leave = CHAIN_TAP_EXIT;

	chain_tap(s->chain, 0);
	bpf_map_delete_elem(s->chain->tap, &dump);
	bpf_map_delete_elem(s->chain->tap, &leave);
}

void session_disarm(struct session *s)
{
	__u32 mask = live_mask(s) & ~(1u << s->number);
	int entries, fd;

	if (!mask) {
		forget_entries(s);
		tap_clear(s);
		return;
	}
	entries = open_entries(s, mask);
	fd = load_dump(s, mask, entries, NULL);
	tap_set(s, CHAIN_TAP_DUMP, fd);
	fd_close(fd);
	fd_close(entries);
}

void session_unpark(struct session *s)
{
	if (s->parked_ns)
		close(s->parked);
	s->parked_ns = 0;
}

/* Take our slot 0 out, if it is ours and no other's. */
static void park(struct session *s, __u32 rested)
{
	__u32 dump = CHAIN_TAP_DUMP;
	int fd;

	if (live_mask(s) != 1u << s->number || tap_id(s, dump) != s->built_id)
		return;
	fd = bpf_prog_get_fd_by_id(s->built_id);
	if (fd < 0)
		return;
	if (bpf_map_delete_elem(s->chain->tap, &dump)) {
		close(fd);
		return;
	}
	chain_tap(s->chain, 0);
	s->parked = fd;
	s->parked_ns = now_ns();
	s->rested = rested;
}

/* Whoever began meanwhile has built one that is for us too. */
static void wake(struct session *s)
{
	if (!tap_id(s, CHAIN_TAP_DUMP))
		tap_set(s, CHAIN_TAP_DUMP, s->parked);
	session_unpark(s);
}

void session_rest(struct session *s)
{
	__u32 rested;
	int lock;

	if (!s->armed || !s->confs)
		return;
	rested = __atomic_load_n(&s->confs[s->number].rested, __ATOMIC_RELAXED);
	if (s->parked_ns ? now_ns() - s->parked_ns < REST_NS : !rested || rested == s->rested)
		return;
	lock = pins_try_lock();
	if (lock < 0)
		return;
	if (s->parked_ns)
		wake(s);
	else
		park(s, rested);
	close(lock);
}

int session_is_armed(struct session *s)
{
	struct session_conf conf;
	__u32 live = 0, dead = 0;

	if (!tap_filled(s))
		return 0;
	for (__u32 i = 0; i < SESSIONS; i++) {
		int fd = -EWOULDBLOCK;

		if (bpf_map_lookup_elem(s->chain->sessions, &i, &conf) || !conf.id)
			continue;
		if (i != s->number)
			fd = place_lock(s, i);
		fd_close(fd);
		*(fd < 0 ? &live : &dead) |= 1u << i;
	}
	/* The exit may have cleared a dead one already: then only what we built still runs it. */
	return !dead && (live == s->built || tap_id(s, CHAIN_TAP_DUMP) != s->built_id);
}
