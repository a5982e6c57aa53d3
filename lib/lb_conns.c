// SPDX-License-Identifier: GPL-2.0
/* The connection table, read entry by entry while packets write it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"
#include "lib/stage.h"
#include "lib/util.h"

#define STAMP_AHEAD 16 /* units that our idea of jiffies may be behind the kernel's */

/* Jiffies follow CLOCK_MONOTONIC, and begin 5 minutes before 2^32 (INITIAL_JIFFIES). */
__u32 lb_stamp(void)
{
	__u64 hz = lb_hz(), ns = now_ns();
	__u64 jiffies = (1ULL << 32) - 300 * hz + ns / NSEC * hz + ns % NSEC * hz / NSEC;

	return (jiffies >> LB_STAMP_JIFFIES) & LB_STAMP_MASK;
}

struct scan {
	struct lb *lb;
	__u32 stamp;
	__u64 unit_ns;
	int (*fn)(const struct lb_conn *conn, void *arg);
	void *arg;
};

/* What does not depend on the family. -1: nobody is there, or another is by now. */
static int decode(const struct scan *s, __u64 data, __u16 vip, struct lb_conn *conn)
{
	__u32 real = lb_data_real(data), age = lb_data_age(data, s->stamp);
	const struct lb_real *r;

	if (!data || real >= LB_REALS || vip >= LB_VIPS)
		return -1;
	r = &s->lb->reals[real];
	if (!r->gen || r->gen != lb_data_gen(data) || r->vip != vip)
		return -1;
	if (age > LB_STAMP_MASK - STAMP_AHEAD)
		age = 0;
	conn->vip = vip;
	conn->real = real;
	conn->is_used = data >> LB_DATA_USED & 1;
	conn->is_closing = data >> LB_DATA_CLOSING & 1;
	conn->idle_ns = age * s->unit_ns;
	return 0;
}

/* The VIP's address, if it is one, and its port, if that is one. */
static void set_dst(const struct scan *s, struct lb_conn *conn)
{
	const struct lb_vip *v = &s->lb->vips[conn->vip];

	conn->dport = v->what.port;
	if (v->plen != (v->what.version == 4 ? 32 : 128))
		return;
	conn->dst.family = v->what.version == 4 ? AF_INET : AF_INET6;
	memcpy(conn->dst.word, v->addr, sizeof(v->addr));
}

static int entry4(const struct scan *s, __u64 key, __u64 data)
{
	struct lb_conn conn = { 0 };

	key ^= lb_data_fixed(data);
	if (decode(s, data, key, &conn))
		return 0;
	set_dst(s, &conn);
	conn.client.family = AF_INET;
	conn.client.word[0] = key >> 32;
	conn.sport = key >> 16;
	return s->fn(&conn, s->arg);
}

static int entry6(const struct scan *s, const __u64 *words, __u64 data)
{
	__u64 key[3], fixed = lb_data_fixed(data);
	struct lb_conn conn = { 0 };

	for (int i = 0; i < 3; i++)
		key[i] = words[i] ^ fixed;
	if (decode(s, data, key[2], &conn))
		return 0;
	set_dst(s, &conn);
	conn.dport = key[2] >> 32;
	conn.sport = key[2] >> 16;
	if (s->lb->vips[conn.vip].what.version == 4) {
		conn.client.family = conn.dst.family = AF_INET;
		conn.client.word[0] = LB_PAIR_FIRST(key[0]);
		conn.dst.word[0] = LB_PAIR_SECOND(key[0]);
		return s->fn(&conn, s->arg);
	}
	conn.client.family = AF_INET6;
	conn.client.word[0] = LB_PAIR_FIRST(key[0]);
	conn.client.word[1] = LB_PAIR_SECOND(key[0]);
	conn.is_half = !conn.dst.family;
	if (!conn.is_half) {
		conn.client.word[2] = LB_PAIR_FIRST(key[1]);
		conn.client.word[3] = LB_PAIR_SECOND(key[1]);
	}
	return s->fn(&conn, s->arg);
}

