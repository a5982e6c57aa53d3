// SPDX-License-Identifier: GPL-2.0
/* lib/print_time.c - the time stamp before a packet. */
#include <time.h>

#include "lib/print_int.h"
#include "lib/util.h"

#define QUARTER	 900 /* s: no zone changes its offset but at a full quarter of an hour */
#define DAY	 86400
#define CLOCK_AT 11 /* of "HH:MM:SS" in print.clock */

static void put_frac(struct print *p, __u32 ns)
{
	put_char(p, '.');
	if (p->o.flags & PRINT_NANO)
		put_u32_pad(p, ns, 9);
	else
		put_u32_pad(p, ns / 1000, 6);
}

static void pair(char *s, int v)
{
	s[0] = (char)('0' + v / 10);
	s[1] = (char)('0' + v % 10);
}

/* "HH:MM:SS" of @t seconds. */
static void clock_set(char *s, int t)
{
	pair(s, t / 3600);
	s[2] = ':';
	pair(s + 3, t / 60 % 60);
	s[5] = ':';
	pair(s + 6, t % 60);
	s[8] = 0;
}

static void date_set(char *s, const struct tm *tm)
{
	int year = tm->tm_year + 1900;

	pair(s, year / 100 % 100);
	pair(s + 2, year % 100);
	s[4] = '-';
	pair(s + 5, tm->tm_mon + 1);
	s[7] = '-';
	pair(s + 8, tm->tm_mday);
	s[10] = ' ';
}

/*
 * Bring print.clock to second @sec. localtime_r() takes a lock and reads the zone, so it is asked
 * once a quarter of an hour; no day begins within one either, so the date is good as long.
 */
static void clock_update(struct print *p, __s64 sec)
{
	if (p->sec == sec)
		return;
	if (p->quarter != sec / QUARTER) {
		time_t t = (time_t)sec;
		struct tm tm;

		if (!localtime_r(&t, &tm))
			memset(&tm, 0, sizeof(tm));
		p->gmt_off = tm.tm_gmtoff;
		p->quarter = sec / QUARTER;
		date_set(p->clock, &tm);
	}
	p->sec = sec;
	clock_set(p->clock + CLOCK_AT, (int)((sec + p->gmt_off + DAY) % DAY));
}

/* Since the reference: 24 hours at most, since it is shown as a time of day. */
static void put_delta(struct print *p, __u64 ns)
{
	__u64 unit = p->o.flags & PRINT_NANO ? 1 : 1000, delta;
	char hms[9];

	ns = ns / unit * unit; /* a difference of what is shown, not of what is not */
	if (!p->ref_ns)	       /* a reference of 0 counts as none with tcpdump, too */
		p->ref_ns = ns;
	put_char(p, ns < p->ref_ns ? '-' : ' ');
	delta = ns < p->ref_ns ? p->ref_ns - ns : ns - p->ref_ns;
	clock_set(hms, (int)(delta / NSEC % DAY));
	put_mem(p, hms, 8);
	put_frac(p, (__u32)(delta % NSEC));
	if (p->o.time == PRINT_TIME_DELTA)
		p->ref_ns = ns;
}

void print_time(struct print *p, __u64 ns)
{
	switch (p->o.time) {
	case PRINT_TIME_NONE:
		return;
	case PRINT_TIME_EPOCH:
		put_u64(p, ns / NSEC);
		put_frac(p, (__u32)(ns % NSEC));
		break;
	case PRINT_TIME_DELTA:
	case PRINT_TIME_FIRST:
		put_delta(p, ns);
		break;
	default:
		clock_update(p, (__s64)(ns / NSEC));
		if (p->o.time == PRINT_TIME_DATE)
			put_mem(p, p->clock, CLOCK_AT);
		put_mem(p, p->clock + CLOCK_AT, 8);
		put_frac(p, (__u32)(ns % NSEC));
	}
	put_char(p, ' ');
}
