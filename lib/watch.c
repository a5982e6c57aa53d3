// SPDX-License-Identifier: GPL-2.0
#include "lib/watch.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/graft.h"
#include "lib/load.h"
#include "lib/object.h"
#include "lib/session_int.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "xdpchain/watch.h"

#define SETTLE_NS (100000000ULL) /* no packet is on its way for longer */

struct watch {
	struct ifprog prog;
	struct session_conf conf;
	struct bpf_object *obj;
	__u32 ifindex;
	int ncpus;
	int sessions, cpus; /* maps, of obj */
	int target;	    /* the program that is watched */
	int entry;	    /* the program with the filter */
	int links[2];	    /* exit, entry */
	size_t cut;	    /* see session_cut() */
};

static int refuse(const struct watch *w, int err, const char *why, struct fail *f)
{
	if (!*w->prog.name)
		return fail_set(f, err, "XDP program %u cannot be traced (%s)", w->prog.id, why);
	return fail_set(f, err, "XDP program \"%s\" (id %u) cannot be traced (%s)", w->prog.name,
			w->prog.id, why);
}

static bool is_ethernet(__u32 ifindex)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { 0 };
	bool known = if_indextoname(ifindex, r.ifr_name) && !ioctl(fd, SIOCGIFHWADDR, &r);
	int type = r.ifr_hwaddr.sa_family;

	fd_close(fd);
	return known && (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK);
}

static int find(struct watch *w, struct fail *f)
{
	int err = ifprog_find(w->ifindex, &w->prog);

	if (err == -ENOENT)
		return fail_set(f, ENOENT, "no XDP program");
	if (err)
		return fail_set(f, -err, "XDP program: %s", strerror(-err));
	if (w->prog.mode == IFPROG_OFFLOADED)
		return refuse(w, EOPNOTSUPP, "it runs on the device", f);
	if (!is_ethernet(w->ifindex))
		return refuse(w, EOPNOTSUPP, "its packets are not Ethernet", f);
	w->target = bpf_prog_get_fd_by_id(w->prog.id);
	if (w->target < 0 && errno == EPERM)
		return refuse(w, EPERM, "CAP_SYS_ADMIN is needed", f);
	if (w->target < 0)
		return refuse(w, errno, strerror(errno), f);
	return w->prog.function ? 0 : refuse(w, EOPNOTSUPP, "it was loaded without BTF", f);
}

static __u32 netns(void)
{
	struct stat st = { 0 };

	stat("/proc/self/ns/net", &st);
	return st.st_ino;
}

static int configure(struct watch *w)
{
	__u32 ns = netns();
	struct bpf_program *prog;
	int err = stage_rodata(w->obj, "watch_ifindex", &w->ifindex, sizeof(w->ifindex));

	if (!err)
		err = stage_rodata(w->obj, "watch_netns", &ns, sizeof(ns));
	if (!err)
		err = bpf_map__set_max_entries(bpf_object__find_map_by_name(w->obj, "kept"),
					       w->ncpus);
	bpf_object__for_each_program(prog, w->obj)
		if (!err)
			err = bpf_program__set_attach_target(prog, w->target, w->prog.name);
	return err;
}

static int load(struct watch *w, struct fail *f)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xdp_watch");
	const struct object *file = object_find("xdp_watch");
	struct fail why = { 0 };
	int err;

	w->obj = bpf_object__open_mem(file->data, file->size, &opts);
	err = w->obj ? configure(w) : -errno;
	if (!err)
		err = load_object(w->obj, &why);
	if (err) {
		refuse(w, -err, strerror(-err), f);
		if (f)
			memcpy(f->log, why.log, sizeof(f->log));
		return err;
	}
	w->sessions = bpf_object__find_map_fd_by_name(w->obj, "sessions");
	w->cpus = bpf_object__find_map_fd_by_name(w->obj, "cpus");
	return 0;
}

/* The entry program, with the filter in it. */
static int load_filter(struct watch *w, const struct session_spec *spec, struct fail *f)
{
	const struct classic_prog filter = { spec->insns, spec->count };
	const struct graft graft = {
		.prog = "watch_entry",
		.match = "watch_match",
		.what = "xdp_watch",
		.type = BPF_PROG_TYPE_TRACING,
		.attach = BPF_TRACE_FENTRY,
		.target = w->target,
		.target_function = w->prog.function,
	};
	struct translate_code code;
	int err = translate_view(&filter, &code);

	if (err)
		return fail_set(f, -err, "xdp_watch: cannot translate: %s", strerror(-err));
	err = w->entry = graft_load(w->obj, &graft, &code, f);
	translate_free(&code);
	return err < 0 ? err : 0;
}

