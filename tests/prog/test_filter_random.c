// SPDX-License-Identifier: GPL-2.0
/*
 * test_filter_random - random classic programs in the kernel, against libpcap: every opcode,
 * packets of several buffers, loads at the border of each, and the largest programs there can be.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/filter.h>

#include "lib/util.h"
#include "tests/dumprig.h"
#include "tests/randprog.h"
#include "tests/rounds.h"

static struct dumprig rig;

static void random_bytes(struct dice *d, unsigned char *pkt, __u32 len)
{
	for (__u32 i = 0; i < len; i++)
		pkt[i] = i % 7 ? dice_roll(d, 256) : 0x45;
}

static void random_group(struct dice *d, struct dumprig_group *g, struct classic_insn (*insns)[300],
			 __u32 max, __u32 reach)
{
	*g = (struct dumprig_group){ 0 };
	for (int i = 0; i < SESSIONS; i++) {
		g->progs[i] = (struct classic_prog){ insns[i], 1 + dice_roll(d, max) };
		randprog(d, insns[i], g->progs[i].count, reach);
	}
	dumprig_load(&rig, g);
}

static void test_random_programs(void **state)
{
	static struct classic_insn insns[SESSIONS][300];
	static unsigned char pkt[DUMPRIG_PKT_MAX];
	struct dice d = { .seed = 777 };
	struct dumprig_group g;

	(void)state;
	for (int round = 0; round < rounds(600); round++) {
		random_group(&d, &g, insns, round % 10 ? 40 : 300, round % 2 ? 60 : 200);
		for (int n = 0; n < 60; n++) {
			__u32 len = DUMPRIG_PKT_MIN + dice_roll(&d, n % 2 ? 60 : 250);

			random_bytes(&d, pkt, len);
			assert_true(dumprig_compare(&rig, &g, pkt, len, 0));
		}
		dumprig_unload(&g);
	}
	dumprig_report(&rig, "random programs");
}

/* Packets of several buffers: random programs that read all over them. */
static void test_random_buffers(void **state)
{
	static struct classic_insn insns[SESSIONS][300];
	static unsigned char pkt[DUMPRIG_PKT_MAX];
	struct dice d = { .seed = 888 };
	unsigned int split = 0;
	struct dumprig_group g;

	(void)state;
	random_bytes(&d, pkt, sizeof(pkt));
	for (int round = 0; round < rounds(300); round++) {
		bool small = round % 2;

		random_group(&d, &g, insns, 30, small ? 150 : DUMPRIG_PKT_MAX);
		for (int n = 0; n < 40; n++) {
			__u32 len = small ? 60 + dice_roll(&d, 100) : 3000 + dice_roll(&d, 6001);
			__u32 linear = small ? DUMPRIG_PKT_MIN + dice_roll(&d, 46) : 0;

			for (int i = 0; i < 20; i++)
				pkt[dice_roll(&d, 100)] = dice_roll(&d, 256);
			split += dumprig_compare(&rig, &g, pkt, len, linear) && linear;
		}
		dumprig_unload(&g);
	}
	print_message("%u packets with a first buffer of 14 to 59 bytes\n", split);
	dumprig_report(&rig, "random programs on buffers");
}

/* --- the border of the linear part ------------------------------------------------------------ */

/* Byte @at in each way a program can load it; matches if the bit is set that the packet has. */
static void border_programs(struct classic_insn (*insns)[4], struct dumprig_group *g, __u32 at)
{
	static const __u16 sizes[] = { BPF_B, BPF_H, BPF_W };

	*g = (struct dumprig_group){ 0 };
	for (__u32 i = 0; i < SESSIONS; i++) {
		bool last = i == SESSIONS - 1;
		struct classic_insn *p = insns[i];

		p[0] = (struct classic_insn){ BPF_LDX | BPF_IMM, 0, 0, at / 2 };
		p[1] = (struct classic_insn){ BPF_LD | sizes[i % 3] | (at % 2 ? BPF_ABS : BPF_IND),
					      0, 0, at % 2 ? at : at - at / 2 };
		if (last)
			p[1] = (struct classic_insn){ BPF_LDX | BPF_B | BPF_MSH, 0, 0, at };
		p[2] = (struct classic_insn){ last ? BPF_MISC | BPF_TXA : BPF_ALU | BPF_AND, 0, 0,
					      0x21 };
		p[3] = (struct classic_insn){ BPF_RET | BPF_A, 0, 0, 0 };
		g->progs[i] = (struct classic_prog){ p, 4 };
	}
	dumprig_load(&rig, g);
}

static void border_compare(__u32 at, __u32 len, __u32 linear)
{
	static struct classic_insn insns[SESSIONS][4];
	static unsigned char pkt[DUMPRIG_PKT_MAX];
	struct dice d = { .seed = at + 1 };
	struct dumprig_group g;

	random_bytes(&d, pkt, len);
	border_programs(insns, &g, at);
	dumprig_compare(&rig, &g, pkt, len, linear);
	dumprig_unload(&g);
}

