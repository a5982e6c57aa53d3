// SPDX-License-Identifier: GPL-2.0
/* chain_attach - make the root and its pins, and take them down. */
#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain_int.h"
#include "lib/ifprog.h"
#include "lib/kernel.h"
#include "lib/load.h"
#include "lib/object.h"
#include "lib/pins.h"
#include "lib/util.h"

static int pin_map(struct chain *c, const char *name, int fd)
{
	char path[PINS_PATH];

	pins_path(path, c->ifname, name);
	return pins_pin(fd, path);
}

static int make_maps(struct chain *c, struct bpf_object *obj)
{
	int fd, err = 0;

	for (size_t i = 0; !err && i < CHAIN_MAPS; i++) {
		const struct chain_map *m = &chain_maps[i];
		LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags);

		if (m->entries)
			fd = bpf_map_create(m->type, m->name, sizeof(__u32), m->value, m->entries,
					    &opts);
		else /* the object closes its own descriptor */
			fd = fcntl(bpf_object__find_map_fd_by_name(obj, m->name), F_DUPFD_CLOEXEC,
				   3);
		if (fd < 0)
			return -errno;
		*chain_fd(c, m->fd) = fd;
		err = pin_map(c, m->name, fd);
	}
	return err;
}

/* The places of captures: a directory to lock, and the array that the rings go into. */
static int make_places(struct chain *c)
{
	char name[32], path[PINS_PATH];
	int fd, err = 0;

	for (int i = 0; !err && i < SESSIONS; i++) {
		snprintf(name, sizeof(name), "session%d", i);
		pins_path(path, c->ifname, name);
		err = pins_mkdir(path);
		if (err)
			break;
		fd = bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "events", sizeof(__u32),
				    sizeof(__u32), c->ncpus, NULL);
		if (fd < 0)
			return -errno;
		snprintf(name, sizeof(name), "session%d/events", i);
		err = pin_map(c, name, fd);
		close(fd);
	}
	return err;
}

static int attach_mode(struct chain *c, int prog, __u32 ifindex, enum chain_mode mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);
	LIBBPF_OPTS(bpf_link_create_opts, generic, .flags = XDP_FLAGS_SKB_MODE);
	int fd = -1;

	if (mode != CHAIN_GENERIC) {
		fd = bpf_link_create(prog, ifindex, BPF_XDP, &native);
		if (fd >= 0 || mode == CHAIN_NATIVE || errno == EBUSY || errno == EEXIST ||
		    errno == EPERM)
			return fd < 0 ? -errno : fd;
	}
	c->info.generic = 1;
	fd = bpf_link_create(prog, ifindex, BPF_XDP, &generic);
	return fd < 0 ? -errno : fd;
}

/*
 * The bpf_link that holds program @prog on an interface; 0: none, netlink attached it. The
 * program too must be the right one: other network namespaces have the same ifindex.
 */
static __u32 link_of(__u32 ifindex, __u32 prog)
{
	for (__u32 id = 0; !bpf_link_get_next_id(id, &id);) {
		struct bpf_link_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			info.type = BPF_LINK_TYPE_UNSPEC;
		close(fd);
		if (info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex == ifindex &&
		    info.prog_id == prog)
			return id;
	}
	return 0;
}

/* Whose program is in the way, and the command that takes it off. */
static int attached_already(const struct chain *c, __u32 ifindex, struct fail *f)
{
	struct ifprog p = { 0 };
	__u32 link;

	ifprog_find(ifindex, &p);
	link = link_of(ifindex, p.id);
	if (link) /* netlink cannot take it off */
		return fail_set(f, EEXIST,
				"%s: another XDP program (id %u) is attached, take it off first: "
				"bpftool link detach id %u",
				c->ifname, p.id, link);
	if (!strcmp(p.name, "xdp_dispatcher"))
		return fail_set(f, EEXIST,
				"%s: the dispatcher of xdp-tools (id %u) is attached, take it off "
				"first: xdp-loader unload %s --all",
				c->ifname, p.id, c->ifname);
	return fail_set(f, EEXIST,
			"%s: another XDP program (id %u) is attached, take it off first: "
			"ip link set dev %s xdp off",
			c->ifname, p.id, c->ifname);
}

static int attach_failed(const struct chain *c, int err, __u32 ifindex, struct fail *f)
{
	if (err == -EBUSY || err == -EEXIST)
		return attached_already(c, ifindex, f);
	return fail_set(f, -err,
			err == -EOPNOTSUPP ? "%s: the driver refuses XDP in this mode: %s, "
					     "try --mode generic"
					   : "%s: cannot attach: %s",
			c->ifname, strerror(-err));
}

static int write_info(struct chain *c, __u32 ifindex)
{
	__u32 zero = 0;
	int err;

	c->info.created_ns = now_ns();
	c->info.abi = CHAIN_ABI;
	c->info.ifindex = ifindex;
	err = chain_netns(&c->info.netns_dev, &c->info.netns_ino);
	if (err)
		return err;
	return bpf_map_update_elem(c->infos, &zero, &c->info, BPF_ANY) ? -errno : 0;
}

