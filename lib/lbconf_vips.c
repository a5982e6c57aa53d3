// SPDX-License-Identifier: GPL-2.0
/* lbconf_vips - `vips: [{vip: "192.0.2.10:80/tcp", reals: [{addr: 10.0.0.1, weight: 2}]}]`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/lbconf_int.h"

#define REASON 400 /* bytes of what another part says */

static int read_vip(const struct mapping_at *at)
{
	const char *text = mapping_word(at, 2 * LB_TEXT);
	struct lbconf_vip *v = at->out;
	struct fail why = { 0 };

	if (!text)
		return -EINVAL;
	return lb_service_parse(text, &v->service, &why) ? mapping_bad(at, "%.*s", REASON, why.text)
							 : 0;
}

static size_t items(const struct mapping_at *at)
{
	size_t n = 0;

	while (yaml_item(at->y, at->pair.value, n))
		n++;
	return n;
}

/* The text of item @i of a list of words. */
static const char *word(const struct mapping_at *at, size_t i)
{
	const char *text = yaml_scalar(yaml_item(at->y, at->pair.value, i));

	return text ? text : "";
}

static int read_options(const struct mapping_at *at)
{
	struct lbconf_vip *v = at->out;
	size_t count = items(at);

	if (!yaml_is_list(at->pair.value))
		return mapping_bad(at, "a list is wanted: [gue, hash-source]");
	for (size_t i = 0; i < count; i++) {
		__u32 flag = lb_flag_parse(word(at, i));

		if (!flag)
			return mapping_bad(at, "%.40s: no such option: see xdplb.yaml(5)",
					   word(at, i));
		v->options.flags |= flag;
	}
	return 0;
}

static int read_id_bytes(const struct mapping_at *at)
{
	const char *text = mapping_word(at, 16);
	struct lbconf_vip *v = at->out;

	if (!text)
		return -EINVAL;
	if (strcmp(text, "version"))
		return mapping_number(at, 1, LB_ID_BYTES, &v->options.id_bytes);
	v->options.id_bytes = LB_ID_BY_VERSION;
	return 0;
}

static int read_all_down(const struct mapping_at *at)
{
	static const char *const ways[] = { "drop", "open", NULL };
	struct lbconf_vip *v = at->out;
	int is_open, err = mapping_choice(at, ways, &is_open);

	if (err)
		return err;
	if (!is_open && v->options.flags & LB_VIP_FAIL_OPEN)
		return mapping_bad(at, "drop: options say fail-open");
	v->options.flags |= is_open ? LB_VIP_FAIL_OPEN : 0;
	return 0;
}

static int read_check(const struct mapping_at *at)
{
	struct lbconf_vip *v = at->out;

	return lbconf_check(at, &v->check);
}

static int read_addr(const struct mapping_at *at)
{
	const char *text = mapping_word(at, LB_TEXT);
	struct lbconf_real *r = at->out;
	struct fail why = { 0 };

	if (!text)
		return -EINVAL;
	return lb_addr_parse(text, &r->addr, &why) ? mapping_bad(at, "%.*s", REASON, why.text) : 0;
}

static int read_weight(const struct mapping_at *at)
{
	struct lbconf_real *r = at->out;

	return mapping_number(at, 0, LB_WEIGHT_MAX, &r->weight);
}

static int read_ids(const struct mapping_at *at)
{
	struct lbconf_real *r = at->out;
	size_t count = items(at);

	if (!yaml_is_list(at->pair.value))
		return mapping_bad(at, "a list is wanted: [1024, 0x400]");
	r->ids = calloc(count + 1, sizeof(*r->ids));
	if (!r->ids)
		return fail_errno(at->f, ENOMEM, "ids");
	for (size_t i = 0; i < count; i++) {
		const char *text = word(at, i);
		char *end;

		errno = 0;
		r->ids[i] = strtoull(text, &end, 0);
		if (*text < '0' || *text > '9' || *end || errno || !r->ids[i])
			return mapping_bad(at, "%.40s: a server id is a number from 1 on", text);
	}
	r->id_count = count;
	return 0;
}

static int read_sources(const struct mapping_at *at)
{
	struct lbconf_real *r = at->out;
	struct fail why = { 0 };
	size_t count = items(at);

	if (!yaml_is_list(at->pair.value))
		return mapping_bad(at, "a list is wanted: [192.0.2.0/24]");
	r->sources = calloc(count + 1, sizeof(*r->sources));
	if (!r->sources)
		return fail_errno(at->f, ENOMEM, "sources");
	for (size_t i = 0; i < count; i++)
		if (prefix_parse(word(at, i), &r->sources[i], &why))
			return mapping_bad(at, "%.*s", REASON, why.text);
	r->source_count = count;
	return 0;
}

