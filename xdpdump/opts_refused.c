// SPDX-License-Identifier: GPL-2.0
/* opts_refused - what fingers that know tcpdump type, and xdpdump does not do. */
#include "xdpdump/opts_int.h"

const struct cli_opt opts_refused[] = {
	{ "monitor-mode", 'I', NULL, "monitor mode is for wireless cards, not for an XDP chain" },
	{ "list-time-stamp-types", 'J', NULL, "times are the kernel's, at the entry of the chain" },
	{ "time-stamp-type", 'j', "TYPE", "times are the kernel's, at the entry of the chain" },
	{ "dont-verify-checksums", 'K', NULL, "leave -v out: then no checksum is looked at" },
	{ "linktype", 'y', "TYPE", "a chain sees Ethernet only" },
	{ "list-data-link-types", 'L', NULL, "a chain sees Ethernet only" },
	{ "list-remote-interfaces", OPTS_REFUSED, "HOST",
	  "run xdpdump on that host: ssh HOST xdpdump -w -" },
	{ "direction", 'Q', "DIRECTION",
	  "a chain sees what comes in; use --verdict tx for what leaves" },
	{ "no-promiscuous-mode", 'p', NULL,
	  "a chain sees what the card hands on; use ip link set IFACE promisc" },
	{ "no-optimize", 'O', NULL, "the kernel's verifier wants the optimized program" },
	{ NULL, 'E', "SECRET",
	  "nothing is decrypted; write a file and use tcpdump -E or wireshark" },
	{ NULL, 'M', "SECRET", "TCP signatures are not checked; write a file and use tcpdump -M" },
	{ NULL, 'T', "TYPE",
	  "what lies above UDP and TCP is not decoded; use tcpdump -T on a file" },
	{ NULL, 'm', "MODULE", "no SMI modules: SNMP is not decoded" },
	{ NULL, 'a', NULL, "names are never looked up" },
	{ NULL, 'b', NULL, "BGP is not decoded" },
	{ NULL, 'f', NULL, "names are never looked up" },
	{ NULL, 'H', NULL, "802.11s is not Ethernet" },
	{ NULL, 'N', NULL, "names are never looked up" },
	{ NULL, 'u', NULL, "NFS is not decoded" },
	{ NULL, 'V', "FILE",
	  "no list of files: use -r for each, or mergecap; the version is --version" },
	{ 0 },
};
