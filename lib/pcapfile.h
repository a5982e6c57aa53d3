/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/pcapfile.h - write classic pcap (draft-ietf-opsawg-pcap) with nanoseconds, in the host's
 * byte order. It has one link type, that of the first interface, and no room for a trail.
 */
#ifndef LIB_PCAPFILE_H
#define LIB_PCAPFILE_H

#include "lib/format.h"

#define PCAPFILE_OVERHEAD 16 /* what a record is longer than its packet, in bytes */

/** pcapfile_header - the file header. Bytes written, or 0 if @size is less. */
size_t pcapfile_header(const struct format_file *f, void *buf, size_t size);

/** pcapfile_packet - a packet. Bytes written, or 0 if @size is less. */
size_t pcapfile_packet(const struct format_file *f, const struct record *r, void *buf, size_t size);

extern const struct format_ops pcapfile_ops;

#endif
