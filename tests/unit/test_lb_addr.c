// SPDX-License-Identifier: GPL-2.0
/* VIPs and addresses as text, there and back, and what is refused. */
#include "lib/lb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "lib/util.h"

static void test_service(void **state)
{
	static const struct {
		const char *text;
		int err;
		const char *back;  /* NULL: the same */
		const char *words; /* in the failure */
	} cases[] = {
		{ "192.0.2.1:80/tcp", 0, NULL, "" },
		{ "192.0.2.1:53/udp", 0, NULL, "" },
		{ "192.0.2.1:65535/tcp", 0, NULL, "" },
		{ "[2001:db8::1]:443/tcp", 0, NULL, "" },
		{ "[2001:DB8:0:0::1]:443/udp", 0, "[2001:db8::1]:443/udp", "" },
		{ "[2001:db8:1111:2222:3333:4444:5555:6666]:65535/tcp", 0, NULL, "" },
		{ "192.0.2.1:any/tcp", 0, NULL, "" },
		{ "192.0.2.0/24:80/udp", 0, NULL, "" },
		{ "192.0.2.0/24:any/udp", 0, NULL, "" },
		{ "192.0.2.1/32:80/tcp", 0, "192.0.2.1:80/tcp", "" },
		{ "[2001:db8::/96]:443/tcp", 0, NULL, "" },
		{ "[2001:db8::1/128]:443/tcp", 0, "[2001:db8::1]:443/tcp", "" },
		{ "[2001:db8:1111:2222:3333:4444:5555:6660/124]:65535/tcp", 0, NULL, "" },
		{ "[2001:db8::1]:any/udp", 0, NULL, "" },
		{ "192.0.2.1/24:80/tcp", -EINVAL, NULL, "192.0.2.0/24" },
		{ "192.0.2.0/33:80/tcp", -EINVAL, NULL, "192.0.2.0/33" },
		{ "192.0.2.0/:80/tcp", -EINVAL, NULL, "192.0.2.0/" },
		{ "0.0.0.0/0:80/tcp", -EINVAL, NULL, "can have" },
		{ "[::/0]:80/tcp", -EINVAL, NULL, "can have" },
		{ "224.0.0.0/4:80/tcp", -EINVAL, NULL, "can have" },
		{ "192.0.2.1:*/tcp", -EINVAL, NULL, "not a VIP" },
		{ "", -EINVAL, NULL, "not a VIP" },
		{ "/", -EINVAL, NULL, "not a VIP" },
		{ ":/", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:80", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1/tcp", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:80/sctp", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:80/TCP", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:http/tcp", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:/tcp", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:8 0/tcp", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:-1/tcp", -EINVAL, NULL, "not a VIP" },
		{ "192.0.2.1:0/tcp", -EINVAL, NULL, "1 to 65535" },
		{ "192.0.2.1:65536/tcp", -EINVAL, NULL, "1 to 65535" },
		{ "192.0.2.1:99999999999999999999/tcp", -EINVAL, NULL, "1 to 65535" },
		{ "192.0.2.256:80/tcp", -EINVAL, NULL, "not an IPv4" },
		{ "2001:db8::1:443/tcp", -EINVAL, NULL, "brackets" },
		{ "[192.0.2.1]:80/tcp", -EINVAL, NULL, "not a VIP" },
		{ "[2001:db8::1:443/tcp", -EINVAL, NULL, "not a VIP" },
		{ "[2001:db8::1]443/tcp", -EINVAL, NULL, "not a VIP" },
		{ "[", -EINVAL, NULL, "not a VIP" },
		{ "[]:80/tcp", -EINVAL, NULL, "not a VIP" },
		{ "[:]:80/tcp", -EINVAL, NULL, "not an IPv4" },
		{ "0.0.0.0:80/tcp", -EINVAL, NULL, "can have" },
		{ "127.0.0.1:80/tcp", -EINVAL, NULL, "can have" },
		{ "224.0.0.1:80/tcp", -EINVAL, NULL, "can have" },
		{ "255.255.255.255:80/tcp", -EINVAL, NULL, "can have" },
		{ "[::]:80/tcp", -EINVAL, NULL, "can have" },
		{ "[::1]:80/tcp", -EINVAL, NULL, "can have" },
		{ "[ff02::1]:80/tcp", -EINVAL, NULL, "can have" },
		{ "[::ffff:192.0.2.1]:80/tcp", -EINVAL, NULL, "can have" },
		{ "[2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999]:65535/tcp", -EINVAL,
		  NULL, "not a VIP" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lb_service s = { .port = 7 };
		struct fail f = { 0 };
		char back[LB_TEXT];

		print_message("  '%s'\n", cases[i].text);
		assert_int_equal(lb_service_parse(cases[i].text, &s, &f), cases[i].err);
		assert_non_null(strstr(f.text, cases[i].words));
		if (cases[i].err) {
			assert_int_equal(s.port, 7); /* left alone */
			assert_int_equal(lb_service_parse(cases[i].text, &s, NULL), -EINVAL);
			continue;
		}
		lb_service_text(back, &s);
		assert_string_equal(back, cases[i].back ? cases[i].back : cases[i].text);
	}
}

static void test_address(void **state)
{
	static const struct {
		const char *text;
		int family; /* 0: refused */
	} cases[] = {
		{ "10.0.0.1", AF_INET },
		{ "223.255.255.255", AF_INET },
		{ "fc00::1", AF_INET6 },
		{ "fe80::1", AF_INET6 },
		{ "10.0.0", 0 },
		{ "10.0.0.1/32", 0 },
		{ "", 0 },
		{ "0.1.2.3", 0 },
		{ "ff05::2", 0 },
		{ "fc00::1%eth0", 0 },
		{ "host", 0 },
		{ "[fc00::1]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lb_addr a = { 0 };
		struct fail f = { 0 };
		char back[LB_TEXT];

		print_message("  '%s'\n", cases[i].text);
		assert_int_equal(lb_addr_parse(cases[i].text, &a, &f),
				 cases[i].family ? 0 : -EINVAL);
		assert_int_equal(a.family, cases[i].family);
		if (!cases[i].family)
			continue;
		lb_addr_text(back, &a);
		assert_string_equal(back, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
