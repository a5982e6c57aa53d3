// SPDX-License-Identifier: GPL-2.0
/* A configuration that cannot be applied: each step fails in turn, and nothing has changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/util.h"
#include "tests/applyrig.h"
#include "tests/rig.h"

/* Break one step after the other; each time both chains are as they were. */
static void frozen_stages(void)
{
	struct chain *c;

	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	assert_int_equal(bpf_map_freeze(c->stages), 0);
	chain_close(c);
}

static void frozen_bases(void)
{
	struct chain *c;

	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	assert_int_equal(bpf_map_freeze(c->bases), 0);
	chain_close(c);
}

static void frozen_names(void)
{
	struct chain *c;

	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	assert_int_equal(bpf_map_freeze(c->programs), 0);
	chain_close(c);
}

static const struct {
	const char *name, *yaml, *why;
	void (*harm)(void);
} failures[] = {
	{ "no such file",
	  IFACES "policers:\n" PROBE("a", NEXT_) "  - {name: b, kind: object, file: none.o}\n",
	  "none.o", NULL },
	{ "no such parameter",
	  IFACES "policers:\n  - {name: b, kind: object, file: probe.bpf.o, params: {x: 1}}\n", "x",
	  NULL },
	{ "the verifier",
	  IFACES "policers:\n" PROBE("a", NEXT_) "  - {name: b, kind: object, file: bad.bpf.o}\n",
	  "verifier", NULL },
	{ "an interface that is not there",
	  "interfaces: [xap0, xap9]\npolicers:\n" PROBE("a", NEXT_), "xap9: no such interface",
	  NULL },
	{ "who is where, of the second chain", IFACES "policers:\n" PROBE("z", "2"), "slot",
	  frozen_stages },
	{ "the counters of the second chain", IFACES "policers:\n" PROBE("z", "2"), "xap1",
	  frozen_bases },
	{ "the names of the second chain", IFACES "policers:\n" PROBE("z", "2"), "z",
	  frozen_names },
};

static int pins(const char *ifname)
{
	return rig_sh("exit $(find /sys/fs/bpf/xdpchain/%s -path '*/stage*/*' | wc -l)", ifname) >>
	       8;
}

static void test_each_step_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct chain_stage before[2], after;
		__u64 n, again;
		struct fail f;

		print_message("  %s\n", failures[i].name);
		applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", DROP_));
		assert_int_equal(applyrig_run("xap0"), XDP_DROP);
		for (int k = 0; k < 2; k++)
			before[k] = applyrig_stage(applyrig_ifnames[k], "b", &n);
		applyrig_stage("xap0", "b", &n);
		if (failures[i].harm)
			failures[i].harm();
		assert_true(applyrig_apply(failures[i].yaml, &f) < 0);
		if (!strstr(f.text, failures[i].why))
			print_message("    %s\n", f.text);
		assert_non_null(strstr(f.text, failures[i].why));
		assert_int_equal(applyrig_result.count, 0);
		for (int k = 0; k < 2; k++) {
			applyrig_chain(applyrig_ifnames[k], "a@1 b@2");
			after = applyrig_stage(applyrig_ifnames[k], "b", &again);
			assert_memory_equal(&before[k], &after, sizeof(after));
			assert_int_equal(pins(applyrig_ifnames[k]), 4);
		}
		applyrig_stage("xap0", "b", &again);
		assert_int_equal(again, n);
		assert_int_equal(applyrig_run("xap0"), XDP_DROP);
		assert_int_equal(applyrig_run("xap1"), XDP_DROP);
		for (int k = 0; k < 2; k++)
			chain_remove(applyrig_ifnames[k], NULL);
	}
}

/* In a process of its own: it moves away from here. */
static void test_check(void **state)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
		{ IFACES "policers:\n" PROBE("a", DROP_), NULL },
		{ IFACES
		  "policers:\n" PROBE("a", DROP_) "  - {name: b, kind: object, file: bad.bpf.o}\n",
		  "verifier" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char path[64];
		int status;
		pid_t pid;
		FILE *out;

		snprintf(path, sizeof(path), "%s/check.yaml", applyrig_dir);
		out = fopen(path, "w");
		fputs(cases[i].yaml, out);
		fclose(out);
		pid = fork();
		if (!pid) {
			struct fail f = { 0 };
			struct conf *conf;
			int err = conf_load(path, &conf, &f);

			err = err ? err : apply_check(conf, NULL, &f);
			_exit(cases[i].why ? !err || !strstr(f.text, cases[i].why) : !!err);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(access("/sys/fs/bpf/xdpchain/xap0", F_OK), -1);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, applyrig_up, applyrig_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_each_step_fails),
		CASE(test_check),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, applyrig_group_up, applyrig_group_down);
}
