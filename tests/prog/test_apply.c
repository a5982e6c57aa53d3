// SPDX-License-Identifier: GPL-2.0
/* A configuration into chains: what is kept, replaced, moved. */
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

#include <bpf/bpf.h>

#include "lib/stage.h"
#include "tests/applyrig.h"
#include "tests/rig.h"

/* "name:did:slot ..." of an interface, in the order of the report. */
static void assert_did(const char *ifname, const char *want)
{
	static const char *const did[] = { "kept", "added", "replaced", "moved", "removed" };
	char got[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < applyrig_result.count; i++)
		if (!strcmp(applyrig_result.lines[i].ifname, ifname))
			n += snprintf(got + n, sizeof(got) - n, "%s%s:%s:%u", n ? " " : "",
				      applyrig_result.lines[i].name,
				      did[applyrig_result.lines[i].did],
				      applyrig_result.lines[i].slot);
	assert_string_equal(got, want);
}

/* What the probe itself has counted, in its own map. */
static __u64 hits(const char *ifname, const char *name)
{
	__u64 by_cpu[256] = { 0 }, n = 0;
	struct chain *c;
	__u32 zero = 0;
	int fd;

	assert_int_equal(chain_open(ifname, CHAIN_READ, &c, NULL), 0);
	fd = stage_map(c, chain_find(c, name), "hits");
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &zero, by_cpu), 0);
	for (int i = 0; i < c->ncpus; i++)
		n += by_cpu[i];
	close(fd);
	chain_close(c);
	return n;
}

static void test_change(void **state)
{
	struct chain_stage first, now;
	__u64 n;

	(void)state;
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_did("xap0", "a:added:1 b:added:2 c:added:3");
	assert_did("xap1", "a:added:1 b:added:2 c:added:3");
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	assert_int_equal(applyrig_run("xap1"), XDP_DROP);
	first = applyrig_stage("xap0", "b", &n);
	assert_int_equal(n, 2);

	/* The same once more, as a daemon that was restarted does: nothing is touched. */
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_did("xap0", "a:kept:1 b:kept:2 c:kept:3");
	now = applyrig_stage("xap0", "b", &n);
	assert_memory_equal(&first, &now, sizeof(now));

	/* A parameter: that one is replaced, and goes on with its state and counters. */
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", "2") PROBE("c", DROP_));
	assert_did("xap0", "a:kept:1 b:replaced:2 c:kept:3");
	assert_int_equal(applyrig_run("xap0"), XDP_PASS);
	now = applyrig_stage("xap0", "b", &n);
	assert_int_not_equal(now.prog_id, first.prog_id);
	assert_int_equal(n, 3);
	assert_int_equal(hits("xap0", "b"), 3);
	assert_int_equal(hits("xap1", "b"), 1);
}

static void test_order(void **state)
{
	__u64 n;

	(void)state;
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	/* One more in the middle: those behind it move, state and all. */
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("new", NEXT_) PROBE("b", NEXT_)
			    PROBE("c", DROP_));
	assert_did("xap0", "a:kept:1 new:added:2 b:moved:3 c:moved:4");
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	applyrig_stage("xap0", "c", &n);
	assert_int_equal(n, 2);
	assert_int_equal(hits("xap0", "c"), 2);
	/* Away with it: nobody has to move back. */
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_did("xap0", "new:removed:2 a:kept:1 b:kept:3 c:kept:4");
	applyrig_chain("xap0", "a@1 b@3 c@4");
	/* The other way round. */
	applyrig_ok(IFACES "policers:\n" PROBE("c", DROP_) PROBE("b", NEXT_) PROBE("a", NEXT_));
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	applyrig_stage("xap0", "c", &n);
	assert_int_equal(n, 3);
	assert_int_equal(hits("xap0", "a"), 2);
	/* Fourteen, and then none. */
	applyrig_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", NEXT_)
			    PROBE("d", NEXT_) PROBE("e", NEXT_) PROBE("f", NEXT_) PROBE("g", NEXT_)
				    PROBE("h", NEXT_) PROBE("i", NEXT_) PROBE("j", NEXT_)
					    PROBE("k", NEXT_) PROBE("l", NEXT_) PROBE("m", NEXT_)
						    PROBE("n", DROP_));
	applyrig_chain("xap1", "a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8 i@9 j@10 k@11 l@12 m@13 n@14");
	assert_int_equal(applyrig_run("xap1"), XDP_DROP);
	applyrig_ok(IFACES "policers: []\n");
	applyrig_chain("xap1", "");
	assert_int_equal(applyrig_run("xap1"), XDP_PASS);
}

static void test_shadow_and_disabled(void **state)
{
	(void)state;
	applyrig_ok(IFACES "policers:\n" PROBE("a", DROP_) "    mode: shadow\n");
	assert_int_equal(applyrig_run("xap0"), XDP_PASS);
	applyrig_ok(IFACES "policers:\n" PROBE("a", DROP_));
	assert_did("xap0", "a:replaced:1");
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	applyrig_ok(IFACES "policers:\n" PROBE("a", DROP_) "    disabled: true\n");
	assert_did("xap0", "a:removed:1");
	assert_int_equal(applyrig_run("xap0"), XDP_PASS);
}

static void test_interface_leaves(void **state)
{
	struct chain *c;

	(void)state;
	applyrig_ok(IFACES "policers:\n" PROBE("a", DROP_));
	applyrig_ok("interfaces: [xap1]\npolicers:\n" PROBE("a", DROP_));
	assert_did("xap0", "a:removed:1");
	assert_did("xap1", "a:kept:1");
	assert_int_equal(chain_open("xap0", CHAIN_READ, &c, NULL), -ENOENT);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, applyrig_up, applyrig_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_change),
		CASE(test_order),
		CASE(test_shadow_and_disabled),
		CASE(test_interface_leaves),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, applyrig_group_up, applyrig_group_down);
}
