// SPDX-License-Identifier: GPL-2.0
#include "lib/emit.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

struct emit_ref {
	__u32 at, label;
};

struct emit_label {
	__u32 place;
	bool used;
};

/* Room for @more elements of @size bytes after @count, growing by doubling. */
static int emit_grow(void **array, __u32 *room, __u32 count, __u32 more, size_t size)
{
	__u32 want = *room ? *room : 64;
	void *p;

	if (count + more <= *room)
		return 0;
	while (want < count + more)
		want *= 2;
	p = realloc(*array, want * size);
	if (!p)
		return -ENOMEM;
	*array = p;
	*room = want;
	return 0;
}

void emit_op(struct emit *e, __u8 code, __u8 dst, __u8 src, __s16 off, __s32 imm)
{
	if (!e->err)
		e->err = emit_grow((void **)&e->insns, &e->room, e->count, 1, sizeof(*e->insns));
	if (e->err)
		return;
	e->insns[e->count++] = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
	};
}

__u32 emit_labels(struct emit *e, __u32 n)
{
	__u32 first = e->label_count;

	if (!e->err)
		e->err = emit_grow((void **)&e->labels, &e->label_room, first, n,
				   sizeof(*e->labels));
	if (e->err)
		return 0;
	for (__u32 i = 0; i < n; i++)
		e->labels[first + i] = (struct emit_label){ 0 };
	e->label_count += n;
	return first;
}

void emit_here(struct emit *e, __u32 label)
{
	if (!e->err)
		e->labels[label].place = e->count;
}

bool emit_used(const struct emit *e, __u32 label)
{
	return !e->err && e->labels[label].used;
}

__u32 emit_place(const struct emit *e, __u32 label)
{
	return e->err ? 0 : e->labels[label].place;
}

void emit_jump(struct emit *e, __u8 code, __u8 dst, __u8 src, __s32 imm, __u32 label)
{
	if (!e->err)
		e->err = emit_grow((void **)&e->refs, &e->ref_room, e->ref_count, 1,
				   sizeof(*e->refs));
	if (e->err)
		return;
	e->refs[e->ref_count++] = (struct emit_ref){ .at = e->count, .label = label };
	e->labels[label].used = true;
	emit_op(e, code, dst, src, 0, imm);
}

bool emit_unjump(struct emit *e, __u32 label)
{
	const struct emit_ref *last = e->ref_count ? &e->refs[e->ref_count - 1] : NULL;

	if (e->err || !last || last->label != label || last->at + 1 != e->count ||
	    e->insns[last->at].code != (BPF_JMP | BPF_JA))
		return false;
	e->ref_count--;
	e->count--;
	return true;
}

void emit_call(struct emit *e, __u32 label)
{
	emit_jump(e, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, label);
}

int emit_finish(struct emit *e)
{
	for (__u32 i = 0; i < e->ref_count && !e->err; i++) {
		const struct emit_ref *r = &e->refs[i];
		struct bpf_insn *insn = &e->insns[r->at];
		__s64 off = (__s64)e->labels[r->label].place - r->at - 1;

		if (insn->code == (BPF_JMP | BPF_CALL))
			insn->imm = off;
		else if (off < INT16_MIN || off > INT16_MAX)
			e->err = -E2BIG;
		else
			insn->off = off;
	}
	return e->err;
}

void emit_free(struct emit *e)
{
	free(e->insns);
	free(e->refs);
	free(e->labels);
	*e = (struct emit){ 0 };
}
