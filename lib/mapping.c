// SPDX-License-Identifier: GPL-2.0
#include "lib/mapping.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/util.h"

#define WORDS 256 /* bytes of a list in a message */

int mapping_bad(const struct mapping_at *at, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return yaml_fail(at->y, at->f, EINVAL, at->pair.line, at->pair.key, "%s", text);
}

static int unknown(const struct mapping_at *at, const struct mapping_key *keys)
{
	char names[WORDS] = "";
	size_t len = 0;

	for (; keys->name && len < sizeof(names); keys++)
		len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
				keys->name);
	return mapping_bad(at, "no such key here, there are %s", names);
}

int mapping_read(const struct yaml_file *y, const struct yaml_node_s *node, const char *what,
		 const struct mapping_key *keys, void *out, struct fail *f)
{
	struct mapping_at at = { .y = y, .out = out, .f = f };
	int err = 0;

	if (!yaml_is_map(node))
		return yaml_fail(y, f, EINVAL, yaml_line(node), what, "keys and values are wanted");
	for (size_t i = 0; !err && !yaml_pair(y, node, i, &at.pair); i++) {
		const struct mapping_key *k = keys;

		while (k->name && strcmp(k->name, at.pair.key))
			k++;
		err = k->name ? k->read(&at) : unknown(&at, keys);
	}
	return err;
}

const char *mapping_word(const struct mapping_at *at, size_t max)
{
	const char *text = yaml_scalar(at->pair.value);

	if (!text || !*text) {
		mapping_bad(at, "a word is wanted");
		return NULL;
	}
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			mapping_bad(at, "a control character is in it");
			return NULL;
		}
	if (strlen(text) >= max) {
		mapping_bad(at, "%.40s...: has more than %zu bytes", text, max - 1);
		return NULL;
	}
	return text;
}

int mapping_number(const struct mapping_at *at, __u32 min, __u32 max, __u32 *out)
{
	const char *text = mapping_word(at, WORDS);
	unsigned long long n;
	char *end;

	if (!text)
		return -EINVAL;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || n < min || n > max)
		return mapping_bad(at, "%.40s: a number from %u to %u is wanted", text, min, max);
	*out = n;
	return 0;
}

/* As duration_parse(), or thousandths: 500ms. */
int mapping_time(const struct mapping_at *at, __u64 *ns)
{
	const char *text = mapping_word(at, WORDS);
	unsigned long long n;
	char *end;

	if (!text)
		return -EINVAL;
	n = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !strcmp(end, "ms") && n && n <= 1000000) {
		*ns = n * (NSEC / 1000);
		return 0;
	}
	if (duration_parse(text, ns, NULL))
		return mapping_bad(at, "%.40s: a time like 500ms, 2s or 1m is wanted", text);
	return 0;
}

int mapping_choice(const struct mapping_at *at, const char *const *words, int *out)
{
	const char *text = mapping_word(at, WORDS);
	char all[WORDS] = "";
	size_t len = 0;

	if (!text)
		return -EINVAL;
	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*out = i;
			return 0;
		}
		len += snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "", words[i]);
	}
	return mapping_bad(at, "%.40s: wanted is one of %s", text, all);
}
