// SPDX-License-Identifier: GPL-2.0
/* opts_table - every option: help and completion are printed from here. */
#include "xdpdump/opts_int.h"

const struct cli_opt opts_table[] = {
	{ "interface", 'i', "IFACE",
	  "the interface whose chain to look at; again for several, any-chain for all" },
	{ "source", OPTS_SOURCE, "KIND",
	  "chain, program (any XDP program, where the kernel allows it) or pcap (what libpcap sees "
	  "behind XDP), and no other; unless told, the first that can be had" },
	{ "list-interfaces", 'D', NULL, "list the interfaces that have a chain, and its stages" },
	{ NULL, 'r', "FILE", "read packets from FILE (pcapng or pcap); - is standard input" },
	{ NULL, 'w', "FILE",
	  "write packets and trails to FILE (pcapng; classic pcap if it ends "
	  "in .pcap); - is standard output" },
	{ NULL, 'C', "SIZE",
	  "begin the next file when this one is larger: millions of bytes, or with k, m, g "
	  "after it KiB, MiB, GiB" },
	{ NULL, 'G', "SECONDS",
	  "begin the next file after so long; FILE may have strftime(3) words: %H%M%S" },
	{ NULL, 'W', "COUNT", "with -C: so many files, then over again; with -G: then end" },
	{ NULL, 'z', "COMMAND",
	  "run COMMAND with the name of each file that was ended by -C or -G" },
	{ "print", OPTS_PRINT, NULL, "print text too when -w writes a file" },
	{ "pcap", OPTS_PCAP, NULL, "write classic pcap, whatever the name of FILE" },
	{ "json", OPTS_JSON, NULL, "write one JSON object a packet, to standard output or FILE" },
	{ NULL, 'c', "N", "end after N packets" },
	{ "duration", OPTS_DURATION, "TIME", "end after TIME: seconds, or 90s, 10m, 1h30m" },
	{ "count", OPTS_COUNT, NULL, "print only the number of packets" },
	{ "stats", OPTS_STATS, NULL, "print what was counted, each second, to standard error" },
	{ "point", OPTS_POINT, "POINT",
	  "show packets as they leave the chain (exit, the default), as they came (entry), or "
	  "both" },
	{ "flight-recorder", OPTS_RECORDER, "SIZE|TIME",
	  "keep the newest packets in memory (64M, 1G; or those of 30s, 2m), and write them when "
	  "a trigger fires" },
	{ "trigger", OPTS_TRIGGER, "WHAT",
	  "when: 'drop>1000/s', 'ratelimit:rate>500/s', 'stage:lb>0/s', 'lost>0/s', "
	  "reason=syn_flood, stage=lb, verdict=aborted; SIGUSR2 and stages that ask always do" },
	{ "trigger-after", OPTS_AFTER, "TIME", "and write what comes within TIME after it (1s)" },
	{ "verdict", OPTS_VERDICT, "LIST",
	  "only packets with these final verdicts: pass, drop, tx, "
	  "redirect, aborted" },
	{ "stage", OPTS_STAGE, "STAGES",
	  "only packets that these stages decided, or gave a reason "
	  "for: names or slots, end for those that none decided" },
	{ "reason", OPTS_REASON, "LIST",
	  "only packets for which a stage gave one of these reasons: "
	  "prefix, ratelimit:rate" },
	{ "rule", OPTS_RULE, "LIST", "only packets for which a stage named one of these rules" },
	{ "sample", OPTS_SAMPLE, "N", "only one in N of the packets that match" },
	{ "rate", OPTS_RATE, "N", "at most N packets a second; what that leaves out is counted" },
	{ NULL, 'F', "FILE", "read the filter from FILE" },
	{ NULL, 'd', NULL, "print the filter's program and end; -dd as C, -ddd as numbers" },
	{ "dump-ebpf", OPTS_EBPF, NULL, "print the filter as the kernel runs it, and end" },
	{ "snapshot-length", 's', "BYTES", "take BYTES of each packet (0: all of it)" },
	{ "buffer-size", 'B', "KIB", "size of the ring of each CPU" },
	{ "step-times", OPTS_TIMES, NULL, "take the time at each stage (the default for text)" },
	{ "no-step-times", OPTS_NO_TIMES, NULL, "do not: it costs 20 to 40 ns a stage" },
	{ "relinquish-privileges", 'Z', "USER",
	  "become USER, and not nobody, before packets are parsed" },
	{ "color", OPTS_COLOR, "[=WHEN]",
	  "verdicts in colour: auto (the default: on a terminal, NO_COLOR not set), always, "
	  "never" },
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
	{ "nano", OPTS_NANO, NULL, "print times in nanoseconds" },
	{ "micro", OPTS_MICRO, NULL, "print times in microseconds (the default)" },
	{ "time-stamp-precision", OPTS_PRECISION, "UNIT", "micro or nano: see --nano" },
	{ "absolute-tcp-sequence-numbers", 'S', NULL, "print absolute TCP sequence numbers" },
	{ "number", '#', NULL, "print the number of each packet" },
	{ "packet-buffered", 'U', NULL,
	  "accepted; output is never held back for longer than 50 ms" },
	{ NULL, 'l', NULL, "accepted; see -U" },
	{ "immediate-mode", OPTS_IMMEDIATE, NULL, "accepted; see -U" },
	{ "completion", OPTS_COMPLETION, "SHELL",
	  "print a completion script for bash, zsh or fish, and end" },
	{ "extcap-interfaces", OPTS_EXTCAP_INTERFACES, NULL,
	  "for Wireshark: list the interfaces that have a chain" },
	{ "extcap-version", OPTS_EXTCAP_VERSION, "[=VERSION]", "for Wireshark: say our version" },
	{ "extcap-interface", OPTS_EXTCAP_INTERFACE, "NAME",
	  "for Wireshark: what is meant, as --extcap-interfaces has it" },
	{ "extcap-dlts", OPTS_EXTCAP_DLTS, NULL, "for Wireshark: list its link types" },
	{ "extcap-config", OPTS_EXTCAP_CONFIG, NULL, "for Wireshark: describe the dialog" },
	{ "extcap-reload-option", OPTS_EXTCAP_RELOAD, "NAME",
	  "for Wireshark: list the values of this option of the dialog" },
	{ "extcap-capture-filter", OPTS_EXTCAP_FILTER, "FILTER",
	  "for Wireshark: the filter; without --capture, say what is wrong with it" },
	{ "capture", OPTS_CAPTURE, NULL, "for Wireshark: capture, and write pcapng to --fifo" },
	{ "fifo", OPTS_FIFO, "FILE", "for Wireshark: where to write to" },
	{ "help", 'h', NULL, "print this" },
	{ "version", OPTS_VERSION, NULL, "print the version" },
	{ 0 },
};

void opts_usage(FILE *out)
{
	fprintf(out,
		"usage: xdpdump -i IFACE... [OPTION...] [FILTER]\n"
		"       xdpdump -r FILE [OPTION...] [FILTER]\n"
		"       xdpdump -D | -d [FILTER] | --dump-ebpf [FILTER]\n"
		"Show what an XDP program chain did to every packet, and why.\n"
		"FILTER is a pcap-filter(7) expression; on a chain it runs in the kernel.\n\n");
	cli_options(out, opts_table);
}
