// SPDX-License-Identifier: GPL-2.0
/* chain - open and close. Attaching is in chain_attach.c, the slots in chain_slots.c. */
#include "lib/chain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain_int.h"
#include "lib/pins.h"
#include "lib/util.h"

const struct chain_map chain_maps[CHAIN_MAPS] = {
	{ "info", 0, 0, 0, 0, offsetof(struct chain, infos) },
	{ "stages", BPF_MAP_TYPE_ARRAY, sizeof(struct chain_stage), CHAIN_BANKS *CHAIN_SLOTS, 0,
	  offsetof(struct chain, stages) },
	{ "bases", BPF_MAP_TYPE_ARRAY, sizeof(struct chain_base), CHAIN_BANKS *CHAIN_SLOTS, 0,
	  offsetof(struct chain, bases) },
	{ "programs", BPF_MAP_TYPE_HASH, sizeof(struct chain_program), CHAIN_PROGRAMS,
	  BPF_F_NO_PREALLOC, offsetof(struct chain, programs) },
	{ "sessions", BPF_MAP_TYPE_ARRAY, sizeof(struct session_conf), SESSIONS, BPF_F_MMAPABLE,
	  offsetof(struct chain, sessions) },
	{ "filters", BPF_MAP_TYPE_ARRAY, sizeof(struct session_filter), SESSIONS, 0,
	  offsetof(struct chain, filters) },
	{ "slots", 0, 0, 0, 0, offsetof(struct chain, slots) },
	{ "tap", 0, 0, 0, 0, offsetof(struct chain, tap) },
	{ "cpus", 0, 0, 0, 0, offsetof(struct chain, cpus) },
};

int *chain_fd(struct chain *c, size_t offset)
{
	return (int *)((char *)c + offset);
}

struct chain *chain_new(const char *ifname)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	snprintf(c->ifname, sizeof(c->ifname), "%s", ifname);
	c->dir = c->lock = c->root = -1;
	for (size_t i = 0; i < CHAIN_MAPS; i++)
		*chain_fd(c, chain_maps[i].fd) = -1;
	c->ncpus = libbpf_num_possible_cpus();
	libbpf_set_print(NULL); /* what went wrong is in struct fail */
	return c;
}

void chain_forget(struct chain *c)
{
	for (size_t i = 0; i < CHAIN_MAPS; i++) {
		fd_close(*chain_fd(c, chain_maps[i].fd));
		*chain_fd(c, chain_maps[i].fd) = -1;
	}
	fd_close(c->dir);
	fd_close(c->root);
	fd_close(c->lock); /* last: the lock covers all of the above */
	c->dir = c->lock = c->root = -1;
}

void chain_close(struct chain *c)
{
	if (!c)
		return;
	chain_forget(c);
	free(c);
}

int chain_netns(__u64 *dev, __u64 *ino)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st))
		return -errno;
	*dev = st.st_dev;
	*ino = st.st_ino;
	return 0;
}

