// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/opts.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cli.h"
#include "lib/trail.h"
#include "xdpchain/chain.h"

enum key { KEY_JSON = 256, KEY_VERDICT, KEY_STAGE, KEY_PCAP, KEY_NANO, KEY_TIMES, KEY_NO_TIMES };

static const struct cli_opt table[] = {
	{ "interface", 'i', "IFACE", "the interface whose chain to look at" },
	{ "count", 'c', "N", "end after N packets" },
	{ NULL, 'w', "FILE",
	  "write packets and trails to FILE (pcapng; classic pcap if it ends "
	  "in .pcap); - is standard output" },
	{ "pcap", KEY_PCAP, NULL, "write classic pcap, whatever the name of FILE" },
	{ "json", KEY_JSON, NULL, "write one JSON object a packet, to standard output or FILE" },
	{ "verdict", KEY_VERDICT, "LIST",
	  "only packets with these final verdicts: pass, drop, tx, "
	  "redirect, aborted" },
	{ "stage", KEY_STAGE, "LIST",
	  "only packets that these stages decided, or gave a reason "
	  "for: names or slots, end for those that none decided" },
	{ "snapshot-length", 's', "BYTES", "take BYTES of each packet (0: all of it)" },
	{ "buffer-size", 'B', "KIB", "size of the ring of each CPU" },
	{ "step-times", KEY_TIMES, NULL, "take the time at each stage (the default for text)" },
	{ "no-step-times", KEY_NO_TIMES, NULL, "do not: it costs 20 to 40 ns a stage" },
	{ NULL, 'e', NULL, "print the link-level header" },
	{ NULL, 'n', NULL, "do not look up names (xdpdump never does)" },
	{ NULL, 'q', NULL, "print less of each packet" },
	{ NULL, 'v', NULL, "print more of each packet, and every stage of its trail" },
	{ NULL, 'x', NULL, "print the packet in hex; -xx with its link-level header" },
	{ NULL, 'X', NULL, "print the packet in hex and ASCII; -XX with its link-level header" },
	{ NULL, 'A', NULL, "print the packet in ASCII" },
	{ NULL, 't', NULL,
	  "no time; -tt since the epoch, -ttt since the packet before, -tttt with "
	  "the date, -ttttt since the first packet" },
	{ "nano", KEY_NANO, NULL, "print times in nanoseconds" },
	{ "absolute-tcp-sequence-numbers", 'S', NULL, "print absolute TCP sequence numbers" },
	{ "number", '#', NULL, "print the number of each packet" },
	{ "packet-buffered", 'U', NULL,
	  "accepted; output is never held back for longer than 50 ms" },
	{ NULL, 'l', NULL, "accepted; see -U" },
	{ "help", 'h', NULL, "print this" },
	{ "version", 'V', NULL, "print the version" },
	{ 0 },
};

static void usage(FILE *out)
{
	fprintf(out, "usage: xdpdump -i IFACE [OPTION...] [FILTER]\n"
		     "Show what an XDP program chain did to every packet, and why.\n"
		     "FILTER is a pcap-filter(7) expression; it runs in the kernel.\n\n");
	cli_options(out, table);
}

static int wrong(const char *noun, const char *value, const char *mend)
{
	fprintf(stderr, "xdpdump: %s: %s: %s\n", noun, value, mend);
	return CLI_USAGE;
}

/* A whole number from @min to @max. */
static int number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || *end || end == text || text[0] == '-' || v < min || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}

static int parse_verdicts(struct opts *o, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		int v = trail_verdict_find(list, len);

		if (v < 0 || v >= CHAIN_NEXT)
			return wrong("--verdict", list,
				     "not a verdict, use pass, drop, tx, redirect, aborted");
		o->verdicts |= 1u << v;
		list += len + (list[len] == ',');
	}
	return -1;
}

static int parse_snaplen(struct opts *o, const char *text)
{
	unsigned long v;

	if (number(text, 0, 1UL << 31, &v))
		return wrong("-s", text, "not a number of bytes");
	o->snaplen = !v || v > EVENT_SNAPLEN_MAX ? EVENT_SNAPLEN_MAX : v;
	return -1;
}

