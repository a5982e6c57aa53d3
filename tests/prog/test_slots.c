// SPDX-License-Identifier: GPL-2.0
/* The slots: order, handing on, verdicts, shadow mode, replacing and refusing programs. */
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

#include "lib/pins.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/pkts.h"
#include "tests/probe.h"

static struct rig rig;
static int cpu;
static unsigned char udp[PKTS_MAX];
static __u32 udp_len;
static struct chain_totals before, after;

/* One packet, and the counters before and after it. The verdict. */
static int run(void)
{
	const struct probe_run r = { .pkt = udp, .len = udp_len };
	int verdict;

	assert_int_equal(chain_totals(rig.chain, &before), 0);
	verdict = probe_run(&rig, &r);
	assert_int_equal(chain_totals(rig.chain, &after), 0);
	return verdict;
}

/* The probes that the last packet met: a hex digit a slot, in order. */
static __u64 order(void)
{
	struct chain_cpu *all = calloc(rig.chain->ncpus, sizeof(*all));
	__u32 zero = 0;
	__u64 n;

	assert_int_equal(bpf_map_lookup_elem(rig.chain->cpus, &zero, all), 0);
	n = (__u64)all[cpu].pkt.saddr[2] << 32 | all[cpu].pkt.saddr[3];
	free(all);
	return n;
}

/* What the last packet added to all counters of a slot: one verdict, and one reason or none. */
static void assert_counted(__u32 slot, int verdict, __u32 reason)
{
	for (int v = 0; v < CHAIN_VERDICTS; v++) {
		const struct chain_count *b = &before.verdicts[slot][v];
		const struct chain_count *a = &after.verdicts[slot][v];

		assert_int_equal(a->packets - b->packets, v == verdict);
		assert_int_equal(a->bytes - b->bytes, v == verdict ? udp_len : 0);
	}
	for (__u32 r = 0; r < CHAIN_REASONS; r++) {
		const struct chain_count *b = &before.reasons[slot][r];
		const struct chain_count *a = &after.reasons[slot][r];

		assert_int_equal(a->packets - b->packets, r && r == reason);
		assert_int_equal(a->bytes - b->bytes, r && r == reason ? udp_len : 0);
	}
}

static void assert_not_reached(__u32 slot)
{
	assert_counted(slot, -1, 0);
}

static int empty(void **state)
{
	(void)state;
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++)
		if (stage_unload(rig.chain, slot, NULL))
			return -1;
	return rig.chain->info.slots & ~CHAIN_BANK;
}

static void test_each_slot_alone(void **state)
{
	(void)state;
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++) {
		probe_put(rig.chain, (struct probe){ .slot = slot, .verdict = CHAIN_NEXT });
		assert_int_equal(run(), XDP_PASS);
		assert_int_equal(order(), slot);
		for (__u32 s = 0; s < CHAIN_SLOTS; s++)
			assert_counted(s, s == slot ? CHAIN_NEXT : -1, 0);
		assert_counted(CHAIN_SLOT_END, CHAIN_PASS, 0);
		assert_int_equal(probe_hits(rig.chain, slot), 1);
		assert_int_equal(stage_unload(rig.chain, slot, NULL), 0);
		assert_int_equal(run(), XDP_PASS);
		assert_int_equal(order(), 0);
		assert_not_reached(slot);
	}
}

/* Every pair: what stage_next() steps over must never be a slot that is filled. */
static void test_each_pair(void **state)
{
	(void)state;
	for (__u32 a = 1; a < CHAIN_SLOTS; a++) {
		probe_put(rig.chain, (struct probe){ .slot = a, .verdict = CHAIN_NEXT });
		for (__u32 b = a + 1; b < CHAIN_SLOTS; b++) {
			probe_put(rig.chain, (struct probe){ .slot = b, .verdict = CHAIN_NEXT });
			assert_int_equal(run(), XDP_PASS);
			assert_int_equal(order(), a << 4 | b);
			assert_int_equal(stage_unload(rig.chain, b, NULL), 0);
		}
		assert_int_equal(stage_unload(rig.chain, a, NULL), 0);
	}
}

