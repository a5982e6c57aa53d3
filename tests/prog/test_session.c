// SPDX-License-Identifier: GPL-2.0
/* A capture session on a chain of probe stages: each field of an event, the filters, the sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/grab.h"
#include "tests/pkts.h"
#include "tests/probe.h"

#define JUMBO 9000
#define RING  (1 << 20)

static struct rig rig;
static int cpu;

static const struct session_spec all = { .snaplen = EVENT_SNAPLEN_MAX, .ring_bytes = RING };

/* Put a probe where session_open() of another may want the lock too. */
static void put(struct probe p)
{
	struct fail f = { 0 };
	struct chain *c;

	if (chain_open(rig.ifname, CHAIN_WRITE, &c, &f))
		fail_msg("%s", f.text);
	probe_put(c, p);
	chain_close(c);
}

static int empty(void **state)
{
	struct chain *c;
	int err;

	(void)state;
	if (chain_open(rig.ifname, CHAIN_WRITE, &c, NULL))
		return -1;
	err = 0;
	for (__u32 slot = 1; !err && slot < CHAIN_SLOTS; slot++)
		err = stage_unload(c, slot, NULL);
	chain_close(c);
	return err;
}

/* Send the frame @name of the table, followed by zeros up to @len bytes (0: as it is). */
static int send_frame(const char *name, __u32 len)
{
	unsigned char *buf = calloc(1, JUMBO);
	struct probe_run r = { .pkt = buf, .len = pkts_bytes(pkts_find(name), buf) };
	int verdict;

	if (len)
		r.len = len;
	verdict = probe_run(&rig, &r);
	free(buf);
	return verdict;
}

static __u32 instance(__u32 slot)
{
	struct chain_stage st;

	assert_int_equal(chain_stage(rig.chain, slot, &st), 0);
	return st.instance;
}

/* The sequence number that place 0 of the table gives on our CPU next. */
static __u64 next_seq(void)
{
	struct chain_cpu *cpus = calloc(rig.chain->ncpus, sizeof(*cpus));
	__u32 zero = 0;
	__u64 seq;

	assert_int_equal(bpf_map_lookup_elem(rig.chain->cpus, &zero, cpus), 0);
	seq = cpus[cpu].sessions[0].captured + cpus[cpu].sessions[0].lost + 1;
	free(cpus);
	return seq;
}

static void assert_sums(const struct grab *g, __u64 offered, __u64 filtered)
{
	struct session_count n = grab_counts(g);

	assert_int_equal(n.offered, offered);
	assert_int_equal(n.filtered, filtered);
	assert_int_equal(n.captured, g->count);
	assert_int_equal(n.offered, n.filtered + n.captured + n.lost);
}

static void check_steps(const struct grab_event *e, int times)
{
	static const struct event_step want[] = {
		{ .slot = 2, .verdict = CHAIN_NEXT, .reason = 1, .rule = 5 },
		{ .slot = 7, .verdict = CHAIN_DROP | EVENT_SHADOW, .reason = 2, .rule = 9 },
		{ .slot = 9, .verdict = CHAIN_TX, .reason = 63, .rule = 0xfffffffe },
	};
	__u32 ns = 0;

	assert_int_equal(e->head.steps, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct event_step s = e->steps[i];

		assert_int_equal(s.instance, instance(s.slot));
		if (!times)
			assert_int_equal(s.ns, 0);
		else
			assert_true(s.ns > ns && s.ns < NSEC);
		ns = s.ns;
		s.instance = s.ns = 0;
		assert_memory_equal(&s, &want[i], sizeof(s));
	}
}

static void check_event(const struct grab_event *e, __u64 from, __u64 to)
{
	static const __u8 zeros[sizeof(e->head.pad)];
	unsigned char buf[PKTS_MAX];
	__u32 len = pkts_bytes(pkts_find("ip4 udp"), buf);

	assert_in_range(e->head.time_ns, from, to);
	assert_int_equal(e->head.cpu, cpu);
	assert_int_equal(e->head.ifindex, rig.chain->info.ifindex);
	assert_int_equal(e->head.rxq, 0);
	assert_int_equal(e->head.len, len);
	assert_int_equal(e->head.cap_len, len);
	assert_int_equal(e->head.size, sizeof(e->head) + 3 * sizeof(e->steps[0]) + len);
	assert_int_equal(e->head.version, EVENT_VERSION);
	assert_int_equal(e->head.type, EVENT_PACKET);
	assert_int_equal(e->head.verdict, CHAIN_TX);
	assert_int_equal(e->head.point, EVENT_EXIT);
	assert_memory_equal(e->head.pad, zeros, sizeof(zeros));
	assert_memory_equal(e->data, buf, len);
}

