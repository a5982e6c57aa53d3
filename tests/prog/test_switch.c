// SPDX-License-Identifier: GPL-2.0
/* A change of several slots: one step for every packet, counters that go along, panic, leftovers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/pins.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/pkts.h"
#include "tests/probe.h"

#define ROUNDS 60

static struct rig rig;
static unsigned char udp[PKTS_MAX];
static __u32 udp_len;

static int run(void)
{
	const struct probe_run r = { .pkt = udp, .len = udp_len };

	return probe_run(&rig, &r);
}

static __u64 packets(__u32 slot, __u32 verdict)
{
	struct chain_totals t;

	assert_int_equal(chain_totals(rig.chain, &t), 0);
	return t.verdicts[slot][verdict].packets;
}

/* Move what is in slot @from to slot @to, as it is. */
static void move(struct chain_layout *l, __u32 from, __u32 to)
{
	assert_int_equal(chain_layout_put(l, to, l->progs[from], &l->stages[from]), 0);
	l->from[to] = from;
	assert_int_equal(chain_layout_put(l, from, -1, NULL), 0);
}

struct flood {
	volatile int stop;
	__u64 sent;
};

static void *flood(void *arg)
{
	struct flood *f = arg;

	while (!f->stop) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = udp, .data_size_in = udp_len,
			    .repeat = 20000);

		if (bpf_prog_test_run_opts(rig.root, &opts))
			break;
		f->sent += opts.repeat;
	}
	return NULL;
}

/* The only policer goes to another slot and back, and no packet passes it by. */
static void test_none_unpoliced(void **state)
{
	struct flood f = { 0 };
	struct chain_layout l;
	pthread_t thread;
	__u32 at = 2;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 2, .verdict = CHAIN_NEXT, .name = "a" });
	probe_put(rig.chain, (struct probe){ .slot = 3, .verdict = CHAIN_DROP, .name = "b" });
	/* "a" is loaded for slot 2 and hands on to 3 and later; so only "b" may move, behind it. */
	at = 3;
	assert_int_equal(pthread_create(&thread, NULL, flood, &f), 0);
	for (int i = 0; i < ROUNDS; i++) {
		__u32 to = at == 3 ? 9 : 3;

		assert_int_equal(chain_layout(rig.chain, &l, NULL), 0);
		move(&l, at, to);
		assert_int_equal(chain_switch(rig.chain, &l, NULL), 0);
		chain_layout_close(&l);
		at = to;
	}
	f.stop = 1;
	pthread_join(thread, NULL);
	assert_true(f.sent >= 20000);
	assert_int_equal(packets(CHAIN_SLOT_END, CHAIN_PASS), 0);
	assert_int_equal(packets(2, CHAIN_NEXT), f.sent);
}

/* Two stages are replaced together: no packet meets the one of before and the other of after. */
static void test_all_or_nothing(void **state)
{
	struct flood f = { 0 };
	struct chain_layout one, other;
	pthread_t thread;

	(void)state;
	/* First: dropped in slot 1. Second: slot 1 hands on, and slot 2 drops. A mixture passes. */
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_DROP });
	probe_put(rig.chain, (struct probe){ .slot = 2, .verdict = CHAIN_NEXT });
	assert_int_equal(chain_layout(rig.chain, &one, NULL), 0);
	probe_put(rig.chain, (struct probe){ .slot = 2, .verdict = CHAIN_DROP });
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_NEXT });
	assert_int_equal(chain_layout(rig.chain, &other, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, flood, &f), 0);
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(chain_switch(rig.chain, i % 2 ? &other : &one, NULL), 0);
	f.stop = 1;
	pthread_join(thread, NULL);
	assert_true(f.sent >= 20000);
	assert_int_equal(packets(CHAIN_SLOT_END, CHAIN_PASS), 0);
	assert_int_equal(packets(1, CHAIN_DROP) + packets(2, CHAIN_DROP), f.sent);
	chain_layout_close(&one);
	chain_layout_close(&other);
}