static int read_real(const struct mapping_at *at, struct lbconf_vip *v, size_t n)
{
	static const struct mapping_key keys[] = {
		{ "addr", read_addr },
		{ "weight", read_weight },
		{ "ids", read_ids },
		{ "sources", read_sources },
		{ 0 },
	};
	const struct yaml_node_s *node = yaml_item(at->y, at->pair.value, n);
	struct lbconf_real *r = &v->reals[v->real_count++];
	char text[LB_TEXT];
	int err;

	r->line = yaml_line(node);
	r->weight = 1;
	err = mapping_read(at->y, node, "reals", keys, r, at->f);
	if (!err && !r->addr.family)
		err = yaml_fail(at->y, at->f, EINVAL, r->line, "addr", "is missing");
	lb_addr_text(text, &r->addr);
	for (size_t i = 0; !err && i + 1 < v->real_count; i++)
		if (!memcmp(&v->reals[i].addr, &r->addr, sizeof(r->addr)))
			err = yaml_fail(at->y, at->f, EINVAL, r->line, "addr",
					"%s: is there already, in line %u", text, v->reals[i].line);
	return err;
}

static int read_reals(const struct mapping_at *at)
{
	struct lbconf_vip *v = at->out;
	size_t count = items(at);
	int err = 0;

	if (!yaml_is_list(at->pair.value))
		return mapping_bad(at, "a list is wanted: [{addr: 10.0.0.1}]");
	v->reals = calloc(count + 1, sizeof(*v->reals));
	if (!v->reals)
		return fail_errno(at->f, ENOMEM, "reals");
	for (size_t i = 0; !err && i < count; i++)
		err = read_real(at, v, i);
	return err;
}

/* What the balancer would refuse. */
static int judge(const struct yaml_file *y, struct lbconf *conf, struct lbconf_vip *v,
		 struct fail *f)
{
	struct fail why = { 0 };
	char text[LB_TEXT];

	if (!v->service.addr.family)
		return yaml_fail(y, f, EINVAL, v->line, "vip", "is missing");
	lb_service_text(text, &v->service);
	for (size_t i = 0; i + 1 < conf->vip_count; i++)
		if (!memcmp(&conf->vips[i].service, &v->service, sizeof(v->service)))
			return yaml_fail(y, f, EINVAL, v->line, "vip",
					 "%s: is there already, in line %u", text,
					 conf->vips[i].line);
	if (lb_vip_check(&v->service, &v->options, &why))
		return yaml_fail(y, f, EINVAL, v->line, "options", "%.*s", REASON, why.text);
	for (size_t i = 0; i < v->real_count; i++)
		if (lb_real_check(&v->service, &v->reals[i].addr, v->reals[i].weight, &why))
			return yaml_fail(y, f, EINVAL, v->reals[i].line, "addr", "%.*s", REASON,
					 why.text);
	if (lbconf_claims_fit(y, conf, v, f))
		return -EINVAL;
	return lbconf_check_fits(y, conf, v, f);
}

int lbconf_vips(const struct yaml_file *y, struct lbconf *conf, struct fail *f)
{
	static const struct mapping_key keys[] = {
		{ "vip", read_vip },
		{ "options", read_options },
		{ "id_bytes", read_id_bytes },
		{ "all_down", read_all_down },
		{ "check", read_check },
		{ "reals", read_reals },
		{ 0 },
	};
	const struct yaml_node_s *list = yaml_get(y, yaml_root(y), "vips");
	size_t n = 0, reals = 0;
	int err = 0;

	if (list && !yaml_is_list(list))
		return yaml_fail(y, f, EINVAL, yaml_line(list), "vips", "a list is wanted");
	while (yaml_item(y, list, n))
		n++;
	if (n >= LB_VIPS)
		return yaml_fail(y, f, EINVAL, yaml_line(list), "vips", "%d is all", LB_VIPS - 1);
	conf->vips = calloc(n + 1, sizeof(*conf->vips));
	if (!conf->vips)
		return fail_errno(f, ENOMEM, conf->path);
	for (size_t i = 0; !err && i < n; i++) {
		const struct yaml_node_s *node = yaml_item(y, list, i);
		struct lbconf_vip *v = &conf->vips[conf->vip_count++];

		v->line = yaml_line(node);
		err = mapping_read(y, node, "vips", keys, v, f);
		if (!err)
			err = judge(y, conf, v, f);
		reals += v->real_count;
		if (!err && reals >= LB_REALS)
			err = yaml_fail(y, f, EINVAL, v->line, "reals",
					"%d of all VIPs together are all", LB_REALS - 1);
	}
	return err;
}
