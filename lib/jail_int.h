/* SPDX-License-Identifier: GPL-2.0 */
/* lib/jail_int.h - between the two files of lib/jail. */
#ifndef LIB_JAIL_INT_H
#define LIB_JAIL_INT_H

#include <sys/types.h>

#include "lib/jail.h"

/* Looked up before the process is made: that may read files and take locks. */
struct jail_user {
	uid_t uid;
	gid_t gid;
};

/** jail_child - in the new process: become the command. @out, @err_fd: its standard output. */
_Noreturn void jail_child(const struct jail_spec *spec, const struct jail_user *user, int out,
			  int err_fd);

#endif
