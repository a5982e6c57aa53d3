// SPDX-License-Identifier: GPL-2.0
#include "droplet/trial_sum.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "droplet/report.h"

#define RULES_SHOWN 20

static int add_rule(struct trial_sum *s, const struct trail_step *step)
{
	struct trial_rule *r;

	for (size_t i = 0; i < s->rule_count; i++)
		if (s->rules[i].id == step->rule) {
			s->rules[i].packets++;
			return 0;
		}
	r = realloc(s->rules, (s->rule_count + 1) * sizeof(*r));
	if (!r)
		return -ENOMEM;
	s->rules = r;
	r += s->rule_count++;
	*r = (struct trial_rule){ .id = step->rule, .packets = 1 };
	memcpy(r->text, step->rule_text, sizeof(r->text));
	return 0;
}

int trial_sum_add(struct trial_sum *s, const struct trail *t, __u32 len)
{
	const struct trail_step *step = t->steps ? &t->step[0] : NULL;
	__u8 verdict = step ? step->verdict : CHAIN_NEXT;

	s->all.packets++;
	s->all.bytes += len;
	if (verdict < CHAIN_VERDICTS) {
		s->verdicts[verdict].packets++;
		s->verdicts[verdict].bytes += len;
	}
	if (step && step->reason && step->reason < CHAIN_REASONS) {
		struct trial_reason *r = &s->reasons[step->reason];

		r->packets++;
		if (*step->reason_name)
			memcpy(r->name, step->reason_name, sizeof(r->name));
		else
			snprintf(r->name, sizeof(r->name), "%u", step->reason);
	}
	return step && step->rule ? add_rule(s, step) : 0;
}

static int more_packets(const void *a, const void *b)
{
	const struct trial_rule *x = a, *y = b;

	if (x->packets != y->packets)
		return x->packets < y->packets ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

void trial_sum_sort(struct trial_sum *s)
{
	if (s->rules)
		qsort(s->rules, s->rule_count, sizeof(*s->rules), more_packets);
}

static void print_cost(const struct trial_sum *s)
{
	if (s->cost_ns < 0)
		return;
	printf("cost: %ld ns a packet, %ld at most; %ld of it the chain without the policer\n",
	       s->cost_ns, s->cost_most_ns, s->empty_ns);
}

void trial_sum_print(const struct trial_sum *s, const char *policer, const char *capture)
{
	printf("%s on %s: %llu packets, %llu bytes\n", policer, capture, s->all.packets,
	       s->all.bytes);
	for (__u32 v = 0; v < CHAIN_VERDICTS; v++)
		if (s->verdicts[v].packets)
			printf("  %-8s %10llu packets %12llu bytes  %5.1f %%\n", report_verdict(v),
			       s->verdicts[v].packets, s->verdicts[v].bytes,
			       100.0 * s->verdicts[v].packets / s->all.packets);
	for (__u32 r = 0; r < CHAIN_REASONS; r++)
		if (s->reasons[r].packets)
			printf("  reason %-20s %10llu packets\n", s->reasons[r].name,
			       s->reasons[r].packets);
	for (size_t i = 0; i < s->rule_count && i < RULES_SHOWN; i++)
		printf("  rule %u%s%s%s %llu packets\n", s->rules[i].id,
		       *s->rules[i].text ? " (" : "", s->rules[i].text,
		       *s->rules[i].text ? ")" : "", s->rules[i].packets);
	if (s->rule_count > RULES_SHOWN)
		printf("  and %zu rules more\n", s->rule_count - RULES_SHOWN);
	if (s->cut)
		printf("  of %llu packets the capture does not have all bytes\n", s->cut);
	if (s->odd)
		printf("  %llu packets left out: no frame is that short or long\n", s->odd);
	print_cost(s);
}

static json_t *json_count(const struct chain_count *c)
{
	return json_pack("{s:I,s:I}", "packets", (json_int_t)c->packets, "bytes",
			 (json_int_t)c->bytes);
}

json_t *trial_sum_json(const struct trial_sum *s, const char *policer, const char *capture)
{
	json_t *verdicts = json_object(), *reasons = json_object(), *rules = json_array(), *out;

	for (__u32 v = 0; v < CHAIN_VERDICTS; v++)
		if (s->verdicts[v].packets)
			json_object_set_new(verdicts, report_verdict(v),
					    json_count(&s->verdicts[v]));
	for (__u32 r = 0; r < CHAIN_REASONS; r++)
		if (s->reasons[r].packets)
			json_object_set_new(reasons, s->reasons[r].name,
					    json_integer(s->reasons[r].packets));
	for (size_t i = 0; i < s->rule_count; i++)
		json_array_append_new(rules,
				      json_pack("{s:I,s:s,s:I}", "rule", (json_int_t)s->rules[i].id,
						"text", s->rules[i].text, "packets",
						(json_int_t)s->rules[i].packets));
	out = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:I,s:I}", "policer", policer, "capture", capture,
			"all", json_count(&s->all), "verdicts", verdicts, "reasons", reasons,
			"rules", rules, "cut", (json_int_t)s->cut, "left_out", (json_int_t)s->odd);
	if (out && s->cost_ns >= 0)
		json_object_set_new(out, "cost_ns",
				    json_pack("{s:I,s:I,s:I}", "packet", (json_int_t)s->cost_ns,
					      "most", (json_int_t)s->cost_most_ns, "empty",
					      (json_int_t)s->empty_ns));
	return out;
}

void trial_sum_free(struct trial_sum *s)
{
	free(s->rules);
}
