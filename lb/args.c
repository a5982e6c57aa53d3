// SPDX-License-Identifier: GPL-2.0
#include "lb/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/xdplb.h"

#define WORDS 4096 /* bytes of a list */

int args_number(const char *text, const char *what, __u32 min, __u32 max, __u32 *out,
		struct fail *f)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < min || n > max)
		return fail_set(f, EINVAL, "%s: %s must be %u to %u", text, what, min, max);
	*out = n;
	return 0;
}

/* Call @fn with each word of a list. 0, or what @fn says other than 0. */
static int each_word(const char *text, int (*fn)(const char *word, void *arg, struct fail *f),
		     void *arg, struct fail *f)
{
	char words[WORDS], *word, *rest = words;
	int err = 0;

	if ((size_t)snprintf(words, sizeof(words), "%s", text) >= sizeof(words))
		return fail_set(f, EINVAL, "%.40s...: the list is too long", text);
	while (!err && (word = strsep(&rest, ",")))
		err = *word ? fn(word, arg, f) : fail_set(f, EINVAL, "%s: an empty word", text);
	return err;
}

static int flag_list(char text[WORDS])
{
	int len = 0;

	for (__u32 i = 0; lb_flag_name(1u << i); i++)
		len += snprintf(text + len, WORDS - len, "%s%s", i ? ", " : "",
				lb_flag_name(1u << i));
	return len;
}

static int one_flag(const char *word, void *arg, struct fail *f)
{
	const char *name = word + (*word == '+' || *word == '-');
	__u32 *flags = arg, flag = lb_flag_parse(name);
	char all[WORDS];

	if (!flag) {
		flag_list(all);
		return fail_set(f, EINVAL, "%s: no such option: choose of %s", name, all);
	}
	if (*word == '-')
		*flags &= ~flag;
	else
		*flags |= flag;
	return 0;
}

int args_flags(const char *text, __u32 *flags, struct fail *f)
{
	__u32 out = *text == '+' || *text == '-' ? *flags : 0;
	int err = strcmp(text, "none") ? each_word(text, one_flag, &out, f) : 0;

	if (!err)
		*flags = out;
	return err;
}

int args_id_bytes(const char *text, __u32 *out, struct fail *f)
{
	if (!strcmp(text, "version")) {
		*out = LB_ID_BY_VERSION;
		return 0;
	}
	return args_number(text, "the bytes of a server id", 1, LB_ID_BYTES, out, f);
}

struct list {
	void *items;
	int count;
};

/* Room for one more? */
static int list_check(const struct list *l, const char *word, struct fail *f)
{
	return l->count < ARGS_LIST
		       ? 0
		       : fail_set(f, EINVAL, "%s: %d in one list is all", word, ARGS_LIST);
}

static int one_id(const char *word, void *arg, struct fail *f)
{
	struct list *l = arg;
	char *end;
	int err = list_check(l, word, f);
	unsigned long long n;

	if (err)
		return err;
	errno = 0;
	n = strtoull(word, &end, 0);
	if (*word < '0' || *word > '9' || *end || errno || !n)
		return fail_set(f, EINVAL, "%s: a server id is a number from 1 on", word);
	((__u64 *)l->items)[l->count++] = n;
	return 0;
}

int args_ids(const char *text, __u64 *ids, struct fail *f)
{
	struct list l = { .items = ids };
	int err = strcmp(text, "none") ? each_word(text, one_id, &l, f) : 0;

	return err ? err : l.count;
}

static int one_prefix(const char *word, void *arg, struct fail *f)
{
	struct list *l = arg;
	int err = list_check(l, word, f);

	if (!err)
		err = prefix_parse(word, (struct prefix *)l->items + l->count, f);
	l->count += !err;
	return err;
}

int args_prefixes(const char *text, struct prefix *prefixes, struct fail *f)
{
	struct list l = { .items = prefixes };
	int err = strcmp(text, "none") ? each_word(text, one_prefix, &l, f) : 0;

	return err ? err : l.count;
}

int args_mode(const char *text, enum lb_real_mode *mode, struct fail *f)
{
	for (int m = LB_REAL_UP; m <= LB_REAL_DRAIN; m++)
		if (!strcmp(text, lb_mode_name(m))) {
			*mode = m;
			return 0;
		}
	return fail_set(f, EINVAL, "%s: the mode must be up, down or drain", text);
}

const struct cli_opt json_opts[] = {
	{ "json", 'j', NULL, "print as JSON what was done" },
	{ 0 },
};

int args_json(int argc, char **argv)
{
	int key, json = 0;

	while ((key = cli_next(argc, argv, json_opts, 0)) != -1)
		json |= key == 'j';
	return json;
}
