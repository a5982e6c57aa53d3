// SPDX-License-Identifier: GPL-2.0
/* test_print - lib/print against text that tcpdump 4.99.3 wrote, and cut short everywhere. */
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
#include "lib/util.h"

#define DIR "tests/golden/print_"

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

static char whole_text[1 << 17];

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
		.time_ns = (__u64)h->ts.tv_sec * NSEC + (__u64)h->ts.tv_usec,
	};
	return 1;
}

static void free_packet(const struct print_pkt *pkt)
{
	free((void *)(uintptr_t)pkt->data);
}

static void compare_text(const char *capture, const char *text, const struct print_opts *o, FILE *f)
{
	static char theirs[sizeof(whole_text)], *const ours = whole_text;
	struct print *p = print_new(o);
	pcap_t *pc = open_capture(capture);
	struct print_pkt pkt;

	assert_non_null(p);
	for (int n = 1; next_packet(pc, &pkt); n++) {
		size_t len = print_packet(p, &pkt, ours, sizeof(whole_text) - 1);

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

/* 1 if there is such a file of text, and it is the same. */
static int golden(const char *capture, const char *text, const struct print_opts *o)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), DIR "%s.%s.txt", capture, text);
	f = fopen(path, "r");
	if (!f)
		return 0;
	compare_text(capture, text, o, f);
	fclose(f);
	return 1;
}

static void test_golden(void **state)
{
	int done = 0;

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(captures); c++)
		for (size_t t = 0; t < ARRAY_SIZE(texts); t++)
			done += golden(captures[c], texts[t].name, &texts[t].o);
	print_message("  %d files of text\n", done);
	assert_true(done >= 60);
}

/*
 * What is cut off anywhere must not be read, nor text written where there is no room: both blocks
 * end there, for the sanitizers to see.
 */
static void print_cut_to(const struct print_pkt *whole, struct print *p, __u32 len, size_t room)
{
	struct print_pkt pkt = *whole;
	void *copy = malloc(len);
	char *buf = malloc(room);

	assert_true(copy && buf);
	memcpy(copy, whole->data, len);
	pkt.data = copy;
	pkt.cap_len = len;
	assert_true(print_packet(p, &pkt, buf, room) < room);
	assert_int_equal(print_packet(p, &pkt, buf, 1), 0);
	assert_true(print_packet(p, &pkt, whole_text, sizeof(whole_text)) > 0);
	free(copy);
	free(buf);
}

static void cut_capture(const char *name, struct print *p)
{
	pcap_t *pc = open_capture(name);
	struct print_pkt pkt;

	while (next_packet(pc, &pkt)) {
		for (__u32 n = 1; n <= pkt.cap_len; n++)
			print_cut_to(&pkt, p, n, 1 + n * 7 % 211);
		free_packet(&pkt);
	}
	pcap_close(pc);
}

static void test_cut_everywhere(void **state)
{
	static const struct print_opts sets[] = {
		{ 0 },
		{ .flags = PRINT_LINK, .verbose = 2, .dump = PRINT_DUMP_BOTH },
	};

	(void)state;
	for (size_t s = 0; s < ARRAY_SIZE(sets); s++) {
		struct print *p = print_new(&sets[s]);

		for (size_t c = 0; c < ARRAY_SIZE(captures); c++)
			cut_capture(captures[c], p);
		print_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_cut_everywhere),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