static void test_every_field(void **state)
{
	(void)state;
	put((struct probe){ .slot = 2, .verdict = CHAIN_NEXT, .reason = 1, .rule = 5 });
	put((struct probe){ .slot = 7,
			    .verdict = CHAIN_DROP,
			    .reason = 2,
			    .rule = 9,
			    .flags = CHAIN_STAGE_SHADOW });
	put((struct probe){ .slot = 9, .verdict = CHAIN_TX, .reason = 63, .rule = 0xfffffffe });
	for (__u32 times = 0; times < 2; times++) {
		struct session_spec spec = all;
		__u64 seq = next_seq(), from, to;
		struct grab g;

		spec.flags = times ? SESSION_STEP_TIMES : 0;
		grab_open(&g, rig.ifname, &spec, NULL);
		for (int i = 0; i < 3; i++) {
			from = now_ns();
			assert_int_equal(send_frame("ip4 udp", 0), XDP_TX);
			to = now_ns();
			grab_read(&g, 1);
			assert_int_equal(g.count, i + 1);
			check_event(&g.events[i], from, to);
			check_steps(&g.events[i], times);
			assert_int_equal(g.events[i].head.flags, times ? EVENT_STEP_TIMES : 0);
			assert_int_equal(g.events[i].head.seq, seq + i);
			assert_int_equal(g.events[i].head.session, g.events[0].head.session);
		}
		grab_stop(&g);
		assert_int_equal(send_frame("ip4 udp", 0), XDP_TX);
		assert_sums(&g, 3, 0);
		grab_close(&g);
	}
}

static void test_all_stages_step(void **state)
{
	struct grab g;

	(void)state;
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++)
		put((struct probe){ .slot = slot, .verdict = CHAIN_NEXT, .rule = slot });
	grab_open(&g, rig.ifname, &all, NULL);
	assert_int_equal(send_frame("arp", 0), XDP_PASS);
	grab_stop(&g);
	assert_sums(&g, 1, 0);
	assert_int_equal(g.events[0].head.verdict, CHAIN_PASS);
	assert_int_equal(g.events[0].head.steps, 15);
	for (__u32 i = 0; i < 15; i++) {
		assert_int_equal(g.events[0].steps[i].slot, i + 1);
		assert_int_equal(g.events[0].steps[i].rule, i + 1);
		assert_int_equal(g.events[0].steps[i].verdict, CHAIN_NEXT);
	}
	grab_close(&g);
}

static void test_snaplen(void **state)
{
	static const __u32 snaplens[] = { 1, 64, 1500, EVENT_SNAPLEN_MAX },
			   lens[] = { 14, 63, 64, 65, 1500, 3000, 4096, JUMBO };
	unsigned char buf[JUMBO];
	struct grab g;

	(void)state;
	for (int i = 0; i < JUMBO; i++)
		buf[i] = i * 31 + (i >> 8);
	for (size_t s = 0; s < ARRAY_SIZE(snaplens); s++) {
		struct session_spec spec = all;

		spec.snaplen = snaplens[s];
		grab_open(&g, rig.ifname, &spec, NULL);
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
			const struct probe_run r = { .pkt = buf, .len = lens[i] };

			assert_int_equal(probe_run(&rig, &r), XDP_PASS);
		}
		grab_stop(&g);
		assert_sums(&g, ARRAY_SIZE(lens), 0);
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
			__u32 cap = lens[i] < snaplens[s] ? lens[i] : snaplens[s];

			assert_int_equal(g.events[i].head.len, lens[i]);
			assert_int_equal(g.events[i].head.cap_len, cap);
			assert_memory_equal(g.events[i].data, buf, cap);
		}
		grab_close(&g);
	}
}

#define BIT(n) (1u << (n))

/* What a session asks for; both as in struct session_conf. */
static const struct mask {
	__u32 verdicts, slots;
} masks[] = {
	{ BIT(CHAIN_DROP), 0 },
	{ BIT(CHAIN_TX) | BIT(CHAIN_ABORTED), 0 },
	{ BIT(CHAIN_PASS), 0 },
	{ 0, BIT(3) },
	{ 0, BIT(15) },
	{ 0, BIT(CHAIN_SLOT_END) },
	{ 0, BIT(3) | BIT(CHAIN_SLOT_END) },
	{ BIT(CHAIN_PASS), BIT(3) },
};

