// SPDX-License-Identifier: GPL-2.0
#include "lib/lb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/lb_int.h"
#include "lib/stage.h"
#include "lib/util.h"

#define LB_SETS_MAX (LB_CONNS_MAX / LB_WAYS)

static const char *const conn_maps[] = { "conns4", "conns6" };

/* The sets of a table of @conns entries: a power of two. */
static __u32 sets(__u32 conns)
{
	__u32 n = 1;

	while (n < LB_SETS_MAX && n * LB_WAYS < conns)
		n *= 2;
	return n;
}

struct config {
	const struct lb_options *options;
	__u64 seed;
};

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct config *config = arg;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(conn_maps); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(obj, conn_maps[i]);

		err = map ? bpf_map__set_max_entries(map, config->options->conns / LB_WAYS)
			  : -ENOENT;
	}
	if (!err)
		err = stage_rodata(obj, "lb_seed", &config->seed, sizeof(config->seed));
	if (!err)
		err = lb_options_store(obj, config->options);
	return err ? fail_set(f, -err, "lb: cannot be configured: %s", strerror(-err)) : 0;
}

void lb_options_round(struct lb_options *o)
{
	o->conns = sets(o->conns) * LB_WAYS;
}

/* @config, which @spec points at, for a stage with @config->options. */
static int specify(const struct chain *c, struct config *config, struct stage_spec *spec,
		   struct fail *f)
{
	*spec = (struct stage_spec){
		.object = "lb", .name = "lb", .slot = CHAIN_SLOT_LB, .setup = setup, .arg = config
	};
	/* The table goes on only with the seed that it was filled with. */
	if (stage_rodata_get(c, CHAIN_SLOT_LB, "lb_seed", &config->seed, sizeof(config->seed)) &&
	    getrandom(&config->seed, sizeof(config->seed), 0) != sizeof(config->seed))
		return fail_set(f, EIO, "%s: lb: no random number", c->ifname);
	return 0;
}

static int fail_load(const struct chain *c, const struct lb_options *o, int err, struct fail *f)
{
	if (err != -ENOMEM)
		return err;
	return fail_set(f, ENOMEM, "%s: no memory for 2 tables of %u connections", c->ifname,
			o->conns);
}

int lb_load(struct chain *c, struct lb_options *o, struct fail *f)
{
	struct config config = { .options = o };
	struct stage_spec spec;
	int err;

	lb_options_round(o);
	err = specify(c, &config, &spec, f);
	return err ? err : fail_load(c, o, stage_load(c, &spec, NULL, f), f);
}

int lb_prepare(struct chain *c, struct lb_options *o, struct stage **out, struct fail *f)
{
	struct config config = { .options = o };
	struct stage_spec spec;
	int err;

	lb_options_round(o);
	err = specify(c, &config, &spec, f);
	if (err)
		return err;
	spec.digest = LB_CONFIGURED;
	return fail_load(c, o, stage_prepare(c, &spec, CHAIN_SLOT_LB, out, f), f);
}

/* What the kernel charges for the map, in bytes; 0 if it does not say. */
static long long map_memory(int fd)
{
	long long bytes = 0;
	char line[128];
	FILE *file;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
	file = fopen(line, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %lld", &bytes) == 1)
			break;
	fclose(file);
	return bytes;
}

long long lb_memory(const struct chain *c)
{
	long long bytes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(conn_maps); i++) {
		int fd = stage_map(c, CHAIN_SLOT_LB, conn_maps[i]);

		if (fd < 0)
			return fd;
		bytes += map_memory(fd);
		close(fd);
	}
	return bytes;
}

/* Where the maps of struct lb are: descriptors that stay, and memory. */
struct lb_map {
	const char *name;
	size_t fd;   /* offset in struct lb, or NONE */
	size_t mem;  /* the same; its map is mapped */
	size_t size; /* bytes of that */
};

#define NONE ((size_t)-1)

static const struct lb_map lb_maps[] = {
	{ "rings", offsetof(struct lb, rings), NONE, 0 },
	{ "vip_counts", offsetof(struct lb, vip_counts), NONE, 0 },
	{ "real_counts", offsetof(struct lb, real_counts), NONE, 0 },
	{ "rules", offsetof(struct lb, rules), NONE, 0 },
	{ "prefixes", offsetof(struct lb, prefixes), NONE, 0 },
	{ "ids", offsetof(struct lb, ids), NONE, 0 },
	{ "sources", offsetof(struct lb, sources), NONE, 0 },
	{ "guards", offsetof(struct lb, guards), NONE, 0 },
	{ "heads", NONE, offsetof(struct lb, heads), sizeof(struct lb_heads) },
	{ "vips", NONE, offsetof(struct lb, vips), LB_VIP_SLOTS * sizeof(struct lb_vip) },
	{ "reals", NONE, offsetof(struct lb, reals), LB_REALS * sizeof(struct lb_real) },
};

static int open_map(struct lb *lb, const struct lb_map *m, int prot)
{
	int fd = stage_map(lb->chain, CHAIN_SLOT_LB, m->name), err = 0;
	void *mem;

	if (fd < 0)
		return fd;
	if (m->fd != NONE) {
		*(int *)((char *)lb + m->fd) = fd;
		return 0;
	}
	mem = mmap(NULL, m->size, prot, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		err = -errno;
	else
		*(void **)((char *)lb + m->mem) = mem;
	close(fd);
	return err;
}

int lb_open(const struct chain *c, struct lb **out, struct fail *f)
{
	int err = 0, prot = c->lock >= 0 ? PROT_READ | PROT_WRITE : PROT_READ;
	struct lb *lb = malloc(sizeof(*lb));

	if (!lb)
		return -ENOMEM;
	*lb = (struct lb){ .chain = c };
	for (size_t i = 0; i < ARRAY_SIZE(lb_maps); i++)
		if (lb_maps[i].fd != NONE)
			*(int *)((char *)lb + lb_maps[i].fd) = -1;
	for (size_t i = 0; !err && i < ARRAY_SIZE(lb_maps); i++)
		err = open_map(lb, &lb_maps[i], prot);
	if (!err) {
		*out = lb;
		return 0;
	}
	lb_close(lb);
	if (err == -ENOENT)
		return fail_set(f, ENOENT, "%s: no lb here, make one: xdplb attach %s", c->ifname,
				c->ifname);
	return fail_set(f, -err, "%s: lb: %s", c->ifname, strerror(-err));
}

void lb_close(struct lb *lb)
{
	if (!lb)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lb_maps); i++) {
		const struct lb_map *m = &lb_maps[i];

		if (m->fd != NONE)
			fd_close(*(int *)((char *)lb + m->fd));
		else if (*(void **)((char *)lb + m->mem))
			munmap(*(void **)((char *)lb + m->mem), m->size);
	}
	free(lb);
}

int lb_count_clear(const struct lb *lb, int fd, __u32 key, size_t size)
{
	void *zero = calloc(lb->chain->ncpus, size);
	int err;

	if (!zero)
		return -ENOMEM;
	err = bpf_map_update_elem(fd, &key, zero, BPF_ANY) ? -errno : 0;
	free(zero);
	return err;
}

int lb_rule_set(const struct lb *lb, __u32 id, const char *text, const char *note)
{
	struct chain_rule rule = { .since_ns = now_ns() };

	snprintf(rule.text, sizeof(rule.text), "%s", text);
	snprintf(rule.note, sizeof(rule.note), "%s", note);
	return bpf_map_update_elem(lb->rules, &id, &rule, BPF_ANY) ? -errno : 0;
}