static int parse_number(struct opts *o, int key, const char *text)
{
	unsigned long v;

	if (key == 'c' && number(text, 1, ~0UL, &o->count))
		return wrong("-c", text, "not a number of packets, 1 or more");
	if (key == 'B') {
		if (number(text, 4, 4UL << 20, &v))
			return wrong("-B", text, "not a size in KiB, 4 to 4194304");
		o->ring_bytes = v << 10;
	}
	return -1;
}

static void more_dump(struct opts *o, enum print_dump once, enum print_dump twice)
{
	o->print.dump = o->print.dump == once ? twice : once;
}

/* Options that change the text only. 1 if @key was one. */
static int print_option(struct opts *o, int key)
{
	switch (key) {
	case 'e':
		o->print.flags |= PRINT_LINK;
		break;
	case 'q':
		o->print.flags |= PRINT_QUIET;
		break;
	case 'S':
		o->print.flags |= PRINT_ABS_SEQ;
		break;
	case '#':
		o->print.flags |= PRINT_NUMBER;
		break;
	case KEY_NANO:
		o->print.flags |= PRINT_NANO;
		break;
	case 'v':
		o->print.verbose += o->print.verbose < 3;
		break;
	case 't':
		o->print.time += o->print.time < PRINT_TIME_FIRST;
		break;
	case 'x':
		more_dump(o, PRINT_DUMP_HEX, PRINT_DUMP_HEX_LINK);
		break;
	case 'X':
		more_dump(o, PRINT_DUMP_BOTH, PRINT_DUMP_BOTH_LINK);
		break;
	case 'A':
		more_dump(o, PRINT_DUMP_ASCII, PRINT_DUMP_ASCII_LINK);
		break;
	default:
		return 0;
	}
	return 1;
}

static int option(struct opts *o, int key, int *times)
{
	switch (key) {
	case 'i':
		o->ifname = optarg;
		return -1;
	case 'w':
		o->write = optarg;
		return -1;
	case KEY_PCAP:
		o->format = "pcap";
		return -1;
	case KEY_JSON:
		o->format = "json";
		return -1;
	case KEY_STAGE:
		o->stage = optarg;
		return -1;
	case KEY_TIMES:
	case KEY_NO_TIMES:
		*times = key == KEY_TIMES;
		return -1;
	case KEY_VERDICT:
		return parse_verdicts(o, optarg);
	case 's':
		return parse_snaplen(o, optarg);
	case 'c':
	case 'B':
		return parse_number(o, key, optarg);
	case 'h':
		usage(stdout);
		return CLI_OK;
	case 'V':
		printf("xdpdump %s\n", VERSION);
		return CLI_OK;
	case '?':
		fprintf(stderr, "usage: xdpdump -i IFACE [OPTION...] [FILTER], see --help\n");
		return CLI_USAGE;
	}
	return -1; /* -n, -U, -l: what is always so */
}

/* The words that are left are the filter, as tcpdump takes it. */
static char *join(int argc, char **argv)
{
	size_t len = 1;
	char *text, *p;

	for (int i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	text = p = malloc(len);
	for (int i = 0; text && i < argc; i++)
		p += sprintf(p, "%s%s", i ? " " : "", argv[i]);
	return text;
}

int opts_parse(struct opts *o, int argc, char **argv)
{
	int key, done, times = -1;

	*o = (struct opts){ .snaplen = EVENT_SNAPLEN_MAX };
	optind = 0;
	while ((key = cli_next(argc, argv, table, 0)) != -1) {
		if (print_option(o, key))
			continue;
		done = option(o, key, &times);
		if (done >= 0)
			return done;
	}
	if (!o->ifname) {
		fprintf(stderr, "xdpdump: no interface: say which with -i IFACE\n");
		return CLI_USAGE;
	}
	if (o->format && !strcmp(o->format, "pcap") && !o->write)
		return wrong("--pcap", "no file", "say where to with -w FILE");
	o->step_times = times >= 0 ? times : !o->write;
	if (optind < argc)
		o->filter = join(argc - optind, argv + optind);
	return -1;
}
