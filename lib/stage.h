/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/stage.h - load a stage into a slot of a chain, with its maps.
 *
 * A stage's maps (all but the chain's own and .rodata/.bss) are pinned as stage<instance>/<map>
 * in the chain's directory. A program that replaces another goes on with the same maps wherever
 * type, sizes and flags are the same: buckets, lists and counters survive.
 *
 * Who changes one slot calls stage_load(). Who changes several prepares each stage, which is then
 * loaded, filled and pinned, and meets no packet yet; puts all into one layout; switches; closes.
 */
#ifndef LIB_STAGE_H
#define LIB_STAGE_H

#include <stddef.h>

#include "lib/chain.h"

struct bpf_object;

struct stage_spec {
	const char *object; /* of object_table (lib/object.h), unless data is set */
	const void *data;   /* an ELF object in memory */
	size_t size;
	const char *source; /* the text that data was compiled from, for messages; may be NULL */
	const char *name;   /* the operator's; NULL: the program's */
	const char *kind;   /* of policer (lib/policer.h); NULL: none */
	__u32 slot;
	__u32 flags; /* enum chain_stage_flag */
	/*
	 * First of all, when it is to go on with the maps of the stage in slot @from: for what
	 * the two must have in common (stage_rodata_get()). 0 or -errno; may be NULL
	 */
	int (*adopt)(const struct chain *c, __u32 from, void *arg, struct fail *f);
	/* After open, before load: .rodata (stage_rodata), map sizes. 0 or -errno; may be NULL */
	int (*setup)(struct bpf_object *obj, void *arg, struct fail *f);
	/* After load, before any packet: fill maps. 0 or -errno, and nothing is changed; may be
	 * NULL */
	int (*fill)(struct bpf_object *obj, void *arg, struct fail *f);
	/*
	 * After fill: a descriptor of the program that is to run in the place of the object's own
	 * (lib/graft), the receiver's; -errno; may be NULL.
	 */
	int (*program)(struct bpf_object *obj, void *arg, struct fail *f);
	const char *const *fresh; /* maps that never go on, up to a NULL; may be NULL */
	__u64 digest;		  /* of what it was made of, for struct chain_stage; 0: not known */
	void *arg;		  /* handed to all of them */
};

/**
 * stage_load - load the stage and put it into its slot, in the place of what is there.
 * On an error the old program still runs, and new pins are gone.
 * @lost: if not NULL, set to how many maps of the old program could not be kept
 * Return: 0; -ENOENT no such object; -EINVAL not a stage, or refused by the verifier (then
 * @f->log has its last lines); else -errno.
 */
int stage_load(struct chain *c, const struct stage_spec *spec, unsigned int *lost, struct fail *f);

struct stage;

/**
 * stage_prepare - load and fill the stage; nothing in the chain changes.
 * @from: the slot whose maps it goes on with; -1: all are new
 * @out:  set on success; given back with stage_close()
 *
 * Return: as stage_load().
 */
int stage_prepare(struct chain *c, const struct stage_spec *spec, int from, struct stage **out,
		  struct fail *f);

/** stage_lost - how many maps of the old program could not go on. */
unsigned int stage_lost(const struct stage *s);

/**
 * stage_put - have it in its slot of @l, with the counters of slot @from going on (-1: from 0).
 * Return: 0; -errno.
 */
int stage_put(const struct stage *s, struct chain_layout *l, int from);

/** stage_close - of one that is in the chain now: what is pinned stays. NULL is allowed. */
void stage_close(struct stage *s);

/** stage_discard - of one that did not get into the chain: nothing of it is left. */
void stage_discard(const struct chain *c, struct stage *s);

/** stage_sweep - remove the pins of all stages that are not in the chain. */
void stage_sweep(const struct chain *c);

/** stage_unload - empty the slot and drop the pins of its maps. */
int stage_unload(struct chain *c, __u32 slot, struct fail *f);

/** stage_map - a descriptor of the map @name of the stage in @slot; the caller closes it. -errno.
 */
int stage_map(const struct chain *c, __u32 slot, const char *name);

/** stage_rodata - set the .rodata variable @name, of @size bytes. -ENOENT, -EINVAL (size). */
int stage_rodata(struct bpf_object *obj, const char *name, const void *value, size_t size);

/**
 * stage_rodata_get - read a .rodata variable of the program that runs in @slot: how it was
 * configured. Return: 0; -ENOENT; -EINVAL (size).
 */
int stage_rodata_get(const struct chain *c, __u32 slot, const char *name, void *value, size_t size);

#endif
