/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/trail.h - the trail of a packet: what every stage of the chain said of it.
 *
 * Made from an event and the names behind its numbers, shown to people as text, and kept in
 * pcapng as a comment that is parsed back without loss (docs/TRAIL.md).
 */
#ifndef LIB_TRAIL_H
#define LIB_TRAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/event.h"

#define TRAIL_NAME  64		      /* bytes of a name, with its NUL */
#define TRAIL_LABEL (TRAIL_NAME + 16) /* bytes of a label, with its NUL */
#define TRAIL_MAX   16384	      /* no trail in any form is longer, in bytes */

struct trail_step {
	char stage[TRAIL_NAME];	      /* the operator's name for it; "": not known */
	char reason_name[TRAIL_NAME]; /* "": not known, or no reason */
	char rule_text[TRAIL_NAME];   /* "": not known, or no rule */
	__u32 rule;		      /* 0: none */
	__u32 ns;		      /* since the packet met the chain, if trail.times */
	__u16 reason;		      /* 0: none */
	__u8 slot;
	__u8 verdict; /* enum chain_verdict, or what else a stage returned */
	bool shadow;  /* it would have said so, but handed on */
};

struct trail {
	__u8 verdict; /* final */
	__u8 point;   /* enum event_point */
	__u8 steps;
	bool times; /* step.ns are filled */
	struct trail_step step[EVENT_STEPS];
};

/*
 * Where the names come from. Each function puts a name into the buffer it is given and returns
 * true, or returns false: then the number is shown. Any of them may be NULL.
 */
struct trail_names {
	bool (*stage)(void *arg, __u32 slot, __u32 instance, char name[TRAIL_NAME]);
	bool (*reason)(void *arg, __u32 slot, __u32 instance, __u32 reason, char name[TRAIL_NAME]);
	bool (*rule)(void *arg, __u32 slot, __u32 instance, __u32 rule, char text[TRAIL_NAME]);
	void *arg;	  /* handed to all three */
	__u32 generation; /* the owner adds 1 when an answer may have changed */
};

enum trail_form {
	TRAIL_TEXT,	/* the end of a text line: who decided, and who gave a reason */
	TRAIL_TEXT_ALL, /* the same with every step */
	TRAIL_COMMENT,	/* the grammar of docs/TRAIL.md */
};

/** trail_make - the trail of @ev. @names may be NULL: then it has numbers only. */
void trail_make(const struct ev *ev, const struct trail_names *names, struct trail *t);

/**
 * trail_format - write @t.
 * @buf: gets the text, without a NUL; TRAIL_MAX bytes always suffice
 * Return: bytes written, or 0 if it does not fit; then @buf holds rubbish.
 */
size_t trail_format(const struct trail *t, enum trail_form form, char *buf, size_t size);

/**
 * trail_parse - read what trail_format() wrote as TRAIL_COMMENT.
 * @text: need not end with a NUL
 * Return: 0; -ENOENT if it is no trail at all; -EPROTONOSUPPORT if it is one of another version;
 * -EBADMSG if it breaks the grammar.
 */
int trail_parse(const char *text, size_t len, struct trail *t);

/** trail_decider - index of the step that decided, or -1: every stage handed the packet on. */
int trail_decider(const struct trail *t);

/** trail_label - the stage with its group: droplet/NAME, lb, or slotN where no name is known. */
void trail_label(const struct trail_step *s, char label[TRAIL_LABEL]);

/** trail_verdict_name - "DROP" and so on, upper case; NULL for a number without a name. Static. */
const char *trail_verdict_name(unsigned int verdict);

/** trail_verdict_find - the verdict that @name of @len bytes means, in any case; or -1. */
int trail_verdict_find(const char *name, size_t len);

struct trail_cache;

/**
 * trail_cache_new - for trail_cached(). Up to 2 MiB, as it fills; one reader each: it has no
 * lock. Return: NULL and errno. Freed with trail_cache_free(), which allows NULL.
 */
struct trail_cache *trail_cache_new(void);
void trail_cache_free(struct trail_cache *c);

/** trail_cache_most - bytes of a cache that is full. */
size_t trail_cache_most(void);

/**
 * trail_cached - trail_make() and trail_format() in one, at a fraction of the price.
 * @names: outlives @c, or is NULL; more than one chain may share a cache
 * @text:  set to the trail, without a NUL; valid until the next call
 *
 * What stages say repeats: whole trails are kept where they have no times, and otherwise the
 * words for a step. They are asked for again when @names->generation changes.
 * Return: bytes at @text, at most TRAIL_MAX; 0 for an event without a verdict.
 */
size_t trail_cached(struct trail_cache *c, const struct ev *ev, const struct trail_names *names,
		    enum trail_form form, const char **text);

#endif
