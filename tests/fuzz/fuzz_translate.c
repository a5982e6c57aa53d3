// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_translate - four classic programs out of the input, translated, run in user space over a
 * packet out of the input, and decided as libpcap decides them; and a list of which the first
 * counts. ebpf_run() stops at whatever the verifier would refuse. Bytes as they are go to
 * classic_check() first.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "lib/translate.h"
#include "tests/ebpf.h"
#include "tests/matcher.h"
#include "tests/randprog.h"

#define PKT_MAX	   128
#define LIST_MAX   12
#define LIST_INSNS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The input itself as a program: whatever passes the check can be translated. */
static void fuzz_raw(const uint8_t *data, size_t len)
{
	struct classic_prog progs[TRANSLATE_PROGS] = { { NULL, len / 8 } };
	struct classic_insn *insns = malloc(len + 1);
	struct translate_code code;
	int err;

	memcpy(insns, data, len);
	progs[0].insns = insns;
	err = classic_check(&progs[0], NULL, NULL);
	assert(translate(progs, 1, &code) == err);
	if (!err)
		translate_free(&code);
	free(insns);
}

/* The same program through a view of the packet. */
static void fuzz_view(const struct classic_prog *prog, const unsigned char *pkt, __u32 size,
		      bool want)
{
	struct translate_code code;

	assert(!translate_view(prog, &code));
	assert(ebpf_run_view(&code, pkt, size) == want);
	translate_free(&code);
}

/* Another number that it compares with. */
static void vary(struct dice *d, struct classic_insn *p)
{
	if (BPF_CLASS(p->code) == BPF_JMP && BPF_OP(p->code) != BPF_JA)
		p->k = dice_word(d);
}

/* A list of programs, many the same but for a number, as rules are: which is the first. */
static void fuzz_first(struct dice *d, const unsigned char *pkt, __u32 size, __u32 linear)
{
	static struct classic_insn insns[LIST_MAX][LIST_INSNS];
	struct classic_prog progs[LIST_MAX] = { 0 };
	__u32 count = 1 + dice_roll(d, LIST_MAX), want = 0;
	struct translate_code code;

	for (__u32 i = 0; i < count; i++) {
		__u32 like = dice_roll(d, i + 1);

		progs[i] = (struct classic_prog){ insns[i], 1 + dice_roll(d, LIST_INSNS) };
		randprog(d, insns[i], progs[i].count, PKT_MAX);
		if (like) {
			progs[i].count = progs[like - 1].count;
			memcpy(insns[i], insns[like - 1], sizeof(insns[i]));
			vary(d, &insns[i][dice_roll(d, progs[i].count)]);
		}
	}
	for (__u32 i = 0; i < count && !want; i++) {
		struct matcher *j = matcher_new(&progs[i]);

		want = matcher_match(j, pkt, size) ? i + 1 : 0;
		matcher_free(j);
	}
	assert(!translate_first(progs, count, &code));
	assert(ebpf_run(&code, pkt, size, linear) == want);
	translate_free(&code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct classic_insn insns[TRANSLATE_PROGS][256];
	struct classic_prog progs[TRANSLATE_PROGS] = { 0 };
	struct dice d = { .data = data, .len = len };
	__u32 mask = 1 + dice_roll(&d, 15), linear, size = 1 + dice_roll(&d, PKT_MAX), got;
	struct translate_code code;
	unsigned char *pkt;

	fuzz_raw(data, len);
	pkt = malloc(size);
	linear = dice_roll(&d, size + 1);
	for (__u32 i = 0; i < size; i++)
		pkt[i] = dice_roll(&d, 256);
	for (int i = 0; i < TRANSLATE_PROGS; i++) {
		progs[i] = (struct classic_prog){ insns[i], 1 + dice_roll(&d, 256) };
		randprog(&d, insns[i], progs[i].count, PKT_MAX);
	}
	assert(!translate(progs, mask, &code));
	got = ebpf_run(&code, pkt, size, linear);
	assert(!(got & ~mask));
	for (int i = 0; i < TRANSLATE_PROGS; i++) {
		struct matcher *j = matcher_new(&progs[i]);
		bool want = matcher_match(j, pkt, size);

		assert(!(mask & 1 << i) || want == (got >> i & 1));
		fuzz_view(&progs[i], pkt, size, want);
		matcher_free(j);
	}
	translate_free(&code);
	fuzz_first(&d, pkt, size, linear);
	free(pkt);
	return 0;
}
