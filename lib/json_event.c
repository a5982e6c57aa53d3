// SPDX-License-Identifier: GPL-2.0
#include "lib/json_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "lib/textbuf.h"
#include "lib/trail.h"
#include "lib/util.h"

/* Any bytes: JSON has no way to say what is not UTF-8, so that is quoted. NULL gives null. */
static json_t *name(const char *s)
{
	static const bool nothing[128];
	char quoted[1024];
	struct textbuf b = textbuf_at(quoted, sizeof(quoted));
	json_t *plain;

	if (!s || !*s)
		return json_null();
	plain = json_string(s);
	if (plain)
		return plain;
	textbuf_word(&b, s, nothing);
	return json_stringn(quoted, textbuf_done(&b));
}

static json_t *number(bool known, json_int_t v)
{
	return known ? json_integer(v) : json_null();
}

static json_t *verdict(bool known, __u64 v)
{
	const char *text = trail_verdict_name(v < 256 ? v : 256);

	if (!known)
		return json_null();
	return text ? json_string(text) : json_sprintf("verdict%llu", v);
}

static json_t *reason(const struct trail_step *s)
{
	if (!s || !s->reason)
		return json_null();
	return *s->reason_name ? name(s->reason_name) : json_sprintf("%u", s->reason);
}

static json_t *stage(const struct trail_step *s)
{
	char label[TRAIL_LABEL];

	if (!s)
		return json_null();
	trail_label(s, label);
	return name(label);
}

static json_t *time_text(__u64 ns)
{
	time_t sec = ns / NSEC;
	char text[32];
	struct tm tm;

	gmtime_r(&sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%09lluZ", text, ns % NSEC);
}

/* Sets @key unless there is nothing to say. */
static int maybe(json_t *o, const char *key, bool there, json_t *v)
{
	if (there)
		return json_object_set_new(o, key, v);
	json_decref(v);
	return 0;
}

static json_t *one_step(const struct trail *t, const struct trail_step *s)
{
	json_t *o = json_pack("{s:i, s:o, s:o, s:b}", "slot", s->slot, "stage", stage(s), "verdict",
			      verdict(true, s->verdict), "shadow", s->shadow);

	if (maybe(o, "reason", s->reason, reason(s)) ||
	    maybe(o, "rule", s->rule, json_integer(s->rule)) ||
	    maybe(o, "rule_text", *s->rule_text, name(s->rule_text)) ||
	    maybe(o, "ns", t->times, json_integer(s->ns))) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *steps(const struct trail *t)
{
	json_t *list = json_array();

	for (unsigned int i = 0; t && i < t->steps; i++) {
		if (json_array_append_new(list, one_step(t, &t->step[i]))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *hex(const struct record *r)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(r->cap_len * 2 + 1);
	json_t *v;

	if (!text)
		return NULL;
	for (__u32 i = 0; i < r->cap_len; i++) {
		text[i * 2] = digits[r->data[i] >> 4];
		text[i * 2 + 1] = digits[r->data[i] & 15];
	}
	v = json_stringn(text, r->cap_len * 2);
	free(text);
	return v;
}

static int set_packet(json_t *o, const struct format_file *f, const struct record *r)
{
	const struct format_if *i = r->iface < f->n_ifs ? &f->ifs[r->iface] : NULL;
	bool ours = r->trail && r->have & RECORD_PACKETID;
	json_t *point = !r->trail			 ? json_null()
			: r->trail->point == EVENT_ENTRY ? json_string("entry")
							 : json_string("exit");

	return json_object_set_new(o, "time", time_text(r->time_ns)) ||
	       json_object_set_new(o, "iface", name(i ? i->name : NULL)) ||
	       json_object_set_new(o, "ifindex", number(i && i->ifindex, i ? i->ifindex : 0)) ||
	       json_object_set_new(o, "point", point) ||
	       json_object_set_new(o, "queue", number(r->have & RECORD_QUEUE, r->queue)) ||
	       json_object_set_new(o, "cpu", number(ours, record_id_cpu(r->packetid))) ||
	       json_object_set_new(o, "seq", number(ours, record_id_seq(r->packetid))) ||
	       json_object_set_new(o, "len", json_integer(r->len)) ||
	       json_object_set_new(o, "cap_len", json_integer(r->cap_len));
}

static int set_trail(json_t *o, const struct record *r)
{
	int i = r->trail ? trail_decider(r->trail) : -1;
	const struct trail_step *s = i >= 0 ? &r->trail->step[i] : NULL;

	return json_object_set_new(o, "verdict", verdict(r->have & RECORD_VERDICT, r->verdict)) ||
	       json_object_set_new(o, "stage", stage(s)) ||
	       json_object_set_new(o, "reason", reason(s)) ||
	       json_object_set_new(o, "rule", number(s && s->rule, s ? s->rule : 0)) ||
	       json_object_set_new(o, "rule_text", name(s ? s->rule_text : NULL)) ||
	       json_object_set_new(o, "steps", steps(r->trail));
}

/* A line of its own, before that of the packet. 0: it does not fit, or there is none. */
static size_t trigger(const struct record *r, char *buf, size_t size)
{
	json_t *o = json_pack("{s:s%}", "trigger", r->trigger, (size_t)r->trigger_len);
	size_t len = json_dumpb(o, buf, size, JSON_COMPACT);

	json_decref(o);
	if (!len || len >= size)
		return 0;
	buf[len] = '\n';
	return len + 1;
}

static size_t packet(const struct format_file *f, const struct record *r, void *buf, size_t size)
{
	json_t *o = json_object();
	size_t len = 0;

	if (!set_packet(o, f, r) && !set_trail(o, r) &&
	    (!(f->flags & FORMAT_DATA) || !json_object_set_new(o, "data", hex(r))))
		len = json_dumpb(o, buf, size, JSON_COMPACT);
	json_decref(o);
	if (!len || len >= size)
		return 0;
	((char *)buf)[len] = '\n';
	return len + 1;
}

size_t json_event(const struct format_file *f, const struct record *r, void *buf, size_t size)
{
	size_t first = r->trigger ? trigger(r, buf, size) : 0, n;

	if (r->trigger && !first)
		return 0;
	n = packet(f, r, (char *)buf + first, size - first);
	return n ? first + n : 0;
}

const struct format_ops json_event_ops = {
	.name = "json",
	.suffix = ".json",
	.wants = FORMAT_TRAIL,
	.packet = json_event,
};
