// SPDX-License-Identifier: GPL-2.0
/* A list that a version of xdpchain has left that had no tables: it goes on, and holds all the
 * while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/blocklist.h"
#include "lib/pins.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT 3

static struct rig rig;

/* Switched to, and not settled yet: packets meet it like that, too. */
static void load_unsettled(const char *text)
{
	struct policing p;

	assert_int_equal(policing_make(&p, "blocklist", text, NULL), 0);
	p.policer.spec.slot = SLOT;
	p.policer.spec.name = "mine";
	assert_int_equal(stage_load(rig.chain, &p.policer.spec, NULL, NULL), 0);
	policing_free(&p);
}

static void block(const char *text)
{
	const struct blocklist_want plain = { 0 };
	struct blocklist *b;
	struct prefix p;
	__u32 rule;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	assert_int_equal(blocklist_open(rig.chain, SLOT, &b, NULL), 0);
	assert_int_equal(blocklist_add(b, &p, &plain, &rule, NULL), 1);
	blocklist_close(b);
}

static void expect(const char *src, int verdict, const char *reason)
{
	const struct frame f = { .src = src,
				 .dst = strchr(src, ':') ? "2001:db8:ffff::1" : "192.0.2.1",
				 .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];

	policing_expect(&rig, SLOT, buf, frame_make(buf, &f, NULL), verdict, reason);
}

static void unpin(const char *map)
{
	char pin[PINS_PATH], name[64];
	struct chain_stage st;

	assert_int_equal(chain_stage(rig.chain, SLOT, &st), 0);
	snprintf(name, sizeof(name), "stage%u/%s", st.instance, map);
	pins_path(pin, rig.ifname, name);
	assert_int_equal(unlink(pin), 0);
}

static void test_goes_on(void **state)
{
	static const char *const maps[] = { "tables4", "tables6", "lengths" };
	struct blocklist *none = NULL;
	struct blocklist_size size;
	struct fail f = { 0 };

	(void)state;
	load_unsettled("rule=203.0.113.0/24");
	block("2001:db8::/32");
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		unpin(maps[i]);
	assert_int_equal(blocklist_open(rig.chain, SLOT, &none, &f), -ENOENT);
	assert_non_null(strstr(f.text, "of another version of xdpchain: reload it"));
	load_unsettled("rule=203.0.113.0/24");
	expect("203.0.113.4", XDP_DROP, "prefix");
	expect("2001:db8::4", XDP_DROP, "prefix");
	expect("192.0.2.4", XDP_PASS, "");
	assert_int_equal(blocklist_open(rig.chain, SLOT, &none, NULL), 0);
	assert_int_equal(blocklist_size(none, &size), 0);
	assert_int_equal(size.count4, 1);
	assert_int_equal(size.count6, 1);
	blocklist_close(none);
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "plo");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_goes_on) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
