// SPDX-License-Identifier: GPL-2.0
/* lib/print_ether.c - Ethernet, 802.1Q and 802.1ad, and what an EtherType leads to. */
#include <linux/if_ether.h>

#include "lib/print_int.h"
#include "lib/util.h"

#define MACS	   12
#define LENGTH_MAX 1500 /* IEEE 802.3: up to here the field is a length, not a type */
#define TYPE_9100  0x9100
#define TYPE_9200  0x9200
#define TYPE_JUMBO 0x8870

const struct print_tok print_ethertypes[] = {
	{ ETH_P_IP, "IPv4" },
	{ ETH_P_IPV6, "IPv6" },
	{ ETH_P_ARP, "ARP" },
	{ ETH_P_8021Q, "802.1Q" },
	{ ETH_P_8021AD, "802.1Q-QinQ" },
	{ TYPE_9100, "802.1Q-9100" },
	{ TYPE_9200, "802.1Q-9200" },
	{ ETH_P_MPLS_UC, "MPLS unicast" },
	{ ETH_P_MPLS_MC, "MPLS multicast" },
	{ 0x88e5, "802.1AE MACsec" },
	{ 0x0200, "PUP" },
	{ ETH_P_RARP, "Reverse ARP" },
	{ 0x0600, "NS" },
	{ 0x0500, "Sprite" },
	{ 0x1000, "Trail" },
	{ 0x6001, "MOP DL" },
	{ 0x6002, "MOP RC" },
	{ 0x6003, "DN" },
	{ 0x6004, "LAT" },
	{ 0x6007, "SCA" },
	{ 0x6558, "TEB" },
	{ 0x8038, "Lanbridge" },
	{ 0x803c, "DEC DNS" },
	{ 0x803e, "DEC DTS" },
	{ 0x805b, "VEXP" },
	{ 0x805c, "VPROD" },
	{ 0x809b, "Appletalk" },
	{ 0x80f3, "Appletalk ARP" },
	{ 0x8137, "IPX" },
	{ 0x880b, "PPP" },
	{ 0x8808, "MPCP" },
	{ 0x8809, "Slow Protocols" },
	{ 0x8863, "PPPoE D" },
	{ 0x8864, "PPPoE S" },
	{ 0x888e, "EAPOL" },
	{ 0x8899, "Realtek protocols" },
	{ 0x886f, "MS NLB heartbeat" },
	{ 0x8870, "Jumbo" },
	{ 0x894f, "NSH" },
	{ 0x9000, "Loopback" },
	{ 0xfefe, "OSI" },
	{ 0xabcd, "CFM (old)" },
	{ 0x8902, "CFM" },
	{ 0x893a, "IEEE1905.1" },
	{ 0x88cc, "LLDP" },
	{ 0x88ca, "TIPC" },
	{ 0x0707, "GeoNet (old)" },
	{ 0x8947, "GeoNet" },
	{ 0x1111, "CALM FAST" },
	{ 0x88a2, "AoE" },
	{ 0x88f7, "PTP" },
	{ 0xd28b, "Arista Vendor Specific Protocol" },
	{ 0, NULL },
};

/* Types that tcpdump has a decoder for, and this printer only a name. */
static const __u16 named_only[] = {
	0x88e5, 0x6003, 0x809b, 0x80f3, 0x8137, 0x880b, 0x8808, 0x8809, 0x8863, 0x8864,
	0x3c12, 0x3c13, 0x888e, 0x8899, 0x886f, 0x894f, 0x9000, 0xfefe, 0xabcd, 0x8902,
	0x88cc, 0x88ca, 0x0707, 0x8947, 0x1111, 0x88a2, 0x88f7, 0xd28b,
};

/* 802.1Q, 802.1ad, and the two that switches used before 802.1ad was there. */
static bool is_vlan(__u16 type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD || type == TYPE_9100 ||
	       type == TYPE_9200;
}

void print_macs(struct print *p, __u32 off)
{
	put_mac_at(p, off + 6);
	put_str(p, " > ");
	put_mac_at(p, off);
}

/* -q leaves out the number, unless it is all there is. */
static void put_type(struct print *p, __u16 type)
{
	const char *name = print_tok(print_ethertypes, type);

	if (p->o.flags & PRINT_QUIET && name) {
		put_str(p, name);
		return;
	}
	put_str(p, p->o.flags & PRINT_QUIET ? "Unknown Ethertype" : "ethertype ");
	if (!(p->o.flags & PRINT_QUIET))
		put_str(p, name ? name : "Unknown");
	put_str(p, " (0x");
	put_hex_pad(p, type, 4);
	put_char(p, ')');
}

/* IEEE 802.1Q 9.6: 3 bits of priority, one that the frame may be dropped, 12 of VLAN. */
static void put_tag(struct print *p, __u16 tci)
{
	put_num(p, "vlan ", tci & 0xfff, ", p ");
	put_u32(p, tci >> 13);
	if (tci & 0x1000)
		put_str(p, ", DEI");
	put_str(p, ", ");
}

