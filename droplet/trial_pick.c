// SPDX-License-Identifier: GPL-2.0
#include "droplet/trial_pick.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define OWN "tried" /* what one in no configuration is called */

static int ends_with(const char *word, const char *end)
{
	size_t n = strlen(word), m = strlen(end);

	return n > m && !strcmp(word + n - m, end);
}

static const struct policer_conf *find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->policer_count; i++)
		if (!strcmp(conf->policers[i].name, name))
			return &conf->policers[i];
	return NULL;
}

/* One that stands in no configuration. */
static void make_own(struct trial_pick *pick, const char *word)
{
	static char name[] = OWN, source[] = "source", object[] = "object", filter[] = "filter";
	static char drop[] = "drop";

	pick->own.name = name;
	pick->own.line = pick->rule.line = 1;
	pick->policer = &pick->own;
	if (ends_with(word, ".c") || ends_with(word, ".o")) {
		pick->own.kind = ends_with(word, ".c") ? source : object;
		pick->own.file = (char *)word;
		return;
	}
	pick->own.kind = filter;
	pick->rule.match = (char *)word;
	pick->rule.action = drop;
	pick->own.rules = &pick->rule;
	pick->own.rule_count = 1;
}

int trial_pick(const char *word, const char *path, struct trial_pick *pick, struct fail *f)
{
	int err = 0;

	memset(pick, 0, sizeof(*pick));
	if (path || !access(CONF_PATH, R_OK))
		err = conf_load(path ? path : CONF_PATH, &pick->conf, f);
	if (err)
		return err;
	if (pick->conf)
		pick->policer = find(pick->conf, word);
	if (!pick->policer)
		make_own(pick, word);
	return 0;
}

void trial_pick_fail(const struct trial_pick *pick, const char *path, struct fail *f)
{
	static const char line[] = "1: " OWN ": ";
	struct fail why = *f;
	const char *text = why.text;

	if (pick->policer != &pick->own) {
		fail_set(f, 0, "%s:%.1900s", pick->conf->path, text);
		return;
	}
	if (!strncmp(text, line, sizeof(line) - 1))
		text += sizeof(line) - 1;
	if (!pick->own.rules)
		fail_set(f, 0, "%.1900s", text);
	else
		fail_set(f, 0, "%.1900s; and no policer in %s has that name%s", text,
			 path ? path : CONF_PATH, path ? "" : ": -c FILE for another");
}

void trial_pick_free(struct trial_pick *pick)
{
	conf_free(pick->conf);
}
