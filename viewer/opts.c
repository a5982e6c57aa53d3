// SPDX-License-Identifier: GPL-2.0
#include "viewer/opts.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cli.h"
#include "lib/util.h"
#include "viewer/block.h"

#define RATE	    1000
#define RATE_MAX    100000
#define SNAPLEN	    512
#define EVERY_LEAST 0.1
#define EVERY_MOST  60.0

enum {
	OPT_ONCE = 256,
	OPT_JSON,
	OPT_READ_ONLY,
	OPT_SOCKET,
	OPT_RATE,
	OPT_ASCII,
	OPT_COLOR,
	OPT_NO_MOUSE,
	OPT_CLOCK,
	OPT_UNCONFINED,
	OPT_VERSION
};

static const struct cli_opt table[] = {
	{ "interface", 'i', "IFACE",
	  "the interface whose chain to show; again for several; all that "
	  "have one, unless told" },
	{ NULL, 'r', "FILE",
	  "show a capture (pcapng or pcap) with its trails; - is standard input" },
	{ "delay", 'd', "SECONDS", "read the counters so often: 0.1 to 60 (1)" },
	{ "filter", 'f', "FILTER",
	  "packets to show: a pcap-filter, and words, as the key \\ takes" },
	{ "once", OPT_ONCE, NULL,
	  "print the chain as text and end, as when standard output is no "
	  "terminal" },
	{ "json", OPT_JSON, NULL, "the same as one JSON object" },
	{ "rate", OPT_RATE, "N", "take at most N packets a second of an interface (1000)" },
	{ "snapshot-length", 's', "BYTES", "take BYTES of each packet (512)" },
	{ "socket", OPT_SOCKET, "PATH",
	  "of droplet's daemon, which blocks sources (" BLOCK_SOCKET ")" },
	{ "read-only", OPT_READ_ONLY, NULL, "write no file and block nobody" },
	{ "color", OPT_COLOR, "WHEN", "auto, never, or 16 whatever NO_COLOR says" },
	{ "ascii", OPT_ASCII, NULL, "no character that is not ASCII" },
	{ "no-mouse", OPT_NO_MOUSE, NULL, "leave the mouse to the terminal" },
	{ "clock", OPT_CLOCK, "SECONDS", "show this time, in seconds since 1970; for tests" },
	{ "unconfined", OPT_UNCONFINED, NULL, "keep all privileges; for valgrind" },
	{ "help", 'h', NULL, "print this" },
	{ "version", OPT_VERSION, NULL, "print the version" },
	{ 0 },
};

static int wrong(const char *noun, const char *value, const char *mend)
{
	fprintf(stderr, "xdpview: %s: %s: %s\n", noun, value, mend);
	return CLI_USAGE;
}

static int number(const char *noun, const char *text, double min, double max, double *out)
{
	char mend[64], *end;
	double v;

	errno = 0;
	v = strtod(text, &end);
	snprintf(mend, sizeof(mend), "not a number from %g to %.15g", min, max);
	if (end == text || *end || errno || !(v >= min && v <= max))
		return wrong(noun, text, mend);
	*out = v;
	return -1;
}

static int integer(const char *noun, const char *text, unsigned int max, unsigned int *out)
{
	double v = 0;
	int done = number(noun, text, 1, max, &v);

	if (done == -1 && v != floor(v))
		done = wrong(noun, text, "not a whole number");
	if (done == -1)
		*out = v;
	return done;
}

static int color(struct opts *o, const char *text)
{
	static const char *const words[] = { "auto", "never", "16" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(text, words[i])) {
			o->screen.colors = i;
			return -1;
		}
	return wrong("--color", text, "neither auto, 16 nor never");
}

static int iface(struct opts *o, const char *text)
{
	for (unsigned int i = 0; i < o->n_ifnames; i++)
		if (!strcmp(o->ifnames[i], text))
			return wrong("-i", text, "given twice");
	if (o->n_ifnames == MODEL_IFS)
		return wrong("-i", text, "one interface too many, 32 are the limit");
	o->ifnames[o->n_ifnames++] = text;
	return -1;
}

/* Options with an argument that must be understood. */
static int value(struct opts *o, int key, const char *text)
{
	double v = 0;
	int done;

	switch (key) {
	case 'i':
		return iface(o, text);
	case 'd':
		done = number("-d", text, EVERY_LEAST, EVERY_MOST, &v);
		o->every_ns = v * NSEC;
		return done;
	case OPT_CLOCK:
		done = number("--clock", text, 1, 1e11, &v);
		o->clock_ns = (__u64)(v * 1000 + 0.5) * (NSEC / 1000);
		return done;
	case OPT_RATE:
		return integer("--rate", text, RATE_MAX, &o->rate);
	case 's':
		return integer("-s", text, EVENT_SNAPLEN_MAX, &o->snaplen);
	case OPT_COLOR:
		return color(o, text);
	}
	return -1;
}

static int option(struct opts *o, int key)
{
	switch (key) {
	case 'h':
		printf("usage: xdpview [-i IFACE...] [OPTION...]\n"
		       "       xdpview -r FILE [OPTION...]\n"
		       "Show what a chain of XDP programs does now: stages, reasons, packets, "
		       "sources.\nKeys are listed by ? and in xdpview(8).\n\n");
		cli_options(stdout, table);
		return CLI_OK;
	case OPT_VERSION:
		printf("xdpview %s\n", VERSION);
		return CLI_OK;
	case '?':
		fprintf(stderr, "usage: xdpview [-i IFACE | -r FILE] [OPTION...], see --help\n");
		return CLI_USAGE;
	case 'r':
		o->read = optarg;
		return -1;
	case 'f':
		o->filter = optarg;
		return -1;
	case OPT_SOCKET:
		o->socket = optarg;
		return -1;
	}
	return value(o, key, optarg);
}

static bool flag(struct opts *o, int key)
{
	switch (key) {
	case OPT_ONCE:
		return o->once = true;
	case OPT_JSON:
		return o->once = o->json = true;
	case OPT_READ_ONLY:
		return o->read_only = true;
	case OPT_UNCONFINED:
		return o->unconfined = true;
	case OPT_ASCII:
		return o->screen.ascii = true;
	case OPT_NO_MOUSE:
		o->screen.mouse = false;
		return true;
	}
	return false;
}

int opts_parse(struct opts *o, int argc, char **argv)
{
	int key, done;

	*o = (struct opts){
		.socket = BLOCK_SOCKET,
		.every_ns = NSEC,
		.rate = RATE,
		.snaplen = SNAPLEN,
		.screen.mouse = true,
	};
	optind = 0;
	while ((key = cli_next(argc, argv, table, 0)) != -1) {
		if (flag(o, key))
			continue;
		done = option(o, key);
		if (done >= 0)
			return done;
	}
	if (optind < argc)
		return wrong("argument", argv[optind],
			     "none is wanted; an interface is -i IFACE, a "
			     "filter -f FILTER");
	if (o->once && o->filter)
		return wrong("-f", o->filter, "it is for packets, and --once prints counters");
	if (o->read && o->n_ifnames)
		return wrong("-i", o->ifnames[0], "not together with -r");
	return -1;
}
