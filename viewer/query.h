/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/query.h - what `\` takes: verdict, stage and reason words, and what is left is a
 * pcap-filter(7) expression. "drop reason=prefix,rate udp port 53".
 */
#ifndef VIEWER_QUERY_H
#define VIEWER_QUERY_H

#include "lib/fail.h"
#include "lib/filter.h"
#include "viewer/events.h"
#include "viewer/model.h"

#define QUERY_TEXT 256

struct query {
	char text[QUERY_TEXT];	  /* as typed */
	char expr[QUERY_TEXT];	  /* of it the expression */
	char stages[QUERY_TEXT];  /* words, each with a comma behind it; "": any */
	char reasons[QUERY_TEXT]; /* the same: "prefix", "blocklist:prefix" */
	__u32 verdicts;		  /* bit mask; 0: any */
	struct filter filter;
	__u32 generation; /* another one for each query; 0: none was set */
};

/**
 * query_set - take @text as the query.
 * @m: its stages and reasons are those that there are
 * Return: 0; -EINVAL, or what filter_compile() says, with @f, and @q stays what it was.
 */
int query_set(struct query *q, const char *text, const struct model *m, struct fail *f);

/** query_clear - of one that was never set, too. */
void query_clear(struct query *q);

/** query_words - the words alone, without compiling: fills all but filter. 0 or -EINVAL. */
int query_words(struct query *q, const char *text, struct fail *f);

/** query_said - do verdict, stage and reason fit? @t: NULL where there is no trail. */
bool query_said(const struct query *q, const struct trail *t, bool known, __u32 verdict);

/** query_wants - does a packet fit? Remembers the answer in it. */
bool query_wants(const struct query *q, struct events_packet *p);

/** query_slots - the slots of @mi that the stage words mean, as of session_spec.slots. */
__u32 query_slots(const struct query *q, const struct model_if *mi);

/** query_reasons - the reasons of @mi that the words mean, by slot. How many. */
unsigned int query_reasons(const struct query *q, const struct model_if *mi,
			   __u64 masks[CHAIN_SLOTS]);

#endif
