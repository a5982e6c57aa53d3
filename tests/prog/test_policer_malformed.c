// SPDX-License-Identifier: GPL-2.0
/* The policer malformed: what it drops and why, what it must not drop, and each check alone off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT  3
#define V4    .src = "192.0.2.7", .dst = "198.51.100.1"
#define V6    .src = "2001:db8::7", .dst = "2001:db8:1::1"
#define PORTS .sport = 1025, .dport = 53

static struct rig rig;

/* A byte of the frame that is set after it was made, from where the IP header is. */
struct patch {
	int at; /* -1: no patch */
	__u8 value;
};

struct row {
	const char *name;
	struct frame f;
	struct patch patch;
	int cut;	    /* bytes that are missing at the end */
	const char *reason; /* "": passes */
	const char *off;    /* the parameter that lets it pass */
	const char *with;   /* parameters that it needs; NULL: none */
};

#define NO                                                                                         \
	{                                                                                          \
		-1, 0                                                                              \
	}
#define UDP4                                                                                       \
	{                                                                                          \
		V4, PORTS, .proto = 17                                                             \
	}
#define UDP6                                                                                       \
	{                                                                                          \
		V6, PORTS, .proto = 17                                                             \
	}
#define TCP4(f)                                                                                    \
	{                                                                                          \
		V4, PORTS, .proto = 6, .tcp_flags = f                                              \
	}
#define TCP6(f)                                                                                    \
	{                                                                                          \
		V6, PORTS, .proto = 6, .tcp_flags = f                                              \
	}
#define FROM(src_, dst_)                                                                           \
	{                                                                                          \
		.src = src_, .dst = dst_, PORTS, .proto = 17                                       \
	}
#define BY(reason) #reason, #reason /* and off by the parameter of that name */
#define PASSES	   "", NULL, NULL

