// SPDX-License-Identifier: GPL-2.0
#include "tests/katran.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lb.h"
#include "lib/util.h"
#include "tests/lbrig.h"

#define CLAIMS 16

static json_t *vectors, *provision;

int katran_load(void)
{
	vectors = json_load_file(KATRAN_PEERS "katran_vectors.json", 0, NULL);
	provision = json_load_file(KATRAN_PEERS "katran_provision.json", 0, NULL);
	return vectors && provision;
}

void katran_free(void)
{
	json_decref(vectors);
	json_decref(provision);
}

const json_t *katran_vectors(void)
{
	return vectors;
}

const char *katran_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void die(const char *what, const struct fail *f)
{
	fprintf(stderr, "katran: %s: %s\n", what, f->text);
	exit(1);
}

/* Their flags by bit, in ours; 0: none of ours. */
static __u32 flags_of(const json_t *vip)
{
	static const struct {
		__u32 theirs, ours;
	} table[] = {
		{ 1, LB_VIP_HASH_SOURCE }, { 2, LB_VIP_ONE_SHOT }, { 4, LB_VIP_QUIC },
		{ 8, LB_VIP_HASH_DPORT },  { 256, LB_VIP_STABLE }, { 512, LB_VIP_MIGRATE },
	};
	__u32 flags = 0, theirs = json_integer_value(json_object_get(vip, "flags"));

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (theirs & table[i].theirs)
			flags |= table[i].ours;
	return flags;
}

static void vip_name(const json_t *vip, char name[LB_TEXT])
{
	const char *addr = katran_text(vip, "address");
	int port = json_integer_value(json_object_get(vip, "port"));
	int len = json_integer_value(json_object_get(vip, "prefix_len"));
	char net[8] = "", ports[8] = "any";

	if (len)
		snprintf(net, sizeof(net), "/%d", len);
	if (port)
		snprintf(ports, sizeof(ports), "%d", port);
	snprintf(name, LB_TEXT, strchr(addr, ':') ? "[%.39s%s]:%s/%.3s" : "%.39s%s:%s/%.3s", addr,
		 net, ports, katran_text(vip, "proto"));
}

static void real_add(const struct lb_service *s, const struct lb_addr *real, __u32 weight)
{
	struct fail f = { 0 };
	int err = lb_real_add(lbrig_lb, s, real, weight, &f);

	if (err && err != -EEXIST)
		die("real", &f);
}

static struct lb_addr addr_of(const char *text)
{
	struct lb_addr a;
	struct fail f = { 0 };

	if (lb_addr_parse(text, &a, &f))
		die("address", &f);
	return a;
}

static struct lb_service service_of(const char *text)
{
	struct lb_service s;
	struct fail f = { 0 };

	if (lb_service_parse(text, &s, &f))
		die("VIP", &f);
	return s;
}

/* Theirs are of all VIPs together, ours of one each: a real without weight for the ids' sake. */
static void claim_ids(const struct lb_service *s, const json_t *map, const char *real)
{
	struct lb_addr addr = addr_of(real);
	__u64 ids[CLAIMS];
	size_t n = 0, i;
	struct fail f = { 0 };
	json_t *id;

	if (s->addr.family == AF_INET6 && addr.family == AF_INET)
		return;
	json_array_foreach(map, i, id) {
		if (!strcmp(katran_text(id, "real"), real) && n < CLAIMS)
			ids[n++] = json_integer_value(json_object_get(id, "server_id"));
	}
	real_add(s, &addr, 0);
	if (lb_real_ids(lbrig_lb, s, &addr, ids, n, &f))
		die("ids", &f);
}

static void vip_add(const json_t *vip, const json_t *ids, __u32 more)
{
	struct lb_vip_options o = { .flags = flags_of(vip) | more };
	struct lb_service s;
	struct fail f = { 0 };
	char name[LB_TEXT];
	json_t *r;
	size_t i;
	int err;

	vip_name(vip, name);
	s = service_of(name);
	if (o.flags & LB_VIP_QUIC)
		o.id_bytes = LB_ID_BY_VERSION;
	err = lb_vip_add(lbrig_lb, &s, &o, &f);
	if (err && err != -EEXIST)
		die(name, &f);
	json_array_foreach(json_object_get(vip, "reals"), i, r) {
		struct lb_addr addr = addr_of(katran_text(r, "address"));

		real_add(&s, &addr, json_integer_value(json_object_get(r, "weight")));
	}
	if (o.flags & (LB_VIP_QUIC | LB_VIP_STABLE))
		json_array_foreach(ids, i, r)
			claim_ids(&s, ids, katran_text(r, "real"));
}

