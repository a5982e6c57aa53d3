// SPDX-License-Identifier: GPL-2.0
#include "lib/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/metrics_int.h"
#include "lib/names.h"
#include "lib/util.h"

const char *metrics_type(enum metrics_format format)
{
	return format == METRICS_OPEN ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				      : "text/plain; version=0.0.4; charset=utf-8";
}

static const char *const verdicts[] = {
	"aborted", "drop", "pass", "tx", "redirect", "next",
};

/* A label's value: the characters that have a meaning are escaped. */
void metrics_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void stage_labels(FILE *out, const struct seen_stage *s)
{
	metrics_label(out, "interface", s->chain->chain->ifname);
	fputc(',', out);
	metrics_label(out, "stage", s->name);
	fprintf(out, ",slot=\"%u\"", s->slot);
}

static void line(const struct sheet *sheet, const struct seen_stage *s, const char *label,
		 const char *value, __u64 number)
{
	fprintf(sheet->out, "%s%s{", sheet->name, sheet->type == SHEET_COUNTER ? "_total" : "");
	stage_labels(sheet->out, s);
	if (label) {
		fputc(',', sheet->out);
		metrics_label(sheet->out, label, value);
	}
	fprintf(sheet->out, "} %llu\n", number);
}

static void by_verdict(const struct sheet *sheet, const struct seen_stage *s)
{
	for (__u32 v = 0; v < ARRAY_SIZE(verdicts); v++) {
		const struct chain_count *n = &s->chain->totals.verdicts[s->slot][v];

		if (n->packets)
			line(sheet, s, "verdict", verdicts[v],
			     sheet->bytes ? n->bytes : n->packets);
	}
}

static void by_reason(const struct sheet *sheet, const struct seen_stage *s)
{
	char number[16];

	for (__u32 r = 1; r < CHAIN_REASONS; r++) {
		const struct chain_count *n = &s->chain->totals.reasons[s->slot][r];
		const char *name = names_reason(s->chain->names, s->slot, s->st.instance, r);

		snprintf(number, sizeof(number), "%u", r);
		if (n->packets)
			line(sheet, s, "reason", name ? name : number,
			     sheet->bytes ? n->bytes : n->packets);
	}
}

static void by_rule(const struct sheet *sheet, const struct seen_stage *s)
{
	for (size_t i = 0; i < s->rule_count; i++) {
		fprintf(sheet->out, "%s_total{", sheet->name);
		stage_labels(sheet->out, s);
		fprintf(sheet->out, ",rule=\"%u\",", s->rules[i].id);
		metrics_label(sheet->out, "match", s->rules[i].text);
		fprintf(sheet->out, "} %llu\n", s->rules[i].packets);
	}
}

static void what_it_is(const struct sheet *sheet, const struct seen_stage *s)
{
	if (s->slot >= CHAIN_SLOTS) /* the end of the chain is no stage */
		return;
	fprintf(sheet->out, "%s{", sheet->name);
	stage_labels(sheet->out, s);
	fputc(',', sheet->out);
	metrics_label(sheet->out, "kind", s->st.kind);
	fputc(',', sheet->out);
	metrics_label(sheet->out, "mode", s->st.flags & CHAIN_STAGE_SHADOW ? "shadow" : "enforce");
	fputs("} 1\n", sheet->out);
}

static const struct {
	const char *name, *help;
	enum sheet_type type;
	int bytes;
	void (*write)(const struct sheet *sheet, const struct seen_stage *s);
} sheets[] = {
	{ "xdpchain_stage_packets", "Packets by what a stage said of them.", SHEET_COUNTER, 0,
	  by_verdict },
	{ "xdpchain_stage_bytes", "Bytes by what a stage said of them.", SHEET_COUNTER, 1,
	  by_verdict },
	{ "xdpchain_reason_packets", "Packets by the reason that a stage gave.", SHEET_COUNTER, 0,
	  by_reason },
	{ "xdpchain_reason_bytes", "Bytes by the reason that a stage gave.", SHEET_COUNTER, 1,
	  by_reason },
	{ "xdpchain_rule_packets", "Packets by the rule that they matched.", SHEET_COUNTER, 0,
	  by_rule },
	{ "xdpchain_stage_info", "The stages of the chains.", SHEET_GAUGE, 0, what_it_is },
};

