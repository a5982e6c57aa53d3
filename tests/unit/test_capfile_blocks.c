// SPDX-License-Identifier: GPL-2.0
/* test_capfile_blocks - what others write and we do not: clocks, blocks, options, nonsense. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/pcapng_impl.h"
#include "lib/trail.h"
#include "lib/util.h"
#include "tests/capture.h"
#include "tests/judge.h"

static unsigned char buf[4096];
static size_t at;

static void put(const void *p, size_t n)
{
	memset(buf + at, 0, pcapng_pad(n));
	if (n)
		memcpy(buf + at, p, n);
	at += pcapng_pad(n);
}

static void put32(__u32 v)
{
	put(&v, 4);
}

static void option(__u16 code, const void *p, __u16 n)
{
	put((__u16[]){ code, n }, 4);
	put(p, n);
}

/* A block of what was put since @start, which begins with 8 bytes of anything. */
static void finish(size_t start, __u32 type)
{
	__u32 len = at + 4 - start;

	put32(len);
	memcpy(buf + start, (__u32[]){ type, len }, 8);
}

static size_t begin(void)
{
	at += 8;
	return at - 8;
}

static void section(void)
{
	size_t start;

	at = 0;
	start = begin();
	put32(PCAPNG_MAGIC);
	put32(1);
	put32(-1);
	put32(-1);
	finish(start, PCAPNG_SHB);
}

static void interface(int resolution, __s64 offset, __u32 snaplen)
{
	size_t start = begin();
	__u8 r = resolution;

	put32(1);
	put32(snaplen);
	if (resolution >= 0)
		option(PCAPNG_IF_TSRESOL, &r, 1);
	if (offset)
		option(PCAPNG_IF_TSOFFSET, &offset, 8);
	finish(start, PCAPNG_IDB); /* no end of options: it is optional */
}

static const unsigned char data[64] = { 1, 2, 3, 4 };

static void packet(__u64 ticks)
{
	size_t start = begin();

	put((__u32[]){ 0, ticks >> 32, ticks, 60, 60 }, 20);
	put(data, 60);
	finish(start, PCAPNG_EPB);
}

static const struct {
	const char *name;
	int resolution;
	__s64 offset;
	__u64 ticks, ns;
	const char *epoch; /* as tshark shows it; NULL: it sees that otherwise, or refuses it */
} clocks[] = {
	{ "microseconds by default", -1, 0, 1700000000123456, 1700000000123456000,
	  "1700000000.123456000" },
	{ "seconds", 0, 0, 1700000000, 1700000000000000000, "1700000000.000000000" },
	{ "milliseconds", 3, 0, 1700000000123, 1700000000123000000, "1700000000.123000000" },
	{ "nanoseconds", 9, 0, 1700000000123456789, 1700000000123456789, "1700000000.123456789" },
	{ "a tenth of one", 10, 0, 17000000001234567899ULL, 1700000000123456789,
	  "1700000000.123456789" },
	{ "2^-20 s", 0x94, 0, 1700000000ULL << 20 | 1 << 19, 1700000000500000000,
	  "1700000000.500000000" },
	{ "2^-32 s", 0xa0, 0, 1700000000ULL << 32 | 1, 1700000000000000000, NULL },
	{ "2^0 s", 0x80, 0, 1700000000, 1700000000000000000, NULL },
	{ "2^-127 s", 0xff, 0, UINT64_MAX, 0, NULL },
	{ "10^-127 s", 0x7f, 0, UINT64_MAX, 0, NULL },
	{ "later", 9, 100, 5, 100000000005, "100.000000005" },
	{ "earlier", 9, -1, 1700000000000000000, 1699999999000000000, "1699999999.000000000" },
	{ "before 1970", 9, -1, 5, 0, NULL },
	{ "after all time", 0, 0, UINT64_MAX, UINT64_MAX, NULL },
	{ "all of it", 0, INT64_MAX, UINT64_MAX, UINT64_MAX, NULL },
	{ "none of it", 0, INT64_MIN, 0, 0, NULL },
};

static void test_clocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		struct capfile *c;
		struct record r;

		print_message("  %s\n", clocks[i].name);
		section();
		interface(clocks[i].resolution, clocks[i].offset, 0);
		packet(clocks[i].ticks);
		c = capture_open(buf, at, 0);
		assert_int_equal(capfile_next(c, &r), 1);
		assert_int_equal(r.time_ns, clocks[i].ns);
		capture_close(c);
		if (clocks[i].epoch) {
			char *path = judge_file(buf, at);
			char *out = judge("tshark -r %s -T fields -e frame.time_epoch", path);

			out[strcspn(out, "\n")] = 0;
			assert_string_equal(out, clocks[i].epoch);
			unlink(path);
			free(path);
			free(out);
		}
	}
}

