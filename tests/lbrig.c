// SPDX-License-Identifier: GPL-2.0
#include "tests/lbrig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "lib/names.h"
#include "tests/frame.h"

struct rig lbrig;
struct lb *lbrig_lb;
static struct names *names;

static void die(const struct fail *f)
{
	fprintf(stderr, "lbrig: %s %s\n", f->text, f->log);
	rig_down(&lbrig);
	exit(1);
}

void lbrig_load(struct lb_options *o)
{
	struct fail f = { 0 };
	struct lb_options all;

	if (!o->gue_port) {
		lb_options_defaults(&all);
		all.conns = o->conns;
		all.has_gateway = o->has_gateway;
		memcpy(all.gateway, o->gateway, sizeof(all.gateway));
		*o = all;
	}
	lb_close(lbrig_lb);
	if (lb_load(lbrig.chain, o, &f) || lb_open(lbrig.chain, &lbrig_lb, &f))
		die(&f);
}

void lbrig_up(void)
{
	struct lb_options o = { .conns = 4096 };

	rig_alone();
	rig_up(&lbrig, "tlb");
	lbrig_load(&o);
	names = names_new(lbrig.chain);
}

void lbrig_down(void)
{
	names_free(names);
	lb_close(lbrig_lb);
	rig_down(&lbrig);
}

static struct lb_service service(const char *vip)
{
	struct lb_service s;
	struct fail f = { 0 };

	if (lb_service_parse(vip, &s, &f))
		die(&f);
	return s;
}

static struct lb_addr address(const char *text)
{
	struct lb_addr a;
	struct fail f = { 0 };

	if (lb_addr_parse(text, &a, &f))
		die(&f);
	return a;
}

void lbrig_vip_flags(const char *vip, __u32 flags, __u32 id_bytes)
{
	struct lb_vip_options o = { .flags = flags, .id_bytes = id_bytes };
	struct lb_service s = service(vip);
	struct fail f = { 0 };

	if (lb_vip_add(lbrig_lb, &s, &o, &f))
		die(&f);
}

void lbrig_clear(void)
{
	struct lb_state list;
	struct fail f = { 0 };

	if (lb_list(lbrig_lb, &list, &f))
		die(&f);
	for (size_t i = 0; i < list.count; i++)
		if (lb_vip_del(lbrig_lb, &list.vips[i].service, &f))
			die(&f);
	lb_state_free(&list);
}

void lbrig_vip(const char *vip)
{
	struct lb_service s = service(vip);
	struct fail f = { 0 };

	if (lb_vip_add(lbrig_lb, &s, NULL, &f))
		die(&f);
}

void lbrig_vip_del(const char *vip)
{
	struct lb_service s = service(vip);
	struct fail f = { 0 };

	if (lb_vip_del(lbrig_lb, &s, &f))
		die(&f);
}

void lbrig_real(const char *vip, const char *addr, __u32 weight)
{
	struct lb_service s = service(vip);
	struct lb_addr a = address(addr);
	struct fail f = { 0 };

	if (lb_real_add(lbrig_lb, &s, &a, weight, &f))
		die(&f);
}

void lbrig_real_del(const char *vip, const char *addr)
{
	struct lb_service s = service(vip);
	struct lb_addr a = address(addr);
	struct fail f = { 0 };

	if (lb_real_del(lbrig_lb, &s, &a, &f))
		die(&f);
}

/* The reason that was counted once more than in @before; "" if none. */
static void reason(const struct chain_totals *before, char name[CHAIN_NAME_LEN])
{
	static struct chain_totals after;

	name[0] = 0;
	chain_totals(lbrig.chain, &after);
	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const char *text = names_reason(names, CHAIN_SLOT_LB, 0, i);

		if (after.reasons[CHAIN_SLOT_LB][i].packets !=
		    before->reasons[CHAIN_SLOT_LB][i].packets)
			snprintf(name, CHAIN_NAME_LEN, "%s", text ? text : "?");
	}
}

