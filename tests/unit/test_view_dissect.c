// SPDX-License-Identifier: GPL-2.0
/* The fields of the packet view: what they say, and where they are, in whole and in cut packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "viewer/dissect.h"
#include "viewer/source.h"

#define ETH  "020000000001 020000000002 "
#define IP4  "4500 0024 0007 4000 3f 11 0000 c6336402 c000020a "
#define UDP  "d431 0035 0010 0000 6162636465666768"
#define SYN  "9c40 0050 000003e8 00000000 60 02 faf0 0000 0000 020405b4"
#define IP4T "4500 002c 0007 4000 3f 06 0000 c6336402 c000020a "

static size_t bytes(const char *hex, unsigned char *out)
{
	size_t n = 0;
	unsigned int b;

	for (; *hex; hex++)
		if (*hex != ' ') {
			assert_int_equal(sscanf(hex, "%2x", &b), 1);
			out[n++] = b;
			hex++;
		}
	return n;
}

static const struct {
	const char *name, *packet;
	const char *field, *value; /* the last of that name */
	__u32 off, len;
} cases[] = {
	{ "ethernet", ETH "88cc", "type", "0x88cc", 12, 2 },
	{ "source mac", ETH "88cc", "source", "02:00:00:00:00:02", 6, 6 },
	{ "ip source", ETH "0800" IP4 UDP, "source", "198.51.100.2", 26, 4 },
	{ "ip flags", ETH "0800" IP4 UDP, "flags", "0x02 DF", 20, 1 },
	{ "ip header length", ETH "0800" IP4 UDP, "header length", "20", 14, 1 },
	{ "udp port", ETH "0800" IP4 UDP, "destination port", "53", 36, 2 },
	{ "payload", ETH "0800" IP4 UDP, "payload", "8 bytes", 42, 8 },
	{ "tcp flags", ETH "0800" IP4T SYN, "flags", "0x02 SYN", 47, 1 },
	{ "tcp options", ETH "0800" IP4T SYN, "options", "4 bytes", 54, 4 },
	{ "vlan", ETH "8100 6064 0800" IP4 UDP, "vlan", "100", 14, 2 },
	{ "vlan priority", ETH "8100 6064 0800" IP4 UDP, "priority", "3", 14, 1 },
	{ "after a vlan", ETH "8100 6064 0800" IP4 UDP, "destination port", "53", 40, 2 },
	{ "arp", ETH "0806 0001 0800 06 04 0001 020000000002 0a000001 000000000000 0a000002",
	  "operation", "1 request", 20, 2 },
	{ "ip6",
	  ETH "86dd 60000000 0010 3a 40 20010db8000000000000000000000001 "
	      "20010db8000000000000000000000002 8000 0000 00000000",
	  "destination", "2001:db8::2", 38, 16 },
	{ "icmp6",
	  ETH "86dd 60000000 0010 3a 40 20010db8000000000000000000000001 "
	      "20010db8000000000000000000000002 8000 0000 00000000",
	  "type", "128 echo", 54, 1 },
	{ "ip in ip", ETH "0800 4500 0038 0000 4000 40 04 0000 ac10fc80 0a140102" IP4 UDP, "source",
	  "198.51.100.2", 46, 4 },
	{ "a later fragment has no ports",
	  ETH "0800 4500 0024 0007 0001 3f 11 0000 c6336402 c000020a" UDP, "payload", "16 bytes",
	  34, 16 },
	{ "cut in ip", ETH "0800 4500 0024", "cut short", "4 bytes", 14, 4 },
	{ "an ip header that is too short",
	  ETH "0800 4100 0024 0007 4000 3f 11 0000 c6336402 c000020a", "cut short", "20 bytes", 14,
	  20 },
	{ "options beyond the end", ETH "0800 4f00 0024 0007 4000 3f 11 0000 c6336402 c000020a",
	  "cut short", "20 bytes", 14, 20 },
	{ "nothing at all", "02", "cut short", "1 bytes", 0, 1 },
};

static const struct dissect_field *find(const struct dissect_field *f, size_t n, const char *name)
{
	while (n--)
		if (!strcmp(f[n].name, name))
			return &f[n];
	return NULL;
}

static void test_fields(void **state)
{
	struct dissect_field f[DISSECT_FIELDS];
	unsigned char mem[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = bytes(cases[i].packet, mem), n;
		unsigned char *exact = malloc(len);
		const struct dissect_field *got;

		print_message("  %s\n", cases[i].name);
		memcpy(exact, mem, len);
		n = dissect(exact, len, f);
		got = find(f, n, cases[i].field);
		assert_non_null(got);
		assert_string_equal(got->value, cases[i].value);
		assert_int_equal(got->off, cases[i].off);
		assert_int_equal(got->len, cases[i].len);
		free(exact);
	}
}

/* Of each packet each beginning: no byte beyond it, and no field outside of it. */
static void test_cut(void **state)
{
	struct dissect_field f[DISSECT_FIELDS];
	unsigned char mem[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = bytes(cases[i].packet, mem);

		for (size_t cut = 0; cut <= len; cut++) {
			unsigned char *exact = malloc(cut + !cut);
			size_t n;

			memcpy(exact, mem, cut);
			n = dissect(exact, cut, f);
			for (size_t k = 0; k < n; k++)
				assert_true(f[k].off + f[k].len <= cut);
			free(exact);
		}
	}
}

static void test_source(void **state)
{
	static const char tunnel[] =
		ETH "0800 4500 0038 0000 4000 40 04 0000 ac10fc80 0a140102" IP4 UDP;
	static const char plain[] = ETH "0800" IP4 UDP;
	unsigned char mem[256] __attribute__((aligned(8))), came[256], want[256];
	struct talkers_key prefix;
	struct source_of s;
	char text[PREFIX_TEXT];
	size_t len = bytes(tunnel, mem);

	(void)state;
	assert_true(source_find(mem, len, true, &s));
	source_text(&s.source, text);
	assert_string_equal(text, "198.51.100.2");
	source_service(&s, text, sizeof(text));
	assert_string_equal(text, "192.0.2.10:53/udp");
	source_prefix(&s.source, &prefix);
	source_text(&prefix, text);
	assert_string_equal(text, "198.51.100.0/24");
	assert_true(source_find(mem, len, false, &s));
	source_text(&s.source, text);
	assert_string_equal(text, "172.16.252.128");
	assert_int_equal(source_came(mem, len, came), bytes(plain, want));
	assert_memory_equal(came, want, bytes(plain, want));
	assert_int_equal(source_came(want, bytes(plain, want), came), 0);
	assert_false(source_find(mem, 13, true, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
