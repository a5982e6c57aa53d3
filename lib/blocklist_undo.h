/* SPDX-License-Identifier: GPL-2.0 */
/* lib/blocklist_undo.h - a change of a list under way. For lib/blocklist*.c only. */
#ifndef LIB_BLOCKLIST_UNDO_H
#define LIB_BLOCKLIST_UNDO_H

#include "lib/blocklist_int.h"

/** blocklist_change_new - of a list whose digest was @before. NULL: no memory. */
struct blocklist_change *blocklist_change_new(__u64 before, __u64 after);

/** blocklist_goes - @p is on the list, as @e, for the configuration, and is not to be. -ENOMEM. */
int blocklist_goes(struct blocklist_change *c, const struct prefix *p,
		   const struct blocklist_entry *e);

/** blocklist_comes - @p is going to be put on the list, where it is as @e; rule 0: it is not. */
int blocklist_comes(struct blocklist_change *c, const struct blocklist *b, const struct prefix *p,
		    const struct blocklist_entry *e);

/**
 * blocklist_make_room - let some go first, as many as those that come have no room without.
 * Brought back, they would have other rule ids, and hits from then on.
 */
int blocklist_make_room(struct blocklist_change *c, struct blocklist *b, struct fail *f);

#endif
