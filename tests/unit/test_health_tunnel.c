// SPDX-License-Identifier: GPL-2.0
/* Of which check a packet is, and of none where it is short or odd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "lib/health_tunnel.h"
#include "lib/util.h"

#define IP4(ihl, proto) ihl "\0\0\0\0\0\0\0\x40" proto "\0\0\1\2\3\4\xc0\0\2\xa"
#define IP6(proto)	"\x60\0\0\0\0\0" proto "\x40" SRC6 DST6
#define SRC6		"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define DST6		"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\xf"
#define L4		"\x80\1\0\x50\x12\x34\x56\x78"

static const struct {
	const char *name, *bytes;
	size_t size;
	int err;
	__u16 family;
	__u32 id;
} cases[] = {
	{ "tcp", IP4("\x45", "\6") L4, 28, 0, AF_INET, 0x8001 },
	{ "echo", IP4("\x45", "\1") L4, 28, 0, AF_INET, 0x78563412 },
	{ "tcp 6", IP6("\6") L4, 48, 0, AF_INET6, 0x8001 },
	{ "echo 6", IP6("\x3a") L4, 48, 0, AF_INET6, 0x78563412 },
	{ "options", IP4("\x46", "\6") "\1\1\1\0" L4, 32, 0, AF_INET, 0x8001 },
	{ "nothing", "", 0, -EBADMSG, 0, 0 },
	{ "header cut", IP4("\x45", "\6") L4, 19, -EBADMSG, 0, 0 },
	{ "header cut 6", IP6("\6") L4, 39, -EBADMSG, 0, 0 },
	{ "port cut", IP4("\x45", "\6") L4, 27, -EBADMSG, 0, 0 },
	{ "port cut 6", IP6("\6") L4, 47, -EBADMSG, 0, 0 },
	{ "options cut", IP4("\x4f", "\6") L4, 28, -EBADMSG, 0, 0 },
	{ "header too short", IP4("\x44", "\6") L4, 28, -EBADMSG, 0, 0 },
	{ "udp", IP4("\x45", "\x11") L4, 28, -EBADMSG, 0, 0 },
	{ "hop by hop, as MLD has it", IP6("\0") L4, 48, -EBADMSG, 0, 0 },
	{ "version 5", "\x55" L4 L4 L4 L4 L4 L4, 48, -EBADMSG, 0, 0 },
};

static void test_flow_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u8 *packet = malloc(cases[i].size + 1);
		struct health_flow flow;

		print_message("  %s\n", cases[i].name);
		/* the block ends where the packet does */
		memcpy(packet + 1, cases[i].bytes, cases[i].size);
		assert_int_equal(health_flow_of(packet + 1, cases[i].size, &flow), cases[i].err);
		free(packet);
		if (cases[i].err)
			continue;
		assert_int_equal(flow.vip.family, cases[i].family);
		assert_int_equal(flow.id, cases[i].id);
		if (flow.vip.family == AF_INET)
			assert_memory_equal(flow.vip.word, "\xc0\0\2\xa", 4);
		else
			assert_memory_equal(flow.vip.word, DST6, 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_flow_of) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
