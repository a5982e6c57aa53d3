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

#include "lib/lb_int.h"
#include "lib/lbapply.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define IFACES "interfaces: [{name: xap0, lru_size: 4096}, {name: xap1, lru_size: 4096}]\n"
#define BASE                                                                                       \
	"vips:\n"                                                                                  \
	"- vip: \"192.0.2.1:80/tcp\"\n  reals: [{addr: 10.0.0.1}, {addr: 10.0.0.2}]\n"             \
	"- vip: \"192.0.2.1:443/udp\"\n  options: [quic]\n  id_bytes: 1\n"                         \
	"  reals: [{addr: 10.0.0.1, ids: [7]}, {addr: 10.0.0.2, ids: [8], sources: "               \
	"[10.9.0.0/16]}]\n"                                                                        \
	"- vip: \"192.0.2.9:53/udp\"\n  options: [fragments]\n  reals: [{addr: 10.0.0.1}]\n"
/* One real and one VIP less, one real and VIP more, a weight, an id that moves to another real. */
#define OTHER                                                                                      \
	"vips:\n"                                                                                  \
	"- vip: \"192.0.2.1:80/tcp\"\n  reals: [{addr: 10.0.0.1, weight: 3}, "                     \
	"{addr: 10.0.0.3}]\n"                                                                      \
	"- vip: \"192.0.2.1:443/udp\"\n  options: [quic]\n  id_bytes: 1\n"                         \
	"  reals: [{addr: 10.0.0.3, ids: [7, 9]}, {addr: 10.0.0.2, ids: [], sources: "             \
	"[10.9.0.0/16, 10.8.0.0/16]}]\n"                                                           \
	"- vip: \"192.0.2.9:54/udp\"\n  options: [fragments]\n  reals: [{addr: 10.0.0.1}]\n"

#define CONNS 200

static const char *const ifnames[] = { "xap0", "xap1" };
static char path[] = "/tmp/xdpchain-lbapply-XXXXXX";
static struct lbapply_result result;

static int apply(const char *ifaces, const char *vips, const struct lbapply_last *last,
		 struct fail *f)
{
	struct lbconf *conf;
	FILE *file = fopen(path, "w");
	int err;

	assert_non_null(file);
	fprintf(file, "%s%s", ifaces, vips);
	fclose(file);
	memset(f, 0, sizeof(*f));
	err = lbconf_load(path, &conf, f);
	if (err)
		fail_msg("%s", f->text);
	err = lbapply(conf, last, &result, f);
	lbconf_free(conf);
	return err;
}

static void apply_ok(const char *ifaces, const char *vips)
{
	struct fail f;

	if (apply(ifaces, vips, NULL, &f))
		fail_msg("%s %s", f.text, f.log);
}

/* A SYN of client @n, to the root program @root. */
static void knock(int root, int n)
{
	unsigned char buf[FRAME_MAX];
	struct frame frame = {
		.dst = "192.0.2.1", .proto = IPPROTO_TCP, .dport = 80, .tcp_flags = 2
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = buf, .repeat = 1);
	char src[32];

	snprintf(src, sizeof(src), "10.7.%d.%d", n / 200, n % 200 + 1);
	frame.src = src;
	frame.sport = 1024 + n;
	opts.data_size_in = frame_make(buf, &frame, NULL);
	assert_int_equal(bpf_prog_test_run_opts(root, &opts), 0);
	assert_int_equal(opts.retval, XDP_TX);
}

static int add_conn(const struct lb_conn *conn, void *arg)
{
	fprintf(arg, "conn %u %u %x %x:%u\n", conn->vip, conn->real, conn->client.word[0],
		conn->dst.word[0], conn->sport);
	return 0;
}

static __u64 ring_sum(const struct lb *lb, __u32 vip)
{
	struct lb_ring *ring = lb_ring_map(lb, vip, 0);
	__u64 sum = 14695981039346656037ULL;

	assert_non_null(ring);
	for (size_t i = 0; i < LB_RING; i++)
		sum = (sum ^ ring->real[i]) * 0x100000001b3ULL;
	lb_ring_unmap(ring);
	return sum;
}

static void say_real(FILE *out, const struct lb_real_state *r, int all)
{
	char text[PREFIX_TEXT], addr[LB_TEXT];

	lb_addr_text(addr, &r->addr);
	fprintf(out, " %s*%u %s", addr, r->weight, lb_mode_name(r->mode));
	if (all)
		fprintf(out, " number %u entries %u packets %llu", r->number, r->entries,
			r->sent.packets);
	for (size_t k = 0; k < r->count_ids; k++)
		fprintf(out, " id %llu", r->ids[k]);
	for (size_t k = 0; k < r->count_sources; k++) {
		prefix_text(&r->sources[k], text);
		fprintf(out, " from %s", text);
	}
	fputc('\n', out);
}

/* What is there, for people; with @all also numbers, counters, rings and connections. */
static char *say(const char *ifname, int all)
{
	size_t size;
	char *text, vip[LB_TEXT];
	FILE *out = open_memstream(&text, &size);
	struct lb_options options;
	struct lb_state state;
	struct chain *c;
	struct lb *lb;

	assert_int_equal(chain_open(ifname, CHAIN_READ, &c, NULL), 0);
	assert_int_equal(lb_open(c, &lb, NULL), 0);
	assert_int_equal(lb_list(lb, &state, NULL), 0);
	assert_int_equal(lb_options(c, &options), 0);
	fprintf(out, "table of %u, guard %u\n", options.conns, options.guard_rate);
	for (size_t i = 0; i < state.count; i++) {
		const struct lb_vip_state *v = &state.vips[i];

		lb_service_text(vip, &v->service);
		fprintf(out, "%s %x %u\n", vip, v->options.flags, v->options.id_bytes);
		if (all)
			fprintf(out, "number %u sent %llu ring %llx\n", v->number,
				v->count.sent.packets, ring_sum(lb, v->number));
		for (size_t j = 0; j < v->count_reals; j++)
			say_real(out, &v->reals[j], all);
	}
	if (all)
		assert_int_equal(lb_conns_each(lb, add_conn, out), 0);
	fclose(out);
	lb_state_free(&state);
	lb_close(lb);
	chain_close(c);
	return text;
}

