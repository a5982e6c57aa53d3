// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/drop.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sys/capability.h>

#include "lib/confine.h"

#define NOBODY "nobody"

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

static bool may(cap_value_t cap)
{
	cap_flag_value_t set = CAP_CLEAR;
	cap_t own = cap_get_proc();

	if (own)
		cap_get_flag(own, cap, CAP_EFFECTIVE, &set);
	cap_free(own);
	return set == CAP_SET;
}

/* The bounding set too, while we may: or root, which -Z can name, would get all back by exec. */
static int drop_bounds(void)
{
	if (!may(CAP_SETPCAP))
		return 0; /* then it is no_new_privs alone */
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

static int drop(const struct passwd *pw)
{
	int err = drop_bounds();

	if (!err && pw)
		err = become(pw);
	if (!err)
		err = drop_caps();
	if (err)
		fprintf(stderr, "xdpdump: cannot give up privileges%s%s: %s\n",
			pw ? " and become " : "", pw ? pw->pw_name : "", strerror(-err));
	return err;
}

int drop_to(const char *user)
{
	struct passwd *pw = NULL;
	int err = 0;

	if (user || (may(CAP_SETUID) && may(CAP_SETGID)))
		err = find(user ? user : NOBODY, &pw);
	return err ? err : drop(pw);
}

int drop_all(const char *user)
{
	int err = drop_to(user);

	if (err)
		return err;
	err = confine();
	if (err)
		fprintf(stderr, "xdpdump: seccomp: %s\n", strerror(-err));
	return err;
}

int drop_rights(void)
{
	return geteuid() ? drop(NULL) : 0;
}
