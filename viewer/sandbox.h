/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/sandbox.h - what the dashboard cannot do any more once it has its chains or its file: it
 * shows what strangers sent.
 */
#ifndef VIEWER_SANDBOX_H
#define VIEWER_SANDBOX_H

#include <stdbool.h>

#include "lib/fail.h"

struct sandbox_spec {
	bool live;   /* of chains: BPF and perf events are needed, and the capabilities for them */
	bool writes; /* files may be made; there are none that can be changed */
};

/**
 * sandbox - give up all else, for this process and those that it makes: capabilities, and by a
 * seccomp filter the system calls that nothing here makes. Those fail (EPERM); for one that
 * executes a program, or looks into another process, the kernel kills it (SIGSYS).
 *
 * Return: 0; -errno, @f says why: some may have been given up.
 */
int sandbox(const struct sandbox_spec *spec, struct fail *f);

#endif
