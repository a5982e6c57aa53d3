// SPDX-License-Identifier: GPL-2.0
#include "lib/dump.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "lib/graft.h"
#include "lib/load.h"
#include "lib/object.h"
#include "lib/stage.h"
#include "lib/translate.h"
#include "lib/util.h"

static const struct graft dump_graft = {
	.prog = "xdp_dump",
	.match = "dump_match",
	.what = "xdp_dump",
	.type = BPF_PROG_TYPE_XDP,
	.attach = BPF_XDP,
	.flags = BPF_F_XDP_HAS_FRAGS,
};

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

/* In the jiffies of this kernel, of which the coarse clock's resolution is one. */
static __u64 dump_jiffies(__u64 ns)
{
	struct timespec tick;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return ns / (tick.tv_sec * NSEC + tick.tv_nsec);
}

static int dump_set_values(struct bpf_object *obj, const struct dump_spec *spec, struct fail *f)
{
	__u64 patience = dump_jiffies(spec->patience_ns);
	__u32 slot = CHAIN_SLOT_DUMP;
	int err = stage_rodata(obj, "stage_slot", &slot, sizeof(slot));

	if (!err)
		err = stage_rodata(obj, "stage_instance", &spec->instance, sizeof(spec->instance));
	if (!err)
		err = stage_rodata(obj, "dump_sessions", &spec->sessions, sizeof(spec->sessions));
	if (!err)
		err = stage_rodata(obj, "dump_patience", &patience, sizeof(patience));
	return err ? fail_set(f, -err, "xdp_dump: cannot configure: %s", strerror(-err)) : 0;
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
		err = graft_load(obj, &dump_graft, &code, f);
	bpf_object__close(obj);
	translate_free(&code);
	return err;
}
