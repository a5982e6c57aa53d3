/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/extcap.h - what Wireshark asks of a program in its extcap directory, see extcap(4).
 *
 * It calls us once for each question, and reads sentences like `interface {value=..}{display=..}`
 * on our standard output. To capture is no question: --capture is turned into the options of an
 * ordinary capture, see opts_extcap().
 */
#ifndef XDPDUMP_EXTCAP_H
#define XDPDUMP_EXTCAP_H

#include <stdbool.h>

#include "lib/trail.h"
#include "xdpdump/opts.h"

/* Before the name of an interface: the kernel takes no name with a colon, so it is unique. */
#define EXTCAP_PREFIX "xdpchain:"

#define EXTCAP_STAGES 64 /* that the dialog offers */

/* The stages that can be chosen, each once; of several chains where all are meant. */
struct extcap_stages {
	char label[EXTCAP_STAGES][TRAIL_LABEL]; /* "droplet/blocklist" */
	unsigned int n;
};

/** extcap_asked - is there a question? */
bool extcap_asked(const struct opts *o);

/** extcap_answer - print the answer. The exit status. */
int extcap_answer(const struct opts *o);

/**
 * extcap_text - print @text where a sentence has room for it: of the bytes that would end it, or
 * that are no ASCII, a question mark is left.
 */
void extcap_text(const char *text);

/**
 * extcap_config - print the dialog.
 * @reload: NULL; or an option, with or without dashes: then its values alone
 */
void extcap_config(const struct extcap_stages *stages, const char *reload);

#endif
