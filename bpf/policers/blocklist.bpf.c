// SPDX-License-Identifier: GPL-2.0
/* blocklist - drop by source prefix, IPv4 and IPv6; the longest prefix that has not expired. */
#include "rulelist.h"

enum blocklist_reason { BLOCKLIST_PREFIX = 1 };

STAGE(blocklist)
{
	struct blocklist_entry *e = prefixes_find(pkt);

	if (!e)
		return NEXT;
	rulelist_hit(e);
	return DROP_RULE(BLOCKLIST_PREFIX, e->rule);
}
