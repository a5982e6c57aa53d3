/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/intake.h - where a packet goes, live or out of a file: the buffer, the talkers, the times
 * and rules of stages, the reals of the balancer, and an incident that wants one.
 */
#ifndef VIEWER_INTAKE_H
#define VIEWER_INTAKE_H

#include "lib/record.h"
#include "viewer/events.h"
#include "viewer/incidents.h"
#include "viewer/model.h"
#include "viewer/query.h"
#include "viewer/seen.h"
#include "viewer/talkers.h"

enum intake_talkers {
	INTAKE_SOURCES,
	INTAKE_SOURCES_DROPPED,
	INTAKE_PREFIXES,
	INTAKE_PREFIXES_DROPPED,
	INTAKE_TALKERS,
};

struct intake {
	struct model *model;
	struct events *events;
	struct incidents *incidents;
	struct talkers *talkers[INTAKE_TALKERS];
	struct seen *rules; /* that steps named */
	struct query query; /* what talkers are of, and views show */
	struct print *print;
};

/** intake_open - with all but the model. 0 or -ENOMEM; intake_close() in any case. */
int intake_open(struct intake *in, struct model *m);
void intake_close(struct intake *in);

/** intake_packet - r->iface is that of the model; r->trail may be NULL. */
void intake_packet(struct intake *in, const struct record *r);

/** intake_sample - incidents without a packet get one of those in memory, if one fits. */
void intake_sample(struct intake *in);

/**
 * intake_text - the line of a packet, without its time.
 * @came: of one that was put into another packet that one, as it came
 */
void intake_text(const struct intake *in, const struct events_packet *p, bool came, char *buf,
		 size_t size);

/**
 * intake_query - another filter: what was of the one before is forgotten.
 * @again: talkers are counted again, of the packets in memory; else of those that come
 */
void intake_query(struct intake *in, bool again);

#endif
