// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/drop.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sys/capability.h>

static int find(const char *user, struct passwd **pw)
{
	errno = 0;
	*pw = getpwnam(user);
	if (*pw)
		return 0;
	fprintf(stderr, "xdpdump: -Z: %s: %s\n", user, errno ? strerror(errno) : "no such user");
	return errno ? -errno : -ENOENT;
}

int drop_check(const char *user)
{
	struct passwd *pw;

	return user ? find(user, &pw) : 0;
}

static int become(const struct passwd *pw)
{
	if (initgroups(pw->pw_name, pw->pw_gid) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
		return -errno;
	return 0;
}

/* The bounding set too, while we may: or root, which -Z can name, would get all back by exec. */
static int drop_bounds(void)
{
	for (cap_value_t cap = 0; cap_get_bound(cap) >= 0; cap++)
		if (cap_drop_bound(cap))
			return -errno;
	return 0;
}

static int drop_caps(void)
{
	cap_t none = cap_init();
	int err = 0;

	if (!none || cap_set_proc(none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	cap_free(none);
	return err;
}

int drop_to(const char *user)
{
	struct passwd *pw;
	int err;

	if (!user)
		return 0;
	err = find(user, &pw);
	if (err)
		return err;
	err = drop_bounds();
	if (!err)
		err = become(pw);
	if (!err)
		err = drop_caps();
	if (err)
		fprintf(stderr, "xdpdump: -Z: %s: cannot become that user: %s\n", user,
			strerror(-err));
	return err;
}
