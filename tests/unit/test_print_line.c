// SPDX-License-Identifier: GPL-2.0
/* test_print_line - what tcpdump has no say in: suffix, room, and what a printer remembers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/print.h"
#include "lib/util.h"

/* An ARP request, 42 bytes; and what it prints as. */
static const unsigned char arp[] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0,   1, 8, 6,
				     0,	  1,   8,   0,	 6,   4,   0, 1, 2, 0, 0,   0, 0, 1,
				     192, 0,   2,   1,	 0,   0,   0, 0, 0, 0, 192, 0, 2, 9 };
#define ARP_TEXT "ARP, Request who-has 192.0.2.9 tell 192.0.2.1, length 28"
#define ARP_LINE "22:13:20.123456 " ARP_TEXT
#define SUFFIX	 " | DROP droplet/blocklist: prefix rule 7"

static size_t print_arp_into(struct print_opts o, const char *suffix, char *buf, size_t size)
{
	struct print_pkt pkt = {
		.data = arp,
		.cap_len = sizeof(arp),
		.len = sizeof(arp),
		.time_ns = 1700000000123456789,
		.suffix = suffix,
	};
	struct print *p = print_new(&o);
	size_t n;

	assert_non_null(p);
	n = print_packet(p, &pkt, buf, size);
	print_free(p);
	return n;
}

static const struct {
	const char *name;
	struct print_opts o;
	const char *want; /* up to where it ends, or up to the dump */
} suffixes[] = {
	{ "one line", { 0 }, ARP_LINE SUFFIX },
	{ "with a dump", { .dump = PRINT_DUMP_HEX }, ARP_LINE SUFFIX "\n\t0x0000:  0001 0800" },
	{ "with ASCII", { .dump = PRINT_DUMP_ASCII }, ARP_LINE SUFFIX "\n...." },
	{ "number before", { .flags = PRINT_NUMBER }, "    1  " ARP_LINE SUFFIX },
	{ "no time", { .time = PRINT_TIME_NONE }, ARP_TEXT SUFFIX },
};

static void test_suffix(void **state)
{
	char buf[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		print_message("  %s\n", suffixes[i].name);
		print_arp_into(suffixes[i].o, SUFFIX, buf, sizeof(buf));
		if (suffixes[i].o.dump)
			buf[strlen(suffixes[i].want)] = 0;
		assert_string_equal(buf, suffixes[i].want);
	}
}

/* An EtherType nobody knows is dumped without being asked; the suffix still comes before. */
static void test_suffix_unknown(void **state)
{
	static const unsigned char frame[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x12, 0x34, 9 };
	struct print_opts o = { .time = PRINT_TIME_NONE };
	struct print_pkt pkt = { frame, sizeof(frame), sizeof(frame), 0, " | PASS", NULL };
	struct print *p = print_new(&o);
	char buf[512];

	(void)state;
	print_packet(p, &pkt, buf, sizeof(buf));
	assert_string_equal(buf, "02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype Unknown "
				 "(0x1234), length 15:  | PASS\n\t0x0000:  09          "
				 "                             .");
	print_free(p);
}

/* Each size of buffer: never beyond it, always terminated, and the suffix kept if it fits. */
static void test_small_buffer(void **state)
{
	struct print_opts o = { .dump = PRINT_DUMP_BOTH };
	char whole[1024];
	size_t full = print_arp_into(o, SUFFIX, whole, sizeof(whole));

	(void)state;
	for (size_t size = 1; size <= full + 1; size++) {
		char *buf = malloc(size);
		size_t n;

		assert_non_null(buf);
		n = print_arp_into(o, SUFFIX, buf, size);
		assert_true(n < size);
		assert_int_equal(n, strlen(buf));
		if (size > sizeof(SUFFIX) + 1)
			assert_non_null(strstr(buf, SUFFIX));
		if (size > strlen(ARP_LINE SUFFIX))
			assert_memory_equal(buf, whole, n);
		free(buf);
	}
}

static const struct {
	__u32 cap_len, len;
	const char *want;
} bad_lengths[] = {
	{ 0, 0, "[Invalid header: caplen==0, len==0]" },
	{ 0, 60, "[Invalid header: caplen==0]" },
	{ 42, 0, "[Invalid header: len==0]" },
	{ 42, 41, "[Invalid header: len(41) < caplen(42)]" },
	{ 42, 262145, "[Invalid header: len(262145) > 262144]" },
};

