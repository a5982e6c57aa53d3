// SPDX-License-Identifier: GPL-2.0
/* opts_check - options that do not go together. */
#include <string.h>

#include "lib/util.h"
#include "xdpdump/extcap.h"
#include "xdpdump/opts_int.h"

static bool to_stdout(const struct opts *o)
{
	return o->write ? !strcmp(o->write, "-") : o->format != NULL;
}

/* An interface is named. */
static bool opts_live(const struct opts *o)
{
	return o->n_ifnames || o->any_chain;
}

int opts_check(const struct opts *o)
{
	const char *files = o->file_bytes ? "-C" : o->file_seconds ? "-G" : NULL;
	const struct {
		bool wrong;
		const char *noun, *value, *mend;
	} rules[] = {
		{ opts_live(o) && o->read, "-r", "with -i", "a file or an interface, not both" },
		{ o->any_chain && o->n_ifnames, "-i", "any-chain and others",
		  "any-chain has all of them" },
		{ o->read && o->duration_ns, "--duration", "with -r", "a file has its own end" },
		{ o->read && o->stats, "--stats", "with -r", "a file has no rings" },
		{ o->read && o->source, "--source", "with -r", "a file is not live" },
		{ o->any_chain && o->source > OPTS_SOURCE_CHAIN, "--source", "with -i any-chain",
		  "name the interfaces" },
		{ o->read && o->rate, "--rate", "with -r", "a file is not live" },
		{ o->read && o->sample, "--sample", "with -r", "a file is not live" },
		{ o->read && o->recorder, "--flight-recorder", "with -r", "a file is not live" },
		{ o->trigger_count && !o->recorder, "--trigger", "nothing is kept for it",
		  "use it with --flight-recorder 64M" },
		{ o->after_given && !o->recorder, "--trigger-after", "nothing is kept for it",
		  "use it with --flight-recorder 64M" },
		{ o->reason && !*o->reason, "--reason", "nothing", "use names of reasons" },
		{ o->stage && !*o->stage, "--stage", "nothing", "use names or slots" },
		{ o->format && !strcmp(o->format, "pcap") && !o->write, "--pcap", "no file",
		  "say where to with -w FILE" },
		{ files && !o->write, files, "no file", "say where to with -w FILE" },
		{ files && to_stdout(o), files, "standard output cannot be split",
		  "write to a file with -w FILE" },
		{ o->file_count && !files, "-W", "how many of what", "use it with -C or -G" },
		{ o->command && !files, "-z", "no file ends before the last",
		  "use it with -C or -G" },
		{ o->print_too && to_stdout(o), "--print", "standard output is taken",
		  "write to a file with -w FILE" },
		{ o->count_only && to_stdout(o), "--count", "standard output is taken",
		  "write to a file with -w FILE" },
		{ o->count_only && o->print_too, "--count", "with --print", "one of the two" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return opts_wrong(rules[i].noun, rules[i].value, rules[i].mend);
	if (!opts_live(o) && !o->read && !o->shell && !o->interfaces && !o->program && !o->ebpf &&
	    !extcap_asked(o)) {
		fprintf(stderr, "xdpdump: no interface: say which with -i IFACE, "
				"or a file with -r FILE\n");
		return CLI_USAGE;
	}
	return -1;
}
