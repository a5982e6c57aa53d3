// SPDX-License-Identifier: GPL-2.0
/*
 * test_capfile_peers - the same packets as libpcap and tshark find, in captures from elsewhere
 * (where they are present) and in every sort of file that editcap makes of a small one of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pcap/pcap.h>

#include "lib/capfile.h"
#include "lib/pcapfile.h"
#include "lib/util.h"
#include "tests/capture.h"
#include "tests/judge.h"

/* How often a file was compared, and was found broken by both. */
static unsigned int compared, broken;

/* libpcap 1.10 takes the seconds of classic pcap as signed, the format's draft as unsigned. */
static void assert_packet(const struct record *r, const struct pcap_pkthdr *h, const u_char *data)
{
	assert_int_equal(r->len, h->len);
	assert_int_equal(r->cap_len, h->caplen);
	if (h->ts.tv_usec >= 0 && (__u64)h->ts.tv_usec < NSEC) { /* which are nanoseconds here */
		assert_int_equal((__u32)(r->time_ns / NSEC), (__u32)h->ts.tv_sec);
		assert_int_equal(r->time_ns % NSEC, h->ts.tv_usec);
	}
	assert_memory_equal(r->data, data, h->caplen);
}

/* Packet by packet, and the same end: clean or an error. */
static void compare(const char *path)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, err);
	int fd = open(path, O_RDONLY | O_CLOEXEC), ours = 1, theirs = 1;
	struct capfile *c = NULL;

	if (capfile_open(fd, 0, &c, NULL))
		assert_null(p);
	else if (!p) /* it looks for the first interface at once; then it must find no packet */
		assert_true(!strcmp(capfile_format(c), "pcapng") && !capfile_ifs(c));
	while (p && ours == 1 && theirs == 1) {
		struct pcap_pkthdr *h;
		const u_char *data;
		struct record r;

		ours = capfile_next(c, &r);
		theirs = pcap_next_ex(p, &h, &data);
		if (ours == 1 && theirs == 1)
			assert_packet(&r, h, data);
	}
	if (ours != 1 && ours != (theirs == PCAP_ERROR_BREAK ? 0 : -EBADMSG))
		print_error("%s: %d (%s), libpcap %d (%s)\n", path, ours, capfile_why(c), theirs,
			    pcap_geterr(p));
	assert_int_equal(ours, !p || theirs == 1 ? 1 : theirs == PCAP_ERROR_BREAK ? 0 : -EBADMSG);
	compared++;
	broken += ours == -EBADMSG;
	if (p)
		pcap_close(p);
	capfile_close(c);
	close(fd);
}

static void test_peers(void **state)
{
	glob_t g;

	(void)state;
	if (glob("../shared/peers/pcaps/*", 0, NULL, &g))
		skip();
	for (size_t i = 0; i < g.gl_pathc; i++)
		compare(g.gl_pathv[i]);
	print_message("  %u files, %u of them broken\n", compared, broken);
	globfree(&g);
}

/* A small classic pcap: 5 packets of 60 to 120 bytes. */
static char *small(void)
{
	static const struct format_if ifc = { .linktype = 1 };
	static const struct format_file file = { .ifs = &ifc, .n_ifs = 1, .snaplen = 65535 };
	static const unsigned char data[128] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	char buf[2048];
	size_t at = pcapfile_header(&file, buf, sizeof(buf));

	for (unsigned int i = 0; i < 5; i++) {
		struct record r = { .time_ns = (1700000000 + i) * NSEC + i * 1000,
				    .data = data,
				    .cap_len = 60 + i * 13,
				    .len = 60 + i * 13 };

		at += pcapfile_packet(&file, &r, buf + at, sizeof(buf) - at);
	}
	return judge_file(buf, at);
}

static char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	char *data = malloc(1 << 20);

	assert_non_null(f);
	*size = fread(data, 1, 1 << 20, f);
	fclose(f);
	return data;
}

/* Every beginning of a file: libpcap and we find the same packets and the same sort of end. */
static void compare_cut(const char *path)
{
	size_t size;
	char *data = read_file(path, &size);

	for (size_t len = 1; len < size; len++) {
		char *cut = judge_file(data, len);

		compare(cut);
		unlink(cut);
		free(cut);
	}
	free(data);
}

