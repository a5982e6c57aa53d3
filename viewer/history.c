// SPDX-License-Identifier: GPL-2.0
#include "viewer/history.h"

#include <string.h>

#include "lib/util.h"

void history_init(struct history *h, __u64 width_ns)
{
	memset(h, 0, sizeof(*h));
	h->width_ns = width_ns < NSEC ? NSEC : width_ns;
}

/* Make @number the newest bucket, and all between it and the one before empty. */
static void advance(struct history *h, __u64 number)
{
	if (!h->filled) {
		h->newest = number - 1;
	} else if (number > h->newest + HISTORY_BUCKETS) {
		h->newest = number - HISTORY_BUCKETS;
	}
	while (h->newest < number) {
		__u64 i = ++h->newest % HISTORY_BUCKETS;

		for (int k = 0; k < HISTORY_KINDS; k++)
			h->sum[k][i] = 0;
		if (h->filled < HISTORY_BUCKETS)
			h->filled++;
	}
}

static __u64 overlap(__u64 a, __u64 b, __u64 from, __u64 to)
{
	if (a < from)
		a = from;
	if (b > to)
		b = to;
	return a < b ? b - a : 0;
}

void history_add(struct history *h, __u64 from_ns, __u64 to_ns, const double v[HISTORY_KINDS])
{
	__u64 first, last;

	if (to_ns <= from_ns)
		return;
	first = from_ns / h->width_ns;
	last = (to_ns - 1) / h->width_ns;
	if (last >= HISTORY_BUCKETS && first < last - HISTORY_BUCKETS + 1)
		first = last - HISTORY_BUCKETS + 1;
	for (__u64 n = first; n <= last; n++) {
		double part = overlap(n * h->width_ns, (n + 1) * h->width_ns, from_ns, to_ns) /
			      (double)(to_ns - from_ns);

		if (!h->filled || n > h->newest)
			advance(h, n);
		for (int k = 0; k < HISTORY_KINDS; k++)
			h->sum[k][n % HISTORY_BUCKETS] += v[k] * part;
	}
}

/* Packets a second between two times; -1: nothing is known of them. */
static double rate(const struct history *h, enum history_what what, __u64 from, __u64 to)
{
	__u64 oldest = h->newest - h->filled + 1, known = 0;
	double sum = 0;

	for (__u64 n = from / h->width_ns; n <= (to - 1) / h->width_ns; n++) {
		__u64 ns = overlap(n * h->width_ns, (n + 1) * h->width_ns, from, to);

		if (n < oldest || n > h->newest)
			continue;
		known += ns;
		sum += h->sum[what][n % HISTORY_BUCKETS] * ns / h->width_ns;
	}
	return known ? sum * NSEC / known : -1;
}

void history_rates(const struct history *h, enum history_what what, __u64 now_ns, __u64 span_ns,
		   int n, double *out)
{
	/* Whole buckets: the newest is not full yet, and would look like a fall. */
	__u64 end = now_ns / h->width_ns * h->width_ns;

	for (int i = 0; i < n; i++) {
		__u64 back = span_ns / n * (n - i);

		out[i] = -1;
		if (h->filled && end >= back && span_ns / n)
			out[i] = rate(h, what, end - back, end - back + span_ns / n);
	}
}