static const struct row rows[] = {
	{ "udp", { V4, PORTS, .proto = 17, .payload = 9 }, NO, 0, PASSES },
	{ "tcp syn", TCP4(2), NO, 0, PASSES },
	{ "tcp syn ack", TCP4(0x12), NO, 0, PASSES },
	{ "tcp rst", TCP4(4), NO, 0, PASSES },
	{ "tcp rst ack", TCP4(0x14), NO, 0, PASSES },
	{ "tcp ack", TCP6(0x10), NO, 0, PASSES },
	{ "tcp fin ack", TCP6(0x11), NO, 0, PASSES },
	{ "tcp ecn setup", TCP4(0xc2), NO, 0, PASSES },
	{ "tcp urg psh ack", TCP4(0x38), NO, 0, PASSES },
	{ "tcp fast open", TCP4(10), NO, 0, PASSES },
	{ "ping", { V4, .proto = 1, .payload = 9 }, NO, 0, PASSES },
	{ "ping 6", { V6, .proto = 58, .payload = 9 }, NO, 0, PASSES },
	{ "esp", { V4, .proto = 50, .payload = 9 }, NO, 0, PASSES },
	{ "options", { V4, PORTS, .proto = 17, .options = 8 }, NO, 0, PASSES },
	{ "most options", { V4, PORTS, .proto = 17, .options = 40 }, NO, 0, PASSES },
	{ "hop by hop", { V6, PORTS, .proto = 17, .options = 8 }, NO, 0, PASSES },
	{ "two tags", { V4, PORTS, .proto = 6, .tcp_flags = 2, .tags = 2 }, NO, 0, PASSES },
	{ "later fragment", { V4, .proto = 6, .frag = 64, .payload = 9 }, NO, 0, PASSES },
	{ "later fragment 6", { V6, .proto = 6, .frag = 64, .payload = 9 }, NO, 0, PASSES },
	{ "udp without reply", { V4, .dport = 9, .proto = 17 }, NO, 0, PASSES },
	{ "hop limit 0", UDP6, { 7, 0 }, 0, PASSES },
	{ "private source", FROM("10.1.1.1", "10.1.1.2"), NO, 0, PASSES },
	{ "link-local",
	  { .src = "fe80::1", .dst = "ff02::1", .proto = 58 },
	  NO,
	  0,
	  "",
	  NULL,
	  "martians=internet" },
	{ "dhcp",
	  { .src = "0.0.0.0", .dst = "255.255.255.255", .sport = 68, .dport = 67, .proto = 17 },
	  NO,
	  0,
	  "",
	  NULL,
	  "martians=internet" },
	{ "address detection",
	  { .src = "::", .dst = "ff02::1:ff00:1", .proto = 58 },
	  NO,
	  0,
	  "",
	  NULL,
	  "martians=internet" },
	{ "cut udp", UDP4, NO, 1, "ip_length", NULL, NULL },
	{ "cut udp, total length too", UDP4, { 3, 27 }, 1, BY(truncated), "ip_checksum=false" },
	{ "cut ip header", { V4, .proto = 17 }, NO, 20, BY(truncated), NULL },
	{ "cut ip 6 header", { V6, .proto = 17 }, NO, 20, BY(truncated), NULL },
	{ "cut tcp 6", TCP6(2), { 5, 19 }, 1, BY(truncated), NULL },
	{ "version 5", UDP4, { 0, 0x55 }, 0, BY(ip_header), NULL },
	{ "header of 16", UDP4, { 0, 0x44 }, 0, BY(ip_header), NULL },
	{ "version 6 is 4", UDP6, { 0, 0x40 }, 0, BY(ip_header), NULL },
	{ "longer than the frame", UDP4, { 2, 1 }, 0, BY(ip_length), "ip_checksum=false" },
	{ "shorter than its header",
	  { V4, PORTS, .proto = 50, .payload = 8 },
	  { 3, 19 },
	  0,
	  BY(ip_length),
	  "ip_checksum=false truncated=false" },
	{ "6 longer than the frame",
	  { V6, PORTS, .proto = 17, .tags = 1 },
	  { 4, 1 },
	  0,
	  BY(ip_length),
	  NULL },
	{ "checksum", UDP4, { 10, 0x12 }, 0, BY(ip_checksum), NULL },
	{ "checksum, options",
	  { V4, PORTS, .proto = 17, .options = 12, .tags = 1 },
	  { 24, 7 },
	  0,
	  BY(ip_checksum),
	  NULL },
	{ "ttl 0", UDP4, { 8, 0 }, 0, BY(ttl_zero), "ip_checksum=false" },
	{ "hop limit 0, wanted", UDP6, { 7, 0 }, 0, BY(hop_limit_zero), "hop_limit_zero=true" },
	{ "land", FROM("192.0.2.7", "192.0.2.7"), NO, 0, BY(land), NULL },
	{ "land 6",
	  { .src = "2001:db8::7", .dst = "2001:db8::7", PORTS, .proto = 6, .tcp_flags = 2 },
	  NO,
	  0,
	  BY(land),
	  NULL },
	{ "loopback source", FROM("127.0.0.1", "192.0.2.7"), NO, 0, BY(source), NULL },
	{ "multicast source", FROM("239.1.1.1", "192.0.2.7"), NO, 0, BY(source), NULL },
	{ "broadcast source",
	  { .src = "255.255.255.255", .dst = "192.0.2.7", .proto = 1 },
	  NO,
	  0,
	  BY(source),
	  NULL },
	{ "no source", FROM("0.0.0.0", "192.0.2.7"), NO, 0, BY(source), NULL },
	{ "loopback source 6", FROM("::1", "2001:db8::7"), NO, 0, BY(source), NULL },
	{ "mapped source", FROM("::ffff:1.2.3.4", "2001:db8::7"), NO, 0, BY(source), NULL },
	{ "multicast source 6", FROM("ff05::1", "2001:db8::7"), NO, 0, BY(source), NULL },
	{ "private, internet", FROM("10.1.1.1", "192.0.2.7"), NO, 0, BY(source),
	  "martians=internet" },
	{ "documentation 6, internet", UDP6, NO, 0, BY(source), "martians=internet" },
	{ "added", UDP4, NO, 0, BY(source), "add=192.0.2.0/29" },
	{ "data offset 4", TCP4(2), { 32, 0x40 }, 0, BY(tcp_offset), NULL },
	{ "null", { V4, PORTS, .proto = 6 }, NO, 0, BY(tcp_null), NULL },
	{ "null 6", { V6, PORTS, .proto = 6, .options = 16 }, NO, 0, BY(tcp_null), NULL },
	{ "xmas", TCP4(0x29), NO, 0, BY(tcp_xmas), NULL },
	{ "all", TCP4(0xff), NO, 0, BY(tcp_xmas), NULL },
	{ "syn fin", TCP4(3), NO, 0, BY(tcp_syn_fin), NULL },
	{ "syn fin ack", TCP6(0x13), NO, 0, BY(tcp_syn_fin), NULL },
	{ "syn rst", TCP4(6), NO, 0, BY(tcp_syn_rst), NULL },
	{ "rst fin", TCP4(0x15), NO, 0, BY(tcp_rst_fin), NULL },
	{ "fin", TCP4(1), NO, 0, BY(tcp_no_ack), NULL },
	{ "psh", TCP6(8), NO, 0, BY(tcp_no_ack), NULL },
	{ "udp length 7", UDP4, { 25, 7 }, 0, BY(udp_length), NULL },
	{ "udp longer", UDP6, { 45, 9 }, 0, BY(udp_length), NULL },
	{ "tcp port 0",
	  { V4, .sport = 1025, .proto = 6, .tcp_flags = 2 },
	  NO,
	  0,
	  BY(zero_port),
	  NULL },
	{ "tcp from port 0",
	  { V6, .dport = 80, .proto = 6, .tcp_flags = 2 },
	  NO,
	  0,
	  BY(zero_port),
	  NULL },
	{ "udp port 0", { V4, .sport = 1025, .proto = 17 }, NO, 0, BY(zero_port), NULL },
	{ "udp from port 0",
	  { V4, .dport = 80, .proto = 17, .tags = 2 },
	  NO,
	  0,
	  BY(udp_source_zero),
	  "udp_source_zero=true" },
};

