// SPDX-License-Identifier: GPL-2.0
/* A configuration into chains: what is kept, replaced, moved; and each step failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/apply.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/pkts.h"
#include "tests/rig.h"

#define IFACES "interfaces: [xap0, xap1]\n"

static const char *const ifnames[] = { "xap0", "xap1" };
static char dir[] = "/tmp/xapXXXXXX";
static unsigned char udp[PKTS_MAX];
static __u32 udp_len;
static struct apply_result result;

/* Load @yaml and apply it. */
static int apply(const char *yaml, struct fail *f)
{
	struct conf *conf;
	char path[64];
	FILE *out;
	int err;

	snprintf(path, sizeof(path), "%s/droplet.yaml", dir);
	out = fopen(path, "w");
	fputs(yaml, out);
	fclose(out);
	memset(f, 0, sizeof(*f));
	apply_result_free(&result);
	err = conf_load(path, &conf, f);
	if (err)
		return err;
	err = apply_conf(conf, &result, f);
	conf_free(conf);
	return err;
}

static void apply_ok(const char *yaml)
{
	struct fail f;
	int err = apply(yaml, &f);

	if (err)
		print_message("%s\n%s\n", f.text, f.log);
	assert_int_equal(err, 0);
}

/* "name:did:slot ..." of an interface, in the order of the report. */
static void assert_did(const char *ifname, const char *want)
{
	static const char *const did[] = { "kept", "added", "replaced", "moved", "removed" };
	char got[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < result.count; i++)
		if (!strcmp(result.lines[i].ifname, ifname))
			n += snprintf(got + n, sizeof(got) - n, "%s%s:%s:%u", n ? " " : "",
				      result.lines[i].name, did[result.lines[i].did],
				      result.lines[i].slot);
	assert_string_equal(got, want);
}

/* "name@slot ..." as the chain has it. */
static void assert_chain(const char *ifname, const char *want)
{
	struct chain_stage st;
	char got[1024] = "";
	struct chain *c;
	size_t n = 0;

	assert_int_equal(chain_open(ifname, CHAIN_READ, &c, NULL), 0);
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st))
			n += snprintf(got + n, sizeof(got) - n, "%s%s@%u", n ? " " : "", st.name,
				      slot);
	chain_close(c);
	assert_string_equal(got, want);
}

static int run(const char *ifname)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = udp, .data_size_in = udp_len, .repeat = 1);
	int root = rig_root(ifname), err;

	assert_true(root > 0);
	err = bpf_prog_test_run_opts(root, &opts);
	close(root);
	assert_int_equal(err, 0);
	return opts.retval;
}

static struct chain_stage stage(const char *ifname, const char *name, __u64 *packets)
{
	struct chain_totals t;
	struct chain_stage st;
	struct chain *c;
	int slot;

	assert_int_equal(chain_open(ifname, CHAIN_READ, &c, NULL), 0);
	slot = chain_find(c, name);
	assert_true(slot > 0);
	assert_int_equal(chain_stage(c, slot, &st), 0);
	assert_int_equal(chain_totals(c, &t), 0);
	*packets = 0;
	for (int v = 0; v < CHAIN_VERDICTS; v++)
		*packets += t.verdicts[slot][v].packets;
	chain_close(c);
	return st;
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

#define PROBE(name, verdict)                                                                       \
	"  - name: " name "\n    kind: object\n    file: probe.bpf.o\n"                            \
	"    params: {probe_verdict: " verdict "}\n"
#define NEXT_ "5"
#define DROP_ "1"

static void test_change(void **state)
{
	struct chain_stage first, now;
	__u64 n;

	(void)state;
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_did("xap0", "a:added:1 b:added:2 c:added:3");
	assert_did("xap1", "a:added:1 b:added:2 c:added:3");
	assert_int_equal(run("xap0"), XDP_DROP);
	assert_int_equal(run("xap0"), XDP_DROP);
	assert_int_equal(run("xap1"), XDP_DROP);
	first = stage("xap0", "b", &n);
	assert_int_equal(n, 2);

	/* The same once more, as a daemon that was restarted does: nothing is touched. */
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_did("xap0", "a:kept:1 b:kept:2 c:kept:3");
	now = stage("xap0", "b", &n);
	assert_memory_equal(&first, &now, sizeof(now));

	/* A parameter: that one is replaced, and goes on with its state and counters. */
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", "2") PROBE("c", DROP_));
	assert_did("xap0", "a:kept:1 b:replaced:2 c:kept:3");
	assert_int_equal(run("xap0"), XDP_PASS);
	now = stage("xap0", "b", &n);
	assert_int_not_equal(now.prog_id, first.prog_id);
	assert_int_equal(n, 3);
	assert_int_equal(hits("xap0", "b"), 3);
	assert_int_equal(hits("xap1", "b"), 1);
}

static void test_order(void **state)
{
	__u64 n;

	(void)state;
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_int_equal(run("xap0"), XDP_DROP);
	/* One more in the middle: those behind it move, state and all. */
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("new", NEXT_) PROBE("b", NEXT_)
			 PROBE("c", DROP_));
	assert_did("xap0", "a:kept:1 new:added:2 b:moved:3 c:moved:4");
	assert_int_equal(run("xap0"), XDP_DROP);
	stage("xap0", "c", &n);
	assert_int_equal(n, 2);
	assert_int_equal(hits("xap0", "c"), 2);
	/* Away with it: nobody has to move back. */
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", DROP_));
	assert_did("xap0", "new:removed:2 a:kept:1 b:kept:3 c:kept:4");
	assert_chain("xap0", "a@1 b@3 c@4");
	/* The other way round. */
	apply_ok(IFACES "policers:\n" PROBE("c", DROP_) PROBE("b", NEXT_) PROBE("a", NEXT_));
	assert_int_equal(run("xap0"), XDP_DROP);
	stage("xap0", "c", &n);
	assert_int_equal(n, 3);
	assert_int_equal(hits("xap0", "a"), 2);
	/* Fourteen, and then none. */
	apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", NEXT_) PROBE("c", NEXT_)
			 PROBE("d", NEXT_) PROBE("e", NEXT_) PROBE("f", NEXT_) PROBE("g", NEXT_)
				 PROBE("h", NEXT_) PROBE("i", NEXT_) PROBE("j", NEXT_)
					 PROBE("k", NEXT_) PROBE("l", NEXT_) PROBE("m", NEXT_)
						 PROBE("n", DROP_));
	assert_chain("xap1", "a@1 b@2 c@3 d@4 e@5 f@6 g@7 h@8 i@9 j@10 k@11 l@12 m@13 n@14");
	assert_int_equal(run("xap1"), XDP_DROP);
	apply_ok(IFACES "policers: []\n");
	assert_chain("xap1", "");
	assert_int_equal(run("xap1"), XDP_PASS);
}

