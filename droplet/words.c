// SPDX-License-Identifier: GPL-2.0
#include "droplet/words.h"

#include <stdio.h>

static const struct {
	const char *did, *where;
} words[] = {
	[APPLY_KEPT] = { "kept", "in" },	 [APPLY_ADDED] = { "added", "in" },
	[APPLY_REPLACED] = { "replaced", "in" }, [APPLY_MOVED] = { "moved", "to" },
	[APPLY_REMOVED] = { "removed", "from" },
};

const char *words_did(enum apply_did did)
{
	return words[did].did;
}

char *words_change(const struct apply_line *line, char buf[WORDS_CHANGE])
{
	int n = snprintf(buf, WORDS_CHANGE, "%s: %s: %s %s slot %u", line->ifname, line->name,
			 words[line->did].did, words[line->did].where, line->slot);

	if (line->lost)
		snprintf(buf + n, WORDS_CHANGE - n,
			 ", %u of its maps begin empty: their shape has changed", line->lost);
	return buf;
}
