// SPDX-License-Identifier: GPL-2.0
/*
 * amplification - the table. What is in it: CISA TA14-017A and what came after it. A size is one
 * that answers to honest questions do not pass. Where reflected answers are no longer than those,
 * the first bytes tell them apart, or only private sources may send them (lan), or the row is off.
 * From 1024 up the port may be a client's (of QUIC, with 1,200 bytes): there a row has first bytes
 * that are no client's, or it is off.
 */
#include "lib/amplification.h"

#include <stddef.h>
#include <string.h>

#define MTU  1472	/* bytes of UDP payload in one Ethernet frame of IPv4 */
#define HTTP 0x48545450 /* the four letters */

const struct amplification_known amplification_known[] = {
	{ "qotd", 17, 0, 0, 0, 0, 0, "RFC 865: nothing needs it any more" },
	{ "chargen", 19, 0, 0, 0, 0, 0, "RFC 864: nothing needs it any more" },
	{ "dns", 53, MTU, 0, 0, 0, 0,
	  "DNS Flag Day 2020: resolvers ask for 1232, or for one frame" },
	{ "tftp", 69, 516, 0, 1, 0, 0, "RFC 1350: a block is 512, and comes from another port" },
	{ "portmap", 111, 100, 0, 1, 0, 0, "RFC 1833: GETPORT 28, GETADDR 60; DUMP is hundreds" },
	{ "ntp", 123, 100, 0, 0, 0x06000000, 0x06000000,
	  "modes 6 (RFC 9327) and 7; time itself may be of any size" },
	{ "netbios", 137, 100, 0, 1, 0, 0, "RFC 1002: a name's answer is 62, a status is more" },
	{ "snmp", 161, MTU, 0, 1, 0, 0, "RFC 3417; a long GetBulk comes in fragments" },
	{ "xdmcp", 177, 100, 0, 1, 0, 0, "a display manager's Willing is shorter" },
	{ "cldap", 389, 512, 0, 1, 0, 0, "MS-ADTS 6.3.3: a ping's answer; rootDSE is 1,500 up" },
	{ "slp", 427, 512, 0, 1, 0, 0, "RFC 2608; CVE-2023-29552 fills it to the brim" },
	{ "rip", 520, 24, 0, 1, 0, 0, "RFC 1058: one route; reflected are whole tables" },
	{ "ipmi", 623, 100, 0, 1, 0, 0, "RMCP: presence and session set-up are shorter" },
	{ "mssql", 1434, 512, 0, 1, 0x05000000, 0xff000000, "MS-SQLR: some 100 an instance" },
	{ "l2tp", 1701, 512, 0, 0, 0xc8020000, 0xcf0f0000,
	  "RFC 2661: control messages are short, data may be long" },
	{ "ssdp", 1900, 0, 0, 1, HTTP, ~0u, "UPnP: asked on the local network only" },
	{ "wsd", 3702, 0, 0, 1, 0x3c3f786d, ~0u, "WS-Discovery, <?xml: local network only" },
	{ "mdns", 5353, 0, 0, 1, 0x00008400, 0x0000ffff,
	  "RFC 6762: an answer, never from beyond the link" },
	{ "ubiquiti", 10001, 148, 0, 1, 0x01000000, 0xffffff00, "discovery answer, version 1" },
	{ "memcached", 11211, 1000, 0, 1, 0, 0xc000f800,
	  "CVE-2018-1000115: full frames; UDP is off since 1.5.6" },
	{ "plex", 32414, 0, 0, 1, HTTP, ~0u, "finder of media servers" },
	{ "jenkins", 33848, 0, 0, 1, 0x3c687564, ~0u, "CVE-2020-2100, <hudson>" },
	{ "dvr", 37810, 200, 0, 1, 0x20000000, ~0u, "finder of cameras" },
	/* A client may well have such a port, and sends as much: for those who have no such. */
	{ "dtls", 443, 1000, 1, 0, 0x16fe0000, 0xffff0000,
	  "a server's hello; certificates that were asked for are as long" },
	{ "openvpn", 1194, 1, 1, 0, 0x40000000, 0xf8000000, "hard resets, repeated" },
	{ "ica", 1604, 512, 1, 1, 0, 0, "ICA browser lists" },
	{ "digiman", 2362, 0, 1, 1, 0, 0, "a finder of devices" },
	{ "ard", 3283, 512, 1, 1, 0, 0, "Apple Remote Desktop; reflected are 1,034" },
	{ "stun", 3478, 1, 1, 0, 0x01010000, 0xffff0000, "binding answers" },
	{ "sip", 5060, 1000, 1, 0, 0, 0, "answers are as long as calls need" },
	{ "sentinel", 5093, 512, 1, 1, 0, 0, "Sentinel RMS lists; reflected are 1,400" },
	{ "coap", 5683, 1152, 1, 0, 0x40400000, 0xc0e00000, "RFC 7252 4.6" },
	{ "bittorrent", 6881, 512, 1, 0, 0, 0, "DHT answers" },
	{ "wdbrpc", 17185, 0, 1, 1, 0, 0, "VxWorks debugger" },
	{ "steam", 27015, 1, 1, 0, 0xfeffffff, 0xfeffffff, "Source engine, out of band" },
	{ "quake", 27960, 1, 1, 0, ~0u, ~0u, "Quake 3, out of band" },
	{ 0 },
};

const struct amplification_known *amplification_find(const char *name, __u16 port)
{
	for (const struct amplification_known *k = amplification_known; k->name; k++)
		if (name ? !strcmp(k->name, name) : k->port == port)
			return k;
	return NULL;
}
