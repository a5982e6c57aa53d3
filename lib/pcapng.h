/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/pcapng.h - write pcapng (draft-ietf-opsawg-pcapng), in the host's byte order.
 *
 * All functions: @buf gets one whole block; they return its bytes, or 0 if it is longer than
 * @size. Strings of more than 64 KiB are cut.
 */
#ifndef LIB_PCAPNG_H
#define LIB_PCAPNG_H

#include "lib/format.h"

/* What a packet block is longer than its packet, its comment and its trigger, at most, in bytes. */
#define PCAPNG_OVERHEAD 128

/** pcapng_shb - section header, with hardware, operating system, application and comment. */
size_t pcapng_shb(const struct format_file *f, void *buf, size_t size);

/** pcapng_idb - interface @i of @f; nanoseconds. Interfaces are numbered as they are written. */
size_t pcapng_idb(const struct format_file *f, unsigned int i, void *buf, size_t size);

/** pcapng_epb - a packet. */
size_t pcapng_epb(const struct record *r, void *buf, size_t size);

/**
 * pcapng_isb - statistics of interface @i.
 *
 * offered is isb_ifrecv, captured isb_usrdeliv, lost isb_osdrop, and filtered is what isb_ifrecv
 * has more than isb_filteraccept (= captured + lost, and what a flight recorder did not write:
 * then offered is more than the sum). What the network card dropped is not known
 * here, so isb_ifdrop is 0.
 */
size_t pcapng_isb(unsigned int i, const struct format_stats *s, void *buf, size_t size);

extern const struct format_ops pcapng_ops;

#endif
