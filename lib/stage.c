// SPDX-License-Identifier: GPL-2.0
#include "lib/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/btf_reasons.h"
#include "lib/load.h"
#include "lib/object.h"
#include "lib/progmap.h"
#include "lib/srcline.h"
#include "lib/stage_int.h"
#include "lib/util.h"

#define RODATA_MAX 16384

int stage_rodata(struct bpf_object *obj, const char *name, const void *value, size_t size)
{
	int off = btf_variable(bpf_object__btf(obj), ".rodata", name, size);
	char data[RODATA_MAX];
	struct bpf_map *map;
	const void *old;
	size_t len;

	if (off < 0)
		return off;
	bpf_object__for_each_map(map, obj) {
		const char *dot = strstr(bpf_map__name(map), ".rodata");

		if (!dot || strcmp(dot, ".rodata"))
			continue;
		old = bpf_map__initial_value(map, &len);
		if (!old || len > sizeof(data) || off + size > len)
			return -EINVAL;
		memcpy(data, old, len);
		memcpy(data + off, value, size);
		return bpf_map__set_initial_value(map, data, len);
	}
	return -ENOENT;
}

int stage_rodata_get(const struct chain *c, __u32 slot, const char *name, void *value, size_t size)
{
	struct chain_stage st;
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), zero = 0;
	char data[RODATA_MAX];
	struct btf *btf;
	int fd, off, err = chain_stage(c, slot, &st);

	if (err)
		return err;
	btf = prog_btf(st.prog_id);
	off = btf ? btf_variable(btf, ".rodata", name, size) : -ENOENT;
	btf__free(btf);
	if (off < 0)
		return off;
	fd = prog_map(st.prog_id, ".rodata");
	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (!err && (info.value_size > sizeof(data) || off + size > info.value_size))
		err = -EINVAL;
	if (!err && bpf_map_lookup_elem(fd, &zero, data))
		err = -errno;
	close(fd);
	if (!err)
		memcpy(value, data + off, size);
	return err;
}

static int set_up(struct chain *c, const struct stage_spec *spec, struct bpf_object *obj,
		  __u32 instance, struct fail *f)
{
	__u32 shadow = !!(spec->flags & CHAIN_STAGE_SHADOW);
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);
	int err = 0;

	if (!prog || bpf_object__next_program(obj, prog))
		return fail_set(f, EINVAL, "%s: not a stage: it has not exactly one program",
				bpf_object__name(obj));
	if (stage_rodata(obj, "stage_slot", &spec->slot, sizeof(__u32)) ||
	    stage_rodata(obj, "stage_instance", &instance, sizeof(__u32)) ||
	    stage_rodata(obj, "stage_shadow", &shadow, sizeof(__u32)))
		return fail_set(f, EINVAL,
				"%s: not a stage: it has no STAGE(name) of "
				"xdpchain/stage.bpf.h",
				bpf_object__name(obj));
	if (spec->setup)
		err = spec->setup(obj, spec->arg, f);
	return err ? err : chain_reuse(c, obj, f);
}

static int keep_names(const struct chain *c, const struct bpf_object *obj,
		      const struct chain_stage *st)
{
	struct chain_program p;

	memcpy(p.name, st->name, sizeof(p.name));
	btf_reasons(bpf_object__btf(obj), p.reasons);
	return chain_program_keep(c, st->instance, &p);
}

static struct bpf_object *open_object(const struct stage_spec *spec, struct fail *f)
{
	const struct object *o = spec->data ? NULL : object_find(spec->object);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = spec->object);
	struct bpf_object *obj;

	if (!spec->data && !o) {
		errno = -fail_set(f, ENOENT, "%s: no such policer", spec->object);
		return NULL;
	}
	obj = bpf_object__open_mem(o ? o->data : spec->data, o ? o->size : spec->size, &opts);
	if (!obj)
		fail_set(f, errno, "%s: not a BPF object: %s", spec->object, strerror(errno));
	return obj;
}

/* With the line of the source that the verifier stopped at. */
static int load_spec(const struct stage_spec *spec, struct bpf_object *obj, struct fail *f)
{
	const struct object *o = spec->data ? NULL : object_find(spec->object);
	int err = load_object(obj, f);

	if (err)
		srcline_add(o ? o->data : spec->data, o ? o->size : spec->size, spec->source, f);
	return err;
}

struct stage {
	struct bpf_object *obj;
	struct chain_stage st;
	__u32 slot;
	unsigned int lost;
	int prog; /* our own descriptor */
};