static int pins(const char *ifname)
{
	return rig_sh("exit $(find /sys/fs/bpf/xdpchain/%s -path '*/stage*/*' 2>/dev/null | wc -l)",
		      ifname);
}

/* BASE is there, with connections that the table knows, and a drained real. */
static void begin(char *before[2])
{
	struct lb_service vip;
	struct lb_addr real;
	struct chain *c;
	struct lb *lb;

	apply_ok(IFACES, BASE);
	assert_int_equal(lb_service_parse("192.0.2.1:80/tcp", &vip, NULL), 0);
	assert_int_equal(lb_addr_parse("10.0.0.2", &real, NULL), 0);
	for (int k = 0; k < 2; k++) {
		int root = rig_root(ifnames[k]);

		assert_true(root > 0);
		for (int n = 0; n < CONNS; n++)
			knock(root, n);
		close(root);
		assert_int_equal(chain_open(ifnames[k], CHAIN_WRITE, &c, NULL), 0);
		assert_int_equal(lb_open(c, &lb, NULL), 0);
		assert_int_equal(lb_real_mode(lb, &vip, &real, LB_REAL_DRAIN, NULL), 0);
		lb_close(lb);
		chain_close(c);
		before[k] = say(ifnames[k], 1);
		assert_non_null(strstr(before[k], "conn "));
	}
}

static void end(char *before[2])
{
	for (int k = 0; k < 2; k++) {
		chain_remove(ifnames[k], NULL);
		free(before[k]);
	}
}

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
			begin(before);
		files = pins("xap0");
		if (failures[i].harm)
			failures[i].harm();
		assert_true(apply(failures[i].ifaces, failures[i].vips,
				  failures[i].last ? &last : NULL, &f) < 0);
		if (!strstr(f.text, failures[i].why))
			fail_msg("%s", f.text);
		for (int k = 0; k < 2; k++) {
			char *after = say(ifnames[k], 1);

			assert_string_equal(after, before[k]);
			assert_int_equal(pins(ifnames[k]), files);
			free(after);
		}
		assert_int_equal(access("/sys/fs/bpf/xdpchain/xap2", F_OK), -1);
		bpf_xdp_detach(if_nametoindex("xap2"), 0, NULL);
		if (failures[i].harm || i + 1 == ARRAY_SIZE(failures))
			end(before);
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
	begin(before);
	for (int k = 0; k < 2; k++)
		was[k] = say(ifnames[k], 0);
	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	assert_int_equal(lb_open(c, &lb, NULL), 0);
	while (ring_sum(lb, vip) && lb->vips[vip].what.port != pkt_be16(80))
		vip++;
	assert_int_equal(bpf_map_lookup_elem(lb->rings, &vip, &vip), 0);
	fd = bpf_map_get_fd_by_id(vip);
	assert_int_equal(bpf_map_freeze(fd), 0);
	close(fd);
	lb_close(lb);
	chain_close(c);
	assert_true(apply(IFACES,
			  "vips:\n- vip: \"192.0.2.1:80/tcp\"\n  reals: [{addr: 10.0.0.1}]\n", NULL,
			  &f) < 0);
	assert_non_null(strstr(f.text, "10.0.0.2: cannot build the ring"));
	for (int k = 0; k < 2; k++) {
		after = say(ifnames[k], 0);
		assert_string_equal(after, was[k]);
		free(after);
		free(was[k]);
	}
	end(before);
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
	begin(before);
	apply_ok(IFACES, OTHER);
	assert_int_equal(result.vips_added, 2);
	assert_int_equal(result.vips_removed, 2);
	assert_int_equal(result.reals_added, 6);
	assert_int_equal(result.reals_removed, 4);
	for (int k = 0; k < 2; k++) {
		after = say(ifnames[k], 0);
		assert_string_equal(after, want);
		free(after);
		after = say(ifnames[k], 1);
		for (char *line = strtok(before[k], "\n"); line; line = strtok(NULL, "\n"))
			if (!strncmp(line, "conn 1 1 ", 9))
				assert_non_null(strstr(after, line));
		free(after);
	}
	apply_ok(IFACES, OTHER);
	assert_int_equal(result.attached + result.vips_changed + result.reals_changed, 0);
	assert_int_equal(result.kept, 10);
	end(before);
}

/* An interface that is no more in the file, whether or not a daemon has run meanwhile. */
static void test_left_over(void **state)
{
	char *before[2];

	(void)state;
	begin(before);
	apply_ok("interfaces: [{name: xap0, lru_size: 4096}]\n", BASE);
	assert_int_equal(result.detached, 1);
	assert_int_equal(access("/sys/fs/bpf/xdpchain/xap1", F_OK), -1);
	end(before);
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
		chain_remove(ifnames[k], NULL);
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
	int fd = mkstemp(path), failed;

	rig_alone();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fd_close(fd);
	unlink(path);
	return failed;
}
