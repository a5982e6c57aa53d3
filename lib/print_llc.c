// SPDX-License-Identifier: GPL-2.0
/* lib/print_llc.c - IEEE 802.2 LLC and SNAP. */
#include "lib/print_int.h"

enum {
	SAP_NULL = 0,
	SAP_STP = 0x42,
	SAP_IP = 0x06,
	SAP_SNAP = 0xaa,
	SAP_IPX = 0xe0,
	SAP_OSI = 0xfe,
	SAP_GLOBAL = 0xff
};

#define CTRL_UI	 3
#define CTRL_XID 0xaf
#define U_POLL	 0x10
#define IS_POLL	 0x0100
#define SNAP_HDR 5

enum { OUI_ETHER = 0, OUI_CISCO = 0x00000c, OUI_CISCO_BRIDGED = 0x0000f8, OUI_BRIDGED = 0x0080c2 };

static const struct print_tok saps[] = {
	{ SAP_NULL, "Null" }, { SAP_GLOBAL, "Global" }, { 0x02, "802.1B I" },  { 0x03, "802.1B G" },
	{ SAP_IP, "IP" },     { 0x04, "SNA" },		{ 0x0e, "ProWay NM" }, { SAP_STP, "STP" },
	{ 0x4e, "RS511" },    { 0x7e, "ISO8208" },	{ 0x8e, "ProWay" },    { SAP_SNAP, "SNAP" },
	{ SAP_IPX, "IPX" },   { 0xf0, "NetBeui" },	{ SAP_OSI, "OSI" },    { 0, NULL },
};

static const struct print_tok commands[] = {
	{ CTRL_UI, "ui" }, { 0xe3, "test" },  { CTRL_XID, "xid" }, { 0x63, "ua" }, { 0x43, "disc" },
	{ 0x0f, "dm" },	   { 0x6f, "sabme" }, { 0x87, "frmr" },	   { 0, NULL },
};

static const struct print_tok ouis[] = {
	{ OUI_ETHER, "Ethernet" },
	{ OUI_CISCO, "Cisco" },
	{ 0x00005e, "IANA" },
	{ 0x000081, "Nortel Networks SONMP" },
	{ OUI_CISCO_BRIDGED, "Cisco bridged" },
	{ 0x00049f, "Freescale" },
	{ 0x0004ea, "HP-Labs" },
	{ 0x001018, "Broadcom" },
	{ 0x00120f, "IEEE 802.3 Private" },
	{ 0x0012bb, "ANSI/TIA" },
	{ 0x0015ad, "Netronome" },
	{ 0x001b21, "DCBX" },
	{ 0x002320, "Nicira Networks" },
	{ 0x002481, "HP" },
	{ OUI_BRIDGED, "Ethernet bridged" },
	{ 0x009069, "Juniper" },
	{ 0x00a03e, "ATM Forum" },
	{ 0x00e004, "PMC-Sierra" },
	{ 0x00e02f, "DOCSIS Spanning Tree" },
	{ 0x080007, "Appletalk" },
	{ 0x080009, "Hewlett-Packard" },
	{ 0x5c16c7, "Big Switch Networks" },
	{ 0x748771, "Infoblox Inc" },
	{ 0xa42305, "Open Networking Lab" },
	{ 0xb0d2f5, "Vello Systems" },
	{ 0xd0f0db, "Ericsson" },
	{ 0, NULL },
};

static const struct print_tok cisco_pids[] = {
	{ 0x2000, "CDP" },  { 0x2003, "VTP" },	       { 0x2004, "DTP" }, { 0x0111, "UDLD" },
	{ 0x010b, "PVST" }, { 0x010c, "VLAN Bridge" }, { 0, NULL },
};

static const struct print_tok bridged_pids[] = {
	{ 0x0001, "Ethernet + FCS" },
	{ 0x0007, "Ethernet w/o FCS" },
	{ 0x0002, "802.4 + FCS" },
	{ 0x0008, "802.4 w/o FCS" },
	{ 0x0003, "Token Ring + FCS" },
	{ 0x0009, "Token Ring w/o FCS" },
	{ 0x0004, "FDDI + FCS" },
	{ 0x000a, "FDDI w/o FCS" },
	{ 0x0005, "802.6 + FCS" },
	{ 0x000b, "802.6 w/o FCS" },
	{ 0x000e, "BPDU" },
	{ 0, NULL },
};

struct llc {
	__u32 frame;	/* offset of the MAC addresses */
	__u32 off, len; /* behind the LLC header */
	__u32 hdr;
	__u16 control;
	__u8 dsap, ssap; /* without the low bit, which is */
	bool group, response;
	bool u; /* an unnumbered frame: control is one byte */
};

