// SPDX-License-Identifier: GPL-2.0
/* report_json - a chain as JSON. */
#include <jansson.h>

#include "droplet/act.h"
#include "droplet/report.h"
#include "lib/veth.h"

static json_t *count_json(const struct chain_count *count)
{
	return json_pack("{s:I, s:I}", "packets", (json_int_t)count->packets, "bytes",
			 (json_int_t)count->bytes);
}

static json_t *verdicts_json(const struct chain_count row[CHAIN_VERDICTS])
{
	json_t *o = json_object();

	for (__u32 v = 0; v < CHAIN_VERDICTS; v++)
		if (row[v].packets)
			json_object_set_new(o, report_verdict(v), count_json(&row[v]));
	return o;
}

static json_t *reasons_json(const struct report *r, __u32 slot)
{
	json_t *a = json_array();

	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const char *name = names_reason(r->names, slot, 0, i);
		json_t *o;

		if (!r->totals.reasons[slot][i].packets)
			continue;
		o = count_json(&r->totals.reasons[slot][i]);
		json_object_set_new(o, "reason", json_integer(i));
		if (name)
			json_object_set_new(o, "name", json_string(name));
		json_array_append_new(a, o);
	}
	return a;
}

static void add_list(const struct report *r, __u32 slot, json_t *stage)
{
	char prefix[PREFIX_TEXT];
	struct report_list list;
	json_t *rules;

	if (report_list(r, slot, &list))
		return;
	rules = json_array();
	for (size_t i = 0; i < list.count; i++) {
		const struct blocklist_item *item = &list.top[i];
		json_t *o = json_pack("{s:I, s:s, s:I, s:s}", "rule", (json_int_t)item->rule,
				      "prefix", prefix_text(&item->prefix, prefix), "hits",
				      (json_int_t)item->hits, "note", list.rules[i].note);

		if (item->expires_ns)
			json_object_set_new(o, "left_ns",
					    json_integer(item->expires_ns - r->now_ns));
		json_array_append_new(rules, o);
	}
	json_object_set_new(stage, "rules", rules);
	json_object_set_new(stage, "prefixes", json_integer(list.total));
	json_object_set_new(stage, "max_prefixes", json_integer(list.max));
}

static void add_limit(const struct report *r, __u32 slot, json_t *stage)
{
	struct ratelimit limit;

	if (ratelimit_get(r->chain, slot, &limit))
		return;
	json_object_set_new(stage, "limit", limit.rate ? act_limit_json(&limit) : json_null());
}

static json_t *stages_json(const struct report *r)
{
	json_t *a = json_array();

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		struct chain_stage st;
		json_t *o;

		if (chain_stage(r->chain, slot, &st))
			continue;
		o = json_pack("{s:i, s:s, s:s, s:I, s:b, s:o, s:o}", "slot", (int)slot, "name",
			      st.name, "kind", st.kind, "prog_id", (json_int_t)st.prog_id, "shadow",
			      !!(st.flags & CHAIN_STAGE_SHADOW), "verdicts",
			      verdicts_json(r->totals.verdicts[slot]), "reasons",
			      reasons_json(r, slot));
		if (st.since_ns)
			json_object_set_new(o, "age_ns", json_integer(r->now_ns - st.since_ns));
		add_list(r, slot, o);
		add_limit(r, slot, o);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *sessions_json(const struct report *r)
{
	json_t *a = json_array();
	struct session_conf s;

	for (__u32 i = 0; i < SESSIONS; i++)
		if (!report_session(r, i, &s))
			json_array_append_new(
				a, json_pack("{s:i, s:i, s:s, s:s, s:I, s:I}", "session", (int)i,
					     "pid", (int)s.pid, "comm", s.comm, "filter", s.filter,
					     "age_ns", (json_int_t)(r->now_ns - s.since_ns),
					     "offered", (json_int_t)r->totals.sessions[i].offered));
	return a;
}

json_t *report_json(const struct report *r)
{
	const struct chain_info *info = &r->chain->info;
	struct veth_loss loss;
	json_t *o = json_pack("{s:s, s:i, s:s, s:I, s:o, s:o, s:o, s:o, s:b}", "interface",
			      r->chain->ifname, "ifindex", (int)info->ifindex, "mode",
			      info->generic ? "generic" : "native", "age_ns",
			      (json_int_t)(r->now_ns - info->created_ns), "stages", stages_json(r),
			      "end", count_json(&r->totals.verdicts[CHAIN_SLOT_END][CHAIN_PASS]),
			      "captures", sessions_json(r), "gone", verdicts_json(r->totals.gone),
			      "panic", !!(info->flags & CHAIN_PANIC));

	if (o)
		json_object_set_new(o, "panic", json_boolean(info->flags & CHAIN_PANIC));
	if (o && veth_loss(r->chain, &r->totals, &loss))
		json_object_set_new(o, "sent_lost",
				    json_pack("{s:s, s:I}", "peer", loss.peer, "refused",
					      (json_int_t)loss.refused));
	return o;
}
