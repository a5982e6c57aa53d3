/* SPDX-License-Identifier: GPL-2.0 */
/* lib/confine.h - a seccomp filter for a process that parses what strangers sent. */
#ifndef LIB_CONFINE_H
#define LIB_CONFINE_H

/**
 * confine - from here on only what reads, shows and writes packets: descriptors that are open can
 * be used, memory taken and given back, children waited for, the time asked. Whatever else the
 * process calls, the kernel kills it (SIGSYS): it opens nothing, connects to nothing, makes no
 * process, maps no code, and sends no signal but to itself.
 *
 * The time zone is read before, and kept. In a build with AddressSanitizer files can be opened
 * for reading, and threads made and traced: the leak check at the end does that.
 *
 * Return: 0; -errno, and nothing is confined: the kernel has no seccomp, or -ENOMEM.
 */
int confine(void);

#endif