/* "LLDP, length 9". PPPoE has two more types, of 3Com, that no table names. */
static bool put_name_only(struct print *p, __u16 type, __u32 len)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_only); i++) {
		const char *name = print_tok(print_ethertypes, type);

		if (named_only[i] != type)
			continue;
		print_upper(p);
		put_str(p, name ? name : "PPPoE");
		put_num(p, ", length ", len, "");
		return true;
	}
	return false;
}

bool print_ethertype(struct print *p, __u16 type, __u32 off, __u32 len)
{
	switch (type) {
	case ETH_P_IP:
		print_ip4(p, off, len);
		return true;
	case ETH_P_IPV6:
		print_ip6(p, off, len);
		return true;
	case ETH_P_ARP:
	case ETH_P_RARP:
		print_arp(p, off, len);
		return true;
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		print_mpls(p, off, len);
		return true;
	}
	return put_name_only(p, type, len);
}

/*
 * The tags from *@off on, the type of the first being *@type; both are moved past them.
 * False, the mark printed, if a tag is cut short.
 */
static bool put_tags(struct print *p, __u16 *type, __u32 *off, __u32 *len, __u32 frame_len,
		     bool *first)
{
	for (; is_vlan(*type); *off += 4, *len -= 4) {
		if (print_left(p, *off) < 4 || *len < 4) {
			p->proto = "vlan";
			print_trunc(p);
			return false;
		}
		if (p->o.flags & PRINT_LINK) {
			put_type(p, *type);
			if (*first)
				put_num(p, ", length ", frame_len, ": ");
			else
				put_str(p, ", ");
			*first = false;
			put_tag(p, print_get16(p, *off));
		}
		*type = print_get16(p, *off + 2);
	}
	return true;
}

/* A payload with a known type: @first if no length of the frame was printed yet. */
static void put_typed(struct print *p, __u16 type, __u32 frame, __u32 off, __u32 len,
		      __u32 frame_len, bool first)
{
	if (p->o.flags & PRINT_LINK) {
		put_type(p, type);
		if (first)
			put_num(p, ", length ", frame_len, ": ");
		else
			put_str(p, ", ");
	}
	if (print_ethertype(p, type, off, len))
		return;
	if (!(p->o.flags & PRINT_LINK)) {
		print_macs(p, frame);
		put_str(p, ", ");
		put_type(p, type);
		put_num(p, ", length ", frame_len, ": ");
	}
	if (print_dumps_unknown(p))
		print_hex_ascii(p, "\n\t", off, print_left(p, off));
}

/* An LLC header and what it leads to; returns the bytes of the header. */
static __u32 put_llc(struct print *p, __u32 frame, __u32 off, __u32 len)
{
	int n = print_llc(p, frame, off, len);

	if (n >= 0)
		return (__u32)n;
	if (print_dumps_unknown(p))
		print_hex_ascii(p, "\n\t", off, print_left(p, off));
	return (__u32)-n;
}

/* The field is a length: what stands behind that many bytes is padding and not looked at. */
static __u32 put_802_3(struct print *p, __u16 field, __u32 frame, __u32 off, __u32 len, bool first)
{
	__u32 was, n;

	if (field < len)
		len = field;
	was = print_limit(p, off + len);
	if (p->o.flags & PRINT_LINK) {
		put_str(p, "802.3");
		if (first)
			put_num(p, ", length ", len, ": ");
	}
	n = put_llc(p, frame, off, len);
	p->end_off = was;
	return n;
}

static __u32 put_frame(struct print *p, __u32 off, __u32 len)
{
	__u32 frame = off, frame_len = len, left = print_left(p, off);
	bool first = true;
	__u16 type;

	p->proto = "ether";
	if (left < MACS + 2 || len < MACS + 2) {
		print_trunc(p);
		return left < MACS + 2 ? left : len;
	}
	if (len < left) {
		put_num(p, "[length ", len, " < caplen ");
		put_num(p, "", left, "]");
		print_invalid(p);
		return len;
	}
	if (p->o.flags & PRINT_LINK) {
		print_macs(p, off);
		put_str(p, ", ");
	}
	type = print_get16(p, off + MACS);
	off += MACS + 2;
	len -= MACS + 2;
	if (!put_tags(p, &type, &off, &len, frame_len, &first))
		return off - frame + (print_left(p, off) < len ? print_left(p, off) : len);
	if (type <= LENGTH_MAX)
		off += put_802_3(p, type, frame, off, len, first);
	else if (type == TYPE_JUMBO)
		off += put_llc(p, frame, off, len);
	else
		put_typed(p, type, frame, off, len, frame_len, first);
	return off - frame;
}

__u32 print_ether(struct print *p, __u32 off, __u32 len)
{
	__u32 n = 0;

	if (p->nest++ < PRINT_NEST_MAX)
		n = put_frame(p, off, len);
	p->nest--;
	return n;
}
