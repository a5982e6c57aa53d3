// SPDX-License-Identifier: GPL-2.0
/* The root in the kernel: it parses as the same code does in user space, and touches nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/util.h"
#include "tests/pkts.h"
#include "tests/probe.h"

#define KERNEL_MIN 14 /* the test run takes no shorter frame, nor first buffer */
#define JUMBO	   9000

static struct rig rig;
static int cpu; /* that we run on, so that we know whose scratch value to read */

static void scratch(struct pkt *p)
{
	struct chain_cpu *all = calloc(rig.chain->ncpus, sizeof(*all));
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(rig.chain->cpus, &zero, all), 0);
	*p = all[cpu].pkt;
	free(all);
}

static struct chain_count passed(void)
{
	static struct chain_totals t;

	assert_int_equal(chain_totals(rig.chain, &t), 0);
	return t.verdicts[CHAIN_SLOT_END][CHAIN_PASS];
}

/* One frame through the root: passed, untouched, and parsed as pkt_parse() does here. */
static void run(const char *name, const unsigned char *buf, __u32 len, __u32 linear)
{
	static unsigned char out[JUMBO];
	const struct probe_run r = { .pkt = buf, .len = len, .linear = linear, .out = out };
	struct pkt want, got;
	int verdict;

	memset(out, 0xa5, len);
	verdict = probe_run(&rig, &r);
	if (verdict != XDP_PASS)
		fail_msg("%s: %u of %u bytes: verdict %d", name, linear, len, verdict);
	if (memcmp(out, buf, len))
		fail_msg("%s: %u of %u bytes: changed", name, linear, len);
	scratch(&got);
	pkts_parse(buf, len, linear, &want);
	want.ifindex = rig.chain->info.ifindex;
	want.slots = rig.chain->info.slots;
	if (memcmp(&got, &want, sizeof(got)))
		fail_msg("%s: %u of %u bytes: flags %x, in user space %x; l3 %u, %u; l4 %u, %u",
			 name, linear, len, got.flags, want.flags, got.l3, want.l3, got.l4,
			 want.l4);
}

static void test_every_frame_cut_at_every_byte(void **state)
{
	struct chain_count before = passed(), after;
	unsigned char buf[PKTS_MAX];
	__u64 packets = 0, bytes = 0;

	(void)state;
	for (size_t i = 0; i < pkts_count; i++) {
		__u32 len = pkts_bytes(&pkts_cases[i], buf);

		for (__u32 n = KERNEL_MIN; n <= len; n++) {
			run(pkts_cases[i].name, buf, n, n);
			packets++;
			bytes += n;
		}
	}
	after = passed();
	assert_int_equal(after.packets - before.packets, packets);
	assert_int_equal(after.bytes - before.bytes, bytes);
	print_message("%u frames, %u packets\n", (unsigned int)pkts_count, (unsigned int)packets);
}

/* The kernel lets a test choose the size of the first buffer from 6.18 on. */
static int can_split(void)
{
	static const unsigned char buf[100];
	const struct probe_run r = { .pkt = buf, .len = sizeof(buf), .linear = KERNEL_MIN };
	struct pkt p;

	if (probe_run(&rig, &r) != XDP_PASS)
		return 0;
	scratch(&p);
	return !!(p.flags & PKT_MULTIBUF);
}

static void test_every_frame_split_at_every_byte(void **state)
{
	unsigned char buf[PKTS_MAX];

	(void)state;
	if (!can_split())
		skip();
	for (size_t i = 0; i < pkts_count; i++) {
		__u32 len = pkts_bytes(&pkts_cases[i], buf);

		for (__u32 n = KERNEL_MIN; n < len; n++)
			run(pkts_cases[i].name, buf, len, n);
	}
}

static void test_jumbo(void **state)
{
	static unsigned char buf[JUMBO], out[JUMBO];
	const struct probe_run r = { .pkt = buf, .len = JUMBO, .out = out };
	const struct pkts_case *c = pkts_find("ip4 tcp");
	struct chain_count before = passed(), after;
	struct pkt p, want;

	(void)state;
	for (int i = 0; i < JUMBO; i++)
		buf[i] = i * 7;
	pkts_bytes(c, buf);
	buf[16] = (JUMBO - 14) >> 8; /* tot_len */
	buf[17] = (JUMBO - 14) & 0xff;
	assert_int_equal(probe_run(&rig, &r), XDP_PASS);
	assert_memory_equal(out, buf, JUMBO);
	scratch(&p);
	want = c->want;
	want.len = JUMBO;
	want.flags |= PKT_MULTIBUF;
	want.ifindex = rig.chain->info.ifindex;
	assert_memory_equal(&p, &want, sizeof(p));
	after = passed();
	assert_int_equal(after.packets - before.packets, 1);
	assert_int_equal(after.bytes - before.bytes, JUMBO);
}

/* What the packet before left in the scratch value is gone. */
static void test_scratch_is_zeroed(void **state)
{
	unsigned char buf[PKTS_MAX], arp[60] = { [12] = 8, 6 };

	(void)state;
	for (size_t i = 0; i < pkts_count; i++) {
		__u32 len = pkts_bytes(&pkts_cases[i], buf);

		run(pkts_cases[i].name, buf, len, len);
		run("arp", arp, sizeof(arp), sizeof(arp));
	}
}

static int setup(void **state)
{
	(void)state;
	rig_up(&rig, "xrt");
	cpu = probe_pin(0);
	return cpu < 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_frame_cut_at_every_byte),
		cmocka_unit_test(test_every_frame_split_at_every_byte),
		cmocka_unit_test(test_jumbo),
		cmocka_unit_test(test_scratch_is_zeroed),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