static void test_all_in_order(void **state)
{
	(void)state;
	for (__u32 slot = CHAIN_SLOT_LB; slot > 0; slot--)
		probe_put(rig.chain, (struct probe){ .slot = slot, .verdict = CHAIN_NEXT });
	assert_int_equal(run(), XDP_PASS);
	assert_true(order() == 0x123456789abcdefULL);
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++)
		assert_counted(slot, CHAIN_NEXT, 0);
	assert_counted(CHAIN_SLOT_END, CHAIN_PASS, 0);
}

static void test_verdicts_end_the_chain(void **state)
{
	static const struct {
		__u32 verdict, reason;
		int xdp;
	} cases[] = {
		{ CHAIN_ABORTED, 1, XDP_ABORTED },   { CHAIN_DROP, 2, XDP_DROP },
		{ CHAIN_PASS, 63, XDP_PASS },	     { CHAIN_TX, 0, XDP_TX },
		{ CHAIN_REDIRECT, 1, XDP_REDIRECT },
	};

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_NEXT, .reason = 2 });
	probe_put(rig.chain, (struct probe){ .slot = 15, .verdict = CHAIN_NEXT });
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		probe_put(rig.chain, (struct probe){ .slot = 7,
						     .verdict = cases[i].verdict,
						     .reason = cases[i].reason });
		assert_int_equal(run(), cases[i].xdp);
		assert_int_equal(order(), 0x17);
		assert_counted(1, CHAIN_NEXT, 2);
		assert_counted(7, cases[i].verdict, cases[i].reason);
		assert_not_reached(15);
		assert_not_reached(CHAIN_SLOT_END);
	}
}

static void test_shadow_hands_on(void **state)
{
	(void)state;
	for (__u32 verdict = CHAIN_ABORTED; verdict <= CHAIN_NEXT; verdict++) {
		probe_put(rig.chain, (struct probe){ .slot = 4,
						     .verdict = verdict,
						     .reason = 9,
						     .flags = CHAIN_STAGE_SHADOW });
		probe_put(rig.chain, (struct probe){ .slot = 5, .verdict = CHAIN_TX });
		assert_int_equal(run(), XDP_TX);
		assert_int_equal(order(), 0x45);
		assert_counted(4, CHAIN_NEXT, 9);
		assert_counted(5, CHAIN_TX, 0);
	}
}

/* Asking is counted, and changes nothing else; in shadow mode too. */
static void test_trigger(void **state)
{
	(void)state;
	for (__u32 flags = 0; flags <= CHAIN_STAGE_SHADOW; flags++) {
		probe_put(rig.chain, (struct probe){ .slot = 9,
						     .verdict = CHAIN_DROP,
						     .reason = 63,
						     .asks = 1,
						     .flags = flags });
		assert_int_equal(run(), flags ? XDP_PASS : XDP_DROP);
		assert_counted(9, flags ? CHAIN_NEXT : CHAIN_DROP, 63);
		for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++)
			assert_int_equal(after.asked[slot] - before.asked[slot], slot == 9);
	}
	probe_put(rig.chain, (struct probe){ .slot = 9, .verdict = CHAIN_DROP });
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(after.asked[9], before.asked[9]);
}

static void test_replace_keeps_maps(void **state)
{
	struct probe p = { .slot = 3, .verdict = CHAIN_NEXT };
	struct chain_stage first, second;

	(void)state;
	probe_put(rig.chain, p);
	assert_int_equal(chain_stage(rig.chain, 3, &first), 0);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(probe_hits(rig.chain, 3), 2);
	p.verdict = CHAIN_DROP;
	p.lost = 99;
	assert_int_equal(probe_load(rig.chain, &p, NULL), 0);
	assert_int_equal(p.lost, 0);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(probe_hits(rig.chain, 3), 3);
	assert_int_equal(chain_stage(rig.chain, 3, &second), 0);
	assert_true(second.instance > first.instance);
	assert_true(second.since_ns > first.since_ns);
	assert_int_not_equal(second.prog_id, first.prog_id);
	assert_string_equal(second.name, "probe3");
	p.hits = 2; /* another shape: what was counted cannot be kept, and that is said */
	assert_int_equal(probe_load(rig.chain, &p, NULL), 0);
	assert_int_equal(p.lost, 1);
	assert_int_equal(probe_hits(rig.chain, 3), 0);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(probe_hits(rig.chain, 3), 1);
}

