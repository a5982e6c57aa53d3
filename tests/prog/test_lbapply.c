// SPDX-License-Identifier: GPL-2.0
/*
 * The balancer's configuration on two interfaces: what a reload changes and what goes on, and each
 * step failing in turn, after which both are as they were: VIPs, reals, rings, connections,
 * counters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/lbapplyrig.h"
#include "tests/rig.h"

/* One real and one VIP less, one real and VIP more, a weight, an id that moves to another real. */
#define OTHER                                                                                      \
	"vips:\n"                                                                                  \
	"- vip: \"192.0.2.1:80/tcp\"\n  reals: [{addr: 10.0.0.1, weight: 3}, "                     \
	"{addr: 10.0.0.3}]\n"                                                                      \
	"- vip: \"192.0.2.1:443/udp\"\n  options: [quic]\n  id_bytes: 1\n"                         \
	"  reals: [{addr: 10.0.0.3, ids: [7, 9]}, {addr: 10.0.0.2, ids: [], sources: "             \
	"[10.9.0.0/16, 10.8.0.0/16]}]\n"                                                           \
	"- vip: \"192.0.2.9:54/udp\"\n  options: [fragments]\n  reals: [{addr: 10.0.0.1}]\n"

/* --- harm ---------------------------------------------------------------------------------------
 */
/* Nobody writes a map of the second interface's balancer any more. */
static void freeze(const char *map)
{
	struct chain *c;
	int fd;

	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	fd = stage_map(c, CHAIN_SLOT_LB, map);
	assert_true(fd >= 0);
	assert_int_equal(bpf_map_freeze(fd), 0);
	close(fd);
	chain_close(c);
}

static void freeze_chain(size_t offset)
{
	struct chain *c;

	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	assert_int_equal(bpf_map_freeze(*(int *)((char *)c + offset)), 0);
	chain_close(c);
}

static void freeze_rules(void)
{
	freeze("rules");
}

static void freeze_ids(void)
{
	freeze("ids");
}

static void freeze_sources(void)
{
	freeze("sources");
}

static void freeze_rings(void)
{
	freeze("rings");
}

static void freeze_counts(void)
{
	freeze("real_counts");
}

static void freeze_prefixes(void)
{
	freeze("prefixes");
}

static void freeze_stages(void)
{
	freeze_chain(offsetof(struct chain, stages));
}

static void freeze_programs(void)
{
	freeze_chain(offsetof(struct chain, programs));
}

/* Some other tool's program is on xap2. */
static void occupy(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "other", "GPL", insns, ARRAY_SIZE(insns), NULL);

	assert_true(fd >= 0);
	assert_int_equal(bpf_xdp_attach(if_nametoindex("xap2"), fd, 0, NULL), 0);
	close(fd);
}

static int refuse(void *arg, struct fail *f)
{
	(void)arg;
	return fail_set(f, EIO, "the last step");
}

#define MORE	"interfaces: [{name: xap0, lru_size: 4096}, {name: xap1, lru_size: 4096}, xap2]\n"
#define RESIZED "interfaces: [{name: xap0, lru_size: 8192}, {name: xap1, lru_size: 8192}]\n"

static const struct {
	const char *name, *ifaces, *vips, *why;
	void (*harm)(void);
	int (*last)(void *arg, struct fail *f);
} failures[] = {
	{ "no such interface", "interfaces: [xap0, xap1, xap9]\n", OTHER, "xap9: no such interface",
	  NULL, NULL },
	{ "another mode", "interfaces: [xap0, {name: xap1, mode: generic}]\n", OTHER,
	  "xap1: the chain runs in native mode", NULL, NULL },
	{ "what the caller does", RESIZED, OTHER, "the last step", NULL, refuse },
	{ "the same, on a new one", MORE, OTHER, "the last step", NULL, refuse },
	{ "another tool's program", MORE, OTHER, "xap2", occupy, NULL },
	{ "the stage's name", RESIZED, OTHER, "lb: cannot pin", freeze_programs, NULL },
	{ "the switch", RESIZED, OTHER, "slot 15", freeze_stages, NULL },
	{ "a new VIP's name", IFACES, BASE "- vip: \"192.0.2.2:80/tcp\"\n",
	  "192.0.2.2:80/tcp: cannot add", freeze_rules, NULL },
	{ "a new real's name", IFACES, OTHER, "10.0.0.3: cannot add", freeze_rules, NULL },
	{ "a new VIP's ring", IFACES, OTHER, "192.0.2.9:54/udp: cannot add", freeze_rings, NULL },
	{ "a new real's counter", IFACES, OTHER, "10.0.0.3: cannot add", freeze_counts, NULL },
	{ "a server id", IFACES, OTHER, "7: another real", freeze_ids, NULL },
	{ "a source", IFACES, OTHER, "xap1: cannot set", freeze_sources, NULL },
	{ "a prefix", IFACES, BASE "- vip: \"198.51.100.0/24:80/tcp\"\n", "198.51.100.0/24:80/tcp",
	  freeze_prefixes, NULL },
};