void lbrig_run(const void *frame, __u32 len, struct lbrig_out *out)
{
	struct xdp_md ctx = { .data_end = len, .ingress_ifindex = lbrig.chain->info.ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = len,
		    .data_out = out->frame, .data_size_out = sizeof(out->frame), .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = 1);
	static struct chain_totals before;
	struct fail f = { 0 };

	chain_totals(lbrig.chain, &before);
	if (bpf_prog_test_run_opts(lbrig.root, &opts)) {
		fail_set(&f, errno, "test run of %u bytes: %s", len, strerror(errno));
		die(&f);
	}
	out->verdict = opts.retval;
	out->len = opts.data_size_out;
	reason(&before, out->reason);
}

static __u32 be(const unsigned char *p, int bytes)
{
	__u32 v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

/* GUE: the UDP header that follows the outer one, whose addresses are @addrs long. */
static void outer_udp(const unsigned char *frame, struct lbrig_outer *o, __u32 addrs)
{
	const unsigned char *udp = frame + o->inner;
	__u32 len = o->len - (o->inner - o->at);

	o->sport = be(udp, 2);
	o->dport = be(udp + 2, 2);
	if (be(udp + 4, 2) != len)
		o->check_ok = 0;
	if (be(udp + 6, 2) &&
	    frame_sum(udp, len, frame_sum(udp - addrs, addrs, len + IPPROTO_UDP)) != 0xffff)
		o->check_ok = 0;
	if (!be(udp + 6, 2) && addrs == 32)
		o->check_ok = 0;
	o->udp_check = be(udp + 6, 2);
	o->inner += 8;
}

static void outer4(const unsigned char *ip, struct lbrig_outer *o)
{
	o->tos = ip[1];
	o->len = be(ip + 2, 2);
	o->id = be(ip + 4, 2);
	o->df = be(ip + 6, 2) == 0x4000; /* and neither offset nor more fragments */
	o->ttl = ip[8];
	o->proto = ip[9];
	o->inner = o->at + 20;
	o->check_ok = (ip[0] & 15) == 5 && frame_sum(ip, 20, 0) == 0xffff;
	inet_ntop(AF_INET, ip + 12, o->src, sizeof(o->src));
	inet_ntop(AF_INET, ip + 16, o->dst, sizeof(o->dst));
}

static void outer6(const unsigned char *ip, struct lbrig_outer *o)
{
	o->tos = be(ip, 4) >> 20 & 0xff;
	o->len = 40 + be(ip + 4, 2);
	o->proto = ip[6];
	o->ttl = ip[7];
	o->inner = o->at + 40;
	o->check_ok = 1;
	inet_ntop(AF_INET6, ip + 8, o->src, sizeof(o->src));
	inet_ntop(AF_INET6, ip + 24, o->dst, sizeof(o->dst));
}

int lbrig_outer(const unsigned char *frame, __u32 len, struct lbrig_outer *o)
{
	__u32 at = 12, type = be(frame + at, 2);

	memset(o, 0, sizeof(*o));
	while (type == 0x8100 || type == 0x88a8) {
		at += 4;
		type = be(frame + at, 2);
	}
	o->at = at + 2;
	o->version = frame[o->at] >> 4;
	if (type == 0x0800 && o->version == 4 && len >= o->at + 40)
		outer4(frame + o->at, o);
	else if (type == 0x86dd && o->version == 6 && len >= o->at + 60)
		outer6(frame + o->at, o);
	else
		return -1;
	if (o->len > len - o->at)
		return -1;
	if (o->proto == IPPROTO_UDP)
		outer_udp(frame, o, o->version == 4 ? 8 : 32);
	else if (o->proto != IPPROTO_IPIP && o->proto != IPPROTO_IPV6)
		return -1;
	return 0;
}

struct lbrig_outer lbrig_wrapped(const unsigned char *in, __u32 len, __u32 l3,
				 const struct lbrig_out *out, const char *real)
{
	struct lbrig_outer o;

	assert_int_equal(lbrig_outer(out->frame, out->len, &o), 0);
	assert_true(o.check_ok);
	assert_string_equal(o.dst, real);
	assert_int_equal(out->len, len + o.inner - o.at);
	assert_memory_equal(out->frame + o.inner, in + l3, len - l3);
	return o;
}
