/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/guard.h - what the policers that know protocols share: meters, a secret, lists of prefixes.
 * Functions return 0 or -errno, and say why in @f.
 */
#ifndef LIB_GUARD_H
#define LIB_GUARD_H

#include "lib/policer.h"
#include "lib/prefix.h"
#include "xdpchain/meter.h"

struct bpf_object;

/** guard_meter - a meter that is over above @begin packets a second and under below @end. */
void guard_meter(struct meter_conf *m, __u64 begin, __u64 end);

/* As setup and fill of struct stage_spec. */
typedef int guard_step(struct bpf_object *obj, void *arg, struct fail *f);

/**
 * guard_begin - the state of @p, of @size bytes and zeroed, and a spec for the object that is
 * called as the kind, with @setup and @fill, which get the state.
 * Return: the state, which the drop() of the kind frees; NULL: -ENOMEM, and @f says so.
 */
void *guard_begin(struct policer *p, size_t size, guard_step *setup, guard_step *fill,
		  struct fail *f);

/** guard_flood - guard_meter() with @end, 0: half of @begin. -EINVAL: it is above @begin. */
int guard_flood(struct meter_conf *m, const struct policer_conf *conf, __u64 begin, __u64 end,
		struct fail *f);

/** guard_masks - the masks of prefixes of @len4 and @len6 bits. */
void guard_masks(__u32 len4, __u32 len6, __be32 *mask4, __be32 mask6[4]);

/** guard_tick_ns - how long a jiffy is, the clock of bpf_jiffies64(). */
__u64 guard_tick_ns(void);

/** guard_secret - give the map `secret` a random value, unless it goes on and has one. */
int guard_secret(struct bpf_object *obj, struct fail *f);

/* Prefixes of both families, for a pair of LPM tries (struct blocklist_key4, _key6 -> __u32). */
struct guard_list {
	struct guard_entry {
		struct prefix prefix;
		__u32 value;
	} * entries;
	size_t count;
};

/** guard_list_text - add the prefix @text with @value. -EINVAL: it is none; -ENOMEM. */
int guard_list_text(struct guard_list *l, const char *text, __u32 value, struct fail *f);

/** guard_list_pair - add what the parameter @pair lists; NULL: nothing. */
int guard_list_pair(struct guard_list *l, const struct policer_conf *conf,
		    const struct policer_pair *pair, __u32 value, struct fail *f);

/** guard_list_fill - put the list into the tries <name>4 and <name>6. */
int guard_list_fill(const struct guard_list *l, struct bpf_object *obj, const char *name,
		    struct fail *f);

/** guard_list_digest - add the list to a digest. */
__u64 guard_list_digest(__u64 digest, const struct guard_list *l);

/** guard_list_free - fine on a zeroed one. */
void guard_list_free(struct guard_list *l);

/** guard_conf - stage_rodata() that says what failed. */
int guard_conf(struct bpf_object *obj, const char *name, const void *value, size_t size,
	       struct fail *f);

/** guard_sets - let the arrays @names, up to a NULL, have @sets entries. */
int guard_sets(struct bpf_object *obj, const char *const *names, __u32 sets, struct fail *f);

/** guard_power - the least power of two that is at least @n; @n is at most 2^31. */
__u32 guard_power(__u32 n);

extern const struct policer_kind policer_amplification, policer_conntrack, policer_fragments,
	policer_malformed, policer_synflood;

#endif
