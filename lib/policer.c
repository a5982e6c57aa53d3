// SPDX-License-Identifier: GPL-2.0
#include "lib/policer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/guard.h"
#include "lib/lists.h"
#include "lib/policer_elf.h"
#include "lib/policer_filter.h"

/* A line a kind. */
/* clang-format off */
const struct policer_kind *const policer_kinds[] = {
	&policer_source,
	&policer_object,
	&policer_allowlist,
	&policer_filter,
	&policer_amplification,
	&policer_blocklist,
	&policer_conntrack,
	&policer_fragments,
	&policer_malformed,
	&policer_ratelimit,
	&policer_set,
	&policer_synflood,
	NULL,
};
/* clang-format on */

const struct policer_kind *policer_kind(const char *name)
{
	for (size_t i = 0; policer_kinds[i]; i++)
		if (!strcmp(policer_kinds[i]->name, name))
			return policer_kinds[i];
	return NULL;
}

__u64 policer_digest(__u64 digest, const void *data, size_t size)
{
	const unsigned char *p = data;

	if (!digest)
		digest = 0xcbf29ce484222325ULL;
	for (size_t i = 0; i < size; i++)
		digest = (digest ^ p[i]) * 0x100000001b3ULL;
	return digest;
}

int policer_fail(struct fail *f, int err, unsigned int line, const char *noun, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail_set(f, err, "%u: %s: %s", line, noun, text);
}

/* What only rows of the kind may have. */
static int check_takes(const struct policer_conf *conf, const struct policer_kind *kind,
		       struct fail *f)
{
	if (!conf->file && kind->takes & POLICER_TAKES_FILE)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "kind %s needs a file: add file: PATH", kind->name);
	if (conf->file && !(kind->takes & POLICER_TAKES_FILE))
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "kind %s takes no file, remove it", kind->name);
	if (conf->rule_count && !(kind->takes & POLICER_TAKES_RULES))
		return policer_fail(f, EINVAL, conf->rules[0].line, conf->name,
				    "kind %s takes no rules, remove them", kind->name);
	if (conf->map_count && !(kind->takes & POLICER_TAKES_MAPS))
		return policer_fail(f, EINVAL, conf->maps[0].line, conf->name,
				    "kind %s takes no maps, remove them", kind->name);
	return 0;
}

int policer_make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	const struct policer_kind *kind = policer_kind(conf->kind);
	struct policer made = { .kind = kind };
	int err;

	if (!kind)
		return policer_fail(f, EINVAL, conf->line, conf->name, "kind: %s: no such kind",
				    conf->kind);
	err = check_takes(conf, kind, f);
	if (err)
		return err;
	made.spec.name = conf->name;
	made.spec.kind = kind->name;
	made.spec.flags = conf->mode == POLICER_SHADOW ? CHAIN_STAGE_SHADOW : 0;
	made.spec.digest = policer_digest(0, conf->kind, strlen(conf->kind) + 1);
	made.spec.digest = policer_digest(made.spec.digest, &made.spec.flags, sizeof(__u32));
	err = kind->make(conf, &made, f);
	if (err) {
		policer_free(&made);
		return err;
	}
	*p = made;
	return 0;
}

int policer_settle(struct policer *p, struct chain *c, __u32 slot, struct fail *f)
{
	void *change = NULL;
	int err = p->kind->settle ? p->kind->settle(p, c, slot, &change, f) : 0;

	return err || !change ? err : p->kind->finish(c, slot, change, f);
}

void policer_free(struct policer *p)
{
	if (p->kind && p->kind->drop && p->state)
		p->kind->drop(p);
	free(p->warnings);
	memset(p, 0, sizeof(*p));
}
