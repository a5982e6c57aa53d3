// SPDX-License-Identifier: GPL-2.0
/* test_print - lib/print against text that tcpdump 4.99.3 wrote, and what tcpdump has no say in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <pcap/pcap.h>

#include "lib/print.h"

#define DIR "tests/golden/print_"
#define NS  1000000000ULL

/* What the name of a file of text says of the options. */
static const struct {
	const char *name;
	struct print_opts o;
} texts[] = {
	{ "plain", { 0 } },
	{ "e", { .flags = PRINT_LINK } },
	{ "q", { .flags = PRINT_QUIET } },
	{ "v", { .verbose = 1 } },
	{ "vv", { .verbose = 2 } },
	{ "ev", { .flags = PRINT_LINK, .verbose = 1 } },
	{ "S", { .flags = PRINT_ABS_SEQ } },
	{ "x", { .dump = PRINT_DUMP_HEX } },
	{ "XX", { .dump = PRINT_DUMP_BOTH_LINK } },
	{ "A", { .dump = PRINT_DUMP_ASCII } },
	{ "t", { .time = PRINT_TIME_NONE } },
	{ "tt", { .time = PRINT_TIME_EPOCH } },
	{ "ttt", { .time = PRINT_TIME_DELTA } },
	{ "tttt", { .time = PRINT_TIME_DATE } },
	{ "ttttt", { .time = PRINT_TIME_FIRST } },
	{ "nano", { .flags = PRINT_NANO } },
	{ "num", { .flags = PRINT_NUMBER } },
};

static const char *const captures[] = { "link", "dot3", "ipv4",	 "udp",	   "tcp",  "icmp",
					"igmp", "ipv6", "icmp6", "tunnel", "upper" };

static pcap_t *open_capture(const char *name)
{
	char path[128], err[PCAP_ERRBUF_SIZE];
	pcap_t *pc;

	snprintf(path, sizeof(path), DIR "%s.pcap", name);
	pc = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, err);
	if (!pc)
		fail_msg("%s (run from the root of the tree)", err);
	assert_int_equal(pcap_datalink(pc), DLT_EN10MB);
	return pc;
}

/* The next packet, in a heap block that ends where it does. */
static int next_packet(pcap_t *pc, struct print_pkt *pkt)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	void *copy;

	if (pcap_next_ex(pc, &h, &data) != 1)
		return 0;
	copy = malloc(h->caplen);
	assert_non_null(copy);
	memcpy(copy, data, h->caplen);
	*pkt = (struct print_pkt){
		.data = copy,
		.cap_len = h->caplen,
		.len = h->len,
		.time_ns = (__u64)h->ts.tv_sec * NS + (__u64)h->ts.tv_usec,
	};
	return 1;
}

static void free_packet(const struct print_pkt *pkt)
{
	free((void *)(uintptr_t)pkt->data);
}

static void compare_text(const char *capture, const char *text, const struct print_opts *o, FILE *f)
{
	static char ours[1 << 17], theirs[1 << 17];
	struct print *p = print_new(o);
	pcap_t *pc = open_capture(capture);
	struct print_pkt pkt;

	assert_non_null(p);
	for (int n = 1; next_packet(pc, &pkt); n++) {
		size_t len = print_packet(p, &pkt, ours, sizeof(ours));

		free_packet(&pkt);
		assert_int_equal(len, strlen(ours));
		ours[len++] = '\n';
		ours[len] = 0;
		theirs[fread(theirs, 1, len, f)] = 0;
		if (strcmp(ours, theirs))
			fail_msg("%s.%s packet %d\n< %s\n> %s", capture, text, n, theirs, ours);
	}
	assert_int_equal(fgetc(f), EOF);
	pcap_close(pc);
	print_free(p);
}

static void test_golden(void **state)
{
	int done = 0;

	(void)state;
	for (size_t c = 0; c < sizeof(captures) / sizeof(captures[0]); c++) {
		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
			char path[128];
			FILE *f;

			snprintf(path, sizeof(path), DIR "%s.%s.txt", captures[c], texts[t].name);
			f = fopen(path, "r");
			if (!f)
				continue;
			compare_text(captures[c], texts[t].name, &texts[t].o, f);
			fclose(f);
			done++;
		}
	}
	print_message("  %d files of text\n", done);
	assert_true(done >= 60);
}