/* Map the table @name, and give each of its entries, of @words words and data, to @entry. */
static int scan_table(const struct scan *s, const char *name, int words,
		      int (*entry)(const struct scan *s, const __u64 *at))
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	size_t bytes, step = words + 1;
	const __u64 *mem;
	int err, fd = stage_map(s->lb->chain, CHAIN_SLOT_LB, name);

	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;
	bytes = (size_t)info.max_entries * info.value_size;
	mem = err ? MAP_FAILED : mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (!err && mem == MAP_FAILED)
		err = -errno;
	close(fd);
	for (size_t i = 0; !err && i < bytes / sizeof(*mem); i += step)
		if (mem[i + words])
			err = entry(s, mem + i);
	if (mem != MAP_FAILED)
		munmap((void *)mem, bytes);
	return err;
}

static int at4(const struct scan *s, const __u64 *at)
{
	return entry4(s, at[0], at[1]);
}

static int at6(const struct scan *s, const __u64 *at)
{
	return entry6(s, at, at[3]);
}

int lb_conns_each(struct lb *lb, int (*fn)(const struct lb_conn *conn, void *arg), void *arg)
{
	struct scan s = { .lb = lb,
			  .stamp = lb_stamp(),
			  .unit_ns = (NSEC << LB_STAMP_JIFFIES) / lb_hz(),
			  .fn = fn,
			  .arg = arg };
	int err = scan_table(&s, "conns4", 1, at4);

	return err ? err : scan_table(&s, "conns6", 3, at6);
}

int lb_conn_lives(const struct lb_conn *conn, __u8 proto, __u32 udp_idle_s)
{
	__u64 limit = proto == PKT_UDP	 ? udp_idle_s
		      : conn->is_closing ? LB_TCP_CLOSING_S
					 : LB_TCP_IDLE_S;

	return conn->idle_ns < limit * NSEC;
}

struct tally {
	const struct lb *lb;
	__u32 udp_idle_s, *counts;
};

static int tally_one(const struct lb_conn *conn, void *arg)
{
	const struct tally *t = arg;

	t->counts[conn->real] +=
		lb_conn_lives(conn, t->lb->vips[conn->vip].what.proto, t->udp_idle_s);
	return 0;
}

int lb_conns_count(struct lb *lb, __u32 *counts, struct fail *f)
{
	struct tally t = { .lb = lb, .counts = counts };
	struct lb_options o;
	int err = lb_options(lb->chain, &o);

	memset(counts, 0, LB_REALS * sizeof(*counts));
	t.udp_idle_s = o.udp_idle_s;
	if (!err)
		err = lb_conns_each(lb, tally_one, &t);
	return err ? fail_set(f, -err, "%s: cannot read the connection table: %s",
			      lb->chain->ifname, strerror(-err))
		   : 0;
}

int lb_guard(struct lb *lb, struct lb_guard_state *state)
{
	__u64 hz = lb_hz(), now = (__u64)lb_stamp() << LB_STAMP_JIFFIES;
	struct lb_guard *all = calloc(lb->chain->ncpus, sizeof(*all));
	struct lb_guard_state out = { 0 };
	__u32 zero = 0;
	int err;

	if (!all)
		return -ENOMEM;
	err = bpf_map_lookup_elem(lb->guards, &zero, all) ? -errno : 0;
	for (size_t i = 0; !err && i < (size_t)lb->chain->ncpus; i++) {
		__u64 mask = ((__u64)LB_STAMP_MASK << LB_STAMP_JIFFIES) | 0xff;
		__u64 age = (now - all[i].start) & mask;

		/* a CPU that no packet came to since has not noticed that its second is over */
		out.cpus_on += all[i].on && (age < 2 * hz + 256 || age > mask - 256 * STAMP_AHEAD);
		out.times += all[i].times;
		out.packets += all[i].packets;
	}
	free(all);
	if (!err)
		*state = out;
	return err;
}
