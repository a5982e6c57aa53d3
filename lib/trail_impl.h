/* SPDX-License-Identifier: GPL-2.0 */
/* lib/trail_impl.h - shared by the files of trail alone. */
#ifndef LIB_TRAIL_IMPL_H
#define LIB_TRAIL_IMPL_H

#include "lib/textbuf.h"
#include "lib/trail.h"

/* What the names make of one step, all but its time. */
struct trail_words {
	const char *text;
	size_t len;
};

/* Room for the words of a step, every byte of every name escaped. */
#define TRAIL_WORDS 1024

/*
 * What the forms are put together from: the numbers, and a function that gives the words of step
 * @i. It is how a trail from the cache and one made anew come to the same text. Words are valid
 * until the next call; @scratch is room for them.
 */
struct trail_source {
	__u8 verdict, point, steps;
	bool times;
	const struct event_step *step;
	struct trail_words (*words)(const struct trail_source *src, unsigned int i,
				    enum trail_form form, char scratch[TRAIL_WORDS]);
	const void *arg; /* of words */
};

/* Group of the stages of a slot, with its slash; slot 0 is the program of no chain: no group. */
const char *trail_group(unsigned int slot);

/* Room for a verdict without a name: "verdict255". */
#define TRAIL_VERDICT 16

struct trail_words trail_verdict(unsigned int verdict, bool lower, char scratch[TRAIL_VERDICT]);

/* Into @buf of at least TRAIL_WORDS bytes. */
size_t trail_say(const struct trail_step *s, enum trail_form form, char *buf);
size_t trail_say_comment(const struct trail_step *s, char *buf);

size_t trail_write(const struct trail_source *src, enum trail_form form, char *buf, size_t size);
size_t trail_write_comment(const struct trail_source *src, char *buf, size_t size);

void trail_make_step(const struct event_step *e, const struct trail_names *n, struct trail_step *s);

#endif