/* Blocks with a packet of another kind, and without any. */
static void test_kinds(void **state)
{
	struct capfile *c;
	struct record r;
	size_t start;

	(void)state;
	section();
	interface(-1, 0, 40);
	start = begin(); /* simple: cut to the interface's snaplen */
	put32(60);
	put(data, 40);
	finish(start, PCAPNG_SPB);
	start = begin(); /* obsolete, 5 dropped before */
	put((__u16[]){ 0, 5 }, 4);
	put((__u32[]){ 0, 7, 60, 61 }, 16);
	put(data, 60);
	option(PCAPNG_EPB_FLAGS, &(__u32){ 1 }, 4);
	option(4, &(__u64){ 9 }, 8);
	finish(start, PCAPNG_PB);
	start = begin(); /* somebody's own */
	put(data, 44);
	finish(start, 0x80000bad);
	packet(8);
	c = capture_open(buf, at, 0);
	assert_int_equal(capfile_next(c, &r), 1);
	assert_true(r.cap_len == 40 && r.len == 60 && !r.time_ns && !r.have);
	assert_int_equal(capfile_next(c, &r), 1);
	assert_true(r.cap_len == 60 && r.len == 61 && r.time_ns == 7000 && r.dropcount == 5);
	assert_int_equal(r.have, RECORD_FLAGS | RECORD_DROPCOUNT);
	assert_int_equal(capfile_next(c, &r), 1);
	assert_int_equal(r.time_ns, 8000);
	assert_int_equal(capfile_next(c, &r), 0);
	capture_close(c);
}

/* Options of a strange length are left out, and do not spoil the packet. */
static void test_options(void **state)
{
	static const char ours[] = "xdpchain/1 TX";
	struct capfile *c;
	struct record r;
	size_t start;

	(void)state;
	section();
	interface(9, 0, 0);
	start = begin();
	put((__u32[]){ 0, 0, 1, 0, 60 }, 20);
	option(PCAPNG_EPB_QUEUE, data, 3);
	option(PCAPNG_EPB_PACKETID, data, 4);
	option(PCAPNG_EPB_VERDICT, "\2\1\0\0\0\0\0\0", 8);
	option(PCAPNG_EPB_VERDICT, "\1\1\0\0\0\0\0\0\0", 9); /* tc, not XDP */
	option(PCAPNG_EPB_VERDICT, data, 0);
	option(2988, data, 13);
	option(PCAPNG_COMMENT, "first", 5);
	option(PCAPNG_COMMENT, "xdpchain/1 nonsense", 19);
	option(PCAPNG_COMMENT, ours, sizeof(ours) - 1);
	option(PCAPNG_COMMENT, "last", 4);
	option(PCAPNG_END, NULL, 0);
	put32(0xffff0001); /* behind the end: nobody looks */
	finish(start, PCAPNG_EPB);
	c = capture_open(buf, at, 0);
	assert_int_equal(capfile_next(c, &r), 1);
	assert_int_equal(r.have, 0);
	assert_int_equal(r.cap_len, 0);
	assert_int_equal(r.comment_len, sizeof(ours) - 1);
	assert_memory_equal(r.comment, ours, r.comment_len);
	assert_int_equal(r.trail->verdict, CHAIN_TX);
	capture_close(c);
}

/* Wireshark 4.0 saves a verdict under the code of a queue. */
static void test_wireshark_verdict(void **state)
{
	struct capfile *c;
	struct record r;
	size_t start;

	(void)state;
	section();
	interface(9, 0, 0);
	start = begin();
	put((__u32[]){ 0, 0, 1, 0, 60 }, 20);
	option(PCAPNG_EPB_QUEUE, "\2\1\0\0\0\0\0\0\0", 9);
	option(PCAPNG_EPB_QUEUE, &(__u32){ 7 }, 4);
	finish(start, PCAPNG_EPB);
	c = capture_open(buf, at, 0);
	assert_int_equal(capfile_next(c, &r), 1);
	assert_int_equal(r.have, RECORD_QUEUE | RECORD_VERDICT);
	assert_int_equal(r.queue, 7);
	assert_int_equal(r.verdict, CHAIN_DROP);
	capture_close(c);
}

static const struct {
	const char *name, *comment;
	const char *trigger; /* NULL: it is none, but a comment */
} triggers[] = {
	{ "a trigger", "xdpchain trigger: drop>1/s (9/s) at 12", "drop>1/s (9/s) at 12" },
	{ "of nothing", "xdpchain trigger: ", "" },
	{ "cut short", "xdpchain trigger:", NULL },
	{ "somebody else's", "another trigger: x", NULL },
	{ "not printable", "xdpchain trigger: a\033[31m", NULL },
	{ "no ASCII", "xdpchain trigger: \303\266", NULL },
};

