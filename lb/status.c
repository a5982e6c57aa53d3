// SPDX-License-Identifier: GPL-2.0
#include "lb/status.h"

#include <stdio.h>
#include <string.h>

static void mac_text(char text[18], const __u8 mac[6])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

double status_share(const struct lb_real_state *r)
{
	return 100.0 * r->entries / LB_RING;
}

void status_flags(const struct lb_vip_options *o, char text[STATUS_FLAGS])
{
	int len = 0;

	*text = 0;
	for (__u32 i = 0; lb_flag_name(1u << i); i++) {
		if (!(o->flags & 1u << i))
			continue;
		len += snprintf(text + len, STATUS_FLAGS - len, "%s%s", len ? "," : "",
				lb_flag_name(1u << i));
		if (1u << i == LB_VIP_QUIC && o->id_bytes != LB_ID_BY_VERSION)
			len += snprintf(text + len, STATUS_FLAGS - len, ":%u", o->id_bytes);
	}
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

static void text_real(const struct lb_real_state *r, int width, const __u32 *conns)
{
	char text[LB_TEXT];

	lb_addr_text(text, &r->addr);
	printf("  %-*s  %6u  %-5s  %5.1f %%  %12u  %12llu  %15llu\n", width - 2, text, r->weight,
	       lb_mode_name(r->mode), status_share(r), conns ? conns[r->number] : 0,
	       r->sent.packets, r->sent.bytes);
	if (r->count_ids)
		printf("    ids");
	for (size_t i = 0; i < r->count_ids; i++)
		printf(" %llu", r->ids[i]);
	if (r->count_ids)
		printf("\n");
	for (size_t i = 0; i < r->count_sources; i++) {
		char net[PREFIX_TEXT];

		printf("    source %s\n", prefix_text(&r->sources[i], net));
	}
}

static void text_vip(const struct lb_vip_state *v, int width, const __u32 *conns)
{
	char text[LB_TEXT], flags[STATUS_FLAGS];

	lb_service_text(text, &v->service);
	printf("%-*s  %6s  %-5s  %7s  %12s  %12llu  %15llu  %10llu\n", width, text, "", "", "", "",
	       v->count.sent.packets, v->count.sent.bytes, v->count.dropped.packets);
	status_flags(&v->options, flags);
	if (*flags)
		printf("  options %s\n", flags);
	for (size_t i = 0; i < v->count_reals; i++)
		text_real(&v->reals[i], width, conns);
	if (!v->count_reals)
		printf("  no real: its packets are dropped\n");
}

static void text_guard(const struct status *s)
{
	if (!s->options.guard_rate) {
		printf("flood guard: never on\n");
		return;
	}
	printf("flood guard: ");
	if (s->guard.cpus_on)
		printf("ON, on %u CPU%s", s->guard.cpus_on, s->guard.cpus_on > 1 ? "s" : "");
	else
		printf("off");
	printf(", above %u new connections a CPU and second", s->options.guard_rate);
	if (s->guard.times)
		printf("; was on %llu times, for %llu packets", s->guard.times, s->guard.packets);
	printf("\n");
}

static void text_head(const struct status *s)
{
	char mac[18] = "auto", text[VETH_TEXT];

	if (s->options.has_gateway)
		mac_text(mac, s->options.gateway);
	printf("%s: %s mode, gateway %s, 2 tables of %u connections, %.1f MiB\n", s->ifname,
	       s->generic ? "generic" : "native", mac, s->options.conns, s->memory / 1048576.0);
	text_guard(s);
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
	printf("%-*s  %6s  %-5s  %7s  %12s  %12s  %15s  %10s\n", width, "VIP / real", "weight",
	       "mode", "share", "connections", "packets", "bytes", "dropped");
	for (size_t i = 0; i < s->state.count; i++)
		text_vip(&s->state.vips[i], width, s->conns);
}
