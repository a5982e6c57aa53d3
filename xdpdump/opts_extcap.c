// SPDX-License-Identifier: GPL-2.0
/* opts_extcap - Wireshark's way of asking for a capture, as options of our own. */
#include <string.h>

#include "lib/util.h"
#include "xdpdump/extcap.h"
#include "xdpdump/opts_int.h"

static int check(const struct opts *o)
{
	const struct opts_extcap *x = &o->extcap;
	bool which = x->dlts || x->config || x->capture; /* is asked of one interface */
	const struct {
		bool wrong;
		const char *noun, *value, *mend;
	} rules[] = {
		{ which && !x->interface,
		  x->dlts     ? "--extcap-dlts"
		  : x->config ? "--extcap-config"
			      : "--capture",
		  "of which interface", "say so with --extcap-interface NAME" },
		{ x->interface && !which && !x->filter, "--extcap-interface", "what of it",
		  "use it with --capture or --extcap-config" },
		{ x->capture && !x->fifo, "--capture", "where to", "say so with --fifo FILE" },
		{ x->fifo && !x->capture, "--fifo", "of what", "use it with --capture" },
		{ x->capture && (o->write || o->read || o->n_ifnames || o->any_chain), "--capture",
		  "with -i, -r or -w", "it has --extcap-interface and --fifo" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return opts_wrong(rules[i].noun, rules[i].value, rules[i].mend);
	return -1;
}

int opts_extcap(struct opts *o)
{
	const struct opts_extcap *x = &o->extcap;
	size_t prefix = strlen(EXTCAP_PREFIX);
	int done = check(o);

	if (done >= 0 || !x->interface)
		return done;
	done = opts_value(o, 'i',
			  x->interface +
				  (!strncmp(x->interface, EXTCAP_PREFIX, prefix) ? prefix : 0));
	if (done >= 0 || !x->capture)
		return done;
	o->write = x->fifo;
	o->format = "pcapng";
	o->quiet = true;	       /* Wireshark takes each line for an error */
	o->source = OPTS_SOURCE_CHAIN; /* which is what was listed */
	return -1;
}
