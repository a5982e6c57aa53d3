// SPDX-License-Identifier: GPL-2.0
#include "tests/rig.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/pins.h"

int rig_sh(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	return system(cmd);
}

int rig_root(const char *ifname)
{
	__u32 prog, ifindex;
	int err = pins_link(ifname, &prog, &ifindex);

	return err ? err : bpf_prog_get_fd_by_id(prog);
}

/* Or the kernel's own router solicitations run through the chain, and are counted, too. */
static void no_ip6(void)
{
	rig_sh("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
}

void rig_alone(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL)) {
		perror("rig: own namespaces");
		exit(1);
	}
	no_ip6();
}

void rig_up(struct rig *r, const char *tag)
{
	struct fail f = { 0 };

	snprintf(r->ifname, sizeof(r->ifname), "%.6s%u", tag, getpid() % 1000000);
	if (rig_sh("ip link add %s type veth peer name %sp && ip link set %s up && "
		   "ip link set %sp up",
		   r->ifname, r->ifname, r->ifname, r->ifname) ||
	    chain_attach(r->ifname, CHAIN_NATIVE, &r->chain, &f)) {
		fprintf(stderr, "rig: %s\n", f.text);
		rig_down(r);
		exit(1);
	}
	r->root = rig_root(r->ifname);
}

void rig_down(struct rig *r)
{
	if (r->root > 0)
		close(r->root);
	chain_close(r->chain);
	r->chain = NULL;
	r->root = 0;
	if (r->ifname[0]) {
		chain_remove(r->ifname, NULL);
		rig_sh("ip link del %s 2>/dev/null", r->ifname);
	}
}

int rig_run(const struct rig *r, const void *pkt, __u32 len, void *out, __u32 out_size,
	    __u32 *out_len)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt, .data_size_in = len, .data_out = out,
		    .data_size_out = out_size, .repeat = 1);

	if (bpf_prog_test_run_opts(r->root, &opts))
		return -errno;
	if (out_len)
		*out_len = opts.data_size_out;
	return opts.retval;
}

size_t rig_object(const char *name, void *elf, size_t size)
{
	const char *self = program_invocation_name, *cut = NULL;
	char path[512];
	size_t n = 0;
	FILE *f;

	for (const char *p = self; (p = strstr(p, "/tests/")); p++)
		cut = p;
	if (!cut)
		return 0;
	snprintf(path, sizeof(path), "%.*s/obj/tests/prog/%s.bpf.o", (int)(cut - self), self, name);
	f = fopen(path, "r");
	if (!f)
		return 0;
	n = fread(elf, 1, size, f);
	fclose(f);
	return n;
}
