// SPDX-License-Identifier: GPL-2.0
#include "viewer/once_json.h"

#include <errno.h>
#include <stdio.h>

#include <jansson.h>

static json_t *count_json(const struct chain_count *c, double pps)
{
	return json_pack("{s:I, s:I, s:f}", "packets", (json_int_t)c->packets, "bytes",
			 (json_int_t)c->bytes, "pps", pps);
}

static json_t *verdicts_json(const struct model_stage *st)
{
	json_t *o = json_object();

	for (__u32 v = 0; v < CHAIN_VERDICTS; v++)
		if (st->total[v].packets)
			json_object_set_new(o, model_verdict(v),
					    count_json(&st->total[v], st->pps[v]));
	return o;
}

static json_t *reasons_json(const struct model_stage *st)
{
	json_t *a = json_array();

	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const struct model_reason *r = &st->reasons[i];
		json_t *o;

		if (!r->total.packets)
			continue;
		o = count_json(&r->total, r->pps);
		json_object_set_new(o, "reason", json_integer(i));
		json_object_set_new(o, "name", r->name[0] ? json_string(r->name) : json_null());
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *stage_json(const struct model_if *mi, __u32 slot)
{
	const struct model_stage *st = &mi->stages[slot];
	json_t *o = json_pack("{s:i, s:s, s:b, s:f, s:f, s:f, s:o, s:o}", "slot", (int)slot, "name",
			      slot == CHAIN_SLOT_END ? "end" : st->name, "shadow",
			      !!(st->flags & CHAIN_STAGE_SHADOW), "pps", model_pps(st), "drops_pps",
			      model_drops(st), "bps", st->bps, "verdicts", verdicts_json(st),
			      "reasons", reasons_json(st));

	if (!o)
		return NULL;
	if (st->since_ns)
		json_object_set_new(o, "age_ns", json_integer(mi->now_ns - st->since_ns));
	if (st->prog_id)
		json_object_set_new(o, "prog_id", json_integer(st->prog_id));
	if (st->step_ns >= 0)
		json_object_set_new(o, "ns", json_real(st->step_ns));
	return o;
}

/* NULL: a name is not UTF-8. */
static json_t *if_json(const struct model_if *mi)
{
	json_t *stages = json_array(), *o;
	struct model_sum s;

	model_sum(mi, &s);
	for (__u32 slot = 0; slot < CHAIN_COUNTED; slot++) {
		json_t *st;

		if (!mi->stages[slot].here && slot != CHAIN_SLOT_END)
			continue;
		st = stage_json(mi, slot);
		if (!st) {
			json_decref(stages);
			return NULL;
		}
		json_array_append_new(stages, st);
	}
	o = json_pack("{s:s, s:f, s:f, s:f, s:o}", "interface", mi->name, "pps", s.pps, "bps",
		      s.bps, "drops_pps", s.final[CHAIN_DROP] + s.final[CHAIN_ABORTED], "stages",
		      stages);
	if (!o)
		return NULL;
	if (!mi->mean) {
		json_object_set_new(o, "mode", json_string(mi->generic ? "generic" : "native"));
		json_object_set_new(o, "age_ns", json_integer(mi->now_ns - mi->created_ns));
	} else {
		json_object_set_new(o, "span_ns", json_integer(mi->now_ns - mi->start_ns));
	}
	if (mi->gone[0])
		json_object_set_new(o, "gone", json_string(mi->gone));
	if (mi->loss[0])
		json_object_set_new(o, "loss", json_string(mi->loss));
	return o;
}

int once_json(const struct model *m)
{
	json_t *all = json_array(), *o;
	int err = 0;

	for (__u32 i = 0; i < m->n && !err; i++) {
		o = if_json(&m->ifs[i]);
		if (o)
			json_array_append_new(all, o);
		else
			err = -EILSEQ;
	}
	o = json_pack("{s:o}", "interfaces", all);
	if (!err && json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12)))
		err = -EIO;
	if (!err)
		printf("\n");
	json_decref(o);
	return err;
}
