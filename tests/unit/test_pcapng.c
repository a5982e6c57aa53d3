// SPDX-License-Identifier: GPL-2.0
/* test_pcapng - what we write is read by tshark, capinfos and tcpdump, with not one complaint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/format.h"
#include "lib/pcapng.h"
#include "lib/pcapfile.h"
#include "lib/util.h"
#include "tests/judge.h"

#define START (1700000000ULL * NSEC)

/* Ethernet, IPv4, UDP to port 9 with 18 bytes, checksums right: 60 bytes. */
static const unsigned char udp[60] = {
	0x02, 0,  0,  0,    0,	  2,  0x02, 0, 0, 0,  0, 1, 0x08, 0x00, 0x45, 0, 0, 46, 0,  1, 0,
	0,    64, 17, 0x66, 0xbc, 10, 0,    0, 1, 10, 0, 0, 2,	  0x30, 0x39, 0, 9, 0,	26, 0, 0,
};

static const struct format_if ifs[] = {
	{ "eth0", "packets as they leave", "udp port 9", 2, 1 },
	{ "eth0", "packets as they came", "udp port 9", 2, 1 },
	{ "veth1", NULL, NULL, 3, 1 },
};

static const struct format_file file = {
	.hardware = "x86_64",
	.os = "Linux 6.18",
	.application = "xdpdump 0.1.0",
	.comment = "udp port 9",
	.ifs = ifs,
	.n_ifs = ARRAY_SIZE(ifs),
	.snaplen = 65000,
};

static const struct format_stats stats[] = {
	{ START, START + NSEC, { .offered = 1000, .filtered = 900, .captured = 93, .lost = 7 } },
	{ START, START + NSEC, { .offered = 1000, .filtered = 1000 } },
	{ START, START + NSEC, { .offered = 0 } },
};

/* Appends; fails the test if it does not fit. */
#define APPEND(buf, at, call)                                                                      \
	do {                                                                                       \
		size_t n_ = call;                                                                  \
		assert_true(n_ > 0);                                                               \
		(at) += n_;                                                                        \
	} while (0)

static const char trail[] = "xdpchain/1 DROP; 1:droplet/blocklist DROP reason=1/prefix rule=7";

static struct record record(unsigned int i)
{
	return (struct record){
		.time_ns = START + i * 1000001,
		.dropcount = i * 3,
		.packetid = record_id(1, 3, i + 1),
		.verdict = i % 5,
		.data = udp,
		.comment = i % 4 ? trail : NULL,
		.comment_len = sizeof(trail) - 1 - i % 8,
		.iface = i % ARRAY_SIZE(ifs),
		.cap_len = sizeof(udp) - i % 7,
		.len = sizeof(udp) + i,
		.queue = i,
		.flags = i % 2 ? RECORD_OUTBOUND : RECORD_INBOUND,
		.have = RECORD_ALL,
	};
}

#define PACKETS 24

/* A whole file in one buffer. */
static size_t make(const struct format_ops *ops, char *buf, size_t size)
{
	size_t at = 0;

	APPEND(buf, at, ops->header(&file, buf, size));
	for (unsigned int i = 0; i < PACKETS; i++) {
		struct record r = record(i);

		APPEND(buf, at, ops->packet(&file, &r, buf + at, size - at));
	}
	if (ops->trailer)
		APPEND(buf, at, ops->trailer(&file, stats, buf + at, size - at));
	return at;
}

static char *write_file(const struct format_ops *ops)
{
	static char buf[65536];

	return judge_file(buf, make(ops, buf, sizeof(buf)));
}

static void test_tshark_fields(void **state)
{
	char *path = write_file(&pcapng_ops), *out, *line;

	(void)state;
	out = judge("tshark -r %s -T fields -e frame.time_epoch -e frame.len -e frame.cap_len "
		    "-e frame.interface_id -e frame.verdict.ebpf_xdp -e frame.packet_id "
		    "-e frame.interface_queue -e frame.drop_count -e frame.packet_flags_direction "
		    "-e frame.comment",
		    path);
	line = strtok(out, "\n");
	for (unsigned int i = 0; i < PACKETS; i++, line = strtok(NULL, "\n")) {
		struct record r = record(i);
		char want[256];

		snprintf(want, sizeof(want),
			 "%llu.%09llu\t%u\t%u\t%u\t%llu\t%llu\t%u\t%llu\t0x%08x\t%.*s",
			 r.time_ns / NSEC, r.time_ns % NSEC, r.len, r.cap_len, r.iface, r.verdict,
			 r.packetid, r.queue, r.dropcount, r.flags, r.comment ? r.comment_len : 0,
			 trail);
		assert_string_equal(line, want);
	}
	assert_null(line);
	unlink(path);
	free(out);
	free(path);
}

