/* SPDX-License-Identifier: GPL-2.0 */
/*
 * act.h - the commands that change chains, without a word printed: done by the daemon when there is
 * one, and else by the command itself. Each gives back JSON, the receiver's, of what was done:
 * {"chains": [...], "errors": [{error, log}, ...], "failed": bool}.
 */
#ifndef DROPLET_ACT_H
#define DROPLET_ACT_H

#include <jansson.h>

#include "droplet/droplet.h"
#include "lib/ratelimit.h"

#define ACT_RULES_MAX 10 /* prefixes that are told one by one; of more only the sum */

struct act_block {
	const char *ifname; /* NULL: every chain with a blocklist */
	struct prefixes prefixes;
	__u64 lasts_ns;	  /* 0: for good */
	const char *note; /* NULL: none, or the one it has */
};

/** act_block - chains: {interface, added, updated, rules: [{prefix, rule, added}] of a few}. */
json_t *act_block(const struct act_block *b);

/** act_unblock - and {"unblocked": N, "missing": [{prefix, error}]}, at most ACT_RULES_MAX. */
json_t *act_unblock(const char *ifname, const struct prefixes *prefixes);

/** act_limit_json - {pps or bytes_per_second, burst, len4, len6, by}; a rate of 0: no limit. */
json_t *act_limit_json(const struct ratelimit *limit);

/** act_limit_read - the other way round, checked. 0; -EINVAL; -ERANGE. @f may be NULL. */
int act_limit_read(const json_t *from, struct ratelimit *limit, struct fail *f);

/** act_limit - chains: act_limit_json() with `interface`. */
json_t *act_limit(const char *ifname, const struct ratelimit *limit);

/** act_panic - chains: {interface, panic}. @ifname NULL: every chain. */
json_t *act_panic(const char *ifname, int on);

/** act_done - the answer made of @chains, which goes over to it, and of what @t says. */
json_t *act_done(struct targets *t, int failed, json_t *chains);

/** act_note - is @note fit to be kept. 0; -EINVAL. */
int act_note(const char *note, struct fail *f);

#endif