/* In the text format a counter's family has the name of its samples. */
void metrics_head(const struct sheet *sheet, enum metrics_format format, const char *help)
{
	int is_counter = sheet->type == SHEET_COUNTER;
	const char *total = format == METRICS_TEXT && is_counter ? "_total" : "";

	fprintf(sheet->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", sheet->name, total, help,
		sheet->name, total, is_counter ? "counter" : "gauge");
}

static void write_chains(FILE *out, enum metrics_format format, const struct seen *seen)
{
	const struct sheet panic = { out, "xdpchain_panic", SHEET_GAUGE, 0 };
	const struct sheet gone = { out, "xdpchain_gone_packets", SHEET_COUNTER, 0 };

	metrics_head(&panic, format, "1: policers are stepped over.");
	for (size_t i = 0; i < seen->chain_count; i++) {
		const struct seen_chain *c = seen->chains[i];

		fputs("xdpchain_panic{", out);
		metrics_label(out, "interface", c->chain->ifname);
		fprintf(out, "} %d\n", !!(c->chain->info.flags & CHAIN_PANIC));
	}
	metrics_head(&gone, format,
		     "Packets by what stages said that are not in the chain any more.");
	for (size_t i = 0; i < seen->chain_count; i++)
		for (__u32 v = 0; v < ARRAY_SIZE(verdicts); v++) {
			const struct seen_chain *c = seen->chains[i];

			fputs("xdpchain_gone_packets_total{", out);
			metrics_label(out, "interface", c->chain->ifname);
			fprintf(out, ",verdict=\"%s\"} %llu\n", verdicts[v],
				c->totals.gone[v].packets);
		}
}

static void write_all(FILE *out, enum metrics_format format, const struct seen *seen)
{
	for (size_t i = 0; i < ARRAY_SIZE(sheets); i++) {
		const struct sheet sheet = { out, sheets[i].name, sheets[i].type, sheets[i].bytes };

		metrics_head(&sheet, format, sheets[i].help);
		for (size_t k = 0; k < seen->stage_count; k++)
			sheets[i].write(&sheet, &seen->stages[k]);
	}
	write_chains(out, format, seen);
	metrics_lb(out, format, seen);
	if (format == METRICS_OPEN)
		fputs("# EOF\n", out);
}

int metrics_read(enum metrics_format format, char **text, size_t *size, struct fail *f)
{
	struct seen seen = { 0 };
	char *buf = NULL;
	size_t len = 0;
	FILE *out;
	int err = seen_read(&seen, f);

	if (err)
		goto free;
	out = open_memstream(&buf, &len);
	if (!out) {
		err = fail_errno(f, errno, "metrics");
		goto free;
	}
	write_all(out, format, &seen);
	if (fclose(out)) {
		err = fail_errno(f, errno, "metrics");
		free(buf);
		goto free;
	}
	*text = buf;
	*size = len;
free:
	seen_free(&seen);
	return err;
}

int metrics_file(const char *path, struct fail *f)
{
	char part[4096], *text;
	size_t size;
	FILE *out;
	int err = metrics_read(METRICS_TEXT, &text, &size, f);

	if (err)
		return err;
	if (snprintf(part, sizeof(part), "%s.%d", path, getpid()) >= (int)sizeof(part)) {
		free(text);
		return fail_set(f, ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	}
	out = fopen(part, "we");
	/* Who collects it is another user, and our umask may be a daemon's. */
	if (!out || fwrite(text, 1, size, out) != size || fchmod(fileno(out), 0644))
		err = -errno;
	if (out && fclose(out) && !err)
		err = -errno;
	if (!err && rename(part, path))
		err = -errno;
	free(text);
	if (!err)
		return 0;
	unlink(part);
	return fail_set(f, -err, "%s: %s", path, strerror(-err));
}
