// SPDX-License-Identifier: GPL-2.0
#include "tests/filterrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/rules.h"
#include "lib/stage.h"

void filterrig_init(struct filterrig_rules *r)
{
	memset(r, 0, sizeof(*r));
	r->conf.name = r->conf.kind = (char *)"filter";
	r->conf.rules = r->v;
	r->conf.line = 9;
}

void filterrig_add(struct filterrig_rules *r, __u32 id, const char *match, const char *action)
{
	size_t at = r->conf.rule_count++;

	r->v[at] = (struct policer_rule){ .id = id,
					  .match = strdup(match),
					  .action = action ? strdup(action) : NULL,
					  .line = 10 + at };
}

void filterrig_free(struct filterrig_rules *r)
{
	for (size_t i = 0; i < r->conf.rule_count; i++) {
		free(r->v[i].match);
		free(r->v[i].action);
	}
	filterrig_init(r);
}

int filterrig_load(struct chain *c, const struct filterrig_rules *r, struct fail *f)
{
	struct policer p = { 0 };
	int err = policer_make(&r->conf, &p, f);

	if (err)
		return err;
	p.spec.slot = FILTERRIG_SLOT;
	err = stage_load(c, &p.spec, NULL, f);
	policer_free(&p);
	return err;
}

void filterrig_put(struct chain *c, const struct filterrig_rules *r)
{
	struct fail f = { 0 };

	stage_unload(c, FILTERRIG_SLOT, NULL);
	if (filterrig_load(c, r, &f))
		fail_msg("%s\n%s", f.text, f.log);
}

struct wanted {
	__u32 id;
	__u64 packets;
};

__u32 filterrig_id(const struct filterrig_rules *r, size_t at)
{
	return r->v[at].id ? r->v[at].id : at + 1;
}

static int is_wanted(const struct rules_item *item, void *arg)
{
	struct wanted *w = arg;

	if (item->id != w->id)
		return 0;
	assert_true(item->counted);
	w->packets = item->packets;
	return 1;
}

__u64 filterrig_hits(const struct chain *c, __u32 id)
{
	struct wanted w = { .id = id };
	struct fail f = { 0 };

	if (rules_each(c, FILTERRIG_SLOT, is_wanted, &w, &f) != 1)
		fail_msg("rule %u: not there %s", id, f.text);
	return w.packets;
}
