// SPDX-License-Identifier: GPL-2.0
#include "lib/dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/load.h"
#include "lib/object.h"
#include "lib/stage.h"
#include "lib/translate.h"

/*
 * Kernels before 6.4 keep the start of a log that is too long, and it is the end that says why.
 * The pages are touched only as far as they are written.
 */
#define LOG_SIZE  (16u << 20)
#define LOG_LINES 12

/* A program as it goes to the kernel: the stage's instructions, then those of translate(). */
struct dump {
	struct bpf_insn *insns;
	__u32 count;
	struct bpf_func_info funcs[1 + TRANSLATE_FUNCS_MAX];
	__u32 func_count;
};

/* The one function that the stage calls: dump_match(), which stands last. */
static __u32 dump_find(const struct bpf_insn *insns, __u32 count)
{
	for (__u32 i = 0; i < count; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == BPF_PSEUDO_CALL)
			return i + 1 + insns[i].imm;
	return count;
}

/*
 * Names for the profiler and bpftool. The kernel wants a record for each function or for none;
 * the functions that dump_match() calls go by its name and type.
 */
static void dump_describe(struct dump *d, const struct btf *btf, __u32 start,
			  const struct translate_code *code)
{
	int stage = btf__find_by_name_kind(btf, "xdp_dump", BTF_KIND_FUNC);
	int match = btf__find_by_name_kind(btf, "dump_match", BTF_KIND_FUNC);

	if (stage < 0 || match < 0)
		return;
	d->funcs[0] = (struct bpf_func_info){ 0, stage };
	for (__u32 i = 0; i < code->func_count; i++)
		d->funcs[i + 1] = (struct bpf_func_info){ start + code->funcs[i], match };
	d->func_count = 1 + code->func_count;
}

/* Put the translated function in the place of dump_match(). */
static int dump_join(struct dump *d, const struct bpf_program *prog,
		     const struct translate_code *code)
{
	const struct bpf_insn *old = bpf_program__insns(prog);
	__u32 start = dump_find(old, bpf_program__insn_cnt(prog));

	if (start >= bpf_program__insn_cnt(prog))
		return -ENOENT;
	d->count = start + code->count;
	d->insns = malloc(d->count * sizeof(*d->insns));
	if (!d->insns)
		return -ENOMEM;
	memcpy(d->insns, old, start * sizeof(*old));
	memcpy(d->insns + start, code->insns, code->count * sizeof(*old));
	return start;
}

/* Load; if that fails once more, for what the verifier has to say. A descriptor, or -errno. */
static int dump_submit(const struct dump *d, int btf_fd, struct fail *f)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_XDP,
		    .prog_flags = BPF_F_XDP_HAS_FRAGS, .prog_btf_fd = btf_fd, .func_info = d->funcs,
		    .func_info_cnt = d->func_count, .func_info_rec_size = sizeof(d->funcs[0]));
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdp_dump", "GPL", d->insns, d->count, &opts);
	int err = -errno;

	if (fd >= 0)
		return fd;
	fail_set(f, -err, "xdp_dump: the kernel refuses these filters: %s", strerror(-err));
	opts.log_buf = f ? malloc(LOG_SIZE) : NULL;
	if (!opts.log_buf)
		return err;
	opts.log_size = LOG_SIZE;
	opts.log_level = 1;
	*(char *)opts.log_buf = '\0';
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdp_dump", "GPL", d->insns, d->count, &opts);
	if (fd < 0)
		load_tail(opts.log_buf, LOG_LINES, f->log, sizeof(f->log));
	free((char *)opts.log_buf);
	return fd < 0 ? err : fd;
}

static int dump_set_maps(struct bpf_object *obj, const struct dump_map *maps, struct fail *f)
{
	struct bpf_map *map;
	int err;

	bpf_object__for_each_map(map, obj) {
		const struct dump_map *m = maps;

		if (bpf_map__is_internal(map))
			continue;
		while (m->name && strcmp(m->name, bpf_map__name(map)))
			m++;
		if (!m->name)
			return fail_set(f, ENOENT, "xdp_dump: no map %s", bpf_map__name(map));
		err = bpf_map__reuse_fd(map, m->fd);
		if (err)
			return fail_set(f, -err, "xdp_dump: map %s: %s", m->name, strerror(-err));
	}
	return 0;
}

static int dump_set_values(struct bpf_object *obj, const struct dump_spec *spec, struct fail *f)
{
	__u32 slot = CHAIN_SLOT_DUMP;
	int err = stage_rodata(obj, "stage_slot", &slot, sizeof(slot));

	if (!err)
		err = stage_rodata(obj, "stage_instance", &spec->instance, sizeof(spec->instance));
	if (!err)
		err = stage_rodata(obj, "dump_sessions", &spec->sessions, sizeof(spec->sessions));
	return err ? fail_set(f, -err, "xdp_dump: cannot configure: %s", strerror(-err)) : 0;
}

/* @obj is loaded as it is: libbpf has filled in what the instructions refer to. */
static int dump_build(struct bpf_object *obj, const struct translate_code *code, struct fail *f)
{
	struct dump d = { 0 };
	int err = dump_join(&d, bpf_object__next_program(obj, NULL), code);

	if (err < 0)
		return fail_set(f, -err, "xdp_dump: cannot put the filters in: %s", strerror(-err));
	dump_describe(&d, bpf_object__btf(obj), err, code);
	err = dump_submit(&d, bpf_object__btf_fd(obj), f);
	free(d.insns);
	return err;
}

static struct bpf_object *dump_open(struct fail *f)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xdp_dump");
	const struct object *file = object_find("xdp_dump");
	struct bpf_object *obj;

	obj = bpf_object__open_mem(file->data, file->size, &opts);
	if (!obj)
		fail_set(f, errno, "xdp_dump: cannot open: %s", strerror(errno));
	return obj;
}

int dump_load(const struct dump_spec *spec, struct fail *f)
{
	struct translate_code code;
	struct bpf_object *obj;
	int err = translate(spec->filters, spec->sessions, &code);

	if (err)
		return fail_set(f, -err, "xdp_dump: cannot translate: %s", strerror(-err));
	obj = dump_open(f);
	err = obj ? 0 : -errno;
	if (!err)
		err = dump_set_maps(obj, spec->maps, f);
	if (!err)
		err = dump_set_values(obj, spec, f);
	if (!err)
		err = load_object(obj, f);
	if (!err)
		err = dump_build(obj, &code, f);
	bpf_object__close(obj);
	translate_free(&code);
	return err;
}
