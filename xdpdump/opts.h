/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/opts.h - what the command line asks for. */
#ifndef XDPDUMP_OPTS_H
#define XDPDUMP_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/print.h"

struct opts {
	const char *ifname;
	const char *write;  /* FILE of -w, "-" is standard output; NULL: text */
	const char *format; /* of the output: "pcap", "json"; NULL: by its name, or text */
	const char *stage;  /* of --stage: names or slots, comma between */
	char *filter;	    /* the words behind the options, or NULL */
	struct print_opts print;
	unsigned long count; /* of -c; 0: no end */
	size_t ring_bytes;   /* of -B; 0: the library's choice */
	unsigned int snaplen;
	unsigned int verdicts; /* bit mask of --verdict; 0: all */
	bool step_times;
};

/**
 * opts_parse - fill @o from the command line; prints what is wrong.
 * Return: -1 to go on, else the exit status.
 */
int opts_parse(struct opts *o, int argc, char **argv);

#endif
