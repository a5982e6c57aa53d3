// SPDX-License-Identifier: GPL-2.0
/* allowlist - to the stack at once, past the policers after it, by source prefix. */
#include "rulelist.h"

enum allowlist_reason { ALLOWLIST_PREFIX = 1 };

STAGE(allowlist)
{
	struct prefixes_hit hit = prefixes_find(pkt);

	if (!hit.rule)
		return NEXT;
	rulelist_hit(pkt, &hit);
	return PASS_RULE(ALLOWLIST_PREFIX, hit.rule);
}