static void test_tshark_interfaces(void **state)
{
	char *path = write_file(&pcapng_ops), *out;

	(void)state;
	out = judge("tshark -r %s -T fields -e frame.interface_name -e frame.interface_description "
		    "-c 3",
		    path);
	assert_string_equal(out, "eth0\tpackets as they leave\neth0\tpackets as they came\n"
				 "veth1\t\n");
	free(out);
	out = judge("tshark -r %s -V -Y 'frame.number == 2'", path);
	assert_non_null(strstr(out, "XDP_DROP"));
	assert_non_null(strstr(out, "Packet id: 72110370596061186"));
	assert_null(strstr(out, "Malformed"));
	unlink(path);
	free(out);
	free(path);
}

static void assert_line(const char *text, const char *key, const char *value)
{
	const char *at = strstr(text, key);

	if (!at)
		print_error("no \"%s\" in: %s\n", key, text);
	assert_non_null(at);
	at += strlen(key);
	at += strspn(at, " =\t");
	if (strncmp(at, value, strlen(value)))
		print_error("%s: not %s but: %.40s\n", key, value, at);
	assert_memory_equal(at, value, strlen(value));
}

static void test_capinfos(void **state)
{
	char *path = write_file(&pcapng_ops), *out;

	(void)state;
	out = judge("capinfos %s", path);
	assert_line(out, "File type:", "Wireshark/... - pcapng\n");
	assert_line(out, "Number of packets:", "24\n");
	assert_line(out, "Capture length", "65000\n");
	assert_line(out, "Capture hardware:", "x86_64\n");
	assert_line(out, "Capture oper-sys:", "Linux 6.18\n");
	assert_line(out, "Capture application:", "xdpdump 0.1.0\n");
	assert_line(out, "Capture comment:", "udp port 9\n");
	assert_line(out, "Number of interfaces in file:", "3\n");
	assert_line(out, "Time precision", "nanoseconds (9)\n");
	assert_line(out, "Filter string", "udp port 9\n");
	assert_line(out, "Number of stat entries", "1\n");
	unlink(path);
	free(out);
	free(path);
}

/* tcpdump must see the same packets in both formats; it reads neither trail nor verdict. */
static void test_tcpdump(void **state)
{
	char *ng = write_file(&pcapng_ops), *pcap = write_file(&pcapfile_ops), *a, *b;

	(void)state;
	a = judge("tcpdump -n -tt --nano -e -xx -r %s", ng);
	b = judge("tcpdump -n -tt --nano -e -xx -r %s", pcap);
	assert_string_equal(a, b);
	assert_int_equal(strncmp(a,
				 "1700000000.000000000 02:00:00:00:00:01 > 02:00:00:00:00:02, "
				 "ethertype IPv4 (0x0800), length 60: 10.0.0.1.12345 > "
				 "10.0.0.2.9: UDP, length 18\n",
				 140),
			 0);
	free(a);
	free(b);
	a = judge("capinfos %s", pcap);
	assert_line(a, "File type:", "Wireshark/tcpdump/... - nanosecond pcap\n");
	assert_line(a, "Number of packets:", "24\n");
	unlink(ng);
	unlink(pcap);
	free(a);
	free(ng);
	free(pcap);
}

/* Files without any option of a packet, without packets, without interfaces' extras. */
static void test_bare(void **state)
{
	const struct format_if ifc = { .linktype = 1 };
	const struct format_file bare = { .ifs = &ifc, .n_ifs = 1 };
	struct record r = { .data = udp, .cap_len = 60, .len = 60, .time_ns = 1 };
	char buf[512], *path, *out;
	size_t at = 0;

	(void)state;
	APPEND(buf, at, pcapng_ops.header(&bare, buf, sizeof(buf)));
	path = judge_file(buf, at);
	out = judge("capinfos -c -M %s", path);
	assert_line(out, "Number of packets:", "0\n");
	unlink(path);
	free(out);
	free(path);
	APPEND(buf, at, pcapng_epb(&r, buf + at, sizeof(buf) - at));
	r.cap_len = 0;
	r.data = NULL;
	APPEND(buf, at, pcapng_epb(&r, buf + at, sizeof(buf) - at));
	path = judge_file(buf, at);
	out = judge("tshark -r %s -T fields -e frame.cap_len -e frame.comment", path);
	assert_string_equal(out, "60\t\n0\t\n");
	unlink(path);
	free(out);
	free(path);
}

/*
 * Each writer, given a heap block of every size below what it needs, writes nothing beyond it
 * (the sanitizer judges) and says 0; with exactly enough it writes the same bytes again.
 */
