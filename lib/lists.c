// SPDX-License-Identifier: GPL-2.0
#include "lib/lists.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

int lists_file(const struct policer_conf *conf, const struct policer_pair *pair, const char *path,
	       struct prefixes *out, struct fail *f)
{
	struct fail why = { 0 };

	if (prefixes_read(out, path, &why))
		return policer_fail(f, EINVAL, pair->line, conf->name, "%s: %s", pair->key,
				    why.text);
	return 0;
}

int lists_set(const struct policer_conf *conf, const struct policer_pair *pair, const char *name,
	      struct prefixes *out, struct fail *f)
{
	char known[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < conf->set_count; i++) {
		if (!strcmp(conf->sets[i].name, name))
			return lists_file(conf, pair, conf->sets[i].file, out, f);
		if (len < sizeof(known))
			len += snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "",
					conf->sets[i].name);
	}
	return policer_fail(f, EINVAL, pair->line, conf->name, "%s: %s: no such set: %s", pair->key,
			    name, len ? known : "there is none, add sets: {NAME: FILE}");
}

int lists_verdict(const char *text)
{
	static const struct {
		const char *name;
		int verdict;
	} names[] = { { "drop", CHAIN_DROP }, { "pass", CHAIN_PASS }, { "next", CHAIN_NEXT } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, text))
			return names[i].verdict;
	return -EINVAL;
}
