/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/drop.h - give up privileges. */
#ifndef XDPDUMP_DROP_H
#define XDPDUMP_DROP_H

/** drop_check - is there such a user? 0, or -errno that was printed. @user may be NULL. */
int drop_check(const char *user);

/**
 * drop_to - become @user with its groups, without any capability, for good: nothing that is
 * executed gets one back. 0, or -errno that was printed. @user NULL: nothing is done.
 */
int drop_to(const char *user);

#endif
