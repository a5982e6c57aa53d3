// SPDX-License-Identifier: GPL-2.0
/*
 * test_watch - a session on an XDP program that is none of ours. Where the kernel does not let it
 * be traced, that is said; there the rest cannot be tried.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/filter.h"
#include "lib/watch.h"
#include "tests/grab.h"
#include "tests/matcher.h"
#include "tests/randprog.h"
#include "tests/rig.h"
#include "tests/rounds.h"
#include "xdpchain/chain.h"
#include "xdpchain/watch.h"

#define LO	1 /* the test run's packets are those of lo */
#define PKT_MIN 14
#define JUMBO	9000
#define NAME	"watched_by_somebody_else" /* longer than the kernel's own record of it */

static struct bpf_object *obj;
static int prog;
static unsigned char pkt[JUMBO];

struct open {
	struct rings *rings;
	struct watch *watch;
	struct grab grab;
};

static int try(struct open *o, struct session_spec spec, struct fail *f)
{
	int err;

	memset(o, 0, sizeof(*o));
	o->rings = rings_new();
	assert_non_null(o->rings);
	spec.snaplen = spec.snaplen ? spec.snaplen : EVENT_SNAPLEN_MAX;
	spec.rings = o->rings;
	spec.source = 3;
	err = watch_new(LO, &o->watch, f);
	return err ? err : watch_start(o->watch, &spec, f);
}

static void close_all(struct open *o)
{
	watch_close(o->watch);
	rings_close(o->rings);
	grab_close(&o->grab);
}

static void open_all(struct open *o, struct session_spec spec)
{
	struct fail f = { 0 };

	if (try(o, spec, &f))
		fail_msg("%s\n%s", f.text, f.log);
}

/* Can this kernel do it at all? */
static void need_tracing(void)
{
	struct fail f = { 0 };
	struct open o;
	int err = try(&o, (struct session_spec){ 0 }, &f);

	close_all(&o);
	if (err && err != -EPERM)
		fail_msg("%s\n%s", f.text, f.log);
	if (err)
		skip();
}

/* Its verdict. */
static int send_as(__u32 len, unsigned char verdict, unsigned char how)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt, .data_size_in = len);

	pkt[0] = verdict;
	pkt[1] = how;
	assert_int_equal(bpf_prog_test_run_opts(prog, &opts), 0);
	return opts.retval;
}

static struct session_count stop(struct open *o)
{
	struct session_count n;

	watch_stop(o->watch);
	assert_true(rings_read(o->rings, 1, grab_keep, &o->grab) >= 0);
	assert_int_equal(watch_counts(o->watch, &n), 0);
	assert_int_equal(n.offered, n.filtered + n.captured + n.lost);
	assert_int_equal(n.captured, o->grab.count);
	return n;
}

/* It runs or it says why not, in words that follow the interface's name. */
static void test_says(void **state)
{
	struct fail f = { 0 };
	struct open o;
	int err = try(&o, (struct session_spec){ 0 }, &f);

	(void)state;
	if (err) {
		assert_int_equal(err, -EPERM);
		assert_non_null(strstr(f.text, "XDP program \"" NAME "\" (id "));
		assert_non_null(strstr(f.text, ") cannot be traced (Operation not permitted)"));
		print_message("%s\n", f.text);
	} else {
		assert_string_equal(watch_program(o.watch)->name, NAME);
		assert_int_equal(watch_program(o.watch)->mode, IFPROG_GENERIC);
	}
	close_all(&o);
	/* one without BTF, and none at all */
	bpf_xdp_detach(LO, XDP_FLAGS_SKB_MODE, NULL);
	assert_int_equal(try(&o, (struct session_spec){ 0 }, &f), -ENOENT);
	assert_string_equal(f.text, "no XDP program");
	close_all(&o);
	assert_int_equal(bpf_xdp_attach(LO, prog, XDP_FLAGS_SKB_MODE, NULL), 0);
}

static void test_without_btf(void **state)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "plain", "GPL", pass, 2, NULL);
	struct fail f = { 0 };
	struct open o;

	(void)state;
	assert_int_equal(bpf_xdp_attach(LO, fd, XDP_FLAGS_SKB_MODE, NULL), 0);
	assert_int_equal(try(&o, (struct session_spec){ 0 }, &f), -EOPNOTSUPP);
	assert_non_null(strstr(f.text, "XDP program \"plain\" (id "));
	assert_non_null(strstr(f.text, ") cannot be traced (it was loaded without BTF)"));
	close_all(&o);
	close(fd);
	assert_int_equal(bpf_xdp_attach(LO, prog, XDP_FLAGS_SKB_MODE, NULL), 0);
}

