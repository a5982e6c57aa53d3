// SPDX-License-Identifier: GPL-2.0
/* test_capfile - our own files, read back; cut at every byte; and in the other byte order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/capfile.h"
#include "lib/pcapfile.h"
#include "lib/pcapng.h"
#include "lib/trail.h"
#include "lib/util.h"
#include "tests/capture.h"
#include "tests/judge.h"

#define START	(1700000000ULL * NSEC)
#define PACKETS 12

static const unsigned char bytes[100] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, 7, 9 };
static const char trail[] = "xdpchain/1 DROP; 1:droplet/blocklist DROP reason=1/prefix rule=7 1ns";
static const char other[] = "just a comment";

static const struct format_if ifs[] = {
	{ "eth0", "packets as they leave", "udp port 9", 2, 1 },
	{ "veth1", NULL, NULL, 3, 1 },
};
static const struct format_file file = { .os = "Linux", .ifs = ifs, .n_ifs = 2, .snaplen = 96 };
static const struct format_stats stats[] = {
	{ START, START + 1, { .offered = 1000, .filtered = 900, .captured = 93, .lost = 7 } },
	{ START, START + 1, { .offered = 5, .filtered = 0, .captured = 4, .lost = 1 } },
};

static struct record record(unsigned int i)
{
	return (struct record){
		.time_ns = START + i * 1000001,
		.dropcount = i * 3,
		.packetid = record_id(1, 3, i + 1),
		.verdict = i % 5,
		.data = bytes,
		.comment = i % 3 == 0	? trail
			   : i % 3 == 1 ? other
					: NULL,
		.comment_len = i % 3 == 0 ? sizeof(trail) - 1 : sizeof(other) - 1,
		.iface = i % 2,
		.cap_len = 60 + i,
		.len = 60 + i * 100,
		.queue = i,
		.flags = RECORD_INBOUND,
		.have = RECORD_ALL & ~(i % 7),
	};
}

static size_t make(const struct format_ops *ops, char *buf, size_t size)
{
	size_t at = ops->header(&file, buf, size);

	for (unsigned int i = 0; i < PACKETS; i++) {
		struct record r = record(i);
		size_t n = ops->packet(&file, &r, buf + at, size - at);

		assert_true(n > 0);
		at += n;
	}
	return at + (ops->trailer ? ops->trailer(&file, stats, buf + at, size - at) : 0);
}

static void assert_record(const struct record *got, unsigned int i)
{
	struct record want = record(i);

	assert_int_equal(got->time_ns, want.time_ns);
	assert_int_equal(got->iface, want.iface);
	assert_int_equal(got->len, want.len);
	assert_int_equal(got->cap_len, want.cap_len);
	assert_memory_equal(got->data, want.data, want.cap_len);
	assert_int_equal(got->have, want.have);
	assert_int_equal(got->verdict, want.have & RECORD_VERDICT ? want.verdict : 0);
	assert_int_equal(got->packetid, want.have & RECORD_PACKETID ? want.packetid : 0);
	assert_int_equal(got->queue, want.have & RECORD_QUEUE ? want.queue : 0);
	assert_int_equal(got->dropcount, want.have & RECORD_DROPCOUNT ? want.dropcount : 0);
	assert_int_equal(got->flags, want.have & RECORD_FLAGS ? want.flags : 0);
	assert_int_equal(!got->comment, !want.comment);
	if (want.comment) {
		assert_int_equal(got->comment_len, want.comment_len);
		assert_memory_equal(got->comment, want.comment, want.comment_len);
	}
	assert_int_equal(!got->trail, want.comment != trail);
	if (got->trail)
		assert_string_equal(got->trail->step[0].reason_name, "prefix");
}

static void assert_all(struct capfile *c)
{
	const struct capfile_if *i;
	struct record r;

	for (unsigned int n = 0; n < PACKETS; n++) {
		assert_int_equal(capfile_next(c, &r), 1);
		assert_record(&r, n);
	}
	assert_int_equal(capfile_next(c, &r), 0);
	assert_int_equal(capfile_ifs(c), 2);
	i = capfile_if(c, 0);
	assert_string_equal(i->name, "eth0");
	assert_string_equal(i->description, "packets as they leave");
	assert_int_equal(i->linktype, 1);
	assert_int_equal(i->snaplen, 96);
	assert_true(i->counted);
	assert_memory_equal(&i->count, &stats[0].count, sizeof(i->count));
	assert_memory_equal(&capfile_if(c, 1)->count, &stats[1].count, sizeof(i->count));
	assert_null(capfile_if(c, 2));
}

static void test_pcapng(void **state)
{
	char buf[8192];
	struct capfile *c = capture_open(buf, make(&pcapng_ops, buf, sizeof(buf)), 0);

	(void)state;
	assert_string_equal(capfile_format(c), "pcapng");
	assert_all(c);
	capture_close(c);
}

/* Twice the file is two sections: interfaces start anew. */
static void test_two_sections(void **state)
{
	char buf[16384];
	size_t n = make(&pcapng_ops, buf, sizeof(buf));
	struct capfile *c;
	struct record r;

	(void)state;
	c = capture_open(buf, n + make(&pcapng_ops, buf + n, sizeof(buf) - n), 0);
	for (unsigned int i = 0; i < PACKETS; i++)
		assert_int_equal(capfile_next(c, &r), 1);
	assert_true(capfile_if(c, 0) && capfile_offset(c) < n);
	assert_all(c);
	capture_close(c);
}

