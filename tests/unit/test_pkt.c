// SPDX-License-Identifier: GPL-2.0
/* The packet parser in user space: every kind of frame, whole and cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "tests/pkts.h"

static void show(const char *what, const struct pkt *p)
{
	print_message("    %s: l3 %u l4 %u payload %u proto %04x ip %u flags %03x ports %u %u\n",
		      what, p->l3, p->l4, p->payload, pkt_h16(p->proto), p->ipproto, p->flags,
		      pkt_h16(p->sport), pkt_h16(p->dport));
}

/* The parser, and that its result makes sense. */
static void parse(const char *name, const unsigned char *buf, __u32 len, __u32 linear,
		  struct pkt *p)
{
	const char *wrong;

	pkts_parse(buf, len, linear, p);
	if (pkts_common(buf, len, linear) < 0)
		fail_msg("%s: %u of %u bytes: the short way says other things", name, linear, len);
	wrong = pkts_insane(p, linear);
	if (!wrong)
		return;
	show(name, p);
	fail_msg("%s: %u of %u bytes: %s", name, linear, len, wrong);
}

static void test_whole(void **state)
{
	unsigned char buf[PKTS_MAX];
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < pkts_count; i++) {
		const struct pkts_case *c = &pkts_cases[i];
		struct pkt want = c->want, got;

		want.len = pkts_bytes(c, buf);
		parse(c->name, buf, want.len, want.len, &got);
		if (!memcmp(&got, &want, sizeof(got)))
			continue;
		failed++;
		print_message("  %s\n", c->name);
		show("want", &want);
		show("got ", &got);
	}
	assert_int_equal(failed, 0);
}

/*
 * What a shorter packet is allowed to say: nothing but what the whole one says. Where its
 * transport, or what is not parsed, no longer begins in it, it is truncated.
 */
static void check_cut(const char *name, const struct pkt *whole, const struct pkt *cut,
		      __u32 linear)
{
	struct pkt same = *cut;

	if (linear < whole->payload) {
		if (!(cut->flags & PKT_TRUNCATED) || cut->flags & PKT_L4)
			fail_msg("%s: %u bytes: not truncated", name, linear);
		return;
	}
	same.len = whole->len;
	same.flags = whole->flags | (cut->flags & (PKT_MULTIBUF | PKT_MALFORMED));
	if (whole->payload &&
	    (memcmp(&same, whole, offsetof(struct pkt, flags)) ||
	     memcmp(&same.ifindex, &whole->ifindex, sizeof(same) - offsetof(struct pkt, ifindex)) ||
	     (cut->flags & ~(PKT_MULTIBUF | PKT_MALFORMED)) != (whole->flags & ~PKT_MALFORMED)))
		fail_msg("%s: %u bytes: not what the whole packet says", name, linear);
}

static void test_cut(void **state)
{
	unsigned char buf[PKTS_MAX];
	struct pkt whole, cut;

	(void)state;
	for (size_t i = 0; i < pkts_count; i++) {
		const char *name = pkts_cases[i].name;
		__u32 len = pkts_bytes(&pkts_cases[i], buf);

		parse(name, buf, len, len, &whole);
		for (__u32 n = 0; n < len; n++) {
			parse(name, buf, n, n, &cut);
			check_cut(name, &whole, &cut, n);
			assert_true(n >= 14 ? cut.proto || !whole.proto
					    : cut.flags == PKT_TRUNCATED);
		}
	}
}

/* Who goes the short way, each kind that may and each neighbour that may not. */
static void test_common(void **state)
{
	static const struct {
		const char *name;
		int took;
	} cases[] = {
		{ "ip4 tcp", 1 },
		{ "tcp options", 1 },
		{ "ip4 padded frame", 1 },
		{ "ip4 reserved bit is no fragment", 0 }, /* too short */
		{ "ip4 udp", 0 },			  /* too short */
		{ "ip4 icmp", 0 },
		{ "ip4 one option", 0 },
		{ "ip4 first fragment", 0 },
		{ "ip4 later fragment", 0 },
		{ "ip4 tot_len 0", 0 },
		{ "ip4 longer than the frame", 0 },
		{ "ip4 ihl 4", 0 },
		{ "tcp options in the padding", 0 },
		{ "tcp doff 4", 0 },
		{ "udp longer than ip", 0 },
		{ "udp shorter than ip", 0 },
		{ "802.1q", 0 },
		{ "ip6 tcp", 0 },
	};
	unsigned char buf[PKTS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 len = pkts_bytes(pkts_find(cases[i].name), buf);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(pkts_common(buf, len, len), cases[i].took);
	}
}

/* The same packet with its tail in another buffer: no length field is wrong then. */
static void test_split(void **state)
{
	unsigned char buf[PKTS_MAX];
	struct pkt whole, cut;

	(void)state;
	for (size_t i = 0; i < pkts_count; i++) {
		const char *name = pkts_cases[i].name;
		__u32 len = pkts_bytes(&pkts_cases[i], buf);

		parse(name, buf, len, len, &whole);
		for (__u32 n = 0; n < len; n++) {
			parse(name, buf, len, n, &cut);
			check_cut(name, &whole, &cut, n);
			assert_true(cut.flags & PKT_MULTIBUF);
			assert_int_equal(cut.flags & PKT_MALFORMED & ~whole.flags, 0);
		}
	}
}

/* 64 KiB of extension headers, each as long as can be: offsets must not wrap. */
static void test_longest_headers(void **state)
{
	unsigned char buf[54 + 9 * 2048] = { [12] = 0x86, 0xdd, 0x60, [20] = 60 };
	struct pkt p;

	(void)state;
	for (int i = 0; i < 9; i++) {
		buf[54 + i * 2048] = i == PKT_EXT_MAX - 1 ? 17 : 60;
		buf[54 + i * 2048 + 1] = 255;
	}
	parse("8 of 2048 bytes", buf, sizeof(buf), sizeof(buf), &p);
	assert_int_equal(p.l4, 54 + 8 * 2048);
	assert_int_equal(p.payload, p.l4 + 8);
	assert_int_equal(p.ipproto, 17);
	assert_int_equal(p.flags, PKT_L4 | PKT_OPTIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_common),		cmocka_unit_test(test_split),
		cmocka_unit_test(test_longest_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
