// SPDX-License-Identifier: GPL-2.0
#include "tests/lbrig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "lib/names.h"

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

static int checksum_ok(const unsigned char *ip, int len)
{
	__u32 sum = 0;

	for (int i = 0; i < len; i += 2)
		sum += be(ip + i, 2);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
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
	o->check_ok = (ip[0] & 15) == 5 && checksum_ok(ip, 20);
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
	else if (type == 0x86dd && o->version == 6 && len >= o->at + 80)
		outer6(frame + o->at, o);
	else
		return -1;
	return o->len <= len - o->at ? 0 : -1;
}
