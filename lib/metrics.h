/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/metrics.h - the counters of all chains of this network namespace, as Prometheus reads them:
 * packets and bytes by interface, stage, verdict, reason and rule, and by VIP and real.
 *
 * Formats: OpenMetrics 1.0 (openmetrics.io), and the text format 0.0.4 that node_exporter's
 * textfile collector takes, which names counters otherwise.
 */
#ifndef LIB_METRICS_H
#define LIB_METRICS_H

#include <stddef.h>

#include "lib/fail.h"

#define METRICS_RULES                                                                              \
	1000 /* of a stage: those that were hit most. Others would be too many series */

enum metrics_format { METRICS_TEXT, METRICS_OPEN };

/** metrics_type - the Content-Type of a format. Static. */
const char *metrics_type(enum metrics_format format);

/**
 * metrics_read - write them all.
 * @text: set on success, to be freed; @size bytes without the NUL
 * Return: 0, also where there is no chain; -errno.
 */
int metrics_read(enum metrics_format format, char **text, size_t *size, struct fail *f);

/**
 * metrics_file - write them as METRICS_TEXT to the file @path, whole or not at all: a reader meets
 * the old file or the new one. 0 or -errno.
 */
int metrics_file(const char *path, struct fail *f);

#endif
