// SPDX-License-Identifier: GPL-2.0
/* metrics_lb - the load balancers of the chains: VIPs, reals, the flood guard. */
#include <errno.h>
#include <string.h>

#include "lib/metrics_int.h"
#include "lib/util.h"

int seen_lb_read(struct seen_chain *c, struct fail *f)
{
	struct lb *lb;
	int err = lb_open(c->chain, &lb, f);

	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	err = lb_guard(lb, &c->guard);
	c->lb_bytes = lb_memory(c->chain);
	if (!err)
		err = lb_list(lb, &c->lb, f);
	lb_close(lb);
	if (err == -ENOENT) /* it has gone meanwhile */
		return 0;
	c->has_lb = !err && c->lb_bytes >= 0;
	return err;
}

static __u64 vip_packets(const struct lb_vip_state *v)
{
	return v->count.sent.packets;
}

static __u64 vip_bytes(const struct lb_vip_state *v)
{
	return v->count.sent.bytes;
}

static __u64 vip_dropped(const struct lb_vip_state *v)
{
	return v->count.dropped.packets;
}

static __u64 real_packets(const struct lb_real_state *r)
{
	return r->sent.packets;
}

static __u64 real_bytes(const struct lb_real_state *r)
{
	return r->sent.bytes;
}

static __u64 real_weight(const struct lb_real_state *r)
{
	return r->weight;
}

static __u64 real_up(const struct lb_real_state *r)
{
	return r->mode == LB_REAL_UP;
}

static __u64 real_drain(const struct lb_real_state *r)
{
	return r->mode == LB_REAL_DRAIN;
}

static __u64 guard_on(const struct seen_chain *c)
{
	return c->guard.cpus_on;
}

static __u64 guard_packets(const struct seen_chain *c)
{
	return c->guard.packets;
}

static __u64 table_bytes(const struct seen_chain *c)
{
	return c->lb_bytes;
}

/* A family is of balancers, of their VIPs or of the reals of those: one of the three is set. */
static const struct family {
	const char *name, *help;
	enum sheet_type type;
	__u64 (*of_lb)(const struct seen_chain *c);
	__u64 (*of_vip)(const struct lb_vip_state *v);
	__u64 (*of_real)(const struct lb_real_state *r);
} families[] = {
	{ "xdpchain_lb_vip_packets",
	  "Packets sent to reals of the VIP, also to those that are gone.", SHEET_COUNTER,
	  .of_vip = vip_packets },
	{ "xdpchain_lb_vip_bytes", "Bytes sent to reals of the VIP, also to those that are gone.",
	  SHEET_COUNTER, .of_vip = vip_bytes },
	{ "xdpchain_lb_vip_dropped_packets", "Packets to the VIP that were dropped.", SHEET_COUNTER,
	  .of_vip = vip_dropped },
	{ "xdpchain_lb_real_packets", "Packets sent to the real.", SHEET_COUNTER,
	  .of_real = real_packets },
	{ "xdpchain_lb_real_bytes", "Bytes sent to the real.", SHEET_COUNTER,
	  .of_real = real_bytes },
	{ "xdpchain_lb_real_weight", "Its weight in the ring of the VIP.", SHEET_GAUGE,
	  .of_real = real_weight },
	{ "xdpchain_lb_real_up", "1: the real gets new flows; 0: it is down or drains.",
	  SHEET_GAUGE, .of_real = real_up },
	{ "xdpchain_lb_real_drain", "1: the real keeps its flows and gets no new ones.",
	  SHEET_GAUGE, .of_real = real_drain },
	{ "xdpchain_lb_guard_on", "CPUs on which the flood guard is on.", SHEET_GAUGE,
	  .of_lb = guard_on },
	{ "xdpchain_lb_guard_packets", "Packets that went by the ring alone, for the flood guard.",
	  SHEET_COUNTER, .of_lb = guard_packets },
	{ "xdpchain_lb_table_bytes", "Memory of the connection tables.", SHEET_GAUGE,
	  .of_lb = table_bytes },
};

static void sample(const struct sheet *sheet, const struct seen_chain *c,
		   const struct lb_vip_state *v, const struct lb_real_state *r, __u64 number)
{
	char text[LB_TEXT];

	fprintf(sheet->out, "%s%s{", sheet->name, sheet->type == SHEET_COUNTER ? "_total" : "");
	metrics_label(sheet->out, "interface", c->chain->ifname);
	if (v) {
		lb_service_text(text, &v->service);
		fputc(',', sheet->out);
		metrics_label(sheet->out, "vip", text);
	}
	if (r) {
		lb_addr_text(text, &r->addr);
		fputc(',', sheet->out);
		metrics_label(sheet->out, "real", text);
	}
	fprintf(sheet->out, "} %llu\n", number);
}

static void write_vip(const struct sheet *sheet, const struct family *family,
		      const struct seen_chain *c, const struct lb_vip_state *v)
{
	if (family->of_vip)
		sample(sheet, c, v, NULL, family->of_vip(v));
	for (size_t i = 0; family->of_real && i < v->count_reals; i++)
		sample(sheet, c, v, &v->reals[i], family->of_real(&v->reals[i]));
}

static void write_chain(const struct sheet *sheet, const struct family *family,
			const struct seen_chain *c)
{
	if (!c->has_lb)
		return;
	if (family->of_lb)
		sample(sheet, c, NULL, NULL, family->of_lb(c));
	for (size_t i = 0; i < c->lb.count; i++)
		write_vip(sheet, family, c, &c->lb.vips[i]);
}

void metrics_lb(FILE *out, enum metrics_format format, const struct seen *seen)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct family *family = &families[i];
		const struct sheet sheet = { out, family->name, family->type, 0 };

		metrics_head(&sheet, format, family->help);
		for (size_t k = 0; k < seen->chain_count; k++)
			write_chain(&sheet, family, seen->chains[k]);
	}
}