static void test_each_step_fails(void **state)
{
	char *before[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		const struct lbapply_last last = { failures[i].last, NULL };
		struct fail f;
		int files;

		print_message("  %s\n", failures[i].name);
		if (!i || failures[i - 1].harm)
			lbapplyrig_begin(before);
		files = lbapplyrig_pins("xap0");
		if (failures[i].harm)
			failures[i].harm();
		assert_true(lbapplyrig_apply(failures[i].ifaces, failures[i].vips,
					     failures[i].last ? &last : NULL, &f) < 0);
		if (!strstr(f.text, failures[i].why))
			fail_msg("%s", f.text);
		for (int k = 0; k < 2; k++) {
			char *after = lbapplyrig_say(lbapplyrig_ifnames[k], 1);

			assert_string_equal(after, before[k]);
			assert_int_equal(lbapplyrig_pins(lbapplyrig_ifnames[k]), files);
			free(after);
		}
		assert_int_equal(access("/sys/fs/bpf/xdpchain/xap2", F_OK), -1);
		bpf_xdp_detach(if_nametoindex("xap2"), 0, NULL);
		if (failures[i].harm || i + 1 == ARRAY_SIZE(failures))
			lbapplyrig_end(before);
	}
}

/* What goes is the last to go; if it cannot, on one interface, what has gone on the other is back.
 */
static void test_removal_fails(void **state)
{
	char *before[2], *was[2], *after;
	struct fail f;
	struct chain *c;
	struct lb *lb;
	__u32 vip = 1;
	int fd;

	(void)state;
	lbapplyrig_begin(before);
	for (int k = 0; k < 2; k++)
		was[k] = lbapplyrig_say(lbapplyrig_ifnames[k], 0);
	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	assert_int_equal(lb_open(c, &lb, NULL), 0);
	while (lbapplyrig_ring(lb, vip) && lb->vips[vip].what.port != pkt_be16(80))
		vip++;
	assert_int_equal(bpf_map_lookup_elem(lb->rings, &vip, &vip), 0);
	fd = bpf_map_get_fd_by_id(vip);
	assert_int_equal(bpf_map_freeze(fd), 0);
	close(fd);
	lb_close(lb);
	chain_close(c);
	assert_true(lbapplyrig_apply(
			    IFACES,
			    "vips:\n- vip: \"192.0.2.1:80/tcp\"\n  reals: [{addr: 10.0.0.1}]\n",
			    NULL, &f) < 0);
	assert_non_null(strstr(f.text, "10.0.0.2: cannot build the ring"));
	for (int k = 0; k < 2; k++) {
		after = lbapplyrig_say(lbapplyrig_ifnames[k], 0);
		assert_string_equal(after, was[k]);
		free(after);
		free(was[k]);
	}
	lbapplyrig_end(before);
}

/* A reload: ids, sources and fragments move from one to another, and connections stay. */
static void test_reload(void **state)
{
	static const char want[] =
		"table of 4096, guard 125000\n"
		"192.0.2.1:80/tcp 0 0\n 10.0.0.1*3 up\n 10.0.0.3*1 up\n"
		"192.0.2.1:443/udp 10 1\n 10.0.0.2*1 up from 10.8.0.0/16 from 10.9.0.0/16\n"
		" 10.0.0.3*1 up id 7 id 9\n"
		"192.0.2.9:54/udp 45 0\n 10.0.0.1*1 up\n";
	char *before[2], *after;

	(void)state;
	lbapplyrig_begin(before);
	lbapplyrig_ok(IFACES, OTHER);
	assert_int_equal(lbapplyrig_result.vips_added, 2);
	assert_int_equal(lbapplyrig_result.vips_removed, 2);
	assert_int_equal(lbapplyrig_result.reals_added, 6);
	assert_int_equal(lbapplyrig_result.reals_removed, 4);
	for (int k = 0; k < 2; k++) {
		after = lbapplyrig_say(lbapplyrig_ifnames[k], 0);
		assert_string_equal(after, want);
		free(after);
		after = lbapplyrig_say(lbapplyrig_ifnames[k], 1);
		for (char *line = strtok(before[k], "\n"); line; line = strtok(NULL, "\n"))
			if (!strncmp(line, "conn 1 1 ", 9))
				assert_non_null(strstr(after, line));
		free(after);
	}
	lbapplyrig_ok(IFACES, OTHER);
	assert_int_equal(lbapplyrig_result.attached + lbapplyrig_result.vips_changed +
				 lbapplyrig_result.reals_changed,
			 0);
	assert_int_equal(lbapplyrig_result.kept, 10);
	lbapplyrig_end(before);
}

/* An interface that is no more in the file, whether or not a daemon has run meanwhile. */
static void test_left_over(void **state)
{
	char *before[2];

	(void)state;
	lbapplyrig_begin(before);
	lbapplyrig_ok("interfaces: [{name: xap0, lru_size: 4096}]\n", BASE);
	assert_int_equal(lbapplyrig_result.detached, 1);
	assert_int_equal(access("/sys/fs/bpf/xdpchain/xap1", F_OK), -1);
	lbapplyrig_end(before);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, up, down)

static int up(void **state)
{
	(void)state;
	return rig_sh("for i in 0 1 2; do ip link add xap$i type veth peer name xap${i}p; "
		      "ip link set xap$i up; ip link set xap${i}p up; done");
}

static int down(void **state)
{
	(void)state;
	for (int k = 0; k < 2; k++)
		chain_remove(lbapplyrig_ifnames[k], NULL);
	chain_remove("xap2", NULL);
	return rig_sh("for i in 0 1 2; do ip link del xap$i; done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_each_step_fails),
		CASE(test_removal_fails),
		CASE(test_reload),
		CASE(test_left_over),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, lbapplyrig_group_up, lbapplyrig_group_down);
}