static void down(const json_t *setup)
{
	struct fail f = { 0 };
	json_t *d;
	size_t i;

	json_array_foreach(json_object_get(setup, "down_reals"), i, d) {
		struct lb_service s = service_of(katran_text(d, "vip"));
		struct lb_addr a = addr_of(katran_text(d, "real"));

		if (lb_real_mode(lbrig_lb, &s, &a, LB_REAL_DOWN, &f))
			die("down", &f);
	}
}

/* The sources that have a real of their own, for the VIPs of the setup that ask for them. */
static void claim_sources(const json_t *setup)
{
	struct fail f = { 0 };
	json_t *vip, *route;
	size_t i, j;

	json_array_foreach(json_object_get(setup, "modify"), i, vip) {
		const char *name = katran_text(vip, "vip");
		char text[LB_TEXT];
		struct lb_service s;

		/* theirs have no brackets */
		if (strchr(name, ':') == strrchr(name, ':'))
			snprintf(text, sizeof(text), "%s", name);
		else
			snprintf(text, sizeof(text), "[%.*s]%s", (int)(strrchr(name, ':') - name),
				 name, strrchr(name, ':'));
		s = service_of(text);
		json_array_foreach(json_object_get(setup, "src_routes"), j, route) {
			struct lb_addr a = addr_of(katran_text(route, "real"));
			struct prefix p;

			if (prefix_parse(katran_text(route, "src"), &p, &f))
				die("source", &f);
			if (p.family != s.addr.family)
				continue;
			real_add(&s, &a, 0);
			if (lb_real_sources(lbrig_lb, &s, &a, &p, 1, &f))
				die("sources", &f);
		}
	}
}

void katran_provision(const json_t *vector, __u32 flags)
{
	json_t *name, *vip;
	size_t i, j;

	json_array_foreach(json_object_get(vector, "setup"), i, name) {
		json_t *setup = json_object_get(json_object_get(provision, "setups"),
						json_string_value(name));

		json_array_foreach(json_object_get(setup, "vips"), j, vip)
			vip_add(vip, json_object_get(setup, "server_id_map"), flags);
		down(setup);
		claim_sources(setup);
	}
}

/* Is the flow's destination that VIP's? */
static int is_vip(const json_t *vip, const char *dst)
{
	const char *addr = katran_text(vip, "address");
	size_t len = strlen(addr);

	if (!json_object_get(vip, "prefix_len"))
		return !strcmp(addr, dst);
	return !strncmp(addr, dst, len); /* all end in :: */
}

static int is_down(const json_t *setup, const char *dst, const char *real)
{
	json_t *d;
	size_t i;

	json_array_foreach(json_object_get(setup, "down_reals"), i, d) {
		if (!strncmp(katran_text(d, "vip"), dst, strlen(dst)) &&
		    !strcmp(katran_text(d, "real"), real))
			return 1;
	}
	return 0;
}

int katran_is_real(const json_t *vector, const char *real)
{
	json_t *flow = json_object_get(vector, "vip_flow"), *name, *v, *r;
	json_int_t proto = json_integer_value(json_object_get(flow, "proto"));
	const char *dst = katran_text(flow, "dst");
	size_t i, j, k;

	json_array_foreach(json_object_get(vector, "setup"), i, name) {
		json_t *setup = json_object_get(json_object_get(provision, "setups"),
						json_string_value(name));

		json_array_foreach(json_object_get(setup, "vips"), j, v) {
			if (!is_vip(v, dst) ||
			    strcmp(katran_text(v, "proto"), proto == 6 ? "tcp" : "udp"))
				continue;
			json_array_foreach(json_object_get(v, "reals"), k, r) {
				if (!strcmp(katran_text(r, "address"), real))
					return !is_down(setup, dst, real);
			}
		}
	}
	return 0;
}