static void test_bad_lengths(void **state)
{
	struct print_opts o = { 0 };
	struct print *p = print_new(&o);
	char buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_lengths); i++) {
		struct print_pkt pkt = { arp, bad_lengths[i].cap_len, bad_lengths[i].len, 0, NULL,
					 NULL };

		print_packet(p, &pkt, buf, sizeof(buf));
		assert_string_equal(buf, bad_lengths[i].want);
	}
	print_free(p);
}

/* Local time is cached by the quarter of an hour: compare with the C library around changes. */
static void test_zones(void **state)
{
	static const char *const zones[] = { "UTC",
					     "Europe/Berlin",
					     "America/St_Johns",
					     "Asia/Kathmandu",
					     "Australia/Lord_Howe",
					     "XYZ-5:45",
					     "ABC3DEF,M3.2.0/2,M11.1.0/2" };
	static const time_t days[] = { 1709960000, 1711839600, 1729990800, 1730592000, 1743865200 };

	(void)state;
	for (size_t z = 0; z < ARRAY_SIZE(zones); z++) {
		struct print_opts o = { .time = PRINT_TIME_DATE };
		struct print *p = print_new(&o);

		setenv("TZ", zones[z], 1);
		tzset();
		for (size_t d = 0; d < ARRAY_SIZE(days); d++) {
			for (time_t t = days[d]; t < days[d] + 86400; t += 299) {
				struct print_pkt pkt = { arp,  42,  42, (__u64)t * NSEC + 7000,
							 NULL, NULL };
				char buf[256], want[64];
				struct tm tm;

				localtime_r(&t, &tm);
				strftime(want, sizeof(want), "%Y-%m-%d %H:%M:%S.000007 ", &tm);
				print_packet(p, &pkt, buf, sizeof(buf));
				buf[strlen(want)] = 0;
				assert_string_equal(buf, want);
			}
		}
		print_free(p);
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

/* A TCP segment with ACK set, of connection @n. */
static void segment(unsigned char *f, __u32 n, __u32 seq)
{
	static const unsigned char head[] = { 2, 0,    0, 0, 0,	 1, 2, 0, 0, 0,	 0, 2, 8,
					      0, 0x45, 0, 0, 41, 0, 0, 0, 0, 64, 6, 0, 0 };

	memset(f, 0, 55);
	memcpy(f, head, sizeof(head));
	f[26] = 10;
	f[27] = (unsigned char)(n >> 16);
	f[28] = (unsigned char)(n >> 8);
	f[29] = (unsigned char)n;
	f[30] = 192;
	f[35] = 80;
	f[36] = 1;
	for (int i = 0; i < 4; i++)
		f[38 + i] = (unsigned char)(seq >> (24 - 8 * i));
	f[46] = 0x50;
	f[47] = 16;
}

/* More connections than the table holds: the newest is still relative. */
static void test_many_connections(void **state)
{
	struct print_opts o = { .time = PRINT_TIME_NONE };
	struct print *p = print_new(&o);
	unsigned char f[55];
	struct print_pkt pkt = { f, sizeof(f), sizeof(f), 0, NULL, NULL };
	char buf[256];

	(void)state;
	for (__u32 n = 0; n < 200000; n++) {
		segment(f, n, 1000);
		print_packet(p, &pkt, buf, sizeof(buf));
		assert_non_null(strstr(buf, "seq 1000:1001"));
		segment(f, n, 1001);
		print_packet(p, &pkt, buf, sizeof(buf));
		assert_non_null(strstr(buf, "seq 1:2"));
	}
	print_free(p);
}

static void test_new_invalid(void **state)
{
	(void)state;
	assert_null(print_new(&(struct print_opts){ .time = PRINT_TIME_FIRST + 1 }));
	assert_null(print_new(&(struct print_opts){ .dump = PRINT_DUMP_ASCII_LINK + 1 }));
	print_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suffix),	     cmocka_unit_test(test_suffix_unknown),
		cmocka_unit_test(test_small_buffer), cmocka_unit_test(test_bad_lengths),
		cmocka_unit_test(test_zones),	     cmocka_unit_test(test_many_connections),
		cmocka_unit_test(test_new_invalid),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
