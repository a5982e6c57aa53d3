// SPDX-License-Identifier: GPL-2.0
#include "tests/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain.h"
#include "lib/fail.h"
#include "lib/names.h"
#include "lib/stage.h"

/* Up to the TCP payload: Ethernet, IPv4 without options, TCP without options. */
static const unsigned char head[54] = {
	2, 0,  0,    0, 0,  1, 2, 0, 0,	 0, 0,	  2, 8,	  0, 0x45, 0,  0,    0,
	0, 1,  0x40, 0, 64, 6, 0, 0, 10, 1, 2,	  3, 192, 0, 2,	   10, 0x9c, 0x40,
	0, 80, 0,    0, 0,  1, 0, 0, 0,	 1, 0x50, 0, 1,	  0, 0,	   0,  0,    0,
};

void bench_die(const char *what, const struct fail *f)
{
	fprintf(stderr, "bench: %s: %s\n", what, f ? f->text : strerror(errno));
	if (f && f->log[0])
		fprintf(stderr, "%s\n", f->log);
	exit(1);
}

void bench_segment(unsigned char *buf, __u32 len, __u8 flags)
{
	__u32 sum = 0;

	memset(buf, 0, BENCH_FRAME);
	memcpy(buf, head, sizeof(head));
	buf[16] = (len - 14) >> 8;
	buf[17] = (len - 14) & 0xff;
	buf[47] = flags;
	for (int i = 14; i < 34; i += 2)
		sum += buf[i] << 8 | buf[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	buf[24] = sum >> 8;
	buf[25] = sum & 0xff;
}

static void object_path(const char *name, char path[256])
{
	const char *build = getenv("B");

	snprintf(path, 256, "%s/obj/tests/bench/%s.bpf.o", build ? build : "build", name);
}

size_t bench_elf(const char *name, void *elf, size_t size)
{
	char path[256];
	FILE *f;

	object_path(name, path);
	f = fopen(path, "r");
	if (!f)
		bench_die(path, NULL);
	size = fread(elf, 1, size, f);
	fclose(f);
	return size;
}

struct bpf_object *bench_open(const char *name)
{
	char path[256];
	struct bpf_object *obj;

	object_path(name, path);
	obj = bpf_object__open_file(path, NULL);
	if (!obj)
		bench_die(path, NULL);
	return obj;
}

/* A descriptor of the one program of @obj, which goes; the program keeps its maps. */
static int first_program(struct bpf_object *obj)
{
	int fd = dup(bpf_program__fd(bpf_object__next_program(obj, NULL)));

	bpf_object__close(obj);
	return fd;
}

/* A program array is emptied with its last descriptor: this one stays, as long as we do. */
static int keep_array(const struct bpf_object *obj, const char *name)
{
	return dup(bpf_object__find_map_fd_by_name(obj, name));
}

int bench_object(const char *name)
{
	struct bpf_object *obj = bench_open(name);

	if (bpf_object__load(obj))
		bench_die(name, NULL);
	return first_program(obj);
}

int bench_object_with(const char *name, const char *var, __u32 value)
{
	struct bpf_object *obj = bench_open(name);

	if (stage_rodata(obj, var, &value, sizeof(value)) || bpf_object__load(obj))
		bench_die(name, NULL);
	return first_program(obj);
}

int bench_restore(int next, __u32 len)
{
	struct bpf_object *obj = bench_open("restore");
	__u32 zero = 0;
	int map;

	if (stage_rodata(obj, "restore_len", &len, sizeof(len)) || bpf_object__load(obj))
		bench_die("restore", NULL);
	map = keep_array(obj, "restore_next");
	if (bpf_map_update_elem(map, &zero, &next, BPF_ANY))
		bench_die("restore_next", NULL);
	return first_program(obj);
}

int bench_push(__u32 bytes)
{
	struct bpf_object *obj = bench_open("restore_push");

	if (stage_rodata(obj, "push_bytes", &bytes, sizeof(bytes)) || bpf_object__load(obj))
		bench_die("restore_push", NULL);
	return first_program(obj);
}

int bench_restore_flow(int next, const struct bench_var *vars, size_t count)
{
	struct bpf_object *obj = bench_open("restore_flow");
	__u32 zero = 0;
	int map;

	for (size_t i = 0; i < count; i++)
		if (stage_rodata(obj, vars[i].name, &vars[i].value, sizeof(vars[i].value)))
			bench_die(vars[i].name, NULL);
	if (bpf_object__load(obj))
		bench_die("restore_flow", NULL);
	map = keep_array(obj, "restore_next");
	if (bpf_map_update_elem(map, &zero, &next, BPF_ANY))
		bench_die("restore_next", NULL);
	return first_program(obj);
}

__u32 bench_run(int fd, const unsigned char *buf, __u32 len, __u32 repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = buf, .data_size_in = len, .repeat = repeat);

	if (bpf_prog_test_run_opts(fd, &opts))
		bench_die("test run", NULL);
	if (opts.retval == XDP_ABORTED) {
		fprintf(stderr, "bench: the program that was to be measured did not run\n");
		exit(1);
	}
	return opts.duration;
}

static void totals(const struct chain *c, struct chain_totals *t)
{
	if (chain_totals(c, t))
		bench_die(c->ifname, NULL);
}

__u64 bench_counted(const struct chain *c, __u32 slot, __u32 verdict)
{
	struct chain_totals t;

	totals(c, &t);
	return t.verdicts[slot][verdict].packets;
}

__u64 bench_reason(const struct chain *c, __u32 slot, const char *name)
{
	struct names *names = names_new(c);
	struct chain_totals t;
	__u64 packets = 0;

	totals(c, &t);
	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const char *is = names_reason(names, slot, 0, i);

		if (is && !strcmp(is, name))
			packets = t.reasons[slot][i].packets;
	}
	names_free(names);
	return packets;
}

void bench_ran(const char *what, __u64 ran, __u64 least)
{
	if (ran >= least)
		return;
	fprintf(stderr, "bench: %s: %llu packets did what is measured, not %llu\n", what, ran,
		least);
	exit(1);
}

void bench_live(int fd, __u32 ifindex, const unsigned char *buf, __u32 len, __u32 repeat)
{
	struct xdp_md ctx = { .data_end = len, .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = buf, .data_size_in = len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = repeat, .batch_size = 64,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(fd, &opts))
		bench_die("live frames", NULL);
}
