/* SPDX-License-Identifier: GPL-2.0 */
/* lib/emit.h - eBPF instructions being written, with labels. Used by translate.c. */
#ifndef EMIT_H
#define EMIT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

/* Zero-initialise it. An error sticks and is told by emit_finish(): the calls between need no
 * check. */
struct emit {
	struct bpf_insn *insns;
	__u32 count, room;
	int err;
	struct emit_ref *refs; /* jumps and calls whose label has no place yet, or had one */
	__u32 ref_count, ref_room;
	struct emit_label *labels;
	__u32 label_count, label_room;
};

/** emit_op - append one instruction; the arguments are the fields of struct bpf_insn. */
void emit_op(struct emit *e, __u8 code, __u8 dst, __u8 src, __s16 off, __s32 imm);

/** emit_labels - make @n labels that have no place yet. Return: the first; the others follow it. */
__u32 emit_labels(struct emit *e, __u32 n);

/** emit_here - the place of @label is the next instruction. */
void emit_here(struct emit *e, __u32 label);

/** emit_used - true if something jumps to @label or calls it. */
bool emit_used(const struct emit *e, __u32 label);

/** emit_place - the instruction that @label stands at. */
__u32 emit_place(const struct emit *e, __u32 label);

/** emit_jump - append a jump (@code, @dst, @src, @imm as for emit_op) to @label. */
void emit_jump(struct emit *e, __u8 code, __u8 dst, __u8 src, __s32 imm, __u32 label);

/**
 * emit_unjump - take back the last instruction, if it is a plain jump to @label, which then can be
 * fallen through to. No label in use may stand behind it. True if it was.
 */
bool emit_unjump(struct emit *e, __u32 label);

/** emit_call - append a call of the function at @label. */
void emit_call(struct emit *e, __u32 label);

/**
 * emit_finish - fill in the distances of all jumps and calls.
 *
 * Return: 0; -ENOMEM; -E2BIG if a jump is too far for its 16 bits. The instructions are in
 * e->insns either way.
 */
int emit_finish(struct emit *e);

/** emit_free - release what @e holds, the instructions too unless e->insns was set to NULL. */
void emit_free(struct emit *e);

#endif