/* An ARP request, 42 bytes; and what it prints as. */
static const unsigned char arp[] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0,   1, 8, 6,
				     0,	  1,   8,   0,	 6,   4,   0, 1, 2, 0, 0,   0, 0, 1,
				     192, 0,   2,   1,	 0,   0,   0, 0, 0, 0, 192, 0, 2, 9 };
#define ARP_LINE "22:13:20.123456 ARP, Request who-has 192.0.2.9 tell 192.0.2.1, length 28"
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
	{ "no time",
	  { .time = PRINT_TIME_NONE },
	  "ARP, Request who-has 192.0.2.9 tell 192.0.2.1"
	  ", length 28" SUFFIX },
};

static void test_suffix(void **state)
{
	char buf[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *want = suffixes[i].want;

		print_message("  %s\n", suffixes[i].name);
		print_arp_into(suffixes[i].o, SUFFIX, buf, sizeof(buf));
		if (suffixes[i].o.dump)
			buf[strlen(want)] = 0;
		assert_string_equal(buf, want);
	}
}

/* An EtherType nobody knows is dumped without being asked; the suffix still comes before. */
static void test_suffix_unknown(void **state)
{
	static const unsigned char frame[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x12, 0x34, 9 };
	struct print_opts o = { .time = PRINT_TIME_NONE };
	struct print_pkt pkt = { frame, sizeof(frame), sizeof(frame), 0, " | PASS" };
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

/* What is cut off anywhere must not be read: the block ends there, for the sanitizers to see. */
static void cut_everywhere(const struct print_pkt *whole, struct print *p)
{
	static char buf[1 << 17];

	for (__u32 n = 1; n <= whole->cap_len; n++) {
		struct print_pkt pkt = *whole;
		void *copy = malloc(n);

		assert_non_null(copy);
		memcpy(copy, whole->data, n);
		pkt.data = copy;
		pkt.cap_len = n;
		assert_true(print_packet(p, &pkt, buf, sizeof(buf)) > 0);
		free(copy);
	}
}

static void test_cut_everywhere(void **state)
{
	static const struct print_opts sets[] = {
		{ 0 },
		{ .flags = PRINT_LINK, .verbose = 2, .dump = PRINT_DUMP_BOTH },
	};

	(void)state;
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		struct print *p = print_new(&sets[s]);

		for (size_t c = 0; c < sizeof(captures) / sizeof(captures[0]); c++) {
			pcap_t *pc = open_capture(captures[c]);
			struct print_pkt pkt;

			while (next_packet(pc, &pkt)) {
				cut_everywhere(&pkt, p);
				free_packet(&pkt);
			}
			pcap_close(pc);
		}
		print_free(p);
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
	for (size_t i = 0; i < sizeof(bad_lengths) / sizeof(bad_lengths[0]); i++) {
		struct print_pkt pkt = { arp, bad_lengths[i].cap_len, bad_lengths[i].len, 0, NULL };

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
	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		struct print_opts o = { .time = PRINT_TIME_DATE };
		struct print *p = print_new(&o);

		setenv("TZ", zones[z], 1);
		tzset();
		for (size_t d = 0; d < sizeof(days) / sizeof(days[0]); d++) {
			for (time_t t = days[d]; t < days[d] + 86400; t += 299) {
				struct print_pkt pkt = { arp, 42, 42, (__u64)t * NS + 7000, NULL };
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

/* More connections than the table holds: the newest is still relative, and nothing grows. */
static void test_many_connections(void **state)
{
	struct print_opts o = { .time = PRINT_TIME_NONE };
	struct print *p = print_new(&o);
	unsigned char f[55];
	struct print_pkt pkt = { f, sizeof(f), sizeof(f), 0, NULL };
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
	struct print_opts time = { .time = PRINT_TIME_FIRST + 1 };
	struct print_opts dump = { .dump = PRINT_DUMP_ASCII_LINK + 1 };

	(void)state;
	assert_null(print_new(&time));
	assert_null(print_new(&dump));
	print_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	       cmocka_unit_test(test_suffix),
		cmocka_unit_test(test_suffix_unknown), cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_cut_everywhere), cmocka_unit_test(test_bad_lengths),
		cmocka_unit_test(test_zones),	       cmocka_unit_test(test_many_connections),
		cmocka_unit_test(test_new_invalid),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
