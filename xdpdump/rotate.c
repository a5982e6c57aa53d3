// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/rotate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

bool rotate_on(const struct opts *o)
{
	return o->file_bytes || o->file_seconds;
}

/* So many digits that the names of @count files sort. */
static int digits(unsigned int count)
{
	int n = 0;

	for (count = count ? count - 1 : 0; count; count /= 10)
		n++;
	return n;
}

static int set_name(struct rotate *r)
{
	int width = r->o->file_bytes ? digits(r->o->file_count) : 0;
	char stem[PATH_MAX];
	struct tm tm;
	int n;

	if (!r->o->file_seconds) {
		n = snprintf(stem, sizeof(stem), "%s", r->o->write);
	} else {
		localtime_r(&r->since, &tm);
		n = strftime(stem, sizeof(stem), r->o->write, &tm);
	}
	if (n <= 0 || n >= PATH_MAX - 16)
		return -ENAMETOOLONG;
	if (r->part || width)
		snprintf(r->name, sizeof(r->name), "%.*s%0*u", n, stem, width, r->part);
	else
		snprintf(r->name, sizeof(r->name), "%s", stem);
	return 0;
}

int rotate_at(struct rotate *r, const struct opts *o, time_t since, unsigned int part)
{
	r->o = o;
	r->since = since;
	r->files = 0;
	r->part = part;
	return set_name(r);
}

int rotate_start(struct rotate *r, const struct opts *o, __u64 time_ns)
{
	return rotate_at(r, o, time_ns / NSEC, 0);
}

static bool time_is_up(const struct rotate *r, time_t now)
{
	return r->o->file_seconds && now - r->since >= (time_t)r->o->file_seconds;
}

bool rotate_is_due(const struct rotate *r, __u64 time_ns, __u64 bytes)
{
	return time_is_up(r, time_ns / NSEC) || (r->o->file_bytes && bytes > r->o->file_bytes);
}

enum rotate_due rotate_next(struct rotate *r, __u64 time_ns)
{
	const struct opts *o = r->o;
	time_t now = time_ns / NSEC;

	if (time_is_up(r, now)) {
		r->since = now;
		r->part = 0;
		r->files++;
		if (!o->file_bytes && o->file_count && r->files >= o->file_count)
			return ROTATE_END;
	} else {
		r->part++;
		if (o->file_count && r->part >= o->file_count)
			r->part = 0;
	}
	set_name(r); /* no longer than the first one by more than what was kept free */
	return ROTATE_NEXT;
}
