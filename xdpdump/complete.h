/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/complete.h - completion scripts for shells, printed from the option table. */
#ifndef XDPDUMP_COMPLETE_H
#define XDPDUMP_COMPLETE_H

/** complete_print - --completion bash, zsh or fish. The exit status. */
int complete_print(const char *shell);

#endif
