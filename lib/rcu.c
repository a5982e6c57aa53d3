// SPDX-License-Identifier: GPL-2.0
#include "lib/rcu.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>
#include <linux/types.h>

#include <bpf/bpf.h>

#include "lib/util.h"

/* A change of a map of maps waits for a grace period, so that nobody reads the old inner map. */
static int wait_by_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "inner", 4, 4, 1, NULL), outer, err = 0;
	__u32 zero = 0;

	if (inner < 0)
		return -errno;
	opts.inner_map_fd = inner;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "outer", 4, 4, 1, &opts);
	if (outer < 0 || bpf_map_update_elem(outer, &zero, &inner, BPF_ANY))
		err = -errno;
	fd_close(outer);
	close(inner);
	return err;
}

int rcu_wait(void)
{
	if (!syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		return 0; /* synchronize_rcu(); not where CPUs are nohz_full */
	return wait_by_map();
}
