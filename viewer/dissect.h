/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/dissect.h - the fields of a packet, each with the bytes it is in: what the packet view
 * shows beside the hex. Ethernet, VLAN, ARP, IPv4, IPv6 and its extension headers, TCP, UDP, ICMP,
 * ICMPv6, GRE, and what IPIP, 6in4 and GRE carry.
 */
#ifndef VIEWER_DISSECT_H
#define VIEWER_DISSECT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define DISSECT_FIELDS 192 /* of a packet at most; then it ends with the rest as one */

struct dissect_field {
	char name[28];
	char value[64];
	__u32 off, len; /* bytes of the frame */
	bool layer;	/* the heading of a layer; its bytes are the whole header */
};

/**
 * dissect - split a frame into fields.
 * @data: @len bytes; not one more is read, whatever its length fields say
 * @out: room for DISSECT_FIELDS
 *
 * Return: how many fields. What cannot be there in full is one field that says so.
 */
size_t dissect(const unsigned char *data, size_t len, struct dissect_field out[DISSECT_FIELDS]);

#endif