static void test_pcap(void **state)
{
	char buf[4096];
	struct capfile *c = capture_open(buf, make(&pcapfile_ops, buf, sizeof(buf)), 0);
	struct record r;

	(void)state;
	assert_string_equal(capfile_format(c), "pcap");
	for (unsigned int i = 0; i < PACKETS; i++) {
		struct record want = record(i);

		assert_int_equal(capfile_next(c, &r), 1);
		assert_int_equal(r.time_ns, want.time_ns);
		assert_int_equal(r.len, want.len);
		assert_int_equal(r.cap_len, want.cap_len);
		assert_memory_equal(r.data, want.data, want.cap_len);
		assert_int_equal(r.have, 0);
	}
	assert_int_equal(capfile_next(c, &r), 0);
	capture_close(c);
}

/*
 * Cut at every byte: the packets before the cut are there, then comes the end if the cut is
 * between two blocks, and else an error that names where that block starts.
 */
static void cut_everywhere(const struct format_ops *ops)
{
	char buf[8192];
	size_t size = make(ops, buf, sizeof(buf)), header = ops->header(&file, buf, sizeof(buf));
	size_t clean = 0;

	for (size_t len = 0; len < size; len++) {
		struct capfile *c = capture_open(buf, len, 0);
		struct record r;
		unsigned int n = 0;
		int ret;

		if (!c) {
			assert_true(len < header);
			continue;
		}
		while ((ret = capfile_next(c, &r)) == 1)
			assert_int_equal(r.time_ns, record(n++).time_ns);
		clean += !ret;
		assert_true(ret == 0 || ret == -EBADMSG);
		assert_int_equal(capfile_next(c, &r), ret);
		assert_true(ret ? capfile_offset(c) < len : capfile_offset(c) == len);
		assert_true(!ret || capfile_why(c));
		capture_close(c);
	}
	/* section, interfaces, packets and the first statistics; or header and packets but one */
	assert_int_equal(clean, ops == &pcapng_ops ? 1 + 2 + PACKETS + 1 : PACKETS);
}

static void test_cut(void **state)
{
	(void)state;
	cut_everywhere(&pcapng_ops);
	cut_everywhere(&pcapfile_ops);
}

/* Each byte of the file set to other values: errors, but no crash and no packet beyond. */
static void test_damaged(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	char buf[8192];
	size_t size = make(&pcapng_ops, buf, sizeof(buf));

	(void)state;
	for (size_t i = 0; i < 700 && i < size; i++) {
		char was = buf[i];

		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			struct capfile *c;
			struct record r;

			buf[i] = values[v];
			c = capture_open(buf, size, 0);
			while (c && capfile_next(c, &r) == 1)
				assert_true(r.cap_len <= size);
			capture_close(c);
		}
		buf[i] = was;
	}
}

/* tshark too is asked of the other byte order: is our idea of it, the verdict's above all, right?
 */
static void test_other_order(void **state)
{
	static const char fields[] =
		"-T fields -e frame.time_epoch -e frame.cap_len -e frame.comment "
		"-e frame.verdict.ebpf_xdp -e frame.packet_id "
		"-e frame.interface_queue -e frame.drop_count";
	char buf[8192], *ours, *swapped, *a, *b;
	size_t size = make(&pcapng_ops, buf, sizeof(buf));
	struct capfile *c;

	(void)state;
	ours = judge_file(buf, size);
	capture_swap(buf, size);
	swapped = judge_file(buf, size);
	a = judge("tshark -r %s %s", ours, fields);
	b = judge("tshark -r %s %s", swapped, fields);
	assert_string_equal(a, b);
	c = capture_open(buf, size, 0);
	assert_all(c);
	capture_close(c);
	unlink(ours);
	unlink(swapped);
	free(ours);
	free(swapped);
	free(a);
	free(b);
}

/* A block, or a packet, above the limit is refused before memory is taken for it. */
static void test_limit(void **state)
{
	char buf[8192];
	size_t size = make(&pcapng_ops, buf, sizeof(buf));
	struct capfile *c = capture_open(buf, size, 200);
	struct record r;
	int ret;

	(void)state;
	while ((ret = capfile_next(c, &r)) == 1)
		;
	assert_int_equal(ret, -EBADMSG);
	assert_string_equal(capfile_why(c), "a length is larger than the limit");
	capture_close(c);
	size = make(&pcapfile_ops, buf, sizeof(buf));
	c = capture_open(buf, size, 16 + 60);
	assert_int_equal(capfile_next(c, &r), 1);
	assert_int_equal(capfile_next(c, &r), -EBADMSG);
	capture_close(c);
}

/* Packets come out of a pipe as soon as they are in it. */
static void test_pipe(void **state)
{
	char buf[8192];
	size_t at = pcapng_ops.header(&file, buf, sizeof(buf)), n;
	struct record in = record(0), r;
	struct capfile *c;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], buf, at), at);
	assert_int_equal(capfile_open(fds[0], 0, &c, NULL), 0);
	for (int i = 0; i < 3; i++) {
		n = pcapng_epb(&in, buf, sizeof(buf));
		assert_int_equal(write(fds[1], buf, n), n);
		assert_int_equal(capfile_next(c, &r), 1);
		assert_record(&r, 0);
	}
	close(fds[1]);
	assert_int_equal(capfile_next(c, &r), 0);
	capfile_close(c);
	close(fds[0]);
}

static void test_no_capture(void **state)
{
	(void)state;
	assert_null(capture_open("", 0, 0));
	assert_null(capture_open("abc", 3, 0));
	assert_null(capture_open("#!/bin/sh\necho this is a text, and not a capture\n", 50, 0));
	assert_null(
		capture_open("\xd4\xc3\xb2\xa1\3\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_capture),   cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_two_sections), cmocka_unit_test(test_pcap),
		cmocka_unit_test(test_cut),	     cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_other_order),  cmocka_unit_test(test_limit),
		cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