static void put(const char *a, const char *b)
{
	char words[256];

	snprintf(words, sizeof(words), "%s %s", a ? a : "", b ? b : "");
	policing_put(rig.chain, SLOT, "malformed", words);
}

static void run_row(const struct row *r, const char *reason)
{
	unsigned char buf[FRAME_MAX];
	__u32 l3, len = frame_make(buf, &r->f, &l3);

	if (r->patch.at >= 0)
		buf[l3 + r->patch.at] = r->patch.value;
	policing_expect(&rig, SLOT, buf, len - r->cut, *reason ? XDP_DROP : XDP_PASS, reason);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		put(rows[i].with, NULL);
		run_row(&rows[i], rows[i].reason);
	}
}

/* Each check that drops can be switched off by its own name. */
static void test_off(void **state)
{
	char off[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].off)
			continue;
		print_message("  %s\n", rows[i].name);
		snprintf(off, sizeof(off), "%s=false", rows[i].off);
		put(rows[i].with, off);
		run_row(&rows[i], "");
	}
}

/* A prefix that is allowed lies in one that is not, and the other way. */
static void test_sources(void **state)
{
	static const struct {
		const char *src;
		const char *reason;
	} from[] = {
		{ "10.0.0.1", "source" },      { "10.9.0.1", "" },     { "10.9.9.1", "source" },
		{ "192.168.1.1", "source" },   { "203.0.114.1", "" },  { "2001:db8:5::1", "" },
		{ "2001:db8:6::1", "source" }, { "2001:4860::1", "" }, { "fd00::1", "source" },
	};

	(void)state;
	put("martians=internet add=10.9.9.0/24", "allow=10.9.0.0/16,2001:db8:5::/48");
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		const struct row r = {
			.f = { .src = from[i].src,
			       .dst = strchr(from[i].src, ':') ? "2a00::1" : "9.9.9.9",
			       .proto = 17,
			       PORTS },
			.patch = NO,
		};

		print_message("  %s\n", from[i].src);
		run_row(&r, from[i].reason);
	}
}

static void test_shadow(void **state)
{
	unsigned char buf[FRAME_MAX];
	const struct frame f = { V4, PORTS, .proto = 6 };
	__u32 len = frame_make(buf, &f, NULL);

	(void)state;
	put("shadow", NULL);
	policing_expect(&rig, SLOT, buf, len, XDP_PASS, "tcp_null");
}

/* Whatever a frame of it is cut to, nothing but a reason or a pass comes of it. */
static void test_every_length(void **state)
{
	unsigned char buf[FRAME_MAX];
	const struct frame f = { V6, PORTS, .proto = 6, .tcp_flags = 2, .tags = 2, .options = 8 };
	__u32 len = frame_make(buf, &f, NULL);

	(void)state;
	put(NULL, NULL);
	for (__u32 cut = 14; cut < len; cut++) {
		int verdict = rig_run(&rig, buf, cut, NULL, 0, NULL);

		assert_int_equal(verdict, XDP_DROP);
	}
	assert_int_equal(rig_run(&rig, buf, len, NULL, 0, NULL), XDP_PASS);
}

static void test_bad_parameters(void **state)
{
	static const struct policing_bad bad[] = {
		{ "martians=moon", "7: malformed: martians: moon: none, host or internet" },
		{ "land=maybe", "7: malformed: land: maybe: true or false is wanted" },
		{ "add=10.0.0.1/8", "7: malformed: add: 10.0.0.1/8: " },
		{ "colour=red", "7: malformed: colour: no such parameter of kind malformed: " },
	};

	(void)state;
	policing_refuse(rig.chain, SLOT, "malformed", bad, ARRAY_SIZE(bad));
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dpm");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	     cmocka_unit_test(test_off),
		cmocka_unit_test(test_sources),	     cmocka_unit_test(test_shadow),
		cmocka_unit_test(test_every_length), cmocka_unit_test(test_bad_parameters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