static struct bpf_object *load_root(struct fail *f)
{
	const struct object *o = object_find("xdp_root");
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xdp_root");
	struct bpf_object *obj = bpf_object__open_mem(o->data, o->size, &opts);
	int err = obj ? load_object(obj, f) : fail_set(f, errno, "xdp_root: %s", strerror(errno));

	if (!err)
		return obj;
	bpf_object__close(obj);
	errno = -err;
	return NULL;
}

/* All but the link. */
static int make_pins(struct chain *c, struct bpf_object *obj, struct fail *f)
{
	char path[PINS_PATH];
	int err;

	pins_path(path, c->ifname, NULL);
	err = pins_mkdir(path);
	if (err)
		return fail_set(f, -err, "cannot make %s: %s", path, strerror(-err));
	c->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = make_maps(c, obj);
	if (!err)
		err = make_places(c);
	return err ? fail_set(f, -err, "%s: cannot pin maps: %s", c->ifname, strerror(-err)) : 0;
}

/* The link is pinned last: pins without a link are no chain, and are swept by the next attach. */
static int make_link(struct chain *c, struct bpf_object *obj, enum chain_mode mode, struct fail *f)
{
	int err, link, prog = bpf_program__fd(bpf_object__next_program(obj, NULL));
	__u32 ifindex = if_nametoindex(c->ifname);

	link = attach_mode(c, prog, ifindex, mode);
	if (link < 0)
		return attach_failed(c, link, ifindex, f);
	err = write_info(c, ifindex);
	if (!err)
		err = pin_map(c, "link", link);
	close(link);
	return err ? fail_set(f, -err, "%s: cannot pin: %s", c->ifname, strerror(-err)) : 0;
}

static int make_chain(struct chain *c, enum chain_mode mode, struct fail *f)
{
	struct bpf_object *obj = load_root(f);
	int err = obj ? make_pins(c, obj, f) : -errno;

	if (!err)
		err = make_link(c, obj, mode, f);
	bpf_object__close(obj);
	if (err)
		pins_remove(c->ifname);
	return err;
}

/* The root parses from the Ethernet header on; what has none (tun, ipip, WireGuard) begins with IP.
 */
static int check_ethernet(const char *ifname, struct fail *f)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), type = ARPHRD_ETHER;
	struct ifreq req = { 0 };

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", ifname);
	if (fd >= 0 && !ioctl(fd, SIOCGIFHWADDR, &req))
		type = req.ifr_hwaddr.sa_family;
	fd_close(fd);
	if (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK)
		return 0;
	return fail_set(f, EOPNOTSUPP, "%s: its packets have no Ethernet header, a chain needs one",
			ifname);
}

int chain_attach_under(const struct chain *holder, const char *ifname, enum chain_mode mode,
		       struct chain **out, struct fail *f)
{
	struct chain *c;
	int err = kernel_check(NULL, f);

	if (!err)
		err = pins_check(f);
	if (err)
		return err;
	if (!if_nametoindex(ifname))
		return fail_set(f, ENODEV, "%s: no such interface", ifname);
	err = check_ethernet(ifname, f);
	if (err)
		return err;
	c = chain_new(ifname);
	if (!c)
		return -ENOMEM;
	err = c->lock = chain_lock(holder, f);
	if (err < 0)
		goto close;
	err = chain_open_pins(c, f);
	if (err == -ENOENT || err == -ESTALE) {
		pins_remove(ifname); /* half-made, or of an interface that is gone */
		fail_clear(f);
		err = make_chain(c, mode, f);
	}
	if (err)
		goto close;
	*out = c;
	return 0;
close:
	chain_close(c);
	return err;
}

int chain_attach(const char *ifname, enum chain_mode mode, struct chain **out, struct fail *f)
{
	return chain_attach_under(NULL, ifname, mode, out, f);
}

static int take_down(const char *ifname, struct fail *f)
{
	char path[PINS_PATH];
	int fd, err;

	pins_path(path, ifname, "link");
	fd = bpf_obj_get(path);
	if (fd >= 0) {
		bpf_link_detach(fd); /* now, and not when the last descriptor is closed */
		close(fd);
	}
	err = pins_remove(ifname);
	return err ? fail_set(f, -err, "%s: cannot remove pins: %s", ifname, strerror(-err)) : 0;
}

int chain_release(struct chain *c, struct fail *f)
{
	struct chain_stage st;
	int err;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st))
			return 0;
	err = take_down(c->ifname, f);
	return err ? err : 1;
}

int chain_remove(const char *ifname, struct fail *f)
{
	int err = pins_check(f), lock;

	if (err)
		return err;
	lock = pins_lock(f);
	if (lock < 0)
		return lock;
	err = take_down(ifname, f);
	close(lock);
	return err;
}
