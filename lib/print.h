/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/print.h - a packet as text, line for line what `tcpdump -n` 4.99.3 prints.
 *
 * Link type Ethernet only. Always numeric: no name of a host, port or protocol number is ever
 * looked up. Where tcpdump would go on to decode what lies above TCP, UDP or another transport
 * (DNS, BGP, OSPF, ...), the line ends with the length: see docs/TEXT.md.
 */
#ifndef LIB_PRINT_H
#define LIB_PRINT_H

#include <linux/types.h>
#include <stddef.h>

enum print_flag {
	PRINT_LINK = 1 << 0,	/* -e: the link-level header */
	PRINT_QUIET = 1 << 1,	/* -q: protocol and length only */
	PRINT_ABS_SEQ = 1 << 2, /* -S: absolute TCP sequence numbers */
	PRINT_NANO = 1 << 3,	/* --nano: nine digits of a second, not six */
	PRINT_NUMBER = 1 << 4,	/* -#: the packet's number before the line */
};

/* Time stamp: the value is the number of -t given. */
enum print_time {
	PRINT_TIME_CLOCK = 0, /* local time of day */
	PRINT_TIME_NONE = 1,
	PRINT_TIME_EPOCH = 2, /* seconds since 1970 */
	PRINT_TIME_DELTA = 3, /* since the packet before */
	PRINT_TIME_DATE = 4,  /* local date and time */
	PRINT_TIME_FIRST = 5, /* since the first packet */
};

enum print_dump {
	PRINT_DUMP_NONE = 0,
	PRINT_DUMP_HEX,	       /* -x: hex, without the link-level header */
	PRINT_DUMP_HEX_LINK,   /* -xx: with it */
	PRINT_DUMP_BOTH,       /* -X: hex and ASCII */
	PRINT_DUMP_BOTH_LINK,  /* -XX */
	PRINT_DUMP_ASCII,      /* -A */
	PRINT_DUMP_ASCII_LINK, /* -AA */
};

struct print_opts {
	__u32 flags;  /* enum print_flag */
	__u8 verbose; /* number of -v, 0 to 3 */
	__u8 time;    /* enum print_time */
	__u8 dump;    /* enum print_dump */
};

struct print_pkt {
	const void *data;   /* the frame, from the destination MAC on; any alignment */
	__u32 cap_len;	    /* bytes at `data`; not one more is read */
	__u32 len;	    /* bytes on the wire, >= cap_len */
	__u64 time_ns;	    /* since the epoch */
	const char *suffix; /* NULL, or text to end the header with, see print_packet() */
	const char *prefix; /* NULL, or text to stand right behind the time */
};

struct print;

/**
 * print_new - make a printer.
 * @opts: what to show; copied
 *
 * It keeps what depends on earlier packets: initial sequence numbers by TCP connection, the
 * time of the packet before, the packet count. One printer a thread.
 *
 * Return: the printer; NULL with errno ENOMEM, or EINVAL for a time or dump out of range.
 */
struct print *print_new(const struct print_opts *opts);

/**
 * print_packet - write the text of one packet.
 * @p:    from print_new()
 * @pkt:  the packet
 * @buf:  where to write; always terminated
 * @size: bytes at @buf, at least 1
 *
 * Lines are separated by newlines; the last has none. @pkt->suffix goes to the end of the last
 * header line, so before the first line of any hex or ASCII dump: with no -v that is the first
 * line; an IPv4 packet with -v has two header lines, and the suffix ends the second. Text that
 * does not fit is cut; room for the suffix is kept, so that it survives a long header (unless
 * @size is less than the suffix itself). A line costs some 100 bytes, a dump 5 times the
 * packet: PRINT_SIZE() is enough for all but hostile packets.
 *
 * No allocation but for the first packet of a TCP connection; no I/O.
 *
 * Return: bytes written, without the terminating zero; < @size.
 */
size_t print_packet(struct print *p, const struct print_pkt *pkt, char *buf, size_t size);

/* A buffer of this size holds header lines and any dump of a packet of CAP_LEN bytes. */
#define PRINT_SIZE(cap_len) (8192 + (size_t)(cap_len)*6)

/** print_most - bytes of a printer that has seen as many connections as it remembers. */
size_t print_most(const struct print *p);

/**
 * print_free - free a printer. @p may be NULL.
 */
void print_free(struct print *p);

#endif
