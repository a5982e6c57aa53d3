// SPDX-License-Identifier: GPL-2.0
/* droplet new: what it writes compiles, loads and polices as it stands; what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/confrig.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define SLOT 3

static struct rig rig;
static struct confrig cr;
static char droplet[512];

/* In the test's folder; exit status, and what it said in the file `said`. */
static int run(const char *name)
{
	int status = rig_sh("cd %s && %s new '%s' >said 2>&1", cr.dir, droplet, name);

	return WEXITSTATUS(status);
}

static int said(const char *text)
{
	return !rig_sh("grep -qF '%s' %s/said && test $(wc -l <%s/said) = 1", text, cr.dir, cr.dir);
}

static int send_to(const char *src, __u16 dport, int payload)
{
	const struct frame f = { .src = src,
				 .dst = "192.0.2.1",
				 .proto = IPPROTO_UDP,
				 .dport = dport,
				 .payload = payload };
	unsigned char buf[FRAME_MAX] = { 0 };

	return rig_run(&rig, buf, frame_make(buf, &f, NULL), NULL, 0, NULL);
}

static void load(void)
{
	struct policer p = { 0 };
	struct fail f = { 0 };

	if (policer_make(&cr.conf, &p, &f))
		fail_msg("%s\n%s", f.text, f.log);
	if (p.warnings)
		fail_msg("%s", p.warnings);
	p.spec.slot = SLOT;
	if (stage_load(rig.chain, &p.spec, NULL, &f))
		fail_msg("%s\n%s", f.text, f.log);
	policer_free(&p);
}

static void test_skeleton(void **state)
{
	(void)state;
	assert_int_equal(run("my_first2"), 0);
	assert_true(said("my_first2.c: written"));
	assert_int_not_equal(rig_sh("grep -q @ %s/my_first2.c", cr.dir), 0);
	confrig_write(&cr, "friends.txt", "198.51.100.7\n");
	confrig_use(&cr, "source", "my_first2.c");
	confrig_map(&cr, "friends", "friends.txt");
	load();
	assert_int_equal(send_to("203.0.113.9", 9, 4), XDP_DROP);
	assert_int_equal(send_to("203.0.113.9", 9, 0), XDP_PASS);
	assert_int_equal(send_to("203.0.113.9", 10, 4), XDP_PASS);
	assert_int_equal(send_to("198.51.100.7", 9, 4), XDP_PASS);
	confrig_param(&cr, "port", "10");
	confrig_param(&cr, "limit", "40");
	load();
	assert_int_equal(send_to("203.0.113.9", 9, 4), XDP_PASS);
	assert_int_equal(send_to("203.0.113.9", 10, 0), XDP_DROP);
}

static void test_not_overwritten(void **state)
{
	(void)state;
	confrig_write(&cr, "mine.c", "mine");
	assert_int_equal(run("mine"), 1);
	assert_true(said("droplet: new: mine.c: is there already, and left as it is"));
	assert_int_equal(rig_sh("test \"$(cat %s/mine.c)\" = mine", cr.dir), 0);
}

static void test_bad_names(void **state)
{
	static const char *const names[] = {
		"",    "My",  "9to5", "a-b", "../a",
		"a b", "int", "seen", "a.c", "a_name_of_more_than_31_characters"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		print_message("  %s\n", names[i]);
		assert_int_equal(run(names[i]), 2);
		assert_true(said("droplet: new: "));
	}
	assert_int_equal(rig_sh("test $(ls %s | wc -l) = 4", cr.dir), 0);
}

static void test_full_disk(void **state)
{
	(void)state;
	assert_int_equal(rig_sh("mkdir %s/full && mount -t tmpfs -o size=4k full %s/full && "
				"dd if=/dev/zero of=%s/full/all bs=4k count=1 2>/dev/null",
				cr.dir, cr.dir, cr.dir),
			 0);
	assert_int_not_equal(rig_sh("cd %s/full && %s new lost 2>../said", cr.dir, droplet), 0);
	assert_true(said("droplet: new: lost.c: No space left on device"));
	assert_int_equal(
		rig_sh("test ! -e %s/full/lost.c; r=$?; umount %s/full; exit $r", cr.dir, cr.dir),
		0);
}

static int setup(void **state)
{
	const char *self = program_invocation_name, *cut = strstr(self, "/tests/prog/");
	char here[256] = "";

	(void)state;
	for (const char *p = cut; p && (p = strstr(p + 1, "/tests/prog/"));)
		cut = p;
	if (!cut || (*self != '/' && !getcwd(here, sizeof(here))))
		return -1;
	snprintf(droplet, sizeof(droplet), "%s%s%.*s/droplet", here, *here ? "/" : "",
		 (int)(cut - self), self);
	rig_alone();
	rig_up(&rig, "new");
	confrig_up(&cr);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	confrig_down(&cr);
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_skeleton),
		cmocka_unit_test(test_not_overwritten),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