static void test_verdicts(void **state)
{
	static const struct {
		int said, want;
	} cases[] = { { XDP_ABORTED, 0 },  { XDP_DROP, 1 },  { XDP_PASS, 2 }, { XDP_TX, 3 },
		      { XDP_REDIRECT, 4 }, { 5, WATCH_ODD }, { 33, 33 } };
	struct session_count n;
	struct open o;

	(void)state;
	need_tracing();
	open_all(&o, (struct session_spec){ .flags = SESSION_STEP_TIMES });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(send_as(60 + i, cases[i].said, 0), cases[i].said);
	n = stop(&o);
	assert_int_equal(n.captured, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < o.grab.count; i++) {
		const struct grab_event *e = &o.grab.events[i];

		assert_int_equal(e->head.verdict, cases[i].want);
		assert_int_equal(e->head.point, EVENT_EXIT);
		assert_int_equal(e->head.len, 60 + i);
		assert_int_equal(e->head.cap_len, 60 + i);
		assert_int_equal(e->head.ifindex, LO);
		assert_int_equal(e->head.steps, 1);
		assert_int_equal(e->steps[0].slot, CHAIN_SLOT_DUMP);
		assert_int_equal(e->steps[0].verdict, cases[i].want);
		assert_true(e->steps[0].ns > 0);
		pkt[0] = cases[i].said;
		assert_memory_equal(e->data, pkt, 60 + i);
	}
	close_all(&o);
}

/* Bytes as they come and as they leave, with the verdict at both; cut to the snapshot length. */
static void test_points(void **state)
{
	struct session_count n;
	struct open o;

	(void)state;
	need_tracing();
	for (__u32 len = 100; len <= 8100; len += 8000) {
		__u32 cap = len < 5000 ? len : 5000;

		open_all(&o, (struct session_spec){ .flags = SESSION_ENTRY, .snaplen = 5000 });
		assert_int_equal(send_as(len, XDP_TX, 'x'), XDP_TX);
		n = stop(&o);
		assert_int_equal(n.offered, 2);
		assert_int_equal(n.captured, 2);
		assert_int_equal(n.entry_captured, 1);
		assert_int_equal(o.grab.events[0].head.point, EVENT_ENTRY);
		assert_int_equal(o.grab.events[0].head.verdict, XDP_TX);
		assert_int_equal(o.grab.events[0].head.len, len);
		assert_int_equal(o.grab.events[0].head.cap_len, cap);
		assert_memory_equal(o.grab.events[0].data, pkt, cap);
		assert_int_equal(o.grab.events[1].head.point, EVENT_EXIT);
		assert_int_equal(o.grab.events[1].head.len, len + 8);
		assert_memory_equal(o.grab.events[1].data + 8, pkt, cap - 8);
		close_all(&o);
		open_all(&o, (struct session_spec){ .flags = SESSION_ENTRY | SESSION_NO_EXIT });
		send_as(len, XDP_DROP, 'x');
		n = stop(&o);
		assert_int_equal(n.offered, 1);
		assert_int_equal(o.grab.count, 1);
		assert_int_equal(o.grab.events[0].head.len, len);
		assert_memory_equal(o.grab.events[0].data, pkt, len);
		close_all(&o);
	}
}

static void test_thinned(void **state)
{
	struct session_count n;
	struct open o;

	(void)state;
	need_tracing();
	open_all(&o, (struct session_spec){ .verdicts = 1u << XDP_DROP, .sample = 3 });
	for (int i = 0; i < 18; i++)
		send_as(60, i % 2 ? XDP_DROP : XDP_PASS, 0);
	send_as(60, 33, 0); /* 33 % 32 is XDP_DROP */
	n = stop(&o);
	assert_int_equal(n.offered, 19);
	assert_int_equal(n.captured, 3);
	assert_int_equal(n.filtered, 16);
	close_all(&o);
	open_all(&o, (struct session_spec){ .rate = 5, .flags = SESSION_ENTRY });
	for (int i = 0; i < 8; i++)
		send_as(60, XDP_PASS, 0);
	n = stop(&o);
	assert_int_equal(n.captured, 10);
	assert_int_equal(n.filtered, 6);
	assert_int_equal(n.capped, 6);
	close_all(&o);
}