static int begin(struct watch *w, const struct session_spec *spec, struct fail *f)
{
	int events = bpf_object__find_map_fd_by_name(w->obj, "events"), err;
	__u32 zero = 0;

	w->conf = (struct session_conf){
		.since_ns = now_ns(),
		.id = getpid(),
		.snaplen = spec->snaplen,
		.flags = spec->flags,
		.verdicts = spec->verdicts,
		.rate = spec->rate,
		.sample = spec->sample,
		.pid = getpid(),
	};
	err = session_add_rings(spec, events, w->conf.id, &w->cut, f);
	if (err)
		return err;
	if (bpf_map_update_elem(w->sessions, &zero, &w->conf, BPF_ANY))
		return fail_set(f, errno, "session: %s", strerror(errno));
	return 0;
}

/* The exit first: a packet that was offered is then always accounted for. */
static int attach(struct watch *w, struct fail *f)
{
	struct bpf_program *exit = bpf_object__find_program_by_name(w->obj, "watch_exit");

	w->links[0] = bpf_link_create(bpf_program__fd(exit), 0, BPF_TRACE_FEXIT, NULL);
	if (w->links[0] >= 0)
		w->links[1] = bpf_link_create(w->entry, 0, BPF_TRACE_FENTRY, NULL);
	return w->links[1] < 0 ? refuse(w, errno, strerror(errno), f) : 0;
}

int watch_new(__u32 ifindex, struct watch **out, struct fail *f)
{
	struct watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	libbpf_set_print(NULL); /* what went wrong is in struct fail */
	w->ifindex = ifindex;
	w->ncpus = libbpf_num_possible_cpus();
	w->target = w->entry = w->links[0] = w->links[1] = -1;
	err = w->ncpus < 0 ? w->ncpus : find(w, f);
	if (!err)
		err = load(w, f);
	if (err)
		watch_close(w);
	else
		*out = w;
	return err;
}

int watch_start(struct watch *w, const struct session_spec *spec, struct fail *f)
{
	int err = load_filter(w, spec, f);

	if (!err)
		err = begin(w, spec, f);
	return err ? err : attach(w, f);
}

const struct ifprog *watch_program(const struct watch *w)
{
	return &w->prog;
}

int watch_check(struct watch *w, struct fail *f)
{
	struct ifprog now;
	char ifname[IF_NAMESIZE];
	int err = ifprog_find(w->ifindex, &now);

	if (err == -ENODEV || !if_indextoname(w->ifindex, ifname))
		return fail_set(f, ENODEV, "the interface is gone");
	if (err == -ENOENT)
		return fail_set(f, ENOENT, "XDP program \"%s\" was taken off", w->prog.name);
	if (!err && now.id != w->prog.id)
		return fail_set(f, ECONNRESET, "XDP program \"%s\" was replaced by \"%s\"",
				w->prog.name, now.name);
	return 0;
}

static void add_up(struct session_count *n, const struct session_count *one)
{
	n->offered += one->offered;
	n->filtered += one->filtered;
	n->captured += one->captured;
	n->lost += one->lost;
	n->capped += one->capped;
	n->matched += one->matched;
	n->entry_captured += one->entry_captured;
	n->entry_lost += one->entry_lost;
}

static void lose(struct session_count *n, __u32 flags)
{
	n->lost += (flags & (SESSION_ENTRY | SESSION_NO_EXIT)) == SESSION_ENTRY ? 2 : 1;
	n->entry_lost += flags & SESSION_ENTRY ? 1 : 0;
}

int watch_counts(struct watch *w, struct session_count *n)
{
	struct watch_cpu *v = calloc(w->ncpus, sizeof(*v));
	__u32 zero = 0;
	int err = !v ? -ENOMEM : bpf_map_lookup_elem(w->cpus, &zero, v) ? -errno : 0;

	if (!err)
		*n = (struct session_count){ 0 };
	for (int i = 0; !err && i < w->ncpus; i++) {
		add_up(n, &v[i].count);
		if (!w->conf.id && v[i].pending) /* no exit will account for it */
			lose(n, w->conf.flags);
	}
	free(v);
	return err;
}

void watch_stop(struct watch *w)
{
	__u64 until = now_ns() + SETTLE_NS;
	struct session_count n;
	__u32 zero = 0;

	if (!w->conf.id)
		return;
	w->conf.id = 0;
	bpf_map_update_elem(w->sessions, &zero, &w->conf, BPF_ANY);
	while (!watch_counts(w, &n) && n.offered != n.filtered + n.captured + n.lost &&
	       now_ns() < until)
		usleep(1000);
}

/* The kernel watches on as long as another process has the same links. */
void watch_leave(struct watch *w)
{
	w->conf.id = 0;
	fd_close(w->links[1]);
	fd_close(w->links[0]);
	fd_close(w->entry);
	fd_close(w->target);
	bpf_object__close(w->obj);
	w->target = w->entry = w->links[0] = w->links[1] = -1;
	w->obj = NULL;
}

size_t watch_cut(const struct watch *w)
{
	return w->cut;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	watch_stop(w);
	watch_leave(w);
	free(w);
}
