/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/capfile.h - read a capture file that anybody wrote: pcapng (both byte orders, any number
 * of sections and interfaces, unknown blocks skipped) and classic pcap (both orders, micro- and
 * nanoseconds, Kuznetzov's variant), from a file or a pipe, in bounded memory.
 */
#ifndef LIB_CAPFILE_H
#define LIB_CAPFILE_H

#include "lib/fail.h"
#include "lib/record.h"
#include "xdpchain/session.h"

#define CAPFILE_BLOCK_MAX (16 << 20) /* bytes; what Wireshark and libpcap allow too */
#define CAPFILE_IFS_MAX	  65536	     /* interfaces of one section */

struct capfile;

struct capfile_if {
	char name[64]; /* longer ones are cut; "" if the file has none */
	char description[128];
	__u32 linktype;		    /* LINKTYPE_* */
	__u32 snaplen;		    /* bytes; 0: no limit */
	bool counted;		    /* count was in the file, in a statistics block read so far */
	struct session_count count; /* see pcapng_isb() for what is what */
};

/**
 * capfile_open - start to read a capture file.
 * @fd:  read from where it stands; stays the caller's, to be closed after capfile_close()
 * @max: bytes of the longest block or packet that is accepted; 0: CAPFILE_BLOCK_MAX
 * @out: set if the result is 0
 * @f:   says why if it is not; may be NULL
 *
 * Reads the header. Return: 0; -EBADMSG if it is no capture file, or cut short in its header;
 * -EPROTONOSUPPORT if it is of a version that nobody knows; -ENOMEM; -errno of read().
 */
int capfile_open(int fd, size_t max, struct capfile **out, struct fail *f);

/** capfile_close - NULL is allowed. */
void capfile_close(struct capfile *c);

/**
 * capfile_next - the next packet.
 * @r: set if the result is 1. What it points to is valid until the next call. r->iface is an
 *     index for capfile_if(); r->trail is set if a comment is one of ours.
 *
 * A block without times (Simple Packet Block) has time 0.
 * Return: 1 a packet; 0 the end; -EINTR (call again to go on); -EBADMSG if the file breaks its
 * format or is cut short: capfile_offset() and capfile_why() tell where and why;
 * -EPROTONOSUPPORT, -ENOMEM, -errno of read(). An error other than -EINTR stays.
 */
int capfile_next(struct capfile *c, struct record *r);

/** capfile_if - interface @i of the section that is being read; NULL: there is none yet. */
const struct capfile_if *capfile_if(const struct capfile *c, __u32 i);

/** capfile_ifs - number of interfaces of the section that is being read, so far. */
__u32 capfile_ifs(const struct capfile *c);

/** capfile_offset - where the block or packet starts that was read last, in bytes. */
__u64 capfile_offset(const struct capfile *c);

/** capfile_why - the last error in words, static; NULL if there was none. */
const char *capfile_why(const struct capfile *c);

/** capfile_format - "pcapng" or "pcap". Static. */
const char *capfile_format(const struct capfile *c);

#endif
