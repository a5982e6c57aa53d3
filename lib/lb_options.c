// SPDX-License-Identifier: GPL-2.0
/* The options of the stage: its .rodata, written before the load and read from what runs. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "lib/lb_int.h"
#include "lib/stage.h"
#include "lib/util.h"

/* CLOCK_MONOTONIC_COARSE moves once a jiffy; so its resolution is that. */
__u32 lb_hz(void)
{
	struct timespec t;

	clock_getres(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_nsec ? (NSEC + t.tv_nsec / 2) / t.tv_nsec : 1;
}

/* What of the options a flow's bits may fill: host bits, as a mask in network order. */
static __be32 free_bits(__u32 len)
{
	return len >= 32 ? 0 : pkt_be32(0xffffffffu >> len);
}

/* The variables of the stage as a whole; sizes and names as in bpf/lb_conf.h. */
struct vars {
	__u32 set_mask, hz, has_gateway, guard_rate, udp_idle_s, udp_idle, icmp_rate, len4, len6;
	__u16 gateway[3];
	__be16 gue_port;
	__be32 source4, bits4, source6[4], bits6;
};

#define VAR(name)                                                                                  \
	{                                                                                          \
		"lb_" #name, offsetof(struct vars, name), sizeof(((struct vars *)0)->name)         \
	}

static const struct var {
	const char *name;
	size_t at, size;
} table[] = {
	VAR(set_mask), VAR(hz),	       VAR(has_gateway), VAR(guard_rate), VAR(udp_idle_s),
	VAR(udp_idle), VAR(icmp_rate), VAR(len4),	 VAR(len6),	  VAR(gateway),
	VAR(gue_port), VAR(source4),   VAR(bits4),	 VAR(source6),	  VAR(bits6),
};

static struct vars vars_of(const struct lb_options *o)
{
	struct vars v = {
		.set_mask = o->conns / LB_WAYS - 1,
		.hz = lb_hz(),
		.has_gateway = !!o->has_gateway,
		.guard_rate = o->guard_rate,
		.udp_idle_s = o->udp_idle_s,
		.icmp_rate = o->icmp_rate,
		.len4 = o->source4.len,
		.len6 = o->source6.len,
		.gue_port = pkt_be16(o->gue_port),
		.source4 = o->source4.addr[0],
		.bits4 = free_bits(o->source4.len),
		.bits6 = o->source6.len <= 96 ? 0xffffffff : free_bits(o->source6.len - 96),
	};

	v.udp_idle = (((__u64)o->udp_idle_s * v.hz) >> LB_STAMP_JIFFIES) + 1;
	memcpy(v.gateway, o->gateway, sizeof(v.gateway));
	memcpy(v.source6, o->source6.addr, sizeof(v.source6));
	return v;
}

static void options_of(const struct vars *v, struct lb_options *o)
{
	*o = (struct lb_options){
		.conns = (v->set_mask + 1) * LB_WAYS,
		.has_gateway = v->has_gateway,
		.gue_port = pkt_h16(v->gue_port),
		.guard_rate = v->guard_rate,
		.udp_idle_s = v->udp_idle_s,
		.icmp_rate = v->icmp_rate,
		.source4 = { .addr = { v->source4 }, .len = v->len4 },
		.source6 = { .len = v->len6 },
	};
	memcpy(o->gateway, v->gateway, sizeof(o->gateway));
	memcpy(o->source6.addr, v->source6, sizeof(v->source6));
}

int lb_options_store(struct bpf_object *obj, const struct lb_options *o)
{
	struct vars v = vars_of(o);
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(table); i++)
		err = stage_rodata(obj, table[i].name, (char *)&v + table[i].at, table[i].size);
	return err;
}

void lb_options_defaults(struct lb_options *o)
{
	*o = (struct lb_options){
		.conns = LB_CONNS,
		.gue_port = LB_GUE_PORT,
		.guard_rate = LB_GUARD_RATE,
		.udp_idle_s = LB_UDP_IDLE,
		.icmp_rate = LB_ICMP_RATE,
		.source4 = { .addr = { pkt_be32(0xac100000) }, .len = 16 }, /* 172.16.0.0/16 */
		.source6 = { .addr = { pkt_be32(0x01000000) }, .len = 64 }, /* 100::/64, RFC 6666 */
	};
}

int lb_options(const struct chain *c, struct lb_options *o)
{
	struct lb_options defaults;
	struct vars v;
	struct chain_stage st;
	int err = 0;

	lb_options_defaults(&defaults);
	v = vars_of(&defaults);
	/* A stage of an older release lacks some. */
	for (size_t i = 0; !chain_stage(c, CHAIN_SLOT_LB, &st) && !err && i < ARRAY_SIZE(table);
	     i++) {
		err = stage_rodata_get(c, CHAIN_SLOT_LB, table[i].name, (char *)&v + table[i].at,
				       table[i].size);
		if (err == -ENOENT)
			err = 0;
	}
	if (!err)
		options_of(&v, o);
	return err;
}
