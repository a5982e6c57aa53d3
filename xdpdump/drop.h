/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/drop.h - give up privileges. */
#ifndef XDPDUMP_DROP_H
#define XDPDUMP_DROP_H

/** drop_check - is there such a user? 0, or -errno that was printed. @user may be NULL. */
int drop_check(const char *user);

/**
 * drop_to - become @user with its groups, without any capability, for good: nothing that is
 * executed gets one back. @user NULL: nobody, or who may not change users stays who it is.
 * 0, or -errno that was printed.
 */
int drop_to(const char *user);

/** drop_all - drop_to(), and then nothing but lib/confine.h allows. As drop_to(). */
int drop_all(const char *user);

/** drop_rights - stay who we are, without any capability that the user has not. As drop_to(). */
int drop_rights(void);

#endif
