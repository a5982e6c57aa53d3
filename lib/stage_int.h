/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/stage_int.h - the pins of a stage. For lib/stage*.c and lib/chain*.c only.
 *
 * They are in a folder by instance, which is whole before the program meets a packet and is not
 * changed after: so a command that is killed leaves what was or what is to be, whole.
 */
#ifndef LIB_STAGE_INT_H
#define LIB_STAGE_INT_H

#include "lib/pins.h"
#include "lib/stage.h"

#define STAGE_PROGRAM "program:" /* the program itself; no map can have that name */

/** stage_path - stage<instance>[/<name>] in the chain's directory; @name may be NULL. */
void stage_path(char path[PINS_PATH], const struct chain *c, __u32 instance, const char *name);

/** stage_own - is @map the stage's own: neither the chain's nor one of .rodata and such. */
int stage_own(const struct bpf_map *map);

/**
 * stage_keep - let @obj go on with the maps of instance @from that have the same shape.
 * Return: how many have another; -errno.
 */
int stage_keep(const struct chain *c, const struct stage_spec *spec, struct bpf_object *obj,
	       __u32 from);

/** stage_pin - pin program @prog and the maps of @obj for @instance. 0; -errno, and nothing is. */
int stage_pin(const struct chain *c, __u32 instance, struct bpf_object *obj, int prog);

#endif
