// SPDX-License-Identifier: GPL-2.0
/* test_view - filters of translate_view() in the kernel, against libpcap. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/filter.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/graft.h"
#include "lib/util.h"
#include "tests/matcher.h"
#include "tests/randprog.h"
#include "tests/rig.h"

#define PKT_MIN 14 /* the kernel's test run takes no shorter frame */

static struct bpf_object *obj;
static unsigned int compared, matched;

static int load(const struct classic_prog *prog)
{
	static const struct graft graft = { .prog = "view",
					    .match = "view_match",
					    .what = "view",
					    .type = BPF_PROG_TYPE_XDP,
					    .attach = BPF_XDP };
	struct translate_code code;
	struct fail f = { 0 };
	int fd;

	assert_int_equal(translate_view(prog, &code), 0);
	fd = graft_load(obj, &graft, &code, &f);
	if (fd < 0)
		fail_msg("%s\n%s", f.text, f.log);
	translate_free(&code);
	return fd;
}

static void random_bytes(struct dice *d, unsigned char *pkt, __u32 len)
{
	for (__u32 i = 0; i < len; i++)
		pkt[i] = i % 7 ? dice_roll(d, 256) : 0x45;
}

static void compare(struct dice *d, const struct classic_prog *prog, int packets, __u32 max)
{
	struct matcher *judge = matcher_new(prog);
	static unsigned char pkt[1500];
	int fd = load(prog);

	for (int n = 0; n < packets; n++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt,
			    .data_size_in = PKT_MIN + dice_roll(d, max - PKT_MIN));
		bool want;

		random_bytes(d, pkt, opts.data_size_in);
		want = matcher_match(judge, pkt, opts.data_size_in);
		assert_int_equal(bpf_prog_test_run_opts(fd, &opts), 0);
		assert_int_equal(opts.retval, want);
		compared++;
		matched += want;
	}
	close(fd);
	matcher_free(judge);
}

static void test_random(void **state)
{
	static struct classic_insn insns[300];
	struct dice d = { .seed = 4242 };

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct classic_prog prog = { insns, 1 + dice_roll(&d, round % 10 ? 40 : 300) };

		randprog(&d, insns, prog.count, round % 2 ? 60 : 200);
		compare(&d, &prog, 60, round % 2 ? 80 : 300);
	}
	print_message("%u comparisons, %u of them matches\n", compared, matched);
	assert_true(matched > compared / 50 && matched < compared);
}

/* The largest programs load too: random ones, and those with the most loads and branches. */
static void test_large(void **state)
{
	static const struct classic_insn kinds[] = {
		{ BPF_LD | BPF_H | BPF_IND, 0, 0, 9 }, { BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0 },
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 3 }, { BPF_JMP | BPF_JSET | BPF_X, 1, 0, 0 },
		{ BPF_LDX | BPF_MEM, 0, 0, 1 },
	};
	static struct classic_insn insns[CLASSIC_INSNS_MAX];
	const struct classic_prog prog = { insns, CLASSIC_INSNS_MAX };
	struct dice d = { .seed = 77 };

	(void)state;
	randprog(&d, insns, CLASSIC_INSNS_MAX, 200);
	compare(&d, &prog, 200, 1500);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (__u32 i = 0; i < CLASSIC_INSNS_MAX; i++)
			insns[i] = kinds[i % 2 ? k : 0];
		insns[CLASSIC_INSNS_MAX - 2] = (struct classic_insn){ BPF_RET | BPF_A, 0, 0, 0 };
		insns[CLASSIC_INSNS_MAX - 1] = (struct classic_insn){ BPF_RET | BPF_A, 0, 0, 0 };
		compare(&d, &prog, 50, 1500);
	}
}

static int setup(void **state)
{
	static char elf[65536];
	size_t size = rig_object("view", elf, sizeof(elf));

	(void)state;
	libbpf_set_print(NULL);
	obj = size ? bpf_object__open_mem(elf, size, NULL) : NULL;
	return obj ? bpf_object__load(obj) : -1;
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
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
