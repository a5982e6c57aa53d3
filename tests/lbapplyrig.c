// SPDX-License-Identifier: GPL-2.0
#include "tests/lbapplyrig.h"

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
#include "tests/frame.h"
#include "tests/rig.h"

#define CONNS 200

const char *const lbapplyrig_ifnames[] = { "xap0", "xap1" };
static char path[] = "/tmp/xdpchain-lbapply-XXXXXX";
struct lbapply_result lbapplyrig_result;

int lbapplyrig_apply(const char *ifaces, const char *vips, const struct lbapply_last *last,
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
	err = lbapply(conf, last, &lbapplyrig_result, f);
	lbconf_free(conf);
	return err;
}

void lbapplyrig_ok(const char *ifaces, const char *vips)
{
	struct fail f;

	if (lbapplyrig_apply(ifaces, vips, NULL, &f))
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

__u64 lbapplyrig_ring(const struct lb *lb, __u32 vip)
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
char *lbapplyrig_say(const char *ifname, int all)
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
				v->count.sent.packets, lbapplyrig_ring(lb, v->number));
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

int lbapplyrig_pins(const char *ifname)
{
	return rig_sh("exit $(find /sys/fs/bpf/xdpchain/%s -path '*/stage*/*' 2>/dev/null | wc -l)",
		      ifname);
}

/* BASE is there, with connections that the table knows, and a drained real. */
void lbapplyrig_begin(char *before[2])
{
	struct lb_service vip;
	struct lb_addr real;
	struct chain *c;
	struct lb *lb;

	lbapplyrig_ok(IFACES, BASE);
	assert_int_equal(lb_service_parse("192.0.2.1:80/tcp", &vip, NULL), 0);
	assert_int_equal(lb_addr_parse("10.0.0.2", &real, NULL), 0);
	for (int k = 0; k < 2; k++) {
		int root = rig_root(lbapplyrig_ifnames[k]);

		assert_true(root > 0);
		for (int n = 0; n < CONNS; n++)
			knock(root, n);
		close(root);
		assert_int_equal(chain_open(lbapplyrig_ifnames[k], CHAIN_WRITE, &c, NULL), 0);
		assert_int_equal(lb_open(c, &lb, NULL), 0);
		assert_int_equal(lb_real_mode(lb, &vip, &real, LB_REAL_DRAIN, NULL), 0);
		lb_close(lb);
		chain_close(c);
		before[k] = lbapplyrig_say(lbapplyrig_ifnames[k], 1);
		assert_non_null(strstr(before[k], "conn "));
	}
}

void lbapplyrig_end(char *before[2])
{
	for (int k = 0; k < 2; k++) {
		chain_remove(lbapplyrig_ifnames[k], NULL);
		free(before[k]);
	}
}

int lbapplyrig_group_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	fd_close(fd);
	return fd < 0;
}

int lbapplyrig_group_down(void **state)
{
	(void)state;
	return unlink(path);
}
