// SPDX-License-Identifier: GPL-2.0
#include "lib/graft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/load.h"

/*
 * Kernels before 6.4 keep the start of a log that is too long, and it is the end that says why.
 * The pages are touched only as far as they are written.
 */
#define LOG_SIZE  (16u << 20)
#define LOG_LINES 12

/* A program as it goes to the kernel: its own instructions, then those of translate(). */
struct joined {
	struct bpf_insn *insns;
	__u32 count;
	struct bpf_func_info funcs[1 + TRANSLATE_FUNCS_MAX];
	__u32 func_count;
};

/* The one function that the program calls, which stands last. */
static __u32 find_match(const struct bpf_insn *insns, __u32 count)
{
	for (__u32 i = 0; i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == BPF_PSEUDO_CALL)
			return i + 1 + insns[i].imm;
	return count;
}

/*
 * Names for the profiler and bpftool. The kernel wants a record for each function or for none;
 * the functions that the filter calls go by the name and type of the one it replaces.
 */
static void describe(struct joined *j, const struct btf *btf, const struct graft *g, __u32 start,
		     const struct translate_code *code)
{
	int prog = btf__find_by_name_kind(btf, g->prog, BTF_KIND_FUNC);
	int match = btf__find_by_name_kind(btf, g->match, BTF_KIND_FUNC);

	if (prog < 0 || match < 0)
		return;
	j->funcs[0] = (struct bpf_func_info){ 0, prog };
	for (__u32 i = 0; i < code->func_count; i++)
		j->funcs[i + 1] = (struct bpf_func_info){ start + code->funcs[i], match };
	j->func_count = 1 + code->func_count;
}

/* Where the filter stands in the program, or -errno. */
static int join(struct joined *j, const struct bpf_program *prog, const struct translate_code *code)
{
	const struct bpf_insn *old = bpf_program__insns(prog);
	__u32 start = find_match(old, bpf_program__insn_cnt(prog));

	if (start >= bpf_program__insn_cnt(prog))
		return -ENOENT;
	j->count = start + code->count;
	j->insns = malloc(j->count * sizeof(*j->insns));
	if (!j->insns)
		return -ENOMEM;
	memcpy(j->insns, old, start * sizeof(*old));
	memcpy(j->insns + start, code->insns, code->count * sizeof(*old));
	return start;
}

/* Load; if that fails once more, for what the verifier has to say. A descriptor, or -errno. */
static int submit(const struct joined *j, const struct graft *g, int btf_fd, struct fail *f)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = g->attach,
		    .prog_flags = g->flags, .prog_btf_fd = btf_fd, .func_info = j->funcs,
		    .func_info_cnt = j->func_count, .func_info_rec_size = sizeof(j->funcs[0]));
	int fd, err;

	if (g->target_function) {
		opts.attach_prog_fd = g->target;
		opts.attach_btf_id = g->target_function;
	}
	fd = bpf_prog_load(g->type, g->prog, "GPL", j->insns, j->count, &opts);
	err = -errno;
	if (fd >= 0)
		return fd;
	fail_set(f, -err, "%s: the kernel refuses these filters: %s", g->what, strerror(-err));
	opts.log_buf = f ? malloc(LOG_SIZE) : NULL;
	if (!opts.log_buf)
		return err;
	opts.log_size = LOG_SIZE;
	opts.log_level = 1;
	*(char *)opts.log_buf = '\0';
	fd = bpf_prog_load(g->type, g->prog, "GPL", j->insns, j->count, &opts);
	if (fd < 0)
		load_tail(opts.log_buf, LOG_LINES, f->log, sizeof(f->log));
	free((char *)opts.log_buf);
	return fd < 0 ? err : fd;
}

int graft_load(const struct bpf_object *obj, const struct graft *g,
	       const struct translate_code *code, struct fail *f)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, g->prog);
	struct joined j = { 0 };
	int err = prog ? join(&j, prog, code) : -ENOENT;

	if (err < 0)
		return fail_set(f, -err, "%s: cannot put the filters in: %s", g->what,
				strerror(-err));
	describe(&j, bpf_object__btf(obj), g, err, code);
	err = submit(&j, g, bpf_object__btf_fd(obj), f);
	free(j.insns);
	return err;
}