static int open_pin(struct chain *c, const char *name, size_t offset, struct fail *f)
{
	char path[PINS_PATH];
	int fd;

	pins_path(path, c->ifname, name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fail_set(f, errno == ENOENT ? ENOTSUP : errno,
				"%s: pin %s: %s, take the chain down with its own version: "
				"droplet detach, xdplb detach",
				c->ifname, path, strerror(errno));
	*chain_fd(c, offset) = fd;
	return 0;
}

static int open_pins(struct chain *c, struct fail *f)
{
	char path[PINS_PATH];
	int err = 0;

	for (size_t i = 0; !err && i < CHAIN_MAPS; i++)
		err = open_pin(c, chain_maps[i].name, chain_maps[i].fd, f);
	if (err)
		return err;
	pins_path(path, c->ifname, NULL);
	c->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return c->dir < 0 ? fail_set(f, errno, "%s: %s", path, strerror(errno)) : 0;
}

/* Is it this interface's chain, of this version? */
static int check_info(struct chain *c, __u32 linked, struct fail *f)
{
	__u32 zero = 0, ifindex = if_nametoindex(c->ifname);
	char now[IF_NAMESIZE] = "?";
	__u64 dev = 0, ino = 0;

	if (bpf_map_lookup_elem(c->infos, &zero, &c->info))
		return fail_set(f, errno, "%s: info: %s", c->ifname, strerror(errno));
	if (c->info.abi != CHAIN_ABI)
		return fail_set(
			f, ENOTSUP,
			"%s: the chain has ABI %u, this tool %u: use the tools that made it",
			c->ifname, c->info.abi, CHAIN_ABI);
	if (chain_netns(&dev, &ino) || dev != c->info.netns_dev || ino != c->info.netns_ino)
		return fail_set(f, EXDEV,
				"%s: its chain is on an interface of another network namespace",
				c->ifname);
	if (ifindex == linked)
		return 0;
	if_indextoname(linked, now);
	return fail_set(f, EXDEV,
			"%s: its chain is on %s, which was renamed, give it its name back: "
			"ip link set dev %s name %s",
			c->ifname, now, now, c->ifname);
}

int chain_open_pins(struct chain *c, struct fail *f)
{
	__u32 linked = 0, prog;
	int err = pins_link(c->ifname, &prog, &linked);

	if (err == -ENOENT && !if_nametoindex(c->ifname))
		return fail_set(f, ENODEV, "%s: no such interface", c->ifname);
	if (err == -ENOENT)
		return fail_set(f, ENOENT, "%s: no chain here, make one: droplet attach %s",
				c->ifname, c->ifname);
	if (err == -EPERM || err == -EACCES)
		return fail_set(f, EPERM, "not permitted: run as root");
	if (err)
		return fail_set(f, -err, "%s: link: %s", c->ifname, strerror(-err));
	if (!linked)
		return fail_set(f, ESTALE,
				"%s: the chain's interface is gone, remove what is left: "
				"droplet detach %s",
				c->ifname, c->ifname);
	err = open_pins(c, f);
	return err ? err : check_info(c, linked, f);
}

int chain_lock(const struct chain *holder, struct fail *f)
{
	int fd;

	if (!holder)
		return pins_lock(f);
	fd = fcntl(holder->lock, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? fail_errno(f, errno, holder->ifname) : fd;
}

static int open_chain(const char *ifname, enum chain_access access, const struct chain *holder,
		      struct chain **out, struct fail *f)
{
	struct chain *c;
	int err = pins_check(f);

	if (err)
		return err;
	if (strlen(ifname) >= IF_NAMESIZE || strchr(ifname, '/'))
		return fail_set(f, ENODEV, "%s: no such interface", ifname);
	c = chain_new(ifname);
	if (!c)
		return -ENOMEM;
	if (access == CHAIN_WRITE) {
		err = c->lock = chain_lock(holder, f);
		if (err < 0)
			goto close;
	}
	err = chain_open_pins(c, f);
	if (err)
		goto close;
	*out = c;
	return 0;
close:
	chain_close(c);
	return err;
}

int chain_open(const char *ifname, enum chain_access access, struct chain **out, struct fail *f)
{
	return open_chain(ifname, access, NULL, out, f);
}

int chain_open_under(const struct chain *holder, const char *ifname, struct chain **out,
		     struct fail *f)
{
	return open_chain(ifname, CHAIN_WRITE, holder, out, f);
}

static int is_chain(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int chain_each(int (*fn)(const char *ifname, void *arg), void *arg, struct fail *f)
{
	char ifname[IF_NAMESIZE];
	struct dirent **list;
	int n, err = pins_check(f);

	if (err)
		return err;
	n = scandir(CHAIN_PIN_ROOT, &list, is_chain, alphasort);
	if (n < 0)
		return errno == ENOENT ? 0
				       : fail_set(f, errno == EACCES ? EPERM : errno,
						  "not permitted: run as root");
	for (int i = 0; i < n; i++) {
		pins_ifname(ifname, sizeof(ifname), list[i]->d_name);
		if (!err)
			err = fn(ifname, arg);
		free(list[i]);
	}
	free(list);
	return err;
}

static int is_name(const char *ifname, void *arg)
{
	return !strcmp(ifname, arg);
}

int chain_sweep(const char *ifname, int why, struct fail *f)
{
	if (why != -ESTALE && chain_each(is_name, (void *)ifname, NULL) != 1)
		return why;
	return chain_remove(ifname, f);
}