/* Which names go with the protocol number of an OUI. */
static const char *pid_name(__u32 oui, __u16 pid)
{
	switch (oui) {
	case OUI_ETHER:
	case OUI_CISCO_BRIDGED:
	case 0x080007:
		return print_tok(print_ethertypes, pid);
	case OUI_CISCO:
		return print_tok(cisco_pids, pid);
	case OUI_BRIDGED:
		return print_tok(bridged_pids, pid);
	}
	return NULL;
}

static void put_name(struct print *p, const char *name)
{
	put_str(p, name ? name : "Unknown");
}

static void put_oui(struct print *p, __u32 oui)
{
	put_str(p, "oui ");
	put_name(p, print_tok(ouis, oui));
	put_str(p, " (0x");
	put_hex_pad(p, oui, 6);
	put_str(p, "), ");
}

static void put_pid(struct print *p, __u32 oui, __u16 pid, __u32 len)
{
	put_str(p, oui ? "pid " : "ethertype ");
	put_name(p, pid_name(oui, pid));
	put_str(p, " (0x");
	put_hex_pad(p, pid, 4);
	put_num(p, "), length ", len, ": ");
}

/* True if the payload of a SNAP header was printed. Bridged frames (RFC 2684) are padded by 2. */
static bool put_snap_payload(struct print *p, __u32 oui, __u16 pid, __u32 off, __u32 len)
{
	switch (oui) {
	case OUI_ETHER:
	case OUI_CISCO_BRIDGED:
		return print_ethertype(p, pid, off, len);
	case OUI_CISCO:
		if (!pid_name(oui, pid))
			return false;
		break;
	case OUI_BRIDGED:
		if (pid == 0x0001 || pid == 0x0007) {
			if (print_has(p, off, 2))
				print_ether(p, off + 2, len - 2);
			else
				print_trunc(p);
			return true;
		}
		if (pid != 0x000e && pid != 0x0003 && pid != 0x0009 && pid != 0x0004 &&
		    pid != 0x000a)
			return false;
		break;
	case 0x080007:
		return pid == 0x809b && print_ethertype(p, pid, off, len);
	default:
		return false;
	}
	print_upper(p);
	put_name(p, pid_name(oui, pid));
	put_num(p, ", length ", len, "");
	return true;
}

/* IEEE 802 10.3. True if there is nothing left to dump. */
static bool put_snap(struct print *p, const struct llc *l)
{
	__u32 oui;
	__u16 pid;

	p->proto = "snap";
	if (!print_has(p, l->off, SNAP_HDR) || l->len < SNAP_HDR) {
		print_trunc(p);
		return true;
	}
	oui = print_get32(p, l->off) >> 8;
	pid = print_get16(p, l->off + 3);
	if (p->o.flags & PRINT_LINK) {
		put_oui(p, oui);
		put_pid(p, oui, pid, l->len - SNAP_HDR);
	}
	if (put_snap_payload(p, oui, pid, l->off + SNAP_HDR, l->len - SNAP_HDR))
		return true;
	if (p->o.flags & PRINT_LINK)
		return false;
	print_macs(p, l->frame);
	put_str(p, " SNAP, ");
	if (oui)
		put_oui(p, oui);
	put_pid(p, oui, pid, l->len - SNAP_HDR);
	return false;
}

static void put_sap(struct print *p, const char *before, __u8 sap)
{
	const char *name = print_tok(saps, sap);

	if (name) {
		put_str(p, name);
		return;
	}
	put_str(p, before);
	put_hex_pad(p, sap, 2);
}

static void put_header(struct print *p, const struct llc *l)
{
	put_str(p, "LLC, dsap ");
	put_name(p, print_tok(saps, l->dsap));
	put_str(p, " (0x");
	put_hex_pad(p, l->dsap, 2);
	put_str(p, l->group ? ") Group, ssap " : ") Individual, ssap ");
	put_name(p, print_tok(saps, l->ssap));
	put_str(p, " (0x");
	put_hex_pad(p, l->ssap, 2);
	put_str(p, l->response ? ") Response, ctrl 0x" : ") Command, ctrl 0x");
	put_hex_pad(p, l->control, l->u ? 2 : 4);
	put_str(p, ": ");
}

/* Without -e nobody has shown the addresses yet. */
static void put_ends(struct print *p, const struct llc *l)
{
	if (l->ssap == l->dsap) {
		print_macs(p, l->frame);
	} else {
		put_mac_at(p, l->frame + 6);
		put_char(p, ' ');
		put_sap(p, "Unknown SSAP 0x", l->ssap);
		put_str(p, " > ");
		put_mac_at(p, l->frame);
	}
	put_char(p, ' ');
	put_sap(p, "Unknown DSAP 0x", l->dsap);
	put_char(p, ' ');
}

