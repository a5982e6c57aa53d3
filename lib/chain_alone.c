// SPDX-License-Identifier: GPL-2.0
/* chain_alone - a chain for trying things out. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/chain_int.h"
#include "lib/pins.h"

static int move_away(struct fail *f)
{
	if (!unshare(CLONE_NEWNS | CLONE_NEWNET) &&
	    !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL))
		return 0;
	return fail_set(f, errno, "namespaces to try it out in: %s%s", strerror(errno),
			errno == EPERM ? ", run as root" : "");
}

int chain_alone(struct chain **out, struct fail *f)
{
	__u32 prog, ifindex;
	struct chain *c;
	int err = move_away(f);

	if (!err) /* the one interface that a new namespace has; it is down */
		err = chain_attach("lo", CHAIN_GENERIC, &c, f);
	if (err)
		return err;
	err = pins_link("lo", &prog, &ifindex);
	if (!err)
		c->root = bpf_prog_get_fd_by_id(prog);
	if (err || c->root < 0) {
		err = err ? err : -errno;
		chain_close(c);
		return fail_errno(f, -err, "the chain to try it out in");
	}
	*out = c;
	return 0;
}
