// SPDX-License-Identifier: GPL-2.0
#include "tests/rulegen.h"

#include <stdio.h>
#include <string.h>

#include "lib/util.h"

static const __u16 ports[] = { 19, 53, 80, 123, 389, 1900, 11211, 40000 };
static const char *const nets[] = {
	"10.0.0.0/8",	  "10.1.0.0/16",   "10.1.2.0/24",     "192.168.0.0/16",
	"192.168.7.0/28", "2001:db8::/32", "2001:db8:1::/48",
};
static const char *const hosts[] = { "10.1.2.3", "10.1.2.4", "192.168.7.1", "2001:db8::1",
				     "2001:db8:1::2" };
static const char *const dirs[] = { "src ", "dst ", "" };

static const char *pick(struct dice *d, const char *const *v, size_t n)
{
	return v[dice_roll(d, n)];
}

static __u16 port(struct dice *d)
{
	return ports[dice_roll(d, ARRAY_SIZE(ports))];
}

/* One condition. */
static void condition(struct dice *d, char *text, size_t size)
{
	static const char *const others[] = {
		"tcp",
		"udp",
		"icmp",
		"icmp6",
		"arp",
		"ip",
		"ip6",
		"vlan and ip",
		"ip[6:2] & 0x1fff != 0",
		"tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn",
		"udp[8:2] = 0x1700",
		"ether[0] & 1 != 0",
		"ip[0] & 0xf > 5",
		"ip[8] < 5",
		"ip[2:2] - ((ip[0] & 0xf) << 2) > 20",
		"ip6 proto 17",
		"ip proto 47",
		"less 60",
		"ether host 02:00:00:00:00:01",
		"udp[4:2] != len - ((ip[0] & 0xf) << 2) - 14",
	};
	const char *dir = pick(d, dirs, ARRAY_SIZE(dirs));

	switch (dice_roll(d, 8)) {
	case 0:
	case 1:
		snprintf(text, size, "%sport %u", dir, port(d));
		break;
	case 2:
		snprintf(text, size, "%snet %s", dir, pick(d, nets, ARRAY_SIZE(nets)));
		break;
	case 3:
		snprintf(text, size, "%shost %s", dir, pick(d, hosts, ARRAY_SIZE(hosts)));
		break;
	case 4:
		snprintf(text, size, "greater %u", 40 + dice_roll(d, 100));
		break;
	case 5:
		snprintf(text, size, "%sportrange %u-%u", dir, dice_roll(d, 100),
			 100 + dice_roll(d, 400));
		break;
	default:
		snprintf(text, size, "%s", pick(d, others, ARRAY_SIZE(others)));
	}
}

void rulegen_text(struct dice *d, char text[RULEGEN_LEN])
{
	char a[64], b[64], c[64];
	const char *dir = pick(d, dirs, ARRAY_SIZE(dirs));

	condition(d, a, sizeof(a));
	condition(d, b, sizeof(b));
	condition(d, c, sizeof(c));
	switch (dice_roll(d, 8)) {
	case 0:
	case 1:
		snprintf(text, RULEGEN_LEN, "udp and %sport %u and greater %u", dir, port(d),
			 dice_roll(d, 150));
		break;
	case 2:
		snprintf(text, RULEGEN_LEN, "tcp and %shost %s and dst port %u", dir,
			 pick(d, hosts, 3), port(d));
		break;
	case 3:
		snprintf(text, RULEGEN_LEN, "not (%s)", a);
		if (dice_roll(d, 4)) /* or nothing would come to the rules behind it */
			snprintf(text, RULEGEN_LEN, "not (%s) and host %s", a, hosts[1]);
		break;
	case 4:
		snprintf(text, RULEGEN_LEN, "(%s or %s) and udp port %u", a, b, port(d));
		break;
	case 5:
		snprintf(text, RULEGEN_LEN, "(%s) and not (%s) and host %s", a, b, hosts[0]);
		break;
	case 6:
		snprintf(text, RULEGEN_LEN, "udp and (src port %u or src port %u or src port %u)",
			 port(d), port(d), port(d));
		break;
	default:
		snprintf(text, RULEGEN_LEN, "src host %s and src port %u and dst port %u",
			 pick(d, hosts, ARRAY_SIZE(hosts)), port(d), port(d));
	}
	/* What contradicts itself is refused by libpcap. */
	if (strstr(text, "arp") || strstr(text, "vlan") || strstr(text, "icmp"))
		snprintf(text, RULEGEN_LEN, "%s", a);
}

static void put16(unsigned char *p, __u32 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void fill_ports(struct dice *d, unsigned char *p)
{
	put16(p, port(d));
	put16(p + 2, port(d));
}

static __u32 fill_ip4(struct dice *d, unsigned char *ip)
{
	static const unsigned char addrs[][4] = { { 10, 1, 2, 3 },    { 10, 1, 2, 4 },
						  { 192, 168, 7, 1 }, { 10, 200, 1, 1 },
						  { 8, 8, 8, 8 },     { 192, 168, 9, 9 } };
	__u32 words = dice_roll(d, 5) ? 5 : dice_roll(d, 16);

	ip[0] = 0x40 | words;
	put16(ip + 2, 20 + dice_roll(d, 100));
	put16(ip + 6, dice_roll(d, 6) ? 0x4000 : dice_roll(d, 65536));
	ip[8] = dice_roll(d, 10);
	ip[9] = dice_roll(d, 3) ? 17 : dice_roll(d, 2) ? 6 : dice_roll(d, 60);
	memcpy(ip + 12, addrs[dice_roll(d, ARRAY_SIZE(addrs))], 4);
	memcpy(ip + 16, addrs[dice_roll(d, ARRAY_SIZE(addrs))], 4);
	return 4 * words;
}

static __u32 fill_ip6(struct dice *d, unsigned char *ip)
{
	static const unsigned char head[8] = { 0x20, 1, 0xd, 0xb8 };

	for (int at = 8; at < 40; at += 16) {
		memset(ip + at, 0, 16);
		memcpy(ip + at, head, sizeof(head));
		ip[at + 5] = dice_roll(d, 3);
		ip[at + 15] = dice_roll(d, 4);
	}
	ip[0] = 0x60;
	ip[6] = dice_roll(d, 3) ? 17 : dice_roll(d, 2) ? 6 : dice_roll(d, 60);
	return 40;
}

__u32 rulegen_packet(struct dice *d, unsigned char pkt[RULEGEN_PKT])
{
	static const __u16 types[] = { 0x800, 0x800, 0x800, 0x86dd, 0x86dd, 0x806, 0x8100 };
	__u32 type = types[dice_roll(d, ARRAY_SIZE(types))], at = 14, more;

	for (__u32 i = 0; i < RULEGEN_PKT; i++)
		pkt[i] = dice_roll(d, 256);
	memcpy(pkt, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	pkt[5] = dice_roll(d, 3);
	pkt[11] = dice_roll(d, RULEGEN_SENDERS);
	put16(pkt + 12, type);
	if (type == 0x8100) {
		put16(pkt + 16, 0x800);
		at = 18;
		type = 0x800;
	}
	if (type == 0x800)
		at += fill_ip4(d, pkt + at);
	else if (type == 0x86dd)
		at += fill_ip6(d, pkt + at);
	fill_ports(d, pkt + at);
	more = dice_roll(d, 4) ? RULEGEN_PKT - at : 8;
	return dice_roll(d, 8) ? at + dice_roll(d, more + 1) : 14 + dice_roll(d, at);
}
