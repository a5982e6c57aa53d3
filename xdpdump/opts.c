// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/opts.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "xdpchain/event.h"
#include "xdpdump/opts_int.h"

/* Options that set one field, and need no more thought. */
static const struct {
	int key;
	size_t offset;
} texts[] = {
	{ 'r', offsetof(struct opts, read) },
	{ 'w', offsetof(struct opts, write) },
	{ 'F', offsetof(struct opts, filter_file) },
	{ 'z', offsetof(struct opts, command) },
	{ 'Z', offsetof(struct opts, user) },
	{ OPTS_STAGE, offsetof(struct opts, stage) },
	{ OPTS_REASON, offsetof(struct opts, reason) },
	{ OPTS_COMPLETION, offsetof(struct opts, shell) },
	{ OPTS_EXTCAP_INTERFACE, offsetof(struct opts, extcap.interface) },
	{ OPTS_EXTCAP_FILTER, offsetof(struct opts, extcap.filter) },
	{ OPTS_EXTCAP_RELOAD, offsetof(struct opts, extcap.reload) },
	{ OPTS_FIFO, offsetof(struct opts, extcap.fifo) },
}, flags[] = {
	{ 'D', offsetof(struct opts, interfaces) },
	{ OPTS_COUNT, offsetof(struct opts, count_only) },
	{ OPTS_EBPF, offsetof(struct opts, ebpf) },
	{ OPTS_PRINT, offsetof(struct opts, print_too) },
	{ OPTS_STATS, offsetof(struct opts, stats) },
	{ OPTS_EXTCAP_VERSION, offsetof(struct opts, extcap.version) },
	{ OPTS_EXTCAP_INTERFACES, offsetof(struct opts, extcap.interfaces) },
	{ OPTS_EXTCAP_DLTS, offsetof(struct opts, extcap.dlts) },
	{ OPTS_EXTCAP_CONFIG, offsetof(struct opts, extcap.config) },
	{ OPTS_CAPTURE, offsetof(struct opts, extcap.capture) },
}, prints[] = {
	{ 'e', PRINT_LINK },
	{ 'q', PRINT_QUIET },
	{ 'S', PRINT_ABS_SEQ },
	{ '#', PRINT_NUMBER },
	{ OPTS_NANO, PRINT_NANO },
};

static bool field(struct opts *o, int key, const char *text)
{
	char *base = (char *)o;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].key == key) {
			*(const char **)(base + texts[i].offset) = text;
			return true;
		}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].key == key)
			return *(bool *)(base + flags[i].offset) = true;
	for (size_t i = 0; i < ARRAY_SIZE(prints); i++)
		if (prints[i].key == key)
			return o->print.flags |= prints[i].offset;
	return false;
}

static void more_dump(struct opts *o, enum print_dump once, enum print_dump twice)
{
	o->print.dump = o->print.dump == once ? twice : once;
}

/* Options that say more when they are given again, and those that take others back. */
static bool again(struct opts *o, int key)
{
	switch (key) {
	case 'v':
		o->print.verbose += o->print.verbose < 3;
		return true;
	case 't':
		o->print.time += o->print.time < PRINT_TIME_FIRST;
		return true;
	case 'd':
		o->program += o->program < 3;
		return true;
	case 'x':
		more_dump(o, PRINT_DUMP_HEX, PRINT_DUMP_HEX_LINK);
		return true;
	case 'X':
		more_dump(o, PRINT_DUMP_BOTH, PRINT_DUMP_BOTH_LINK);
		return true;
	case 'A':
		more_dump(o, PRINT_DUMP_ASCII, PRINT_DUMP_ASCII_LINK);
		return true;
	case OPTS_MICRO:
		o->print.flags &= ~PRINT_NANO;
		return true;
	case OPTS_TIMES:
	case OPTS_NO_TIMES:
		o->step_times = key == OPTS_TIMES;
		o->no_step_times = !o->step_times;
		return true;
	}
	return false;
}

/* An option that tcpdump has, and we do not: why. -1: it is none. */
static int refused(int key)
{
	char name[40];

	for (const struct cli_opt *r = opts_refused; r->help; r++) {
		if (r->key != key)
			continue;
		if (key < 256)
			snprintf(name, sizeof(name), "-%c", key);
		else
			snprintf(name, sizeof(name), "--%s", r->name);
		return opts_wrong(name, "an option of tcpdump that xdpdump has not", r->help);
	}
	return -1;
}

static int option(struct opts *o, int key)
{
	int done;

	switch (key) {
	case OPTS_PCAP:
	case OPTS_JSON:
		o->format = key == OPTS_PCAP ? "pcap" : "json";
		return -1;
	case 'h':
		opts_usage(stdout);
		return CLI_OK;
	case OPTS_VERSION:
		printf("xdpdump %s\n", VERSION);
		return CLI_OK;
	case '?':
		fprintf(stderr, "usage: xdpdump -i IFACE | -r FILE [OPTION...] [FILTER], "
				"see --help\n");
		return CLI_USAGE;
	}
	done = opts_value(o, key, optarg);
	return done == -2 ? refused(key) : done; /* -n, -U, -l: what is always so */
}

/* One table of what there is and what there is not, for getopt. */
static void all_options(struct cli_opt all[CLI_OPTS_MAX + 1])
{
	size_t n = 0;

	for (const struct cli_opt *p = opts_table; p->help; p++)
		all[n++] = *p;
	for (const struct cli_opt *p = opts_refused; p->help; p++)
		all[n++] = *p;
	all[n] = (struct cli_opt){ 0 };
}

int opts_parse(struct opts *o, int argc, char **argv)
{
	struct cli_opt all[CLI_OPTS_MAX + 1];
	int key, done;

	*o = (struct opts){ .snaplen = EVENT_SNAPLEN_MAX, .after_ns = NSEC };
	all_options(all);
	optind = 0;
	while ((key = cli_next(argc, argv, all, 0)) != -1) {
		if (field(o, key, optarg) || again(o, key))
			continue;
		done = option(o, key);
		if (done >= 0)
			return done;
	}
	done = opts_extcap(o);
	if (done < 0)
		done = opts_check(o);
	if (done >= 0)
		return done;
	if (!o->step_times && !o->no_step_times)
		o->step_times = !o->write || o->print_too || o->extcap.capture;
	return opts_words(o, argc - optind, argv + optind);
}