static void swap(char *p, size_t width)
{
	for (size_t i = 0; i < width / 2; i++) {
		char low = p[i];

		p[i] = p[width - 1 - i];
		p[width - 1 - i] = low;
	}
}

/* A classic pcap in the other byte order: @head bytes stand before each packet. */
static void compare_swapped(const char *path, size_t head)
{
	size_t size, at = 24;
	char *data = read_file(path, &size), *swapped;

	for (int i = 0; i < 24; i += i == 4 || i == 6 ? 2 : 4)
		swap(data + i, i == 4 || i == 6 ? 2 : 4);
	while (at < size) {
		__u32 cap_len;

		memcpy(&cap_len, data + at + 8, 4);
		for (int i = 0; i < 16; i += 4)
			swap(data + at + i, 4);
		at += head + cap_len;
	}
	assert_int_equal(at, size);
	swapped = judge_file(data, size);
	compare(swapped);
	unlink(swapped);
	free(swapped);
	free(data);
}

/*
 * Headers that old software wrote: version 2.2 has the two lengths the other way round, 2.3 may
 * have, 543.0 was DEC's; and a snaplen that the packets do not keep to.
 */
static void compare_old(const char *path)
{
	static const struct {
		__u16 version[2];
		__u32 snaplen;
		bool swapped;
	} old[] = {
		{ { 2, 2 }, 65535, true },   { { 2, 3 }, 65535, true },	 { { 2, 3 }, 65535, false },
		{ { 543, 0 }, 65535, true }, { { 2, 4 }, 70, false },	 { { 2, 4 }, 0, false },
		{ { 2, 5 }, 65535, false },  { { 1, 0 }, 65535, false },
	};
	size_t size;

	for (size_t i = 0; i < ARRAY_SIZE(old); i++) {
		char *data = read_file(path, &size), *patched;
		__u32 cap_len;

		memcpy(data + 4, old[i].version, 4);
		memcpy(data + 16, &old[i].snaplen, 4);
		for (size_t at = 24; at < size; at += 16 + cap_len) {
			memcpy(&cap_len, data + at + 8, 4);
			memcpy(data + at + (old[i].swapped ? 8 : 12), &(__u32){ 1500 }, 4);
			memcpy(data + at + (old[i].swapped ? 12 : 8), &cap_len, 4);
		}
		patched = judge_file(data, size);
		compare(patched);
		unlink(patched);
		free(patched);
		free(data);
	}
}

/* What editcap calls the classic and the new formats, and their variants. */
static const struct {
	const char *name;
	size_t head; /* bytes before each packet */
} types[] = { { "pcap", 16 }, { "nsecpcap", 16 }, { "modpcap", 24 }, { "pcapng", 0 } };

static void test_editcap(void **state)
{
	char *in = small();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		char *out = judge_file("", 0);

		print_message("  %s\n", types[i].name);
		free(judge("editcap -F %s %s %s", types[i].name, in, out));
		compare(out);
		if (types[i].head)
			compare_swapped(out, types[i].head);
		if (types[i].head == 16)
			compare_old(out);
		compare_cut(out);
		unlink(out);
		free(out);
	}
	unlink(in);
	free(in);
}

/* Comments, several interfaces and name resolution, as tshark and mergecap write them. */
static void test_tshark(void **state)
{
	char *in = small(), *out = judge_file("", 0), *merged = judge_file("", 0);
	struct capfile *c;
	struct record r;
	size_t size;
	char *data;

	(void)state;
	free(judge("editcap -F pcapng -a '2:what a packet' --capture-comment all %s %s", in, out));
	compare(out);
	free(judge("mergecap -F pcapng -a -w %s %s %s", merged, out, in));
	compare(merged);
	free(judge("tshark -F pcapng -r %s -w %s", merged, out));
	compare(out);
	data = read_file(out, &size);
	c = capture_open(data, size, 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(capfile_next(c, &r), 1);
		assert_int_equal(r.comment_len, i == 1 ? strlen("what a packet") : 0);
		assert_null(r.trail);
	}
	assert_int_equal(capfile_next(c, &r), 0);
	capture_close(c);
	free(data);
	unlink(in);
	unlink(out);
	unlink(merged);
	free(in);
	free(out);
	free(merged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_editcap),
		cmocka_unit_test(test_tshark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
