// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "lib/prefix.h"
#include "lib/util.h"

static const struct {
	const char *text, *canonical;
} good[] = {
	{ "203.0.113.7", "203.0.113.7/32" },
	{ "203.0.113.0/24", "203.0.113.0/24" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "128.0.0.0/1", "128.0.0.0/1" },
	{ "255.255.255.254/31", "255.255.255.254/31" },
	{ "2001:db8::1", "2001:db8::1/128" },
	{ "2001:0DB8:0:0:0:0:0:0/32", "2001:db8::/32" },
	{ "::/0", "::/0" },
	{ "2001:db8:0:8000::/49", "2001:db8:0:8000::/49" },
	{ "fe80::/64", "fe80::/64" },
	{ "2001:db8:1:2:3:4:5:6/127", "2001:db8:1:2:3:4:5:6/127" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127" },
};

static const struct {
	const char *text, *why; /* why is in the message */
} bad[] = {
	{ "", "not an address" },
	{ "/24", "not an address" },
	{ "203.0.113", "not an address" },
	{ "203.0.113.256", "not an address" },
	{ "203.0.113.0.1", "not an address" },
	{ "203.0.113.0 ", "not an address" },
	{ "example.com", "not an address" },
	{ "2001:db8::1::2", "not an address" },
	{ "11111111111111111111111111111111111111111111111111111", "not an address" },
	{ "203.0.113.0/", "0 to 32" },
	{ "203.0.113.0/33", "0 to 32" },
	{ "203.0.113.0/-1", "0 to 32" },
	{ "203.0.113.0/+8", "0 to 32" },
	{ "203.0.113.0/ 8", "0 to 32" },
	{ "203.0.113.0/24x", "0 to 32" },
	{ "203.0.113.0/24/8", "0 to 32" },
	{ "203.0.113.0/4294967320", "0 to 32" },
	{ "203.0.113.0/0000024", "0 to 32" },
	{ "2001:db8::/129", "0 to 128" },
	{ "203.0.113.7/24", "the network is 203.0.113.0/24" },
	{ "203.0.113.1/31", "the network is 203.0.113.0/31" },
	{ "1.0.0.0/0", "the network is 0.0.0.0/0" },
	{ "2001:db8::1/64", "the network is 2001:db8::/64" },
	{ "2001:db8:0:8000::/48", "the network is 2001:db8::/48" },
};

static void test_parse(void **state)
{
	char buf[PREFIX_TEXT];
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct fail f = { 0 };

		print_message("  %s\n", good[i].text);
		assert_int_equal(prefix_parse(good[i].text, &p, &f), 0);
		assert_string_equal(prefix_text(&p, buf), good[i].canonical);
		assert_string_equal(f.text, "");
	}
}

static void test_refuse(void **state)
{
	const struct prefix before = { .len = 77, .family = 99 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct prefix p = before;
		struct fail f = { 0 };

		print_message("  '%s'\n", bad[i].text);
		assert_int_equal(prefix_parse(bad[i].text, &p, &f), -EINVAL);
		assert_non_null(strstr(f.text, bad[i].why));
		assert_memory_equal(&p, &before, sizeof(p));
	}
}

static void test_fields(void **state)
{
	struct prefix p;

	(void)state;
	assert_int_equal(prefix_parse("203.0.113.0/24", &p, NULL), 0);
	assert_int_equal(p.family, AF_INET);
	assert_int_equal(p.addr[0], htonl(0xcb007100));
	assert_int_equal(p.addr[1] | p.addr[2] | p.addr[3], 0);
	assert_int_equal(prefix_bits(&p), 32);
	assert_int_equal(prefix_parse("2001:db8::/32", &p, NULL), 0);
	assert_int_equal(p.family, AF_INET6);
	assert_int_equal(p.addr[0], htonl(0x20010db8));
	assert_int_equal(p.len, 32);
	assert_int_equal(prefix_bits(&p), 128);
}

/* Each length against a mask that is made bit by bit. */
static void test_mask(void **state)
{
	(void)state;
	for (__u32 len = 0; len <= 128; len++) {
		unsigned char want[16] = { 0 };
		__be32 mask[4];

		for (__u32 bit = 0; bit < len; bit++)
			want[bit / 8] |= 0x80 >> bit % 8;
		prefix_mask(len, mask);
		assert_memory_equal(mask, want, sizeof(want));
	}
}

static void test_order(void **state)
{
	static const char *const sorted[] = { "0.0.0.0/0",   "9.0.0.0/8", "10.0.0.0/8",
					      "10.0.0.0/24", "10.0.0.1",  "::/0",
					      "::1",	     "2001::/16", "2001:db8::/32" };
	struct prefix p[ARRAY_SIZE(sorted)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		assert_int_equal(prefix_parse(sorted[i], &p[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
			int cmp = prefix_cmp(&p[i], &p[j]);

			assert_int_equal((cmp > 0) - (cmp < 0), (i > j) - (i < j));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),  cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_mask),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
