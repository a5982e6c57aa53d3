/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/opts.h - what the command line asks for. */
#ifndef XDPDUMP_OPTS_H
#define XDPDUMP_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/print.h"
#include "lib/trigger.h"
#include "xdpchain/session.h"

enum opts_source { OPTS_SOURCE_BEST, OPTS_SOURCE_CHAIN, OPTS_SOURCE_PROGRAM, OPTS_SOURCE_PCAP };

#define OPTS_TRIGGERS 8

enum opts_color { OPTS_COLOR_AUTO, OPTS_COLOR_ALWAYS, OPTS_COLOR_NEVER };

#define OPTS_IFACES 32 /* that one capture can be of */

/* What Wireshark asks of us, xdpdump/extcap.h. */
struct opts_extcap {
	const char *interface; /* as it was listed */
	const char *fifo;
	const char *filter; /* of --extcap-capture-filter */
	const char *reload; /* the option whose values are wanted once more */
	bool version, interfaces, dlts, config, capture;
};

struct opts {
	const char *ifnames[OPTS_IFACES]; /* of -i */
	unsigned int n_ifnames;
	bool any_chain;		 /* -i any-chain */
	unsigned int points;	 /* of --point, bit mask by enum event_point; 0: not said */
	const char *read;	 /* FILE of -r, "-" is standard input; NULL: capture */
	const char *write;	 /* FILE of -w, "-" is standard output; NULL: text */
	const char *format;	 /* of the output: "pcap", "json"; NULL: by its name, or text */
	const char *stage;	 /* of --stage: names or slots, comma between */
	const char *reason;	 /* of --reason: names, comma between */
	const char *filter_file; /* of -F */
	const char *command;	 /* of -z */
	const char *user;	 /* of -Z */
	const char *shell;	 /* of --completion */
	char *filter;		 /* the words behind the options, or what -F has; or NULL */
	struct print_opts print;
	unsigned long count;	   /* of -c; 0: no end */
	size_t ring_bytes;	   /* of -B; 0: the library's choice */
	__u64 duration_ns;	   /* of --duration; 0: no end */
	__u64 file_bytes;	   /* of -C; 0: no limit */
	unsigned int file_seconds; /* of -G; 0: no limit */
	unsigned int file_count;   /* of -W; 0: no limit */
	unsigned int snaplen;
	unsigned int verdicts;			       /* bit mask of --verdict; 0: all */
	unsigned int rules[SESSION_RULES], rule_count; /* of --rule */
	unsigned int sample;			       /* of --sample: one in so many; 0: all */
	unsigned int rate;     /* of --rate: packets a second; 0: no limit */
	unsigned int program;  /* number of -d */
	size_t recorder_bytes; /* of --flight-recorder: memory; 0: the program's choice */
	__u64 recorder_ns;     /* the same: age of what is kept; 0: no limit */
	__u64 after_ns;	       /* of --trigger-after */
	struct trigger triggers[OPTS_TRIGGERS];
	unsigned int trigger_count;
	struct opts_extcap extcap;
	enum opts_color color;
	enum opts_source source; /* of --source */
	bool step_times, no_step_times;
	bool count_only, print_too, stats, interfaces, ebpf;
	bool recorder, after_given;
	bool quiet; /* errors alone go to standard error */
};

/**
 * opts_parse - fill @o from the command line; prints what is wrong.
 * Return: -1 to go on, else the exit status. @o->filter is to be freed in any case.
 */
int opts_parse(struct opts *o, int argc, char **argv);

#endif
