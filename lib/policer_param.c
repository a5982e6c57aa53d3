// SPDX-License-Identifier: GPL-2.0
/* policer_param - values of `params` by the table of a kind. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/policer.h"

/* Decimal digits with k, M, G behind them, then @unit or nothing. */
static int parse_number(const char *text, const char *unit, __u64 *out)
{
	static const char scales[] = "kMG";
	const char *scale;
	__u64 value, by = 1;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -ERANGE;
	scale = *end ? strchr(scales, *end) : NULL;
	if (scale) {
		end++;
		for (const char *s = scales; s <= scale; s++)
			by *= 1000;
	}
	if (*end && strcmp(end, unit))
		return -EINVAL;
	return __builtin_mul_overflow(value, by, out) ? -ERANGE : 0;
}

static int parse_flag(const char *text, __u64 *out)
{
	*out = !strcmp(text, "true");
	return *out || !strcmp(text, "false") ? 0 : -EINVAL;
}

static int in_range(const struct policer_param *t, __u64 value)
{
	__u64 max = t->max;

	if (!max)
		max = t->type == POLICER_NUMBER ? UINT32_MAX : UINT64_MAX;
	return value >= t->min && value <= max;
}

static const char *wanted(const struct policer_param *t, char *text, size_t size)
{
	char least[DURATION_TEXT], most[DURATION_TEXT];

	if (t->type == POLICER_FLAG)
		return "true or false is wanted";
	if (t->type == POLICER_TIME && t->max)
		snprintf(text, size, "a time from %s to %s is wanted", duration_text(t->min, least),
			 duration_text(t->max, most));
	else if (t->type == POLICER_TIME)
		snprintf(text, size, "a time like 90s, 10m or 1h30m is wanted");
	else if (t->max)
		snprintf(text, size, "a number from %llu to %llu is wanted", t->min, t->max);
	else
		snprintf(text, size, "a number%s is wanted",
			 t->type == POLICER_RATE ? " a second" : "");
	return text;
}

static int put(const struct policer_conf *conf, const struct policer_param *t, const char *text,
	       unsigned int line, void *out, struct fail *f)
{
	char *to = (char *)out + t->off, words[128];
	__u64 value = 0;
	int err = 0;

	if (t->type == POLICER_TEXT) {
		*(const char **)to = text;
		return 0;
	}
	if (t->type == POLICER_FLAG)
		err = parse_flag(text, &value);
	else if (t->type == POLICER_TIME)
		err = duration_parse(text, &value, NULL);
	else
		err = parse_number(text, t->type == POLICER_RATE ? "/s" : "", &value);
	if (err || !in_range(t, value))
		return policer_fail(f, EINVAL, line, conf->name, "%s: %s: %s", t->key, text,
				    wanted(t, words, sizeof(words)));
	if (t->type == POLICER_NUMBER || t->type == POLICER_FLAG)
		*(__u32 *)to = value;
	else
		*(__u64 *)to = value;
	return 0;
}

static const struct policer_param *find(const struct policer_param *table, const char *key)
{
	for (; table->key; table++)
		if (!strcmp(table->key, key))
			return table;
	return NULL;
}

static int unknown(const struct policer_conf *conf, const struct policer_pair *pair,
		   const struct policer_param *table, struct fail *f)
{
	char keys[512] = "";
	size_t len = 0;

	for (const struct policer_param *t = table; t->key && len < sizeof(keys); t++)
		len += snprintf(keys + len, sizeof(keys) - len, "%s%s", len ? ", " : "", t->key);
	return policer_fail(f, EINVAL, pair->line, conf->name,
			    "%s: no such parameter of kind %s: %s", pair->key, conf->kind,
			    len ? keys : "it has none");
}

static int set_defaults(const struct policer_conf *conf, const struct policer_param *table,
			void *out, struct fail *f)
{
	for (; table->key; table++) {
		int err = 0;

		if (table->def)
			err = put(conf, table, table->def, conf->line, out, f);
		if (err)
			return err;
	}
	return 0;
}

int policer_params(const struct policer_conf *conf, const struct policer_param *table, void *out,
		   struct fail *f)
{
	int err = set_defaults(conf, table, out, f);

	for (size_t i = 0; !err && i < conf->param_count; i++) {
		const struct policer_pair *pair = &conf->params[i];
		const struct policer_param *t = find(table, pair->key);

		if (!t)
			return unknown(conf, pair, table, f);
		if (t->type == POLICER_LIST) {
			*(const struct policer_pair **)((char *)out + t->off) = pair;
			continue;
		}
		if (pair->count != 1)
			return policer_fail(f, EINVAL, pair->line, conf->name,
					    "%s: one value is wanted, not a list", pair->key);
		err = put(conf, t, pair->values[0], pair->line, out, f);
	}
	return err;
}
