// SPDX-License-Identifier: GPL-2.0
/* allowlist - to the stack at once, past the policers after it, by source prefix. */
#include "rulelist.h"

enum allowlist_reason { ALLOWLIST_PREFIX = 1 };

STAGE(allowlist)
{
	struct blocklist_entry *e = prefixes_find(pkt);

	if (!e)
		return NEXT;
	rulelist_hit(e);
	return PASS_RULE(ALLOWLIST_PREFIX, e->rule);
}
