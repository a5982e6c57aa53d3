// SPDX-License-Identifier: GPL-2.0
/* extcap_config - the dialog that Wireshark shows for a chain: a row an option. */
#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "xdpdump/extcap.h"

/* @value: "" is not passed on. */
static void value(int number, const char *value, const char *display, const char *more)
{
	printf("value {arg=%d}{value=%s}{display=", number, value);
	extcap_text(display);
	printf("}%s\n", more);
}

static void verdicts(int number, const struct extcap_stages *stages)
{
	static const char *const names[] = { "pass", "drop", "tx", "redirect", "aborted" };

	(void)stages;
	/* What is not said to be enabled cannot be ticked. */
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		value(number, names[i], names[i], "{enabled=true}{default=false}");
}

static void stage(int number, const struct extcap_stages *stages)
{
	value(number, "", "any", "{default=true}");
	for (unsigned int i = 0; i < stages->n; i++)
		value(number, stages->label[i], stages->label[i], "{default=false}");
	value(number, "end", "none: the end of the chain", "{default=false}");
}

static void point(int number, const struct extcap_stages *stages)
{
	(void)stages;
	value(number, "exit", "as they leave the chain", "{default=true}");
	value(number, "entry", "as they came", "{default=false}");
	value(number, "both", "both", "{default=false}");
}

static const struct arg {
	const char *call, *display, *tooltip;
	const char *type; /* and what else belongs to it */
	void (*values)(int number, const struct extcap_stages *stages);
} args[] = {
	{ "--verdict", "Verdicts", "Only packets with these final verdicts; none ticked: all",
	  "{type=multicheck}", verdicts },
	{ "--stage", "Stage", "Only packets that this stage decided, or gave a reason for",
	  "{type=selector}{reload=true}{placeholder=Look again}", stage },
	{ "--reason", "Reasons", "Only packets for which a stage gave one of these reasons",
	  "{type=string}{placeholder=prefix, or ratelimit:rate}", NULL },
	{ "--rule", "Rules", "Only packets for which a stage named one of these rules",
	  "{type=string}{placeholder=7, or 7,12}{validation=^[0-9]+(,[0-9]+)*$}", NULL },
	{ "--point", "Packets", "Bytes as they leave the chain, as they came, or both",
	  "{type=selector}", point },
	{ "--snapshot-length", "Snapshot length", "Bytes to take of each packet",
	  "{type=unsigned}{range=1,65000}{default=65000}", NULL },
	{ "--sample", "One packet in", "Only one in so many of the packets that match",
	  "{type=unsigned}{range=1,2147483647}{default=1}", NULL },
	{ "--rate", "Packets a second", "At most; nothing here: no limit",
	  "{type=string}{placeholder=no limit}{validation=^[1-9][0-9]*$}", NULL },
	{ "--no-step-times", "No times of stages",
	  "Do not take the time at the end of each stage: it costs 20 to 40 ns a stage",
	  "{type=boolflag}{default=false}", NULL },
};

static void reload_one(const struct extcap_stages *stages, const char *option)
{
	option += strspn(option, "-");
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		if (!strcmp(args[i].call + 2, option) && args[i].values)
			args[i].values(i, stages);
}

void extcap_config(const struct extcap_stages *stages, const char *reload)
{
	if (reload) {
		reload_one(stages, reload);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		printf("arg {number=%zu}{call=%s}{display=%s}{tooltip=%s}%s\n", i, args[i].call,
		       args[i].display, args[i].tooltip, args[i].type);
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		if (args[i].values)
			args[i].values(i, stages);
}
