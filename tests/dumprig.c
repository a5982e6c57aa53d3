// SPDX-License-Identifier: GPL-2.0
#include "tests/dumprig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/util.h"
#include "xdpchain/chain.h"

#define TAP (offsetof(struct chain_cpu, pkt) + offsetof(struct pkt, tap_mask))

/* Return tap_mask of the scratch value, and clear it: here is no root that would. */
static int observer_load(int cpus)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = cpus },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .off = 4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1 },
		{ .code = BPF_LDX | BPF_MEM | BPF_B, .src_reg = 1, .off = TAP },
		{ .code = BPF_ST | BPF_MEM | BPF_B, .dst_reg = 1, .off = TAP },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_XDP_HAS_FRAGS,
		    .expected_attach_type = BPF_XDP);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "observer", "GPL", insns, ARRAY_SIZE(insns), &opts);
}

int dumprig_up(struct dumprig *r)
{
	__u32 last = CHAIN_SLOT_LB; /* always tried: no root says which slots are filled */

	*r = (struct dumprig){ 0 };
	libbpf_set_print(NULL);
	r->slots = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "slots", 4, 4, CHAIN_BANKS * CHAIN_SLOTS,
				  NULL);
	r->tap = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "tap", 4, 4, CHAIN_TAPS, NULL);
	r->cpus = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "cpus", 4, sizeof(struct chain_cpu), 1,
				 NULL);
	r->sessions = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sessions", 4, sizeof(struct session_conf),
				     SESSIONS, NULL);
	r->entries = bpf_map_create(BPF_MAP_TYPE_ARRAY, "entries", 4, sizeof(struct session_entry),
				    1, NULL);
	for (__u32 i = 0; i < SESSIONS; i++) {
		struct session_conf s = { .id = i + 1 };

		if (bpf_map_update_elem(r->sessions, &i, &s, BPF_ANY))
			return -1;
	}
	r->observer = observer_load(r->cpus);
	return bpf_map_update_elem(r->slots, &last, &r->observer, BPF_ANY);
}

void dumprig_down(struct dumprig *r)
{
	close(r->slots);
	close(r->tap);
	close(r->cpus);
	close(r->sessions);
	close(r->entries);
	close(r->observer);
}

int dumprig_stage(const struct dumprig *r, const struct classic_prog *progs, __u32 sessions,
		  struct fail *f)
{
	const struct dump_map list[] = {
		{ "slots", r->slots },	     { "tap", r->tap },		{ "cpus", r->cpus },
		{ "sessions", r->sessions }, { "entries", r->entries }, { NULL, 0 },
	};
	struct dump_spec spec = { .maps = list, .sessions = sessions };

	memcpy(spec.filters, progs, sizeof(spec.filters));
	return dump_load(&spec, f);
}

int dumprig_run(int fd, const void *pkt, __u32 len, __u32 linear)
{
	struct xdp_md ctx = { .data_end = linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt, .data_size_in = len);

	if (linear) {
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}
	return bpf_prog_test_run_opts(fd, &opts) ? -errno : (int)opts.retval;
}

bool dumprig_can_split(const struct dumprig *r)
{
	const struct classic_prog all[SESSIONS] = { { 0 } };
	unsigned char pkt[200] = { 0 };
	int fd = dumprig_stage(r, all, 1, NULL), got = dumprig_run(fd, pkt, sizeof(pkt), 100);

	close(fd);
	return got >= 0;
}

void dumprig_load(const struct dumprig *r, struct dumprig_group *g)
{
	struct fail f = { 0 };

	g->sessions = 0;
	for (int i = 0; i < SESSIONS; i++) {
		g->judges[i] = NULL;
		if (!g->progs[i].count)
			continue;
		g->judges[i] = matcher_new(&g->progs[i]);
		g->sessions |= 1 << i;
	}
	g->fd = dumprig_stage(r, g->progs, g->sessions, &f);
	if (g->fd < 0)
		fail_msg("%s: %s\n%s", g->names[0] ? g->names[0] : "random", f.text, f.log);
}

void dumprig_unload(struct dumprig_group *g)
{
	close(g->fd);
	for (int i = 0; i < SESSIONS; i++)
		if (g->judges[i])
			matcher_free(g->judges[i]);
}

bool dumprig_compare(struct dumprig *r, const struct dumprig_group *g, const void *pkt, __u32 len,
		     __u32 linear)
{
	int got = len < DUMPRIG_PKT_MIN ? -EINVAL : dumprig_run(g->fd, pkt, len, linear);

	if (got < 0)
		return false;
	for (int i = 0; i < SESSIONS; i++) {
		bool want;

		if (!(g->sessions & 1 << i))
			continue;
		want = matcher_match(g->judges[i], pkt, len);
		if (want != !!(got & 1 << i))
			fail_msg("%s: %u bytes, %u linear: libpcap says %d",
				 g->names[i] ? g->names[i] : "random program", len, linear, want);
		r->compared++;
		r->matched += want;
	}
	assert_int_equal(got & ~g->sessions, 0);
	return true;
}

void dumprig_report(struct dumprig *r, const char *what)
{
	print_message("%s: %lu comparisons, %lu of them matches\n", what, r->compared, r->matched);
	assert_true(r->matched > 0 && r->matched < r->compared);
	r->compared = r->matched = 0;
}
