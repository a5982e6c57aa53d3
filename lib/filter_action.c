// SPDX-License-Identifier: GPL-2.0
/* filter_action - what a rule of the kind `filter` does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policer_filter.h"
#include "lib/util.h"

#define BURST_MIN 10

/* Digits with k or M behind them, then @unit or nothing, then a blank or the end. */
static const char *number(const char *text, const char *unit, __u64 *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno || *out > FILTER_RATE_MAX * 10000ULL)
		return NULL;
	if (*end == 'k' || *end == 'M')
		*out *= *end++ == 'k' ? 1000 : 1000000;
	if (!strncmp(end, unit, strlen(unit)))
		end += strlen(unit);
	return *end && *end != ' ' ? NULL : end + strspn(end, " ");
}

static int limit(const char *text, struct filter_action *a, char *why, size_t size)
{
	__u64 rate, burst;

	text = number(text, "/s", &rate);
	if (!text || !rate || rate > FILTER_RATE_MAX)
		return snprintf(why, size, "a rate is 1 to %d packets a second, as in limit 1000/s",
				FILTER_RATE_MAX),
		       -EINVAL;
	burst = rate / 10 > BURST_MIN ? rate / 10 : BURST_MIN;
	if (!strncmp(text, "burst ", 6))
		text = number(text + 6 + strspn(text + 6, " "), "", &burst);
	if (!text || *text)
		return snprintf(why, size, "limit RATE or limit RATE burst PACKETS is wanted"),
		       -EINVAL;
	if (!burst || burst > rate * FILTER_BURST_SEC)
		return snprintf(why, size,
				"a burst is 1 to %llu packets, what comes in an hour at that rate",
				rate * FILTER_BURST_SEC),
		       -EINVAL;
	a->what = FILTER_LIMITS;
	a->cost = NSEC * FILTER_UNIT / rate;
	a->depth = a->cost * (burst - 1);
	return 0;
}

int filter_action(const char *text, struct filter_action *a, char *why, size_t size)
{
	if (!strcmp(text, "drop"))
		a->what = FILTER_DROPS;
	else if (!strcmp(text, "pass"))
		a->what = FILTER_PASSES;
	else if (!strncmp(text, "limit ", 6))
		return limit(text + 6 + strspn(text + 6, " "), a, why, size);
	else
		return snprintf(why, size, "drop, pass or limit RATE [burst PACKETS] is wanted"),
		       -EINVAL;
	return 0;
}
