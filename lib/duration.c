// SPDX-License-Identifier: GPL-2.0
#include "lib/duration.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/util.h"

static const struct unit {
	char name;
	__u64 seconds;
} units[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

/* Index of the unit, from @from on; ARRAY_SIZE(units) if it is none of them. */
static size_t unit_find(char name, size_t from)
{
	while (from < ARRAY_SIZE(units) && units[from].name != name)
		from++;
	return from;
}

int duration_parse(const char *text, __u64 *ns, struct fail *f)
{
	const __u64 max = DURATION_DAYS_MAX * 86400ULL;
	__u64 sum = 0, n;
	const char *p = text;
	size_t from = 0;
	char *end;

	do {
		if (!isdigit((unsigned char)*p))
			goto invalid;
		errno = 0;
		n = strtoull(p, &end, 10);
		from = unit_find(*end, from);
		if (!*end || from == ARRAY_SIZE(units))
			goto invalid;
		if (errno || n > max / units[from].seconds)
			goto range;
		sum += n * units[from++].seconds;
		p = end + 1;
	} while (*p);
	if (!sum || sum > max)
		goto range;
	*ns = sum * NSEC;
	return 0;
invalid:
	return fail_set(f, EINVAL, "%.40s: not a duration like 90s, 10m, 1h30m or 2d", text);
range:
	return fail_set(f, ERANGE, "%.40s: a duration is more than 0 and at most %d days", text,
			DURATION_DAYS_MAX);
}

char *duration_text(__u64 ns, char buf[DURATION_TEXT])
{
	__u64 s = ns / NSEC;
	size_t i = 1; /* weeks are read, not written */
	int n;

	while (i < ARRAY_SIZE(units) - 1 && s < units[i].seconds)
		i++;
	n = snprintf(buf, DURATION_TEXT, "%llu%c", s / units[i].seconds, units[i].name);
	s %= units[i].seconds;
	if (i + 1 < ARRAY_SIZE(units) && s / units[i + 1].seconds)
		snprintf(buf + n, DURATION_TEXT - n, "%llu%c", s / units[i + 1].seconds,
			 units[i + 1].name);
	return buf;
}