static void assert_exact(size_t (*fn)(void *buf, size_t size))
{
	static char whole[65536];
	size_t need = fn(whole, sizeof(whole));

	assert_in_range(need, 1, sizeof(whole));
	for (size_t size = 0; size <= need; size++) {
		char *buf = malloc(size + !size);

		memset(buf, 0xff, size); /* padding must be written, too */
		assert_int_equal(fn(buf, size), size < need ? 0 : need);
		if (size == need)
			assert_memory_equal(buf, whole, need);
		free(buf);
	}
}

static size_t header_of(void *buf, size_t size)
{
	return pcapng_ops.header(&file, buf, size);
}

static size_t trailer_of(void *buf, size_t size)
{
	return pcapng_ops.trailer(&file, stats, buf, size);
}

static size_t packet_of(void *buf, size_t size)
{
	struct record r = record(3);
	size_t n = pcapng_epb(&r, buf, size);

	assert_true(n <= r.cap_len + r.comment_len + PCAPNG_OVERHEAD);
	return n;
}

static size_t triggered_of(void *buf, size_t size)
{
	static const char trigger[RECORD_TRIGGER] = "drop>1000/s (1532/s)";
	struct record r = record(3);
	size_t n;

	r.trigger = trigger;
	r.trigger_len = sizeof(trigger) - 1; /* the longest */
	n = pcapng_epb(&r, buf, size);
	assert_true(n <= r.cap_len + r.comment_len + r.trigger_len + PCAPNG_OVERHEAD);
	return n;
}

/* Two comments: tshark and capinfos find nothing wrong with it, and the trail comes first. */
static void test_trigger(void **state)
{
	static char buf[65536];
	struct record r = record(3);
	size_t at = 0;
	char *out, *path;

	(void)state;
	r.trigger = "drop>1000/s (1532/s)";
	r.trigger_len = strlen(r.trigger);
	APPEND(buf, at, pcapng_ops.header(&file, buf, sizeof(buf)));
	APPEND(buf, at, pcapng_epb(&r, buf + at, sizeof(buf) - at));
	path = judge_file(buf, at);
	out = judge("tshark -r %s -T fields -E aggregator='|' -e frame.comment 2>&1 |"
		    " grep -v 'Running as user'",
		    path);
	assert_non_null(strstr(out, "reason=1/prefix"));
	assert_non_null(strstr(out, "|xdpchain trigger: drop>1000/s (1532/s)\n"));
	assert_int_equal(out[0], 'x');
	unlink(path);
	free(out);
	free(path);
}

static size_t pcap_header_of(void *buf, size_t size)
{
	return pcapfile_header(&file, buf, size);
}

static size_t pcap_packet_of(void *buf, size_t size)
{
	struct record r = record(3);

	return pcapfile_packet(&file, &r, buf, size);
}

static void test_exact_fit(void **state)
{
	(void)state;
	assert_exact(header_of);
	assert_exact(trailer_of);
	assert_exact(packet_of);
	assert_exact(triggered_of);
	assert_exact(pcap_header_of);
	assert_exact(pcap_packet_of);
}

static void test_long_strings(void **state)
{
	static char text[100000], buf[400000];
	const struct format_if ifc = { text, text, text, 1, 1 };
	const struct format_file f = { text, text, text, text, &ifc, 1, 0, 96 };
	char *path, *out;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	path = judge_file(buf, pcapng_ops.header(&f, buf, sizeof(buf)));
	out = judge("capinfos -c -M %s", path);
	assert_line(out, "Number of packets:", "0\n");
	unlink(path);
	free(out);
	free(path);
}

static void test_table(void **state)
{
	(void)state;
	assert_ptr_equal(format_find("pcapng"), &pcapng_ops);
	assert_ptr_equal(format_find("pcap"), &pcapfile_ops);
	assert_null(format_find("pca"));
	assert_ptr_equal(format_for_path("x.pcap"), &pcapfile_ops);
	assert_ptr_equal(format_for_path("x.pcapng"), &pcapng_ops);
	assert_ptr_equal(format_for_path(".pcap"), &pcapng_ops);
	assert_ptr_equal(format_for_path("-"), &pcapng_ops);
	for (unsigned int i = 0; format_at(i); i++)
		assert_ptr_equal(format_find(format_at(i)->name), format_at(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tshark_fields), cmocka_unit_test(test_tshark_interfaces),
		cmocka_unit_test(test_capinfos),      cmocka_unit_test(test_tcpdump),
		cmocka_unit_test(test_bare),	      cmocka_unit_test(test_exact_fit),
		cmocka_unit_test(test_trigger),	      cmocka_unit_test(test_long_strings),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
