/* SPDX-License-Identifier: GPL-2.0 */
/* policing.h - a built-in policer as a configuration would have it, put into a slot. */
#ifndef TESTS_POLICING_H
#define TESTS_POLICING_H

#include "lib/policer.h"
#include "tests/rig.h"

/**
 * policing_make - policer_make() of the words of @text: KEY=VALUE[,VALUE...] for a parameter,
 * "shadow", rule=MATCH[@ACTION] for a rule, and make @p. policing_free() frees what @p points to.
 */
struct policing {
	struct policer_conf conf;
	struct policer policer;
	char *text;
};
int policing_make(struct policing *p, const char *kind, const char *text, struct fail *f);
void policing_free(struct policing *p);

/** policing_make_sets - the same in a configuration with @count @sets. */
int policing_make_sets(struct policing *p, const char *kind, const char *text,
		       const struct policer_set *sets, size_t count, struct fail *f);

/** policing_load - policing_make() and stage_load() into @slot. What they return. */
int policing_load(struct chain *c, __u32 slot, const char *kind, const char *text,
		  unsigned int *lost, struct fail *f);

/** policing_load_sets - the same in a configuration with @count @sets, all of them new. */
int policing_load_sets(struct chain *c, __u32 slot, const char *kind, const char *text,
		       const struct policer_set *sets, size_t count, struct fail *f);

/** policing_put - load it with fresh maps; fails the test if it fails. */
void policing_put(struct chain *c, __u32 slot, const char *kind, const char *text);

/**
 * policing_run - one packet through the chain of @r.
 * @reason: set to the reason that the stage in @slot counted it for, "" when for none
 * Return: the verdict of the chain, or -errno.
 */
int policing_run(const struct rig *r, __u32 slot, const void *pkt, __u32 len,
		 char reason[CHAIN_REASON_LEN]);

/** policing_expect - policing_run() that fails the test when it says something else. */
void policing_expect(const struct rig *r, __u32 slot, const void *pkt, __u32 len, int verdict,
		     const char *reason);

/** policing_refuse - @count configurations that are none, and how each is refused. */
struct policing_bad {
	const char *words, *why; /* why: as the message begins */
};
void policing_refuse(struct chain *c, __u32 slot, const char *kind, const struct policing_bad *bad,
		     size_t count);

/** policing_hits - packets that the stage in @slot has counted for the reason called @name. */
__u64 policing_hits(const struct chain *c, __u32 slot, const char *name);

#endif