/* The program that is to run: the object's, or what spec->program makes of it. */
static int take_program(struct stage *s, const struct stage_spec *spec, struct fail *f)
{
	const struct bpf_program *prog = bpf_object__next_program(s->obj, NULL);

	snprintf(s->st.name, sizeof(s->st.name), "%s",
		 spec->name ? spec->name : bpf_program__name(prog));
	if (spec->program)
		s->prog = spec->program(s->obj, spec->arg, f);
	else
		s->prog = fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 3);
	if (s->prog >= 0)
		return 0;
	return spec->program ? s->prog : fail_errno(f, errno, s->st.name);
}

static int pin(struct chain *c, struct stage *s, struct fail *f)
{
	int err = keep_names(c, s->obj, &s->st);

	if (!err)
		err = stage_pin(c, s->st.instance, s->obj, s->prog);
	if (!err)
		return 0;
	chain_program_drop(c, s->st.instance);
	return fail_set(f, -err, "%s: cannot pin maps: %s", s->st.name, strerror(-err));
}

static int load(struct chain *c, const struct stage_spec *spec, int from, struct stage *s,
		struct fail *f)
{
	struct chain_stage old;
	int err = chain_instance(c, &s->st.instance);

	if (from >= 0 && (chain_stage(c, from, &old) || !old.instance))
		from = -1;
	if (!err && from >= 0 && spec->adopt)
		err = spec->adopt(c, from, spec->arg, f);
	if (!err)
		err = set_up(c, spec, s->obj, s->st.instance, f);
	if (!err && from >= 0) {
		err = stage_keep(c, spec, s->obj, old.instance);
		s->lost = err > 0 ? err : 0;
		err = err > 0 ? 0 : err;
	}
	if (!err)
		err = load_spec(spec, s->obj, f);
	if (!err && spec->fill)
		err = spec->fill(s->obj, spec->arg, f);
	if (!err)
		err = take_program(s, spec, f);
	return err ? err : pin(c, s, f);
}

int stage_prepare(struct chain *c, const struct stage_spec *spec, int from, struct stage **out,
		  struct fail *f)
{
	struct stage *s;
	int err;

	if (spec->slot < CHAIN_SLOT_POLICER_MIN || spec->slot >= CHAIN_SLOTS)
		return fail_set(f, ERANGE, "slot %u: a stage is in slot 1 to 15", spec->slot);
	s = calloc(1, sizeof(*s));
	if (!s)
		return fail_errno(f, ENOMEM, "stage");
	s->prog = -1;
	s->slot = spec->slot;
	s->st.flags = spec->flags;
	s->st.digest = spec->digest;
	snprintf(s->st.kind, sizeof(s->st.kind), "%s", spec->kind ? spec->kind : "");
	s->obj = open_object(spec, f);
	err = s->obj ? load(c, spec, from, s, f) : -errno;
	if (err) {
		stage_close(s);
		return err;
	}
	*out = s;
	return 0;
}

unsigned int stage_lost(const struct stage *s)
{
	return s->lost;
}

int stage_put(const struct stage *s, struct chain_layout *l, int from)
{
	l->from[s->slot] = from;
	return chain_layout_put(l, s->slot, s->prog, &s->st);
}

void stage_close(struct stage *s)
{
	if (!s)
		return;
	fd_close(s->prog);
	bpf_object__close(s->obj);
	free(s);
}

void stage_discard(const struct chain *c, struct stage *s)
{
	char path[PINS_PATH];

	if (!s)
		return;
	chain_program_drop(c, s->st.instance);
	stage_path(path, c, s->st.instance, NULL);
	pins_remove_dir(path);
	stage_close(s);
}

/* The slot, if who is in it goes by the same name: then what comes is the same stage, changed. */
static int same_stage(const struct chain *c, const struct stage_spec *spec)
{
	struct chain_stage st;

	if (chain_stage(c, spec->slot, &st))
		return -1;
	return !spec->name || !strcmp(st.name, spec->name) ? (int)spec->slot : -1;
}

int stage_load(struct chain *c, const struct stage_spec *spec, unsigned int *lost, struct fail *f)
{
	struct chain_layout l;
	struct stage *s = NULL;
	int from = same_stage(c, spec), err = stage_prepare(c, spec, from, &s, f);

	if (lost)
		*lost = 0;
	if (err)
		return err;
	err = chain_layout(c, &l, f);
	if (!err) {
		err = stage_put(s, &l, from);
		err = err ? fail_errno(f, -err, s->st.name) : chain_switch(c, &l, f);
		chain_layout_close(&l);
	}
	if (err) {
		stage_discard(c, s);
		return err;
	}
	if (lost)
		*lost = s->lost;
	stage_close(s);
	stage_sweep(c);
	return 0;
}

int stage_unload(struct chain *c, __u32 slot, struct fail *f)
{
	int err = chain_clear(c, slot, f);

	if (!err)
		stage_sweep(c);
	return err;
}
