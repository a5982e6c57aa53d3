// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/reasons.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/names.h"

/* Is it what the word of @len bytes means: `reason`, or `stage:reason`? */
static bool is_reason(const char *word, size_t len, const char *stage, const char *reason)
{
	const char *colon = memchr(word, ':', len);
	size_t name = colon ? (size_t)(colon - word) : 0;

	if (colon) {
		if (strlen(stage) != name || memcmp(word, stage, name))
			return false;
		len -= name + 1;
		word = colon + 1;
	}
	return strlen(reason) == len && !memcmp(word, reason, len);
}

bool reasons_find(struct names *n, const char *word, size_t len, __u64 *masks, char *there,
		  size_t size)
{
	bool found = false;
	size_t at = 0;

	there[0] = 0;
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		const char *stage = names_stage(n, slot, 0);

		for (__u32 r = 1; stage && r < CHAIN_REASONS; r++) {
			const char *reason = names_reason(n, slot, 0, r);

			if (!reason)
				continue;
			if (at < size)
				at += snprintf(there + at, size - at, "%s%s:%s", at ? ", " : "",
					       stage, reason);
			if (!is_reason(word, len, stage, reason))
				continue;
			masks[slot] |= 1ULL << r;
			found = true;
		}
	}
	return found;
}

static int find_all(const struct chain *c, const char *list, __u64 *masks, struct fail *f)
{
	struct names *n = names_new(c);
	char there[1024];
	int err = n ? 0 : -ENOMEM;

	while (!err && *list) {
		size_t len = strcspn(list, ",");

		if (!reasons_find(n, list, len, masks, there, sizeof(there)))
			err = fail_set(f, ESRCH,
				       "--reason: %.*s: no stage of %s gives it, there are: %s",
				       (int)len, list, c->ifname, there[0] ? there : "none");
		list += len + (list[len] == ',');
	}
	names_free(n);
	return err;
}

int reasons_masks(const char *ifname, const char *list, __u64 *masks, struct fail *f)
{
	struct chain *c;
	int err = chain_open(ifname, CHAIN_READ, &c, f);

	if (err)
		return err;
	err = find_all(c, list, masks, f);
	chain_close(c);
	return err;
}

static bool reason_asked(const char *list, const struct trail_step *s)
{
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (s->reason && is_reason(list, len, s->stage, s->reason_name))
			return true;
	}
	return false;
}

static bool rule_asked(const struct opts *o, const struct trail_step *s)
{
	for (unsigned int i = 0; i < o->rule_count; i++)
		if (s->rule == o->rules[i])
			return true;
	return false;
}

bool reasons_said(const struct opts *o, const struct trail *t)
{
	bool reason = !o->reason, rule = !o->rule_count;

	for (int i = 0; i < t->steps; i++) {
		reason |= !reason && reason_asked(o->reason, &t->step[i]);
		rule |= !rule && rule_asked(o, &t->step[i]);
	}
	return reason && rule;
}