/* A ring of one page: what does not fit is counted, and seen as a gap at each point. */
static void test_overflow(void **state)
{
	__u64 last[EVENT_POINTS] = { 0 }, gaps = 0;
	struct session_count n;
	struct open o;

	(void)state;
	need_tracing();
	open_all(&o, (struct session_spec){ .flags = SESSION_ENTRY, .ring_bytes = 4096 });
	for (int i = 0; i < 100; i++)
		send_as(300, XDP_PASS, 0);
	assert_true(rings_read(o.rings, 1, grab_keep, &o.grab) >= 0);
	send_as(300, XDP_PASS, 0);
	n = stop(&o);
	assert_int_equal(n.offered, 202);
	assert_in_range(n.captured, 8, 20);
	for (size_t i = 0; i < o.grab.count; i++) {
		const struct event *e = &o.grab.events[i].head;

		gaps += last[e->point] ? e->seq - last[e->point] - 1 : 0;
		last[e->point] = e->seq;
	}
	assert_int_equal(gaps, n.lost);
	close_all(&o);
}

/* Random filters over packets of one buffer and of several: as libpcap decides. */
static void test_filter(void **state)
{
	static struct classic_insn insns[100];
	struct dice d = { .seed = 31337 };
	unsigned long matched = 0, sent = 0, large = 0;

	(void)state;
	need_tracing();
	for (int round = 0; round < rounds(60); round++) {
		const struct classic_prog p = { insns, 1 + dice_roll(&d, 60) };
		struct matcher *judge;
		unsigned long want = 0;
		struct session_count n;
		struct open o;

		randprog(&d, insns, p.count, round % 2 ? 80 : JUMBO);
		judge = matcher_new(&p);
		open_all(&o, (struct session_spec){ .snaplen = 64,
						    .insns = insns,
						    .count = p.count,
						    .ring_bytes = 1 << 20 });
		for (int i = 0; i < 100; i++) {
			__u32 len = PKT_MIN + dice_roll(&d, i % 3 ? 200 : JUMBO - PKT_MIN);

			for (int j = 0; j < 300; j++)
				pkt[dice_roll(&d, len)] =
					dice_roll(&d, 4) ? dice_roll(&d, 256) : 0x45;
			send_as(len, XDP_DROP, 0);
			want += matcher_match(judge, pkt, len);
			large += len > 4000;
		}
		n = stop(&o);
		assert_int_equal(n.offered, 100);
		assert_int_equal(n.lost, 0);
		assert_int_equal(n.captured, want);
		matched += want;
		sent += 100;
		close_all(&o);
		matcher_free(judge);
	}
	print_message("%lu packets, %lu of several buffers, %lu matches\n", sent, large, matched);
	assert_true(large > sent / 10 && matched > sent / 50 && matched < sent);
}

/* A packet on another interface that the same program runs on is none of this session's. */
static void test_check(void **state)
{
	struct bpf_program *other = bpf_object__next_program(obj, NULL);
	struct fail f = { 0 };
	struct open o;

	(void)state;
	need_tracing();
	open_all(&o, (struct session_spec){ 0 });
	assert_int_equal(watch_check(o.watch, &f), 0);
	bpf_xdp_detach(LO, XDP_FLAGS_SKB_MODE, NULL);
	assert_int_equal(watch_check(o.watch, &f), -ENOENT);
	assert_string_equal(f.text, "XDP program \"" NAME "\" was taken off");
	assert_int_equal(bpf_xdp_attach(LO, bpf_program__fd(other), XDP_FLAGS_SKB_MODE, NULL), 0);
	assert_int_equal(watch_check(o.watch, &f), 0);
	close_all(&o);
}

static int setup(void **state)
{
	static char elf[65536];
	size_t size = rig_object("watched", elf, sizeof(elf));
	struct dice d = { .seed = 1 };

	(void)state;
	rig_alone();
	libbpf_set_print(NULL);
	for (__u32 i = 0; i < sizeof(pkt); i++)
		pkt[i] = dice_roll(&d, 256);
	obj = size ? bpf_object__open_mem(elf, size, NULL) : NULL;
	if (!obj || bpf_object__load(obj))
		return -1;
	prog = bpf_program__fd(bpf_object__next_program(obj, NULL));
	rig_sh("ip link set lo up");
	return bpf_xdp_attach(LO, prog, XDP_FLAGS_SKB_MODE, NULL);
}

static int teardown(void **state)
{
	(void)state;
	bpf_object__close(obj);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says),	 cmocka_unit_test(test_without_btf),
		cmocka_unit_test(test_verdicts), cmocka_unit_test(test_points),
		cmocka_unit_test(test_thinned),	 cmocka_unit_test(test_filter),
		cmocka_unit_test(test_overflow), cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