/* Beside the trail, in either order; another one after it is nothing. */
static void test_triggers(void **state)
{
	static const char ours[] = "xdpchain/1 TX", second[] = "xdpchain trigger: second";

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(triggers); i++) {
		const char *comment = triggers[i / 2].comment, *trigger = triggers[i / 2].trigger;
		struct capfile *c;
		struct record r;
		size_t start;

		print_message("  %s\n", triggers[i / 2].name);
		section();
		interface(9, 0, 0);
		start = begin();
		put((__u32[]){ 0, 0, 1, 0, 60 }, 20);
		if (i % 2)
			option(PCAPNG_COMMENT, ours, sizeof(ours) - 1);
		option(PCAPNG_COMMENT, comment, strlen(comment));
		if (i % 2)
			option(PCAPNG_COMMENT, second, sizeof(second) - 1);
		else
			option(PCAPNG_COMMENT, ours, sizeof(ours) - 1);
		finish(start, PCAPNG_EPB);
		c = capture_open(buf, at, 0);
		assert_int_equal(capfile_next(c, &r), 1);
		assert_int_equal(r.comment_len, sizeof(ours) - 1);
		assert_memory_equal(r.comment, ours, r.comment_len);
		assert_int_equal(r.trail->verdict, CHAIN_TX);
		if (!trigger && i % 2)
			trigger = "second";
		assert_int_equal(!r.trigger, !trigger);
		if (trigger) {
			assert_int_equal(r.trigger_len, strlen(trigger));
			assert_memory_equal(r.trigger, trigger, r.trigger_len);
		}
		capture_close(c);
	}
}

static void no_interface(void)
{
	section();
	packet(1);
}

static void no_interface_simple(void)
{
	size_t start;

	section();
	start = begin();
	put32(0);
	finish(start, PCAPNG_SPB);
}

/* A section, an interface, a packet: what the ones below then spoil. */
static void good(void)
{
	section();
	interface(9, 0, 0);
	packet(1);
}

static void packet_beyond(void)
{
	good();
	memcpy(buf + at - 72, &(__u32){ 65 }, 4);
}

static void simple_beyond(void)
{
	size_t start;

	section();
	interface(9, 0, 0);
	start = begin();
	put32(UINT32_MAX);
	put(data, 60);
	finish(start, PCAPNG_SPB);
}

static void option_beyond(void)
{
	section();
	interface(9, 0, 0);
	memcpy(buf + at - 10, &(__u16){ 5 }, 2);
}

static void lengths_differ(void)
{
	good();
	buf[at - 4]++;
}

static void length_odd(void)
{
	good();
	memcpy(buf + at - 92, (__u32[]){ PCAPNG_EPB, 35 }, 8);
}

static void length_tiny(void)
{
	section();
	memcpy(buf + at, (__u32[]){ PCAPNG_EPB, 8, 8 }, 12);
	at += 12;
}

static void bad_section(void)
{
	size_t start;

	section();
	start = begin();
	put(data, 20);
	finish(start, PCAPNG_SHB);
}

static void short_section(void)
{
	size_t start;

	section();
	start = begin();
	put32(PCAPNG_MAGIC);
	put32(1);
	finish(start, PCAPNG_SHB);
}

static void later_version(void)
{
	size_t start;

	section();
	start = at;
	at += 8;
	put((__u32[]){ PCAPNG_MAGIC, 2, -1, -1 }, 16);
	finish(start, PCAPNG_SHB);
}

static const struct {
	const char *name;
	void (*build)(void);
	int err;
	const char *why;
} bad[] = {
	{ "no interface", no_interface, -EBADMSG, "a packet's interface is not described" },
	{ "no interface, simple", no_interface_simple, -EBADMSG,
	  "a packet's interface is not described" },
	{ "packet beyond block", packet_beyond, -EBADMSG, "a packet is longer than its block" },
	{ "simple beyond block", simple_beyond, -EBADMSG, "a packet is longer than its block" },
	{ "option beyond block", option_beyond, -EBADMSG, "an interface block does not add up" },
	{ "lengths differ", lengths_differ, -EBADMSG, "the two lengths of a block differ" },
	{ "length odd", length_odd, -EBADMSG, "the length of a block is not possible" },
	{ "length tiny", length_tiny, -EBADMSG, "the length of a block is not possible" },
	{ "no magic", bad_section, -EBADMSG, "a section header has no byte-order magic" },
	{ "short section", short_section, -EBADMSG, "a section header is too short" },
	{ "later version", later_version, -EPROTONOSUPPORT, "its version is not known" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct capfile *c;
		struct record r;

		print_message("  %s\n", bad[i].name);
		bad[i].build();
		c = capture_open(buf, at, 0);
		assert_int_equal(capfile_next(c, &r), bad[i].err);
		assert_string_equal(capfile_why(c), bad[i].why);
		assert_true(capfile_offset(c) >= 28);
		capture_close(c);
	}
}

/* A file that goes on adding interfaces does not take memory without end. */
static void test_many_interfaces(void **state)
{
	size_t one, n;
	unsigned char *many;
	struct capfile *c;
	struct record r;

	(void)state;
	section();
	n = at;
	interface(9, 0, 0);
	one = at - n;
	many = malloc(n + one * (CAPFILE_IFS_MAX + 1));
	memcpy(many, buf, n);
	for (__u32 i = 0; i <= CAPFILE_IFS_MAX; i++)
		memcpy(many + n + i * one, buf + n, one);
	c = capture_open(many, n + one * (CAPFILE_IFS_MAX + 1), 0);
	assert_int_equal(capfile_next(c, &r), -EBADMSG);
	assert_string_equal(capfile_why(c), "too many interfaces");
	capture_close(c);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wireshark_verdict),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_many_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
