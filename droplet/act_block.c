// SPDX-License-Identifier: GPL-2.0
/* act_block - prefixes into blocklists and out of them. */
#include "droplet/act.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/blocklist.h"
#include "lib/util.h"

struct edit {
	const struct act_block *block;
	const struct prefixes *prefixes;
	json_t *chains;
	char **why; /* unblock: for each prefix what a chain said, or "" when it was unblocked */
};

static int block_few(const struct edit *e, struct blocklist *list,
		     const struct blocklist_want *want, json_t *chain, struct fail *f)
{
	json_t *rules = json_array();
	char prefix[PREFIX_TEXT];
	int added = 0, sum = 0;
	__u32 rule;
	size_t i;

	for (i = 0; added >= 0 && i < e->prefixes->count; i++) {
		added = blocklist_add(list, &e->prefixes->v[i], want, &rule, f);
		if (added < 0)
			break;
		sum += added;
		json_array_append_new(rules, json_pack("{s:s, s:I, s:b}", "prefix",
						       prefix_text(&e->prefixes->v[i], prefix),
						       "rule", (json_int_t)rule, "added", added));
	}
	json_object_set_new(chain, "added", json_integer(sum));
	json_object_set_new(chain, "updated", json_integer(i - sum));
	json_object_set_new(chain, "rules", rules);
	return added < 0 ? added : 0;
}

static int block_many(const struct edit *e, struct blocklist *list,
		      const struct blocklist_want *want, json_t *chain, struct fail *f)
{
	struct blocklist_added sum;
	int err = blocklist_add_many(list, e->prefixes->v, e->prefixes->count, want, &sum, f);

	json_object_set_new(chain, "added", json_integer(sum.added));
	json_object_set_new(chain, "updated", json_integer(sum.updated));
	return err;
}

static int block(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct edit *e = arg;
	const struct act_block *b = e->block;
	const struct blocklist_want want = { .expires_ns = b->lasts_ns ? now_ns() + b->lasts_ns : 0,
					     .note = b->note };
	struct blocklist *list;
	json_t *chain;
	int err = blocklist_open(c, slot, &list, f);

	if (err)
		return err;
	chain = json_pack("{s:s}", "interface", c->ifname);
	err = e->prefixes->count > ACT_RULES_MAX ? block_many(e, list, &want, chain, f)
						 : block_few(e, list, &want, chain, f);
	json_array_append_new(e->chains, chain);
	blocklist_close(list);
	return err;
}

json_t *act_block(const struct act_block *b)
{
	struct edit e = { .block = b, .prefixes = &b->prefixes, .chains = json_array() };
	struct targets t = { .ifname = b->ifname,
			     .stage = BLOCKLIST_NAME,
			     .access = CHAIN_WRITE,
			     .fn = block,
			     .arg = &e };
	int failed = targets_each(&t);

	return act_done(&t, failed, e.chains);
}

static int unblock_one(struct edit *e, struct blocklist *list, size_t i, struct fail *f)
{
	int err = blocklist_del(list, &e->prefixes->v[i], f);

	if (err && (err != -ENOENT || e->why[i]))
		return err == -ENOENT ? 0 : err;
	free(e->why[i]);
	e->why[i] = strdup(err ? f->text : "");
	return e->why[i] ? 0 : fail_set(f, ENOMEM, "out of memory");
}

static int unblock(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct blocklist *list;
	struct edit *e = arg;
	int err = blocklist_open(c, slot, &list, f);

	if (err)
		return err;
	for (size_t i = 0; !err && i < e->prefixes->count; i++)
		err = unblock_one(e, list, i, f);
	blocklist_close(list);
	return err;
}

/* A prefix must have been blocked somewhere; on which of the chains does not matter. */
static void tell(const struct edit *e, json_t *answer)
{
	json_t *missing = json_array();
	char prefix[PREFIX_TEXT];
	json_int_t count = 0;

	for (size_t i = 0; i < e->prefixes->count; i++) {
		const char *why = e->why[i] ? e->why[i] : "not done";

		count += !*why;
		if (*why && json_array_size(missing) < ACT_RULES_MAX)
			json_array_append_new(missing,
					      json_pack("{s:s, s:s}", "prefix",
							prefix_text(&e->prefixes->v[i], prefix),
							"error", why));
		free(e->why[i]);
	}
	json_object_set_new(answer, "unblocked", json_integer(count));
	json_object_set_new(answer, "missing", missing);
	if ((size_t)count < e->prefixes->count)
		json_object_set_new(answer, "failed", json_true());
}

json_t *act_unblock(const char *ifname, const struct prefixes *prefixes)
{
	struct edit e = { .prefixes = prefixes,
			  .why = calloc(prefixes->count + 1, sizeof(*e.why)) };
	struct targets t = { .ifname = ifname,
			     .stage = BLOCKLIST_NAME,
			     .access = CHAIN_WRITE,
			     .fn = unblock,
			     .arg = &e };
	json_t *answer;
	int failed;

	if (!e.why)
		return NULL;
	failed = targets_each(&t);
	answer = act_done(&t, failed, json_array());
	tell(&e, answer);
	free(e.why);
	return answer;
}
