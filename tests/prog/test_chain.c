// SPDX-License-Identifier: GPL-2.0
/* The chain itself: attach, slots, counters, release. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/chain.h"
#include "lib/pins.h"
#include "lib/util.h"
#include "tests/rig.h"

static struct rig rig;

static const unsigned char udp4[60] = {
	2, 0,  0,  0, 0, 1,  2, 0, 0, 0,  0, 2, 8, 0,	 0x45, 0, 0,  46, 0,  1, 0,
	0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0, 53, 0,  26, 0, 0,
};

static void test_empty_chain_passes(void **state)
{
	struct chain_totals before, after;
	unsigned char out[128];
	__u32 len = 0;

	(void)state;
	assert_int_equal(chain_totals(rig.chain, &before), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(rig_run(&rig, udp4, sizeof(udp4), out, sizeof(out), &len),
				 XDP_PASS);
	assert_int_equal(len, sizeof(udp4));
	assert_memory_equal(out, udp4, sizeof(udp4));
	assert_int_equal(chain_totals(rig.chain, &after), 0);
	assert_int_equal(after.verdicts[CHAIN_SLOT_END][CHAIN_PASS].packets -
				 before.verdicts[CHAIN_SLOT_END][CHAIN_PASS].packets,
			 10);
	assert_int_equal(after.verdicts[CHAIN_SLOT_END][CHAIN_PASS].bytes -
				 before.verdicts[CHAIN_SLOT_END][CHAIN_PASS].bytes,
			 10 * sizeof(udp4));
}

static void test_second_chain_is_the_same(void **state)
{
	struct chain *c = NULL;

	(void)state;
	assert_int_equal(chain_open(rig.ifname, CHAIN_READ, &c, NULL), 0);
	assert_int_equal(c->info.ifindex, rig.chain->info.ifindex);
	assert_int_equal(c->info.generic, 0);
	chain_close(c);
}

static void test_open_errors(void **state)
{
	struct fail f = { 0 };
	struct chain *c = NULL;

	(void)state;
	assert_int_equal(chain_open("lo", CHAIN_READ, &c, &f), -ENOENT);
	assert_non_null(strstr(f.text, "droplet attach lo"));
	assert_int_equal(chain_open("nosuchif0", CHAIN_READ, &c, &f), -ENODEV);
	assert_int_equal(chain_open("../../x", CHAIN_READ, &c, &f), -ENODEV);
	assert_null(c);
}

/* A renamed interface: under neither name is there a way that does not work. */
static void test_renamed(void **state)
{
	char name[IF_NAMESIZE], advice[64];
	struct chain *c = NULL;
	struct fail f = { 0 };

	(void)state;
	fd_close(rig.chain->lock); /* for chain_attach() */
	rig.chain->lock = -1;
	snprintf(name, sizeof(name), "%.14sr", rig.ifname);
	/* before 6.2 only one that is down can be renamed */
	assert_int_equal(rig_sh("ip link set dev %s down && ip link set dev %s name %s", rig.ifname,
				rig.ifname, name),
			 0);
	assert_int_equal(chain_open(rig.ifname, CHAIN_READ, &c, &f), -EXDEV);
	snprintf(advice, sizeof(advice), "ip link set dev %s name %s", name, rig.ifname);
	assert_non_null(strstr(f.text, advice));
	assert_int_equal(chain_attach(name, CHAIN_AUTO, &c, &f), -EEXIST);
	assert_non_null(strstr(f.text, "bpftool link detach id "));
	assert_null(c);
	assert_int_equal(rig_sh("%s", advice), 0);
	assert_int_equal(chain_open(rig.ifname, CHAIN_READ, &c, &f), 0);
	chain_close(c);
}

static void test_release(void **state)
{
	char path[PINS_PATH];

	(void)state;
	assert_int_equal(chain_release(rig.chain, NULL), 1);
	pins_path(path, rig.ifname, NULL);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_not_equal(rig_sh("ip -d link show %s | grep -q prog/xdp", rig.ifname), 0);
}

static int setup(void **state)
{
	(void)state;
	rig_up(&rig, "xch");
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_chain_passes),
		cmocka_unit_test(test_second_chain_is_the_same),
		cmocka_unit_test(test_open_errors),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_release),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
