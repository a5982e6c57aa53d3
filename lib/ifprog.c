// SPDX-License-Identifier: GPL-2.0
#include "lib/ifprog.h"

#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/util.h"

const char *ifprog_mode_name(enum ifprog_mode mode)
{
	static const char *const names[] = { [IFPROG_NATIVE] = "native",
					     [IFPROG_GENERIC] = "generic",
					     [IFPROG_OFFLOADED] = "offloaded" };

	return names[mode];
}

static int find_id(__u32 ifindex, struct ifprog *p)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);
	char name[IF_NAMESIZE];
	int err = bpf_xdp_query(ifindex, 0, &q);

	if (!if_indextoname(ifindex, name))
		return -ENODEV;
	if (err)
		return err;
	if (q.attach_mode == XDP_ATTACHED_NONE)
		return -ENOENT;
	p->id = q.skb_prog_id ? q.skb_prog_id : q.drv_prog_id ? q.drv_prog_id : q.hw_prog_id;
	if (!p->id)
		p->id = q.prog_id;
	p->mode = q.skb_prog_id	  ? IFPROG_GENERIC
		  : q.drv_prog_id ? IFPROG_NATIVE
		  : q.hw_prog_id  ? IFPROG_OFFLOADED
				  : IFPROG_NATIVE;
	return 0;
}

/* The function that runs first, with the whole of its name. */
static void find_function(int fd, struct ifprog *p)
{
	struct bpf_func_info func = { 0 };
	struct bpf_prog_info info = { .nr_func_info = 1,
				      .func_info_rec_size = sizeof(func),
				      .func_info = (uintptr_t)&func };
	__u32 len = sizeof(info);
	const struct btf_type *t;
	struct btf *btf;

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	snprintf(p->name, sizeof(p->name), "%s", info.name);
	btf = info.btf_id && info.nr_func_info ? btf__load_from_kernel_by_id(info.btf_id) : NULL;
	if (!btf)
		return;
	t = btf__type_by_id(btf, func.type_id);
	if (t && btf_is_func(t)) {
		snprintf(p->name, sizeof(p->name), "%s", btf__name_by_offset(btf, t->name_off));
		p->function = func.type_id;
	}
	btf__free(btf);
}

int ifprog_find(__u32 ifindex, struct ifprog *p)
{
	struct ifprog found = { 0 };
	int err = find_id(ifindex, &found), fd;

	if (err)
		return err;
	fd = bpf_prog_get_fd_by_id(found.id);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT; /* it went in this moment */
	if (fd >= 0)
		find_function(fd, &found);
	fd_close(fd);
	*p = found;
	return 0;
}