static void test_shadow_and_disabled(void **state)
{
	(void)state;
	apply_ok(IFACES "policers:\n" PROBE("a", DROP_) "    mode: shadow\n");
	assert_int_equal(run("xap0"), XDP_PASS);
	apply_ok(IFACES "policers:\n" PROBE("a", DROP_));
	assert_did("xap0", "a:replaced:1");
	assert_int_equal(run("xap0"), XDP_DROP);
	apply_ok(IFACES "policers:\n" PROBE("a", DROP_) "    disabled: true\n");
	assert_did("xap0", "a:removed:1");
	assert_int_equal(run("xap0"), XDP_PASS);
}

static void test_interface_leaves(void **state)
{
	struct chain *c;

	(void)state;
	apply_ok(IFACES "policers:\n" PROBE("a", DROP_));
	apply_ok("interfaces: [xap1]\npolicers:\n" PROBE("a", DROP_));
	assert_did("xap0", "a:removed:1");
	assert_did("xap1", "a:kept:1");
	assert_int_equal(chain_open("xap0", CHAIN_READ, &c, NULL), -ENOENT);
}

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
		apply_ok(IFACES "policers:\n" PROBE("a", NEXT_) PROBE("b", DROP_));
		assert_int_equal(run("xap0"), XDP_DROP);
		for (int k = 0; k < 2; k++)
			before[k] = stage(ifnames[k], "b", &n);
		stage("xap0", "b", &n);
		if (failures[i].harm)
			failures[i].harm();
		assert_true(apply(failures[i].yaml, &f) < 0);
		if (!strstr(f.text, failures[i].why))
			print_message("    %s\n", f.text);
		assert_non_null(strstr(f.text, failures[i].why));
		assert_int_equal(result.count, 0);
		for (int k = 0; k < 2; k++) {
			assert_chain(ifnames[k], "a@1 b@2");
			after = stage(ifnames[k], "b", &again);
			assert_memory_equal(&before[k], &after, sizeof(after));
			assert_int_equal(pins(ifnames[k]), 4);
		}
		stage("xap0", "b", &again);
		assert_int_equal(again, n);
		assert_int_equal(run("xap0"), XDP_DROP);
		assert_int_equal(run("xap1"), XDP_DROP);
		for (int k = 0; k < 2; k++)
			chain_remove(ifnames[k], NULL);
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

		snprintf(path, sizeof(path), "%s/check.yaml", dir);
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

static int object(const char *name)
{
	static char elf[1 << 20];
	size_t size = rig_object(name, elf, sizeof(elf));
	char path[96];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s.bpf.o", dir, name);
	out = fopen(path, "w");
	if (!out || !size || fwrite(elf, 1, size, out) != size)
		return -1;
	return fclose(out);
}

static int group_up(void **state)
{
	(void)state;
	udp_len = pkts_bytes(pkts_find("ip4 udp"), udp);
	return !mkdtemp(dir) || object("probe") || object("bad");
}

static int group_down(void **state)
{
	(void)state;
	apply_result_free(&result);
	return rig_sh("rm -rf %s", dir);
}

static int up(void **state)
{
	(void)state;
	return rig_sh("ip link add xap0 type veth peer name xap0p; ip link add xap1 type veth peer "
		      "name xap1p; for i in xap0 xap0p xap1 xap1p; do ip link set $i up; done");
}

static int down(void **state)
{
	(void)state;
	for (int k = 0; k < 2; k++)
		chain_remove(ifnames[k], NULL);
	return rig_sh("ip link del xap0; ip link del xap1");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_change),
		CASE(test_order),
		CASE(test_shadow_and_disabled),
		CASE(test_interface_leaves),
		CASE(test_each_step_fails),
		CASE(test_check),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, group_up, group_down);
}
