/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/livecap.h - libpcap's live capture, as events: for an interface whose XDP program cannot be
 * looked into, or that has none. It sees what the kernel's network stack sees, both ways: what
 * XDP dropped is not there, and nobody knows a verdict.
 */
#ifndef LIB_LIVECAP_H
#define LIB_LIVECAP_H

#include "lib/fail.h"
#include "lib/session.h"

struct livecap;

/**
 * livecap_open - start to capture on @ifname.
 * @spec: as for session_open(); its rings are needed. The filter is spec->text, compiled for this
 *        interface and run in the kernel; what asks for verdicts, stages, reasons, rules or the
 *        point of entry is not heeded
 * @out:  set on success; ended with livecap_close()
 *
 * The interface is not put into promiscuous mode.
 * Return: 0; -ENODEV: no such interface; -EPERM; -EPROTONOSUPPORT: it is not Ethernet; -EINVAL: the
 * filter; -ERANGE: ring_bytes; -ENOMEM; -EIO: anything else that libpcap says.
 */
int livecap_open(const char *ifname, const struct session_spec *spec, struct livecap **out,
		 struct fail *f);

/** livecap_check - 0; -ENODEV: the interface is gone; -EIO: what libpcap said. */
int livecap_check(const struct livecap *l, struct fail *f);

/**
 * livecap_counts - offered = filtered + captured + lost, of what libpcap knows: packets that the
 * filter let through. What it did not is in no count; filtered is what sample and rate left out.
 */
void livecap_counts(const struct livecap *l, struct session_count *n);

/** livecap_stop - take what came until now, and no more. */
void livecap_stop(struct livecap *l);

/** livecap_close - NULL is allowed. Its ring stays with the rings. */
void livecap_close(struct livecap *l);

#endif
