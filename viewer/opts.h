/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/opts.h - what the command line asks for. */
#ifndef VIEWER_OPTS_H
#define VIEWER_OPTS_H

#include <stdbool.h>

#include "viewer/model.h"
#include "viewer/screen.h"

struct opts {
	const char *ifnames[MODEL_IFS]; /* of -i; none: all chains */
	unsigned int n_ifnames;
	const char *read;   /* of -r; NULL: live */
	const char *filter; /* of -f; NULL: none */
	const char *socket; /* of droplet's daemon */
	__u64 every_ns;	    /* of -d */
	__u64 clock_ns;	    /* of --clock: the time that is shown, since 1970; 0: that of now */
	unsigned int rate;  /* packets a second and interface that are taken, at most */
	unsigned int snaplen;
	bool once, json, read_only, unconfined;
	struct screen_opts screen;
};

/** opts_parse - fill @o; prints what is wrong. -1 to go on, else the exit status. */
int opts_parse(struct opts *o, int argc, char **argv);

#endif
