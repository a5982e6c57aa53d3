// SPDX-License-Identifier: GPL-2.0
/*
 * tests/tools/print_pcap.c - a capture file as text, by lib/print: the side of a comparison with
 * `tcpdump -n -r FILE` that is ours. Options as tcpdump's: -e -q -v -x -X -A -S -t -# and
 * --nano; -z TEXT sets the suffix. -m puts a byte 0x01 where the line ends for us and a decoder
 * of tcpdump may go on, which is what tests/tools/print_compare.py goes by.
 */
#include <getopt.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/print_int.h"

static const struct option longs[] = {
	{ "nano", no_argument, NULL, 'N' },
	{ "number", no_argument, NULL, '#' },
	{ NULL, 0, NULL, 0 },
};

static void more_dump(struct print_opts *o, __u8 first)
{
	o->dump = o->dump == first ? first + 1 : first;
}

static int option(struct print_opts *o, int c)
{
	switch (c) {
	case 'e':
		o->flags |= PRINT_LINK;
		return 0;
	case 'q':
		o->flags |= PRINT_QUIET;
		return 0;
	case 'S':
		o->flags |= PRINT_ABS_SEQ;
		return 0;
	case 'N':
		o->flags |= PRINT_NANO;
		return 0;
	case '#':
		o->flags |= PRINT_NUMBER;
		return 0;
	case 'v':
		o->verbose++;
		return 0;
	case 't':
		o->time++;
		return 0;
	case 'x':
		more_dump(o, PRINT_DUMP_HEX);
		return 0;
	case 'X':
		more_dump(o, PRINT_DUMP_BOTH);
		return 0;
	case 'A':
		more_dump(o, PRINT_DUMP_ASCII);
		return 0;
	}
	return -1;
}

static void write_text(const struct print *p, const char *buf, int mark)
{
	size_t n = mark && p->upper ? (size_t)(p->upper - buf) : strlen(buf);

	fwrite(buf, 1, n, stdout);
	if (buf[n] || (mark && p->upper))
		putchar(1);
	puts(buf + n);
}

static int show(pcap_t *pc, const struct print_opts *o, const char *suffix, int mark)
{
	struct print *p = print_new(o);
	struct pcap_pkthdr *h;
	const u_char *data;

	if (!p)
		return 1;
	while (pcap_next_ex(pc, &h, &data) == 1) {
		struct print_pkt pkt = {
			.data = data,
			.cap_len = h->caplen,
			.len = h->len,
			.time_ns = (__u64)(__u32)h->ts.tv_sec * 1000000000 + (__u64)h->ts.tv_usec,
			.suffix = suffix,
		};
		size_t size = PRINT_SIZE(h->caplen);
		char *buf = malloc(size);

		if (!buf)
			return 1;
		print_packet(p, &pkt, buf, size);
		write_text(p, buf, mark);
		free(buf);
	}
	print_free(p);
	return 0;
}

int main(int argc, char **argv)
{
	struct print_opts o = { 0 };
	char err[PCAP_ERRBUF_SIZE];
	const char *suffix = NULL;
	pcap_t *pc;
	int c, mark = 0;

	while ((c = getopt_long(argc, argv, "eqSvtxXA#mz:", longs, NULL)) != -1) {
		if (c == 'm')
			mark = 1;
		else if (c == 'z')
			suffix = optarg;
		else if (option(&o, c))
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	pc = pcap_open_offline_with_tstamp_precision(argv[optind], PCAP_TSTAMP_PRECISION_NANO, err);
	if (!pc || pcap_datalink(pc) != DLT_EN10MB) {
		fprintf(stderr, "print_pcap: %s: %s\n", argv[optind], pc ? "not Ethernet" : err);
		return 1;
	}
	c = show(pc, &o, suffix, mark);
	pcap_close(pc);
	return c;
}
