/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lbapply_int.h - one interface while a configuration is applied. For lib/lbapply*.c only. */
#ifndef LIB_LBAPPLY_INT_H
#define LIB_LBAPPLY_INT_H

#include "lib/lbapply.h"
#include "lib/stage.h"

/* VIPs as they are to be, and where what is done about it is counted. */
struct lbapply_want {
	const struct lbconf_vip *vips;
	size_t count;
	struct lbapply_result *r;
};

/**
 * lbapply_grow - all that can be refused: what is new or changes. What goes is there still, but for
 * what others are to have of it: fragments, server ids, sources; and for all of it, if there is
 * no room for both.
 */
int lbapply_grow(struct lb *lb, const struct lbapply_want *want, struct fail *f);

/** lbapply_shrink - what goes. */
int lbapply_shrink(struct lb *lb, const struct lbapply_want *want, struct fail *f);

/** lbapply_undo - back to @before, as far as the kernel lets us. Reals that stayed lose nothing. */
void lbapply_undo(struct lb *lb, const struct lb_state *before);

struct lbaim {
	struct chain *chain;
	struct chain_layout before, after;
	struct stage *stage;   /* made for it; NULL: what is there stays */
	struct lb *lb;	       /* NULL while there is none */
	struct lb_state state; /* before anything was changed; of a new one, nothing */
	int leave;	       /* its interface is not in the configuration: the balancer goes */
	int made;	       /* no stage was there */
	int changed;	       /* after differs from before */
	int switched;	       /* after is in the kernel */
	int touched;	       /* VIPs may have been changed */
};

/** lbaim_init - nothing open. */
void lbaim_init(struct lbaim *aim);

/** lbaim_open - the chain of @conf, with its stage loaded beside it. @holder: has the lock, or
 * NULL. */
int lbaim_open(struct lbaim *aim, const struct chain *holder, const struct lbconf_interface *conf,
	       struct fail *f);

/**
 * lbaim_leave - the chain on @ifname, to take out the balancer that a configuration put there.
 * Return: 0; -ENOENT there is none of one; -errno.
 */
int lbaim_leave(struct lbaim *aim, const struct chain *holder, const char *ifname);

/** lbaim_grow - put the stage there, unless it leaves; then lbapply_grow(). */
int lbaim_grow(struct lbaim *aim, const struct lbapply_want *want, struct fail *f);

/** lbaim_shrink - lbapply_shrink(), or take the stage out. */
int lbaim_shrink(struct lbaim *aim, const struct lbapply_want *want, struct fail *f);

/** lbaim_back - undo all of it. */
void lbaim_back(struct lbaim *aim);

/** lbaim_keep - it is done: remove what was before. */
void lbaim_keep(struct lbaim *aim);

/** lbaim_close - what was not kept is gone; a chain that was made for nothing too. */
void lbaim_close(struct lbaim *aim);

#endif
