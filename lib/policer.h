/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/policer.h - a policer as it is written in a configuration, made into a stage.
 *
 *	lib/conf -> struct policer_conf -> policer_make() -> struct policer.spec -> lib/stage
 *
 * A kind of policer is one file lib/policer_<kind>.c and one row of policer_kinds[]. Functions
 * return 0 or -errno and say why in @f: "LINE: key: reason", where LINE is of the configuration.
 */
#ifndef LIB_POLICER_H
#define LIB_POLICER_H

#include <stddef.h>

#include "lib/fail.h"
#include "lib/stage.h"

struct compile_job;

enum policer_mode { POLICER_ENFORCE, POLICER_SHADOW };

/* `key: value` or `key: [value, value]` of a mapping whose keys the schema does not know. */
struct policer_pair {
	char *key;
	char **values; /* as they are written */
	size_t count;  /* of values, at least 1 */
	unsigned int line;
};

/* One of `rules`. Which of them a kind wants, and what they mean, is the kind's own. */
struct policer_rule {
	__u32 id;      /* 0: not written */
	char *match;   /* a pcap-filter expression, a prefix, ... */
	char *action;  /* "drop", "pass", "limit 1000/s"; NULL: not written */
	char *note;    /* NULL: none */
	char *expires; /* a duration from when it is first set; NULL: never */
	unsigned int line;
};

/* A named list of prefixes, for `set: NAME`. */
struct policer_set {
	char *name, *file;
	unsigned int line;
};

struct policer_conf {
	char *name; /* unique in a configuration, at most CHAIN_NAME_LEN - 1 bytes of [a-z0-9_-] */
	char *kind; /* a row of policer_kinds[] */
	char *file; /* of kinds source and object; absolute, or from the configuration's folder */
	enum policer_mode mode;
	int disabled;			    /* 1: checked with the rest, and not in the chain */
	struct policer_pair *params, *maps; /* maps: name of a map -> file that fills it */
	size_t param_count, map_count;
	struct policer_rule *rules;
	size_t rule_count;
	const struct policer_set *sets; /* of the whole configuration */
	size_t set_count;
	unsigned int line;
};

/* How a value is written, and what it becomes. */
enum policer_type {
	POLICER_NUMBER, /* "1500" -> __u32 */
	POLICER_RATE,	/* "1000", "20k", "2M/s" -> __u64, a second */
	POLICER_TIME,	/* "90s", "10m" -> __u64, ns */
	POLICER_FLAG,	/* true, false -> __u32 */
	POLICER_TEXT,	/* -> const char *, of the policer_conf */
	POLICER_LIST,	/* -> const struct policer_pair *, of the policer_conf; NULL: not given */
};

/* A parameter of a kind. The table ends with key NULL; help and man page go by it. */
struct policer_param {
	const char *key;
	enum policer_type type;
	size_t off;	 /* in the kind's own struct */
	const char *def; /* as it would be written; NULL: zero */
	__u64 min, max;	 /* of numbers, rates and times; max 0: whatever fits */
	const char *help;
};

enum policer_takes {
	POLICER_TAKES_FILE = 1 << 0,  /* and needs it */
	POLICER_TAKES_RULES = 1 << 1, /* may have them */
	POLICER_TAKES_MAPS = 1 << 2,
};

struct policer {
	const struct policer_kind *kind;
	struct stage_spec spec; /* all but the slot; points into state and the policer_conf */
	void *state;		/* the kind's own */
	char *warnings;		/* of the compiler, lines for a person; NULL: none. Freed with it */
};

struct policer_kind {
	const char *name;
	const char *help;		    /* one line */
	const struct policer_param *params; /* NULL: it reads conf->params itself */
	unsigned int takes;		    /* enum policer_takes */
	/*
	 * Check @conf, translate, compile; fill p->spec (object or data, setup, fill, program,
	 * fresh, arg) and p->state, and add to p->spec.digest what makes it differ: two policers
	 * with one digest are the same, and a running one is then left alone. No chain is touched.
	 */
	int (*make)(const struct policer_conf *conf, struct policer *p, struct fail *f);
	/*
	 * After the swap, with the chain locked: bring maps that went on from before to what is
	 * configured, as far as that can fail. Also called for one that was left alone. May be
	 * NULL.
	 * @change: set, of this chain; NULL: there is nothing to finish or undo
	 */
	int (*settle)(struct policer *p, struct chain *c, __u32 slot, void **change,
		      struct fail *f);
	/* When all chains are settled: what is left, such as to remove. Frees @change. */
	int (*finish)(struct chain *c, __u32 slot, void *change, struct fail *f);
	/* When another chain could not be: what was changed is as before. Frees @change. */
	void (*undo)(struct chain *c, __u32 slot, void *change);
	/*
	 * Start what make() would wait for, so that it does not have to. NULL: nothing, or it
	 * cannot be: then make() tells why. May be NULL.
	 */
	struct compile_job *(*begin)(const struct policer_conf *conf);
	void (*drop)(struct policer *p); /* free p->state; may be NULL */
};

/* Ends with a NULL. */
extern const struct policer_kind *const policer_kinds[];

/** policer_kind - the kind called @name, or NULL. */
const struct policer_kind *policer_kind(const char *name);

/**
 * policer_make - make @p out of @conf, which must outlive it.
 * @p: set on success; given back with policer_free()
 *
 * Return: 0; -EINVAL for whatever a person can mend; -errno.
 */
int policer_make(const struct policer_conf *conf, struct policer *p, struct fail *f);

/** policer_settle - settle() and finish(), where there is one chain alone. 0 or -errno. */
int policer_settle(struct policer *p, struct chain *c, __u32 slot, struct fail *f);

/** policer_free - fine on a zeroed one. */
void policer_free(struct policer *p);

/**
 * policer_params - read conf->params by @table into the struct @out. An unknown key is refused
 * with those that there are; a value with what is wanted.
 */
int policer_params(const struct policer_conf *conf, const struct policer_param *table, void *out,
		   struct fail *f);

/** policer_fail - "LINE: NOUN: text"; Return: -@err. */
int policer_fail(struct fail *f, int err, unsigned int line, const char *noun, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/** policer_digest - add @size bytes to a digest (FNV-1a, 64 bits); begin with 0. */
__u64 policer_digest(__u64 digest, const void *data, size_t size);

#endif