static void test_counters_go_along(void **state)
{
	struct chain_layout l;
	struct chain_totals t;

	(void)state;
	probe_put(rig.chain,
		  (struct probe){ .slot = 4, .verdict = CHAIN_DROP, .reason = 7, .name = "a" });
	for (int i = 0; i < 5; i++)
		assert_int_equal(run(), XDP_DROP);
	assert_int_equal(chain_layout(rig.chain, &l, NULL), 0);
	move(&l, 4, 6);
	assert_int_equal(chain_switch(rig.chain, &l, NULL), 0);
	chain_layout_close(&l);
	assert_int_equal(chain_totals(rig.chain, &t), 0);
	assert_int_equal(t.verdicts[6][CHAIN_DROP].packets, 5);
	assert_int_equal(t.verdicts[6][CHAIN_DROP].bytes, 5 * udp_len);
	assert_int_equal(t.reasons[6][7].packets, 5);
	assert_int_equal(t.verdicts[4][CHAIN_DROP].packets, 0);
	/* Another one comes where it was, and begins with nothing. */
	probe_put(rig.chain, (struct probe){ .slot = 4, .verdict = CHAIN_DROP, .name = "b" });
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(packets(4, CHAIN_DROP), 1);
	assert_int_equal(packets(6, CHAIN_DROP), 5);
	/* Replaced under its name it goes on; under another it does not, and the sum stays. */
	probe_put(rig.chain, (struct probe){ .slot = 4, .verdict = CHAIN_DROP, .name = "b" });
	assert_int_equal(packets(4, CHAIN_DROP), 1);
	probe_put(rig.chain, (struct probe){ .slot = 4, .verdict = CHAIN_PASS, .name = "c" });
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(chain_totals(rig.chain, &t), 0);
	assert_int_equal(t.verdicts[4][CHAIN_DROP].packets, 0);
	assert_int_equal(t.verdicts[4][CHAIN_PASS].packets, 1);
	assert_int_equal(t.gone[CHAIN_DROP].packets + t.verdicts[6][CHAIN_DROP].packets, 6);
}

static void test_panic(void **state)
{
	struct fail f = { 0 };

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_DROP });
	probe_put(rig.chain, (struct probe){ .slot = 14, .verdict = CHAIN_DROP });
	assert_int_equal(chain_panic(rig.chain, 1, &f), 0);
	assert_int_equal(run(), XDP_PASS);
	/* What is changed meanwhile is no end of it. */
	probe_put(rig.chain, (struct probe){ .slot = 5, .verdict = CHAIN_DROP });
	assert_int_equal(run(), XDP_PASS);
	probe_put(rig.chain, (struct probe){ .slot = 15, .verdict = CHAIN_TX });
	assert_int_equal(run(), XDP_TX);
	assert_int_equal(chain_panic(rig.chain, 0, &f), 0);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(packets(1, CHAIN_DROP), 1);
}

/* What a command that was killed leaves in the other bank is not part of what the next one makes.
 */
static void test_leftovers(void **state)
{
	__u32 bank, from, to, id;
	int fd;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_DROP });
	bank = rig.chain->info.slots & CHAIN_BANK;
	from = chain_at(bank, 1);
	to = chain_at(!bank, 8);
	assert_int_equal(bpf_map_lookup_elem(rig.chain->slots, &from, &id), 0);
	fd = bpf_prog_get_fd_by_id(id);
	assert_int_equal(bpf_map_update_elem(rig.chain->slots, &to, &fd, BPF_ANY), 0);
	close(fd);
	assert_int_equal(stage_unload(rig.chain, 1, NULL), 0);
	assert_int_equal(rig.chain->info.slots & ~CHAIN_BANK, 0);
	probe_put(rig.chain, (struct probe){ .slot = 9, .verdict = CHAIN_NEXT });
	assert_int_equal(run(), XDP_PASS);
}

static void test_refused_is_as_before(void **state)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct chain_stage alien = { .name = "alien" };
	struct chain_stage st;
	struct chain_layout l;
	struct fail f = { 0 };
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "alien", "GPL", insns, ARRAY_SIZE(insns), NULL);

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_DROP, .name = "a" });
	assert_int_equal(chain_layout(rig.chain, &l, NULL), 0);
	move(&l, 1, 2);
	assert_int_equal(chain_layout_put(&l, 9, fd, &alien), 0); /* it takes no frags */
	assert_int_equal(chain_switch(rig.chain, &l, &f), -EINVAL);
	assert_non_null(strstr(f.text, "slot 9: the chain does not take this program"));
	chain_layout_close(&l);
	close(fd);
	assert_int_equal(chain_stage(rig.chain, 1, &st), 0);
	assert_string_equal(st.name, "a");
	assert_int_equal(chain_stage(rig.chain, 2, &st), -ENOENT);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(packets(1, CHAIN_DROP), 1);
}

static int up(void **state)
{
	(void)state;
	udp_len = pkts_bytes(pkts_find("ip4 udp"), udp);
	rig_up(&rig, "xsw");
	return 0;
}

static int down(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_none_unpoliced),    CASE(test_all_or_nothing),
		CASE(test_counters_go_along), CASE(test_panic),
		CASE(test_leftovers),	      CASE(test_refused_is_as_before),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
