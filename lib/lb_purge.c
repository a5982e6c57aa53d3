// SPDX-License-Identifier: GPL-2.0
/* Entries of the connection table, taken out while packets use it. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"
#include "lib/stage.h"
#include "lib/util.h"

struct purge {
	const struct lb *lb;
	__u32 vip; /* 0: of any */
	const struct lb_addr *real;
	__u64 count;
};

/* Of a real that is there? Others nobody finds any more. */
static int is_valid(const struct purge *p, __u64 data)
{
	const struct lb_real *r = &p->lb->reals[lb_data_real(data) % LB_REALS];

	return r->gen && r->gen == lb_data_gen(data);
}

static int is_meant(const struct purge *p, __u64 data, __u16 vip)
{
	const struct lb_real *r = &p->lb->reals[lb_data_real(data) % LB_REALS];

	if (p->vip && vip != p->vip)
		return 0;
	return !p->real || !memcmp(r->addr, p->real->word, sizeof(r->addr));
}

/* The entry whose data is at @word; the VIP is in the low bits of the key's last word. */
static void one(struct purge *p, __u64 *word)
{
	__u64 data = __atomic_load_n(word, __ATOMIC_RELAXED);

	while (data && is_valid(p, data) && is_meant(p, data, word[-1] ^ lb_data_fixed(data)))
		/* one that is used meanwhile has other data, and is looked at again */
		if (__atomic_compare_exchange_n(word, &data, 0, 0, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED)) {
			p->count++;
			break;
		}
}

static int table(struct purge *p, const char *name, int words)
{
	int fd = stage_map(p->lb->chain, CHAIN_SLOT_LB, name), err;
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	size_t bytes, step = words + 1;
	__u64 *mem;

	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;
	bytes = (size_t)info.max_entries * info.value_size;
	mem = err ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!err && mem == MAP_FAILED)
		err = -errno;
	close(fd);
	if (err)
		return err;
	for (size_t i = words; i < bytes / sizeof(*mem); i += step)
		one(p, mem + i);
	munmap(mem, bytes);
	return 0;
}

int lb_purge(struct lb *lb, const struct lb_service *s, const struct lb_addr *real, __u64 *count,
	     struct fail *f)
{
	struct purge p = { .lb = lb, .vip = s ? lb_vip_number(lb, s) : 0, .real = real };
	int err;

	if (s && !p.vip)
		return lb_vip_missing(lb, s, f);
	err = table(&p, "conns4", 1);
	if (!err)
		err = table(&p, "conns6", 3);
	if (err)
		return fail_set(f, -err, "%s: cannot write the connection table: %s",
				lb->chain->ifname, strerror(-err));
	*count = p.count;
	return 0;
}
