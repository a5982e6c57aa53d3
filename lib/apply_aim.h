/* SPDX-License-Identifier: GPL-2.0 */
/* lib/apply_aim.h - one interface while a configuration is applied. For lib/apply*.c only. */
#ifndef LIB_APPLY_AIM_H
#define LIB_APPLY_AIM_H

#include "lib/apply.h"

#define AIM_LINES (2 * CHAIN_SLOT_POLICER_MAX) /* all that go, and all that come */

struct aim {
	struct chain *chain;
	struct chain_layout before, after;
	struct stage *stages[CHAIN_SLOTS];   /* that were loaded, by their new slot */
	__u32 slots[CHAIN_SLOT_POLICER_MAX]; /* of the policers, in their order */
	struct apply_line lines[AIM_LINES];
	size_t line_count, policer_count;
	void *changes[CHAIN_SLOT_POLICER_MAX]; /* of maps that went on, of each policer; NULL: none
						*/
	int again;			       /* as of struct conf */
	int leave;    /* its interface is not in the configuration: what was configured goes */
	int made;     /* the chain was not there */
	int switched; /* after is in the kernel */
};

/** aim_init - nothing open. */
void aim_init(struct aim *aim);

/** aim_open - the chain of interface @conf; made, if there is none. @holder: has the lock, or NULL.
 */
int aim_open(struct aim *aim, const struct chain *holder, const struct iflist_entry *conf,
	     struct fail *f);

/**
 * aim_leave - the chain on @ifname, to take out what a configuration has put there.
 * Return: 0; -ENOENT there is nothing of one; -errno.
 */
int aim_leave(struct aim *aim, const struct chain *holder, const char *ifname);

/** aim_look - read what is there, of an aim whose chain is open. */
int aim_look(struct aim *aim, struct fail *f);

/** aim_prepare - load and fill what has changed; say in aim->lines what is to be done. */
int aim_prepare(struct aim *aim, struct policer *policers, size_t count, struct fail *f);

/** aim_switch - put it into the chain. */
int aim_switch(struct aim *aim, struct fail *f);

/** aim_settle - let each policer bring maps that went on to what is configured. */
int aim_settle(struct aim *aim, struct policer *policers, struct fail *f);

/** aim_finish - when all are settled: what policers have left for then. 0; -errno of one of them.
 */
int aim_finish(struct aim *aim, const struct policer *policers, struct fail *f);

/** aim_back - undo aim_settle() and aim_switch(), as far as they came. */
void aim_back(struct aim *aim, const struct policer *policers);

/** aim_keep - it is done: remove what the stages of before had. */
void aim_keep(struct aim *aim);

/** aim_close - what was not kept is gone; a chain that was made for nothing too. */
void aim_close(struct aim *aim);

#endif
