/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/watch.h - a capture session on an XDP program that is no chain of ours: fentry and fexit.
 *
 * As with lib/session nothing outlives the process. The kernel has to allow tracing of BPF
 * programs, which not every one does.
 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "lib/fail.h"
#include "lib/ifprog.h"
#include "lib/session.h"

struct watch;

/**
 * watch_new - see whether the XDP program on @ifindex can be watched, and get ready.
 * @out: set on success; ended with watch_close()
 * @f:   on error why, fit to follow the name of the interface: `XDP program "x" (id 7) ...`
 *
 * Return: 0; -ENOENT: no XDP program there; -EOPNOTSUPP: one that cannot be traced (no BTF,
 * offloaded, packets that are not Ethernet); -EPERM: the kernel refuses, for this program or for
 * any; -ENODEV; -ENOMEM; -errno.
 */
int watch_new(__u32 ifindex, struct watch **out, struct fail *f);

/**
 * watch_start - start to capture, once.
 * @spec: as for session_open(); its rings are needed, and slots, reasons and rules are not heeded:
 *        there is one stage, slot 0, that says nothing but a verdict
 *
 * Return: 0; -EINVAL: the verifier refuses the filter (@f->log); -EPERM; -ENOMEM: the rings;
 * -errno.
 */
int watch_start(struct watch *w, const struct session_spec *spec, struct fail *f);

/** watch_program - what is watched. Lives as long as @w. */
const struct ifprog *watch_program(const struct watch *w);

/**
 * watch_check - 0; -ENODEV: the interface is gone; -ENOENT: its XDP program was taken off;
 * -ECONNRESET: replaced; with @f.
 */
int watch_check(struct watch *w, struct fail *f);

/** watch_counts - as session_counts(). */
int watch_counts(struct watch *w, struct session_count *n);

/** watch_stop - as session_stop(). */
void watch_stop(struct watch *w);

/** watch_leave - as session_leave(). */
void watch_leave(struct watch *w);

/** watch_cut - as session_cut(). */
size_t watch_cut(const struct watch *w);

/** watch_close - stop and free; NULL is allowed. */
void watch_close(struct watch *w);

#endif