/* Of a packet with a given first buffer: around its end, and around the end of the packet. */
static void test_border_split(void **state)
{
	(void)state;
	if (!dumprig_can_split(&rig))
		skip();
	for (__u32 linear = DUMPRIG_PKT_MIN; linear < 140; linear += 70 / rounds(10)) {
		for (__u32 at = linear - 5; at < linear + 3; at++)
			border_compare(at, 300, linear);
		for (__u32 at = 294; at < 303; at++)
			border_compare(at, 300, linear);
	}
	dumprig_report(&rig, "border of a small first buffer");
}

/* The kernel puts what does not fit a page into further buffers: somewhere in 3400 to 3600. */
static void test_border_jumbo(void **state)
{
	(void)state;
	for (__u32 at = 3400; at < 3600; at += 10 / rounds(10))
		border_compare(at, DUMPRIG_PKT_MAX, 0);
	for (__u32 at = DUMPRIG_PKT_MAX - 6; at < DUMPRIG_PKT_MAX + 3; at++)
		border_compare(at, DUMPRIG_PKT_MAX, 0);
	dumprig_report(&rig, "border of a jumbo frame's first buffer");
}

/* --- size ------------------------------------------------------------------------------------- */

/* Four of the largest at once, over packets of every size; they have to load, first of all. */
static void large_compare(struct dumprig_group *g, int packets)
{
	static unsigned char pkt[DUMPRIG_PKT_MAX];
	struct dice d = { .seed = 55 };

	random_bytes(&d, pkt, sizeof(pkt));
	dumprig_load(&rig, g);
	for (int n = 0; n < packets; n++)
		assert_true(dumprig_compare(
			&rig, g, pkt,
			DUMPRIG_PKT_MIN + dice_roll(&d, n % 3 ? DUMPRIG_PKT_MAX - 13 : 100), 0));
	dumprig_unload(g);
	assert_true(rig.compared > 0);
	rig.compared = rig.matched = 0;
}

static void test_large_random(void **state)
{
	static struct classic_insn insns[SESSIONS][CLASSIC_INSNS_MAX];
	struct dice d = { .seed = 99 };
	struct dumprig_group g = { 0 };

	(void)state;
	for (int i = 0; i < SESSIONS; i++) {
		g.progs[i] = (struct classic_prog){ insns[i], CLASSIC_INSNS_MAX };
		randprog(&d, insns[i], CLASSIC_INSNS_MAX, 200);
	}
	large_compare(&g, rounds(2000));
}

/* What has the most branches, instructions and kinds of knowledge for the verifier to follow. */
static void test_large_worst(void **state)
{
	static const struct {
		const char *name;
		struct classic_insn a, b;
		__u32 step; /* added to k from one instruction to the next */
	} worst[] = {
		{ "loads up",
		  { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		  { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0 },
		  2 },
		{ "msh, ind",
		  { BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0 },
		  { BPF_LD | BPF_H | BPF_IND, 0, 0, 9 },
		  0 },
		{ "jset, add", { BPF_JMP | BPF_JSET, 0, 1, 1 }, { BPF_ALU | BPF_ADD, 0, 0, 1 }, 3 },
		{ "m[], jset x",
		  { BPF_LDX | BPF_MEM, 0, 0, 1 },
		  { BPF_JMP | BPF_JSET | BPF_X, 1, 0, 0 },
		  0 },
	};
	static struct classic_insn insns[CLASSIC_INSNS_MAX];

	(void)state;
	for (size_t w = 0; w < ARRAY_SIZE(worst); w++) {
		struct dumprig_group g = { 0 };

		for (__u32 i = 0; i < CLASSIC_INSNS_MAX; i++) {
			insns[i] = i % 2 ? worst[w].b : worst[w].a;
			insns[i].k += i * worst[w].step;
		}
		insns[0] = (struct classic_insn){ BPF_LD | BPF_W | BPF_ABS, 0, 0, 26 };
		insns[CLASSIC_INSNS_MAX - 3] = (struct classic_insn){ BPF_STX, 0, 0, 0 };
		insns[CLASSIC_INSNS_MAX - 2] = (struct classic_insn){ BPF_ALU | BPF_AND, 0, 0, 4 };
		insns[CLASSIC_INSNS_MAX - 1] = (struct classic_insn){ BPF_RET | BPF_A, 0, 0, 0 };
		for (int i = 0; i < SESSIONS; i++)
			g.progs[i] = (struct classic_prog){ insns, CLASSIC_INSNS_MAX };
		g.names[0] = worst[w].name;
		large_compare(&g, rounds(100));
	}
}

static int setup(void **state)
{
	(void)state;
	return dumprig_up(&rig);
}

static int teardown(void **state)
{
	(void)state;
	dumprig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_programs), cmocka_unit_test(test_random_buffers),
		cmocka_unit_test(test_border_split),	cmocka_unit_test(test_border_jumbo),
		cmocka_unit_test(test_large_random),	cmocka_unit_test(test_large_worst),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
