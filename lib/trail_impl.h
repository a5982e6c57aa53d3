/* SPDX-License-Identifier: GPL-2.0 */
/* lib/trail_impl.h - shared by the files of trail alone. */
#ifndef LIB_TRAIL_IMPL_H
#define LIB_TRAIL_IMPL_H

#include "lib/textbuf.h"
#include "lib/trail.h"

/* Where a time belongs in a text that was written without times. */
struct trail_cut {
	__u16 at; /* offset in the text */
	__u16 step;
};

struct trail_out {
	struct textbuf b;
	struct trail_cut *cuts; /* NULL: write the times */
	unsigned int n_cuts;
};

static inline void trail_out_ns(struct trail_out *o, const struct trail *t, unsigned int step)
{
	if (o->cuts)
		o->cuts[o->n_cuts++] = (struct trail_cut){ o->b.pos - o->b.start, step };
	else
		textbuf_u64(&o->b, t->step[step].ns);
}

/* Group of the stages of a slot, with its slash. */
const char *trail_group(unsigned int slot);

void trail_out_verdict(struct trail_out *o, unsigned int verdict);
void trail_out_comment(struct trail_out *o, const struct trail *t);
void trail_out(struct trail_out *o, const struct trail *t, enum trail_form form);

#endif
