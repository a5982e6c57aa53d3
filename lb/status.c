// SPDX-License-Identifier: GPL-2.0
#include "lb/status.h"

#include <stdio.h>
#include <string.h>

static void mac_text(char text[18], const __u8 mac[6])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

static double share(const struct lb_real_state *r)
{
	return 100.0 * r->entries / LB_RING;
}

/* The widest name of the first column, in bytes. */
static int name_width(const struct lb_state *state)
{
	char text[LB_TEXT];
	int len, width = strlen("VIP / real");

	for (size_t i = 0; i < state->count; i++) {
		const struct lb_vip_state *v = &state->vips[i];

		lb_service_text(text, &v->service);
		len = strlen(text);
		width = len > width ? len : width;
		for (size_t j = 0; j < v->count_reals; j++) {
			lb_addr_text(text, &v->reals[j].addr);
			len = strlen(text) + 2;
			width = len > width ? len : width;
		}
	}
	return width;
}

static void text_vip(const struct lb_vip_state *v, int width)
{
	char text[LB_TEXT];

	lb_service_text(text, &v->service);
	printf("%-*s  %6s  %7s  %12llu  %15llu  %10llu\n", width, text, "", "",
	       v->count.sent.packets, v->count.sent.bytes, v->count.dropped.packets);
	for (size_t i = 0; i < v->count_reals; i++) {
		const struct lb_real_state *r = &v->reals[i];

		lb_addr_text(text, &r->addr);
		printf("  %-*s  %6u  %5.1f %%  %12llu  %15llu\n", width - 2, text, r->weight,
		       share(r), r->sent.packets, r->sent.bytes);
	}
	if (!v->count_reals)
		printf("  no real: its packets are dropped\n");
}

static void text_head(const struct status *s)
{
	char mac[18] = "auto", text[VETH_TEXT];

	if (s->options.has_gateway)
		mac_text(mac, s->options.gateway);
	printf("%s: %s mode, gateway %s, 2 tables of %u connections, %.1f MiB\n", s->ifname,
	       s->generic ? "generic" : "native", mac, s->options.conns, s->memory / 1048576.0);
	if (s->count_reasons)
		printf("packets:");
	for (size_t i = 0; i < s->count_reasons; i++)
		printf("%s %llu %s", i ? "," : "", s->reasons[i].count.packets, s->reasons[i].name);
	if (s->count_reasons)
		printf("\n");
	if (s->is_lost) {
		veth_text(&s->loss, text);
		printf("%s\n", text);
	}
}

void status_text(const struct status *s)
{
	int width = name_width(&s->state);

	text_head(s);
	if (!s->state.count) {
		printf("no VIP, add one: xdplb vip add ADDR:PORT/tcp\n");
		return;
	}
	printf("%-*s  %6s  %7s  %12s  %15s  %10s\n", width, "VIP / real", "weight", "share",
	       "packets", "bytes", "dropped");
	for (size_t i = 0; i < s->state.count; i++)
		text_vip(&s->state.vips[i], width);
}

static json_t *real_json(const struct lb_real_state *r)
{
	char text[LB_TEXT];

	lb_addr_text(text, &r->addr);
	return json_pack("{s:s, s:i, s:i, s:f, s:I, s:I}", "real", text, "rule", (int)r->number,
			 "weight", (int)r->weight, "share_percent", share(r), "packets",
			 (json_int_t)r->sent.packets, "bytes", (json_int_t)r->sent.bytes);
}

static json_t *vip_json(const struct lb_vip_state *v)
{
	json_t *reals = json_array();
	char text[LB_TEXT];

	for (size_t i = 0; i < v->count_reals; i++)
		json_array_append_new(reals, real_json(&v->reals[i]));
	lb_service_text(text, &v->service);
	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:o}", "vip", text, "rule",
			 (int)(LB_RULE_VIP + v->number), "packets",
			 (json_int_t)v->count.sent.packets, "bytes",
			 (json_int_t)v->count.sent.bytes, "dropped_packets",
			 (json_int_t)v->count.dropped.packets, "dropped_bytes",
			 (json_int_t)v->count.dropped.bytes, "reals", reals);
}

json_t *status_json(const struct status *s)
{
	json_t *vips = json_array(), *reasons = json_object(), *o;
	char mac[18] = "auto";

	if (s->options.has_gateway)
		mac_text(mac, s->options.gateway);
	for (size_t i = 0; i < s->state.count; i++)
		json_array_append_new(vips, vip_json(&s->state.vips[i]));
	for (size_t i = 0; i < s->count_reasons; i++)
		json_object_set_new(reasons, s->reasons[i].name,
				    json_pack("{s:I, s:I}", "packets",
					      (json_int_t)s->reasons[i].count.packets, "bytes",
					      (json_int_t)s->reasons[i].count.bytes));
	o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "interface", s->ifname, "mode",
		      s->generic ? "generic" : "native", "gateway", mac, "connections",
		      (json_int_t)s->options.conns, "memory_bytes", (json_int_t)s->memory,
		      "reasons", reasons, "vips", vips);
	if (o && s->is_lost)
		json_object_set_new(o, "sent_lost",
				    json_pack("{s:s, s:I}", "peer", s->loss.peer, "refused",
					      (json_int_t)s->loss.refused));
	return o;
}
