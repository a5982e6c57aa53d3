// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lb/status.h"

void status_print(json_t *o)
{
	if (!o)
		return;
	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	printf("\n");
	json_decref(o);
}

static json_t *claims_json(const struct lb_real_state *r, json_t *o)
{
	json_t *ids = json_array(), *sources = json_array();
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < r->count_ids; i++)
		json_array_append_new(ids, json_integer(r->ids[i]));
	for (size_t i = 0; i < r->count_sources; i++)
		json_array_append_new(sources, json_string(prefix_text(&r->sources[i], text)));
	json_object_set_new(o, "ids", ids);
	json_object_set_new(o, "sources", sources);
	return o;
}

json_t *status_real_json(const struct lb_real_state *r, const __u32 *conns)
{
	char text[LB_TEXT];
	json_t *o;

	lb_addr_text(text, &r->addr);
	o = json_pack("{s:s, s:i, s:i, s:s, s:f, s:I, s:I}", "real", text, "rule", (int)r->number,
		      "weight", (int)r->weight, "mode", lb_mode_name(r->mode), "share_percent",
		      status_share(r), "packets", (json_int_t)r->sent.packets, "bytes",
		      (json_int_t)r->sent.bytes);
	if (o && conns)
		json_object_set_new(o, "connections", json_integer(conns[r->number]));
	return o ? claims_json(r, o) : NULL;
}

static json_t *options_json(const struct lb_vip_options *o)
{
	json_t *flags = json_array();

	for (__u32 i = 0; lb_flag_name(1u << i); i++)
		if (o->flags & 1u << i)
			json_array_append_new(flags, json_string(lb_flag_name(1u << i)));
	return flags;
}

json_t *status_vip_json(const struct lb_vip_state *v, const __u32 *conns)
{
	json_t *reals = json_array(), *o;
	char text[LB_TEXT];

	for (size_t i = 0; i < v->count_reals; i++)
		json_array_append_new(reals, status_real_json(&v->reals[i], conns));
	lb_service_text(text, &v->service);
	o = json_pack("{s:s, s:i, s:o, s:I, s:I, s:I, s:I, s:o}", "vip", text, "rule",
		      (int)(LB_RULE_VIP + v->number), "options", options_json(&v->options),
		      "packets", (json_int_t)v->count.sent.packets, "bytes",
		      (json_int_t)v->count.sent.bytes, "dropped_packets",
		      (json_int_t)v->count.dropped.packets, "dropped_bytes",
		      (json_int_t)v->count.dropped.bytes, "reals", reals);
	if (o && v->options.id_bytes == LB_ID_BY_VERSION)
		json_object_set_new(o, "id_bytes", json_string("version"));
	else if (o && v->options.id_bytes)
		json_object_set_new(o, "id_bytes", json_integer(v->options.id_bytes));
	return o;
}

static json_t *outer_json(const struct lb_outer *outer, int family)
{
	struct prefix p = { .len = outer->len, .family = family };
	char text[PREFIX_TEXT];

	memcpy(p.addr, outer->addr, sizeof(p.addr));
	return json_string(prefix_text(&p, text));
}

static json_t *reasons_json(const struct status *s)
{
	json_t *reasons = json_object();

	for (size_t i = 0; i < s->count_reasons; i++)
		json_object_set_new(reasons, s->reasons[i].name,
				    json_pack("{s:I, s:I}", "packets",
					      (json_int_t)s->reasons[i].count.packets, "bytes",
					      (json_int_t)s->reasons[i].count.bytes));
	return reasons;
}

static json_t *guard_json(const struct status *s)
{
	return json_pack("{s:b, s:i, s:i, s:I, s:I}", "on", s->guard.cpus_on > 0, "cpus",
			 (int)s->guard.cpus_on, "rate", (int)s->options.guard_rate, "times",
			 (json_int_t)s->guard.times, "packets", (json_int_t)s->guard.packets);
}

json_t *status_json(const struct status *s)
{
	json_t *vips = json_array(), *o;
	const __u8 *mac = s->options.gateway;
	char gateway[18] = "auto";

	if (s->options.has_gateway)
		snprintf(gateway, sizeof(gateway), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
			 mac[2], mac[3], mac[4], mac[5]);
	for (size_t i = 0; i < s->state.count; i++)
		json_array_append_new(vips, status_vip_json(&s->state.vips[i], s->conns));
	o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o}",
		      "interface", s->ifname, "mode", s->generic ? "generic" : "native", "gateway",
		      gateway, "connections", (json_int_t)s->options.conns, "memory_bytes",
		      (json_int_t)s->memory, "gue_port", (int)s->options.gue_port,
		      "udp_idle_seconds", (int)s->options.udp_idle_s, "icmp_rate",
		      (int)s->options.icmp_rate, "source4",
		      outer_json(&s->options.source4, AF_INET), "source6",
		      outer_json(&s->options.source6, AF_INET6), "guard", guard_json(s), "reasons",
		      reasons_json(s), "vips", vips);
	if (o && s->is_lost)
		json_object_set_new(o, "sent_lost",
				    json_pack("{s:s, s:I}", "peer", s->loss.peer, "refused",
					      (json_int_t)s->loss.refused));
	return o;
}