/* What the chain does, and which of the masks want it. */
static const struct {
	const char *name;
	struct probe probe;
	const char *wanted;
} says[] = {
	{ "nothing", { .slot = 3, .verdict = CHAIN_NEXT }, "..P..EE." },
	{ "a note", { .slot = 3, .verdict = CHAIN_NEXT, .reason = 1 }, "..P3.EEP" },
	{ "drop", { .slot = 3, .verdict = CHAIN_DROP }, "D..3..3." },
	{ "drop with reason", { .slot = 3, .verdict = CHAIN_DROP, .reason = 1 }, "D..3..3." },
	{ "shadow drop",
	  { .slot = 3, .verdict = CHAIN_DROP, .reason = 1, .flags = CHAIN_STAGE_SHADOW },
	  "..P3.EEP" },
	{ "pass", { .slot = 3, .verdict = CHAIN_PASS }, "..P3..3P" },
	{ "aborted", { .slot = 3, .verdict = CHAIN_ABORTED }, ".A.3..3." },
	{ "tx of slot 15", { .slot = 15, .verdict = CHAIN_TX }, ".T..L..." },
};

static void test_masks(void **state)
{
	size_t want[ARRAY_SIZE(masks)] = { 0 };
	struct grab g[SESSIONS];

	(void)state;
	for (size_t first = 0; first < ARRAY_SIZE(masks); first += SESSIONS) {
		for (int i = 0; i < SESSIONS; i++) {
			struct session_spec spec = all;

			spec.verdicts = masks[first + i].verdicts;
			spec.slots = masks[first + i].slots;
			grab_open(&g[i], rig.ifname, &spec, NULL);
		}
		for (size_t s = 0; s < ARRAY_SIZE(says); s++) {
			empty(NULL);
			put(says[s].probe);
			send_frame("ip4 udp", 0);
			for (int i = 0; i < SESSIONS; i++) {
				want[first + i] += says[s].wanted[first + i] != '.';
				grab_read(&g[i], 1);
				if (g[i].count != want[first + i])
					fail_msg("%s: mask %d has %zu events, not %zu",
						 says[s].name, (int)first + i, g[i].count,
						 want[first + i]);
			}
		}
		for (int i = 0; i < SESSIONS; i++) {
			grab_stop(&g[i]);
			assert_sums(&g[i], ARRAY_SIZE(says), ARRAY_SIZE(says) - want[first + i]);
			grab_close(&g[i]);
		}
	}
}

static const char *const traffic[] = { "ip4 udp", "ip4 tcp", "ip6 udp", "arp", "ip4 icmp" };

static void test_four_with_filters(void **state)
{
	static const struct {
		const char *filter, *frames[ARRAY_SIZE(traffic)];
	} cases[SESSIONS] = {
		{ "udp port 53", { "ip4 udp", "ip6 udp" } },
		{ "tcp port 443 and host 203.0.113.5", { "ip4 tcp" } },
		{ NULL, { "ip4 udp", "ip4 tcp", "ip6 udp", "arp", "ip4 icmp" } },
		{ "not ip", { "ip6 udp", "arp" } },
	};
	struct grab g[SESSIONS], fifth = { 0 };
	unsigned char buf[PKTS_MAX];
	struct fail f = { 0 };
	char pid[32];

	(void)state;
	for (int n = 0; n < SESSIONS; n++) {
		grab_open(&g[n], rig.ifname, &all, cases[n].filter);
		for (int i = 0; i < n; i++)
			session_beat(g[i].session);
		for (size_t i = 0; i < ARRAY_SIZE(traffic); i++)
			assert_int_equal(send_frame(traffic[i], 0), XDP_PASS);
	}
	assert_int_equal(session_open(rig.ifname, &all, &fifth.session, &f), -EUSERS);
	assert_null(fifth.session);
	snprintf(pid, sizeof(pid), "(pid %d)", getpid());
	assert_non_null(strstr(f.text, pid));
	assert_non_null(strstr(f.text, "test_session"));
	for (int n = 0; n < SESSIONS; n++) {
		size_t rounds = SESSIONS - n, k = 0;

		grab_stop(&g[n]);
		while (k < ARRAY_SIZE(traffic) && cases[n].frames[k])
			k++;
		assert_sums(&g[n], rounds * ARRAY_SIZE(traffic),
			    rounds * (ARRAY_SIZE(traffic) - k));
		assert_int_equal(g[n].count, rounds * k);
		for (size_t i = 0; i < g[n].count; i++) {
			__u32 len = pkts_bytes(pkts_find(cases[n].frames[i % k]), buf);

			assert_int_equal(g[n].events[i].head.len, len);
			assert_memory_equal(g[n].events[i].data, buf, len);
		}
		/* The others go on without it. */
		grab_close(&g[n]);
	}
	grab_open(&fifth, rig.ifname, &all, NULL); /* now there is room */
	grab_close(&fifth);
}

static int setup(void **state)
{
	(void)state;
	rig_up(&rig, "xse");
	close(rig.chain->lock); /* sessions want it */
	rig.chain->lock = -1;
	cpu = probe_pin(0);
	return cpu < 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, empty, empty)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_every_field), CASE(test_all_stages_step),   CASE(test_snaplen),
		CASE(test_masks),	CASE(test_four_with_filters),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
