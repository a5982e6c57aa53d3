// SPDX-License-Identifier: GPL-2.0
/* The ring of a VIP, in the kernel: a map of its own, mapped and written entry by entry. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"
#include "lib/maglev.h"
#include "lib/util.h"

/* A mapping is whole pages; so is the map's memory. */
static size_t ring_bytes(void)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (sizeof(struct lb_ring) + page - 1) / page * page;
}

struct lb_ring *lb_ring_map(const struct lb *lb, __u32 number, int write)
{
	struct lb_ring *ring;
	__u32 id;
	int fd;

	if (bpf_map_lookup_elem(lb->rings, &number, &id))
		return NULL;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return NULL;
	ring = mmap(NULL, ring_bytes(), write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd,
		    0);
	close(fd);
	return ring == MAP_FAILED ? NULL : ring;
}

void lb_ring_unmap(struct lb_ring *ring)
{
	if (ring)
		munmap(ring, ring_bytes());
}

int lb_ring_new(const struct lb *lb, __u32 number)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int err, fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "lb_ring", sizeof(__u32),
				     sizeof(struct lb_ring), 1, &opts);

	if (fd < 0)
		return -errno;
	err = bpf_map_update_elem(lb->rings, &number, &fd, BPF_ANY) ? -errno : 0;
	close(fd);
	return err;
}

int lb_ring_wait(const struct lb *lb, __u32 number)
{
	int fd, err;
	__u32 id;

	if (bpf_map_lookup_elem(lb->rings, &number, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	/* A change of a map of maps waits for an RCU grace period, also to what was there. */
	err = bpf_map_update_elem(lb->rings, &number, &fd, BPF_ANY) ? -errno : 0;
	close(fd);
	return err;
}

/* The reals of VIP @number but @without, as nodes; also those that are down, if @down. */
static size_t ring_nodes(const struct lb *lb, __u32 number, __u32 without, int down,
			 struct maglev_node *nodes)
{
	size_t n = 0;

	for (__u32 i = 1; i < LB_REALS; i++) {
		const struct lb_real *r = &lb->reals[i];

		if (!r->gen || r->vip != number || i == without || !r->weight ||
		    r->mode == LB_REAL_DRAIN || (r->mode == LB_REAL_DOWN && !down))
			continue;
		nodes[n++] = (struct maglev_node){ .key = maglev_key(r->addr, sizeof(r->addr)),
						   .weight = r->weight,
						   .value = i };
	}
	return n;
}

void lb_ring_write(struct lb_ring *ring, const struct lb_ring *next)
{
	for (size_t i = 0; i < LB_RING; i++)
		if (ring->real[i] != next->real[i])
			__atomic_store_n(&ring->real[i], next->real[i], __ATOMIC_RELEASE);
}

int lb_ring_build(const struct lb *lb, __u32 number, __u32 without)
{
	struct maglev_node *nodes = calloc(LB_REALS, sizeof(*nodes));
	struct lb_ring *next = malloc(sizeof(*next)), *ring;
	size_t count;
	int err = nodes && next ? 0 : -ENOMEM;

	if (err)
		goto free;
	count = ring_nodes(lb, number, without, 0, nodes);
	if (!count && lb->vips[number].flags & LB_VIP_FAIL_OPEN)
		count = ring_nodes(lb, number, without, 1, nodes);
	err = maglev_build(nodes, count, next->real, LB_RING);
	if (err)
		goto free;
	ring = lb_ring_map(lb, number, 1);
	if (!ring) {
		err = -errno;
		goto free;
	}
	lb_ring_write(ring, next);
	lb_ring_unmap(ring);
free:
	free(next);
	free(nodes);
	return err;
}
