// SPDX-License-Identifier: GPL-2.0
/* lib/print_tunnel.c - VXLAN (RFC 7348), MPLS (RFC 3032), AH and ESP (RFC 4302, 4303). */
#include "lib/print_int.h"

#define VXLAN_HDR 8

static const char *const labels[] = { "IPv4 explicit NULL", "router alert", "IPv6 explicit NULL",
				      "implicit NULL" };

/* The inner frame begins a line of its own, with or without -v. */
void print_vxlan(struct print *p, __u32 off, __u32 len)
{
	__u8 flags;
	__u32 vni;

	p->proto = "vxlan";
	put_str(p, "VXLAN");
	if (len < VXLAN_HDR) {
		print_invalid(p);
		return;
	}
	flags = print_get8(p, off);
	put_str(p, flags & 8 ? ", flags [I] (0x" : ", flags [invalid] (0x");
	put_hex_pad(p, flags, 2);
	put_str(p, "), ");
	vni = print_get(p, off + 4, 3) ? print_get32(p, off + 3) & 0xffffff : 0;
	put_num(p, "vni ", vni, "\n");
	if (!print_get(p, off, VXLAN_HDR))
		return;
	print_ether(p, off + VXLAN_HDR, len - VXLAN_HDR);
}

/* RFC 3032 2.1. */
static void put_label(struct print *p, __u32 entry, bool first)
{
	__u32 label = entry >> 12;

	put_str(p, first || !p->o.verbose ? " " : "\n\t");
	put_num(p, "(label ", label, "");
	if (p->o.verbose && label < 16) {
		put_str(p, " (");
		put_str(p, label < 4 ? labels[label] : "rsvd");
		put_char(p, ')');
	}
	put_num(p, ", tc ", entry >> 9 & 7, "");
	if (entry & 0x100)
		put_str(p, ", [S]");
	put_num(p, ", ttl ", entry & 0xff, ")");
}

/* What the last label says of the payload, or else the payload's first byte: 4, 6, or 0. */
static int guess_version(struct print *p, __u32 label, __u32 off)
{
	__u8 first;

	if (label == 0 || label == 3)
		return 4;
	if (label == 2)
		return 6;
	first = print_get8(p, off);
	if (first >= 0x45 && first <= 0x4f)
		return 4;
	return first >> 4 == 6 ? 6 : 0;
}

void print_mpls(struct print *p, __u32 off, __u32 len)
{
	__u32 entry = 0;
	int version;

	p->proto = "mpls";
	put_str(p, "MPLS");
	for (bool first = true; first || !(entry & 0x100); first = false) {
		if (len < 4) {
			print_invalid(p);
			print_get(p, off, len);
			return;
		}
		entry = print_get32(p, off);
		if (p->cut)
			return;
		put_label(p, entry, first);
		off += 4;
		len -= 4;
	}
	if (!len && entry >> 12 > 3)
		return;
	version = guess_version(p, entry >> 12, off);
	if (!version) {
		print_upper(p);
		put_num(p, ", length ", len, "");
		return;
	}
	put_str(p, p->o.verbose ? "\n\t" : " ");
	if (version == 4)
		print_ip4(p, off, len);
	else
		print_ip6(p, off, len);
}

/* RFC 4302 2.2: the length is in words, less two. */
__u32 print_ah(struct print *p, __u32 off)
{
	__u32 size;
	__u8 words;
	__u16 reserved;

	p->proto = "ah";
	put_str(p, "AH");
	words = print_get8(p, off + 1);
	size = (words + 2U) * 4;
	put_char(p, '(');
	if (p->o.verbose) {
		put_num(p, "length=", words, "(");
		put_num(p, "", size, "-bytes),");
	}
	reserved = print_get16(p, off + 2);
	if (reserved) {
		put_str(p, "reserved=0x");
		put_hex(p, reserved);
		put_str(p, "[MustBeZero],");
	}
	if (!print_get(p, off, 8))
		return 0;
	put_str(p, "spi=0x");
	put_hex_pad(p, print_get32(p, off + 4), 8);
	put_char(p, ',');
	if (!print_get(p, off, 12))
		return 0;
	put_str(p, "seq=0x");
	put_hex(p, print_get32(p, off + 8));
	put_str(p, ",icv=0x");
	for (__u32 i = 12; i < size && !p->cut; i++) {
		__u8 b = print_get8(p, off + i);

		put_hex_pad(p, b, 2);
	}
	put_str(p, "): ");
	return p->cut ? 0 : size;
}

/* One byte of ciphertext must be there, or it is no ESP packet. */
void print_esp(struct print *p, __u32 off, __u32 len)
{
	p->proto = "esp";
	if (!print_has(p, off, 9)) {
		print_trunc(p);
		return;
	}
	put_str(p, "ESP(spi=0x");
	put_hex_pad(p, print_get32(p, off), 8);
	put_str(p, ",seq=0x");
	put_hex(p, print_get32(p, off + 4));
	put_num(p, "), length ", len, "");
}
