// SPDX-License-Identifier: GPL-2.0
/* lib/print_icmp_ext.c - objects behind the quoted packet of an ICMP error (RFC 4884, 4950). */
#include "lib/print_int.h"

#define ICMP_LEN    5	/* offset: length of the quoted packet in words, 0 where not given */
#define EXT	    136 /* offset: ICMP header and 128 bytes of the quoted packet */
#define EXT_HDR	    4
#define OBJ_HDR	    4
#define EXT_VERSION 2
#define OBJ_MPLS    1
#define OBJ_IFACE   2

/* RFC 4950: of a stack of labels the topmost is shown. */
static void put_mpls(struct print *p, __u32 off, __u32 len)
{
	__u32 label;

	if (len < 4)
		return;
	label = print_get32(p, off);
	put_num(p, "\n\t    label ", label >> 12, ", tc ");
	put_u32(p, label >> 9 & 7);
	if (label & 0x100)
		put_str(p, ", [S]");
	put_num(p, ", ttl ", label & 0xff, "");
}

/* One object; its length, or 0 if nothing sensible can follow. */
static __u32 put_object(struct print *p, __u32 off)
{
	__u8 class, type;
	__u16 len;

	if (!print_has(p, off, OBJ_HDR)) {
		print_trunc(p);
		return 0;
	}
	len = print_get16(p, off);
	class = print_get8(p, off + 2);
	type = print_get8(p, off + 3);
	put_str(p, "\n\t  ");
	put_str(p, class == OBJ_MPLS	? "MPLS Stack Entry Object"
		   : class == OBJ_IFACE ? "Interface Identification Object"
					: "unknown Object");
	put_num(p, " (", class, "), Class-Type: ");
	put_num(p, "", type, ", length ");
	put_u32(p, len);
	if (!class || len < OBJ_HDR)
		return 0;
	if (class == OBJ_MPLS && type == 1) {
		put_mpls(p, off + OBJ_HDR, len - OBJ_HDR);
		return len;
	}
	print_unknown(p, "\n\t    ", off + OBJ_HDR, len - OBJ_HDR);
	return len;
}

static void put_objects(struct print *p, __u32 off, __u32 len)
{
	while (len > OBJ_HDR && !print_ended(p)) {
		__u32 n = put_object(p, off);

		if (!n || len < n)
			break;
		off += n;
		len -= n;
	}
}

void print_icmp_ext(struct print *p, __u32 icmp, __u32 len)
{
	__u32 ext = icmp + EXT, ext_len = len - EXT;
	__u8 version;

	if (len <= EXT)
		return;
	if (!print_has(p, ext, EXT_HDR + 1)) {
		print_trunc(p);
		return;
	}
	version = print_get8(p, ext) >> 4;
	/* Where no length says so, only a right checksum tells that there is an extension. */
	if (!print_get8(p, icmp + ICMP_LEN) && print_has(p, ext, ext_len) &&
	    print_sum(p, ext, ext_len))
		return;
	put_num(p, "\n\tICMP Multi-Part extension v", version, "");
	if (version != EXT_VERSION) {
		put_str(p, " packet not supported");
		return;
	}
	if (print_has(p, ext, ext_len)) {
		put_str(p, ", checksum 0x");
		put_hex_pad(p, print_get16(p, ext + 2), 4);
		put_str(p, print_sum(p, ext, ext_len) ? " (incorrect)" : " (correct)");
		put_num(p, ", length ", ext_len, "");
	}
	if (ext_len > EXT_HDR)
		put_objects(p, ext + EXT_HDR, ext_len - EXT_HDR);
}