/* How many pins there are of stages in all, programs among them. */
static int pins(void)
{
	char path[PINS_PATH];

	pins_path(path, rig.ifname, NULL);
	return rig_sh("exit $(find %s -path '*/stage*/*' | wc -l)", path) >> 8;
}

static void test_refused_leaves_the_old(void **state)
{
	struct chain_stage first, second;
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(probe_object(rig.chain, "bad", 6, &f), -EACCES);
	assert_non_null(strstr(f.text, "bad: the verifier refuses it"));
	assert_non_null(strstr(f.log, "invalid access to packet"));
	assert_null(strstr(f.log, "processed "));
	assert_int_equal(chain_stage(rig.chain, 6, &first), -ENOENT);
	assert_int_equal(pins(), 0);
	assert_int_equal(rig.chain->info.slots & ~CHAIN_BANK, 0);

	probe_put(rig.chain, (struct probe){ .slot = 6, .verdict = CHAIN_DROP, .reason = 1 });
	assert_int_equal(chain_stage(rig.chain, 6, &first), 0);
	assert_int_equal(probe_object(rig.chain, "bad", 6, &f), -EACCES);
	assert_int_equal(run(), XDP_DROP);
	assert_counted(6, CHAIN_DROP, 1);
	assert_int_equal(chain_stage(rig.chain, 6, &second), 0);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_int_equal(pins(), 2);
	assert_int_equal(probe_hits(rig.chain, 6), 1);
}

static void test_not_a_slot(void **state)
{
	static const __u32 slots[] = { CHAIN_SLOT_DUMP, CHAIN_SLOTS, 1000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		struct probe p = { .slot = slots[i], .verdict = CHAIN_DROP };
		struct fail f = { 0 };

		assert_int_equal(probe_load(rig.chain, &p, &f), -ERANGE);
		assert_non_null(strstr(f.text, "slot 1 to 15"));
		assert_int_equal(pins(), 0);
		assert_int_equal(run(), XDP_PASS);
	}
}

/* A program that cannot be in the array, since it takes no packets of several buffers. */
static void test_not_for_this_chain(void **state)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct chain_stage st = { .name = "alien" };
	struct chain_stage now;
	struct fail f = { 0 };
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "alien", "GPL", insns, ARRAY_SIZE(insns), NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(chain_set(rig.chain, 2, fd, &st, &f), -EINVAL);
	assert_non_null(strstr(f.text, "does not take this program"));
	close(fd);
	assert_int_equal(chain_stage(rig.chain, 2, &now), -ENOENT);
	assert_int_equal(run(), XDP_PASS);
}

static void test_find_clear_release(void **state)
{
	struct chain_stage st;
	struct fail f = { 0 };

	(void)state;
	probe_put(rig.chain,
		  (struct probe){ .slot = 2, .verdict = CHAIN_DROP, .name = "team/no-telnet" });
	probe_put(rig.chain, (struct probe){ .slot = 15, .verdict = CHAIN_NEXT });
	assert_int_equal(chain_find(rig.chain, "team/no-telnet"), 2);
	assert_int_equal(chain_find(rig.chain, "probe15"), 15);
	assert_int_equal(chain_find(rig.chain, "probe2"), -ENOENT);
	assert_int_equal(chain_release(rig.chain, &f), 0);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(chain_clear(rig.chain, 2, &f), 0);
	assert_int_equal(chain_clear(rig.chain, 2, &f), 0);
	assert_int_equal(chain_stage(rig.chain, 2, &st), -ENOENT);
	assert_int_equal(chain_find(rig.chain, "team/no-telnet"), -ENOENT);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(order(), 0xf);
	assert_int_equal(chain_release(rig.chain, &f), 0);
	assert_int_equal(stage_unload(rig.chain, 15, &f), 0);
	assert_int_equal(pins(), 0);
}

static int setup(void **state)
{
	(void)state;
	udp_len = pkts_bytes(pkts_find("ip4 udp"), udp);
	rig_up(&rig, "xsl");
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
		CASE(test_each_slot_alone),    CASE(test_each_pair),
		CASE(test_all_in_order),       CASE(test_verdicts_end_the_chain),
		CASE(test_shadow_hands_on),    CASE(test_trigger),
		CASE(test_replace_keeps_maps), CASE(test_refused_leaves_the_old),
		CASE(test_not_a_slot),	       CASE(test_not_for_this_chain),
		CASE(test_find_clear_release),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
