// SPDX-License-Identifier: GPL-2.0
#include "tests/probe.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/stage.h"

#define ELF_MAX (256 << 10)

static size_t read_object(const char *name, char *elf)
{
	size_t size = rig_object(name, elf, ELF_MAX);

	assert_true(size > 0);
	return size;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct probe *p = arg;

	(void)f;
	if (p->hits)
		bpf_map__set_max_entries(bpf_object__find_map_by_name(obj, "hits"), p->hits);
	return stage_rodata(obj, "probe_verdict", &p->verdict, 4) ||
			       stage_rodata(obj, "probe_note", &p->reason, 4) ||
			       stage_rodata(obj, "probe_rule", &p->rule, 4) ||
			       stage_rodata(obj, "probe_asks", &p->asks, 4) ||
			       stage_rodata(obj, "probe_saddr", &p->saddr, 4)
		       ? -EINVAL
		       : 0;
}

static int load(struct chain *c, const char *object, struct stage_spec *spec, unsigned int *lost,
		struct fail *f)
{
	char *elf = malloc(ELF_MAX);
	int err;

	spec->object = object;
	spec->data = elf;
	spec->size = read_object(object, elf);
	err = stage_load(c, spec, lost, f);
	free(elf);
	return err;
}

int probe_load(struct chain *c, struct probe *p, struct fail *f)
{
	char name[16];
	struct stage_spec spec = {
		.name = p->name ? p->name : name,
		.slot = p->slot,
		.flags = p->flags,
		.setup = setup,
		.arg = p,
	};

	snprintf(name, sizeof(name), "probe%u", p->slot);
	return load(c, "probe", &spec, &p->lost, f);
}

void probe_put(struct chain *c, struct probe p)
{
	struct fail f = { 0 };

	if (probe_load(c, &p, &f))
		fail_msg("probe in slot %u: %s\n%s", p.slot, f.text, f.log);
}

int probe_object(struct chain *c, const char *object, __u32 slot, struct fail *f)
{
	struct stage_spec spec = { .slot = slot };

	return load(c, object, &spec, NULL, f);
}

__u64 probe_hits(const struct chain *c, __u32 slot)
{
	int fd = stage_map(c, slot, "hits");
	__u32 zero = 0;
	__u64 n = 0;

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &zero, &n), 0);
	close(fd);
	return n;
}

int probe_run(const struct rig *r, const struct probe_run *run)
{
	struct xdp_md ctx = {
		.data_end = run->linear ? run->linear : run->len,
		.ingress_ifindex = r->chain->info.ifindex,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = run->pkt, .data_size_in = run->len,
		    .data_out = run->out, .data_size_out = run->out ? run->len : 0, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = run->repeat ? run->repeat : 1);

	if (bpf_prog_test_run_opts(r->root, &opts))
		return -errno;
	return opts.retval;
}

int probe_pin(int n)
{
	cpu_set_t may, one;

	if (sched_getaffinity(0, sizeof(may), &may))
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &may) || n--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		return sched_setaffinity(0, sizeof(one), &one) ? -1 : cpu;
	}
	return -1;
}
