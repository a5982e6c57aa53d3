/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/names.h - the names of stages, reasons and rules, as the loaded programs carry them.
 *
 * Stages and reasons (enum <stage>_reason) come out of the chain's map `programs`, rules out of
 * the stage's map `rules`. Everything is looked up once for each program that was ever seen in
 * a slot and kept, so a name stays right after the program was replaced. Not
 * thread-safe; strings live as long as the struct names, a rule's until the next call.
 */
#ifndef LIB_NAMES_H
#define LIB_NAMES_H

#include <stddef.h>

#include <linux/types.h>

struct chain;
struct names;
struct trail_names;

/** names_new - names of the chain @c, which must outlive it. NULL and errno. */
struct names *names_new(const struct chain *c);

/** names_most - bytes of names that remember as much as they can. */
size_t names_most(void);

/** names_free - NULL is allowed. */
void names_free(struct names *n);

/**
 * names_stage - the operator's name of program @instance in @slot, or NULL when it was gone
 * before anybody asked. @instance 0: whoever is there now.
 */
const char *names_stage(struct names *n, __u32 slot, __u32 instance);

/** names_reason - `prefix` for BLOCKLIST_PREFIX of enum blocklist_reason; NULL: unknown. */
const char *names_reason(struct names *n, __u32 slot, __u32 instance, __u32 reason);

/** names_rule - what rule @rule of that program matches, in words; NULL: unknown. */
const char *names_rule(struct names *n, __u32 slot, __u32 instance, __u32 rule);

/**
 * names_trail - the above as what lib/trail.h asks; valid as long as @n. The caller adds 1 to
 * @out->generation now and then, so that rules and programs that changed are looked up again.
 */
void names_trail(struct names *n, struct trail_names *out);

#endif