/* The poll bit is called final in a response. */
static void put_poll(struct print *p, const struct llc *l, __u16 poll)
{
	put_str(p, ", Flags [");
	if (l->control & poll)
		put_str(p, l->response ? "Final" : "Poll");
	else
		put_str(p, l->response ? "Response" : "Command");
	put_num(p, "], length ", l->len + l->hdr, "");
}

/* IEEE 802.2 5.4.1.1.2: what an XID says of the station. True if it had something to say. */
static bool put_xid(struct print *p, const struct llc *l)
{
	__u32 left = print_left(p, l->off);

	if (!l->len)
		return true;
	if (!left) {
		print_trunc(p);
		return true;
	}
	if (print_get8(p, l->off) != 0x81)
		return false;
	if (left < 3 || l->len < 3) {
		print_trunc(p);
		print_hex_ascii(p, "\n\t", l->off, left);
		return true;
	}
	put_str(p, ": ");
	put_hex_pad(p, print_get8(p, l->off + 1), 2);
	put_char(p, ' ');
	put_hex_pad(p, print_get8(p, l->off + 2), 2);
	return true;
}

/* True if there is nothing left to dump. */
static bool put_control(struct print *p, const struct llc *l)
{
	static const char *const supervisory[] = { "Receiver Ready", "Receiver not Ready", "Reject",
						   "?" };
	const char *name;

	if (l->u) {
		name = print_tok(commands, l->control & 0xef);
		put_str(p, "Unnumbered, ");
		if (name)
			put_str(p, name);
		else
			put_hex_pad(p, l->control & 0xef, 2);
		put_poll(p, l, U_POLL);
		return (l->control & 0xef) == CTRL_XID && put_xid(p, l);
	}
	if (l->control & 1) {
		put_str(p, "Supervisory, ");
		put_str(p, supervisory[l->control >> 2 & 3]);
		put_num(p, ", rcv seq ", l->control >> 9, "");
		put_poll(p, l, IS_POLL);
		return true;
	}
	put_num(p, "Information, send seq ", l->control >> 1 & 0x7f, ", rcv seq ");
	put_u32(p, l->control >> 9);
	put_poll(p, l, IS_POLL);
	return false;
}

/* True if printed: a payload that the two access points name. */
static bool put_payload(struct print *p, const struct llc *l)
{
	if (l->ssap != l->dsap || l->control != CTRL_UI)
		return false;
	switch (l->dsap) {
	case SAP_IP:
		print_ip4(p, l->off, l->len);
		return true;
	case SAP_IPX:
		if (p->o.flags & PRINT_LINK)
			put_str(p, "IPX 802.2: ");
		break;
	case SAP_STP:
	case SAP_OSI:
		break;
	default:
		return false;
	}
	print_upper(p);
	put_name(p, print_tok(saps, l->dsap));
	put_num(p, ", length ", l->len, "");
	return true;
}

/* Fill @l from the header; false, the mark printed, if it is cut short. */
static bool parse(struct print *p, struct llc *l, __u32 off, __u32 len)
{
	__u32 left = print_left(p, off);

	l->hdr = 3;
	if (left >= 3 && len >= 3) {
		l->control = print_get8(p, off + 2);
		l->u = (l->control & 3) == 3;
		l->hdr = l->u ? 3 : 4;
	}
	if (left < l->hdr || len < l->hdr) {
		print_trunc(p);
		print_hex_ascii(p, "\n\t", off, left);
		return false;
	}
	if (!l->u)
		l->control |= (__u16)(print_get8(p, off + 3) << 8);
	l->dsap = print_get8(p, off);
	l->ssap = print_get8(p, off + 1);
	l->group = l->dsap & 1;
	l->response = l->ssap & 1;
	l->off = off + l->hdr;
	l->len = len - l->hdr;
	return true;
}

int print_llc(struct print *p, __u32 frame, __u32 off, __u32 len)
{
	struct llc l = { .frame = frame };

	p->proto = "llc";
	if (!parse(p, &l, off, len))
		return (int)(print_left(p, off) < l.hdr ? print_left(p, off) : len);
	if (l.dsap == SAP_GLOBAL && l.ssap == SAP_GLOBAL) {
		if (p->o.flags & PRINT_LINK)
			put_str(p, "IPX 802.3: ");
		print_upper(p);
		put_num(p, "IPX, length ", len, "");
		return 0;
	}
	l.dsap &= 0xfe;
	l.ssap &= 0xfe;
	if (p->o.flags & PRINT_LINK)
		put_header(p, &l);
	if (l.dsap == SAP_SNAP && l.ssap == SAP_SNAP && l.control == CTRL_UI)
		return put_snap(p, &l) ? (int)l.hdr + SNAP_HDR : -(int)l.hdr - SNAP_HDR;
	if (put_payload(p, &l))
		return (int)l.hdr;
	if (!(p->o.flags & PRINT_LINK))
		put_ends(p, &l);
	return put_control(p, &l) ? (int)l.hdr : -(int)l.hdr;
}
