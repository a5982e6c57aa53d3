/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/opts_int.h - shared by the files of opts alone. */
#ifndef XDPDUMP_OPTS_INT_H
#define XDPDUMP_OPTS_INT_H

#include <stdio.h>

#include "lib/cli.h"
#include "xdpdump/opts.h"

/* Keys of options that have no letter. */
enum opts_key {
	OPTS_JSON = 256,
	OPTS_VERDICT,
	OPTS_POINT,
	OPTS_SOURCE,
	OPTS_STAGE,
	OPTS_REASON,
	OPTS_RULE,
	OPTS_SAMPLE,
	OPTS_RATE,
	OPTS_PCAP,
	OPTS_NANO,
	OPTS_MICRO,
	OPTS_PRECISION,
	OPTS_TIMES,
	OPTS_NO_TIMES,
	OPTS_COUNT,
	OPTS_PRINT,
	OPTS_DURATION,
	OPTS_EBPF,
	OPTS_STATS,
	OPTS_COLOR,
	OPTS_RECORDER,
	OPTS_TRIGGER,
	OPTS_AFTER,
	OPTS_COMPLETION,
	OPTS_IMMEDIATE,
	OPTS_EXTCAP_VERSION,
	OPTS_EXTCAP_INTERFACES,
	OPTS_EXTCAP_DLTS,
	OPTS_EXTCAP_CONFIG,
	OPTS_EXTCAP_RELOAD,
	OPTS_EXTCAP_INTERFACE,
	OPTS_EXTCAP_FILTER,
	OPTS_CAPTURE,
	OPTS_FIFO,
	OPTS_VERSION,
	OPTS_REFUSED, /* and what follows: tcpdump has it, and we do not */
};

/* All options; ends with an entry whose help is NULL. */
extern const struct cli_opt opts_table[];

/* Those of tcpdump's that we have not; help is why, and what to do. */
extern const struct cli_opt opts_refused[];

/** opts_usage - what --help prints. */
void opts_usage(FILE *out);

/** opts_wrong - print "noun: value: mend". CLI_USAGE. */
int opts_wrong(const char *noun, const char *value, const char *mend);

/**
 * opts_value - take the argument of an option that has one which must be understood.
 * Return: -1; CLI_USAGE after a message; -2: @key is no such option.
 */
int opts_value(struct opts *o, int key, const char *text);

/** opts_check - do the options go together? -1, or CLI_USAGE after a message. */
int opts_check(const struct opts *o);

/**
 * opts_extcap - what --capture and --extcap-interface mean as options of an ordinary capture:
 * -i, -w, and nothing on standard error that is no error. -1, or CLI_USAGE after a message.
 */
int opts_extcap(struct opts *o);

/** opts_words - the filter: what -F has, or the words that are left. -1, or CLI_* after a message
 */
int opts_words(struct opts *o, int argc, char **argv);

#endif
