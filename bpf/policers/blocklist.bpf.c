// SPDX-License-Identifier: GPL-2.0
/* blocklist - drop by source prefix, IPv4 and IPv6; the longest prefix that has not expired. */
#include "rulelist.h"

enum blocklist_reason { BLOCKLIST_PREFIX = 1 };

STAGE(blocklist)
{
	struct prefixes_hit hit = prefixes_find(pkt);

	if (!hit.rule)
		return NEXT;
	rulelist_hit(pkt, &hit);
	return DROP_RULE(BLOCKLIST_PREFIX, hit.rule);
}
