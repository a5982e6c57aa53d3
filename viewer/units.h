/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/units.h - numbers and times as a person reads them. */
#ifndef VIEWER_UNITS_H
#define VIEWER_UNITS_H

#include <stdbool.h>

#include <linux/types.h>

#define UNITS_TEXT  24	/* bytes of any of these, with the NUL */
#define UNITS_SPARK 512 /* bytes of a sparkline of UNITS_COLS columns */
#define UNITS_COLS  160

/** units_count - three digits and a unit: "0", "0.4", "37", "1.25k", "12.5M". Returns @buf. */
char *units_count(char buf[UNITS_TEXT], double v);

/** units_whole - the same of a number that is whole: "37", "1.25k". */
char *units_whole(char buf[UNITS_TEXT], __u64 v);

/** units_share - @part of @all: "0%", "<0.1%", "12.5%", ">99.9%", "100%"; "-" of nothing. */
char *units_share(char buf[UNITS_TEXT], double part, double all);

/** units_ns - "212ns", "1.2us", "15ms"; "-" below 0. */
char *units_ns(char buf[UNITS_TEXT], double ns);

/** units_clock - local time of day of @ns since 1970, with @digits (0 to 9) of a second. */
char *units_clock(char buf[UNITS_TEXT], __u64 ns, int digits);

/** units_date - local date and time of @ns since 1970. */
char *units_date(char buf[UNITS_TEXT], __u64 ns);

/** units_bar - @part (0 to 1) of @width columns, as a bar. */
void units_bar(char buf[UNITS_SPARK], double part, int width, bool utf8);

/**
 * units_spark - @n values as a line of bars, the highest as high as the line.
 * @v: below 0: nothing is known, a blank
 * @utf8: eighths of a block, else ASCII
 */
void units_spark(char buf[UNITS_SPARK], const double *v, int n, bool utf8);

#endif
