// SPDX-License-Identifier: GPL-2.0
/* Packets made from filters: libpcap's matcher judges each, and our parser what it looks like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/example.h"
#include "lib/util.h"
#include "tests/randprog.h"
#include "xdpchain/pkt.h"

static const struct {
	const char *text;
	int err;
	__u16 ipproto; /* of the packet; 0: whatever */
	__u16 sport, dport;
	__u32 least; /* bytes */
} cases[] = {
	{ "", 0, PKT_UDP, 40000, 53, 60 },
	{ "tcp port 443", 0, PKT_TCP, 0, 0, 54 },
	{ "tcp dst port 443", 0, PKT_TCP, 40000, 443, 54 },
	{ "udp and src port 123 and greater 468", 0, PKT_UDP, 123, 53, 468 },
	{ "ip and src host 203.0.113.7", 0, PKT_UDP, 40000, 53, 34 },
	{ "ip6 and tcp dst port 22", 0, PKT_TCP, 40000, 22, 74 },
	{ "src net 198.51.100.0/24", 0, 0, 0, 0, 34 },
	{ "tcp[tcpflags] & (tcp-syn|tcp-fin) == (tcp-syn|tcp-fin)", 0, PKT_TCP, 40000, 80, 54 },
	{ "ip[8] < 5", 0, PKT_UDP, 40000, 53, 34 },
	{ "icmp[icmptype] == icmp-unreach", 0, PKT_ICMP, 0, 0, 34 },
	{ "ip6 and icmp6 and ip6[40] == 135", 0, PKT_ICMP6, 0, 0, 54 },
	{ "arp", 0, 0, 0, 0, 42 },
	{ "vlan 7 and udp port 53", 0, PKT_UDP, 0, 0, 46 },
	{ "less 60 and udp", 0, PKT_UDP, 40000, 53, 42 },
	{ "ip[6:2] & 0x1fff != 0", 0, 0, 0, 0, 34 },
	{ "udp dst portrange 6000-6010", 0, PKT_UDP, 40000, 6000, 42 },
	{ "not ip", 0, 0, 0, 0, 14 },
	{ "not (tcp or udp) and ip", 0, 0, 0, 0, 34 },
	{ "ether host 00:11:22:33:44:55", 0, 0, 0, 0, 14 },
	{ "udp[8:4] = 0xdeadbeef and udp dst port 19", 0, PKT_UDP, 40000, 19, 46 },
	{ "tcp and udp", -ENOENT, 0, 0, 0, 0 },
	{ "greater 3000", -ENOENT, 0, 0, 0, 0 },
};

static void judge(size_t i, const struct filter *filter)
{
	unsigned char packet[EXAMPLE_MAX];
	struct pkt p = { 0 };
	__u32 len = 0;
	int err = example_packet(filter, packet, &len);

	assert_int_equal(err, cases[i].err);
	if (err)
		return;
	assert_true(filter_match(filter, packet, len, len));
	assert_true(len >= cases[i].least);
	p.len = len;
	pkt_parse(packet, packet + len, &p);
	assert_int_equal(p.flags & (PKT_MALFORMED | PKT_TRUNCATED), 0);
	if (cases[i].ipproto)
		assert_int_equal(p.ipproto, cases[i].ipproto);
	if (cases[i].sport)
		assert_int_equal(pkt_h16(p.sport), cases[i].sport);
	if (cases[i].dport)
		assert_int_equal(pkt_h16(p.dport), cases[i].dport);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct filter_spec spec = { .text = cases[i].text,
						  .netmask = FILTER_NETMASK_UNKNOWN };
		struct filter filter = { 0 };
		struct fail f = { 0 };

		print_message("  %s\n", cases[i].text);
		if (filter_compile(&spec, &filter, &f)) {
			/* libpcap itself may see that nothing matches */
			assert_int_equal(cases[i].err, -ENOENT);
			continue;
		}
		judge(i, &filter);
		filter_free(&filter);
	}
}

/* What M[] holds that was never stored is undefined in libpcap's matcher, our judge. */
static int reads_memory(const struct classic_insn *insns, __u32 count)
{
	for (__u32 i = 0; i < count; i++)
		if (insns[i].code == 0x60 || insns[i].code == 0x61) /* ld M[k], ldx M[k] */
			return 1;
	return 0;
}

/* Of any program: the search ends, and what it finds is accepted. */
static void test_any_program(void **state)
{
	unsigned char packet[EXAMPLE_MAX];
	struct dice d = { .seed = 7 };
	int found = 0;

	(void)state;
	for (int n = 0; n < 2000; n++) {
		struct classic_insn insns[40];
		struct filter filter = { .insns = insns, .count = 1 + n % 40 };
		__u32 len;

		randprog(&d, insns, filter.count, 64);
		if (reads_memory(insns, filter.count))
			continue;
		if (example_packet(&filter, packet, &len))
			continue;
		assert_true(filter_match(&filter, packet, len, len));
		found++;
	}
	print_message("  a packet for %d of 2000\n", found);
	assert_true(found > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_any_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
