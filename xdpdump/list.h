/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/list.h - where there is a chain. */
#ifndef XDPDUMP_LIST_H
#define XDPDUMP_LIST_H

/** list_interfaces - -D: a line for each interface that has a chain. The exit status. */
int list_interfaces(void);

#endif
