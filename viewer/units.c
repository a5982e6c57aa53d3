// SPDX-License-Identifier: GPL-2.0
#include "viewer/units.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/util.h"

static char *scaled(char *buf, double v, int whole)
{
	static const char units[] = { 0, 'k', 'M', 'G', 'T', 'P', 'E' };
	size_t u = 0;
	int digits;

	for (; v >= 999.5 && u < sizeof(units) - 1; u++)
		v /= 1000;
	if (!u && whole)
		digits = 0;
	else if (!u)
		digits = v > 0 && v < 9.95;
	else
		digits = v < 9.995 ? 2 : v < 99.95;
	snprintf(buf, UNITS_TEXT, "%.*f%.1s", digits, v, &units[u]);
	return buf;
}

char *units_count(char buf[UNITS_TEXT], double v)
{
	if (v > 0 && v < 0.05)
		return strcpy(buf, "<0.1");
	return scaled(buf, v, 0);
}

char *units_whole(char buf[UNITS_TEXT], __u64 v)
{
	return scaled(buf, v, 1);
}

char *units_share(char buf[UNITS_TEXT], double part, double all)
{
	double share = all > 0 ? 100 * part / all : 0;

	if (all <= 0)
		return strcpy(buf, "-");
	if (part <= 0)
		return strcpy(buf, "0%");
	/* What is not none, or not all, must not look like it. */
	if (share < 0.1)
		return strcpy(buf, "<0.1%");
	if (part >= all)
		return strcpy(buf, "100%");
	if (share > 99.9)
		return strcpy(buf, ">99.9%");
	snprintf(buf, UNITS_TEXT, "%.1f%%", share);
	return buf;
}

char *units_ns(char buf[UNITS_TEXT], double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	size_t u = 0;

	if (ns < 0)
		return strcpy(buf, "-");
	for (; ns >= 999.5 && u < ARRAY_SIZE(units) - 1; u++)
		ns /= 1000;
	snprintf(buf, UNITS_TEXT, "%.*f%s", u && ns < 9.95 ? 1 : 0, ns, units[u]);
	return buf;
}

static size_t local(char *buf, __u64 ns, const char *form)
{
	time_t t = ns / NSEC;
	struct tm tm;

	return localtime_r(&t, &tm) ? strftime(buf, UNITS_TEXT, form, &tm) : 0;
}

char *units_clock(char buf[UNITS_TEXT], __u64 ns, int digits)
{
	char part[12];
	size_t n = local(buf, ns, "%H:%M:%S");

	if (digits > 0) {
		snprintf(part, sizeof(part), "%09u", (unsigned int)(ns % NSEC));
		snprintf(buf + n, UNITS_TEXT - n, ".%.*s", digits, part);
	}
	return buf;
}

char *units_date(char buf[UNITS_TEXT], __u64 ns)
{
	local(buf, ns, "%Y-%m-%d %H:%M:%S");
	return buf;
}

void units_bar(char buf[UNITS_SPARK], double part, int width, bool utf8)
{
	int n = part * width + 0.5;
	char *p = buf;

	for (int i = 0; i < n && i < width && i < UNITS_COLS; i++)
		p = stpcpy(p, utf8 ? "█" : "#");
	*p = 0;
}

void units_spark(char buf[UNITS_SPARK], const double *v, int n, bool utf8)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const plain[] = { " ", "_", ".", "-", "=", "+", "*", "%", "#" };
	const char *const *bars = utf8 ? blocks : plain;
	double most = 0;
	char *p = buf;

	for (int i = 0; i < n; i++)
		most = v[i] > most ? v[i] : most;
	for (int i = 0; i < n && p - buf + 4 < UNITS_SPARK; i++) {
		int bar = 0;

		if (v[i] >= 0)
			bar = most > 0 ? 1 + (int)(7 * v[i] / most + 0.5) : 1;
		p = stpcpy(p, bars[bar]);
	}
	*p = 0;
}
