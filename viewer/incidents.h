/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/incidents.h - drop spikes: when, in which stage, for which reason, how high.
 *
 * A stage has an incident while it drops more than INCIDENTS_FACTOR times what it used to (a
 * mean over a minute), and at least INCIDENTS_LEAST a second. It is over when that has not been so
 * for INCIDENTS_CALM seconds, or after INCIDENTS_LONG: then it is what the stage is used to.
 */
#ifndef VIEWER_INCIDENTS_H
#define VIEWER_INCIDENTS_H

#include "viewer/model.h"

#define INCIDENTS	 64 /* kept; the oldest goes */
#define INCIDENTS_LEAST	 100.0
#define INCIDENTS_FACTOR 4.0
#define INCIDENTS_CALM	 5
#define INCIDENTS_LONG	 600

struct incident {
	__u64 number;		 /* from 1 on */
	__u64 start_ns, last_ns; /* of the model's clock; last: when it still was above */
	__u64 end_ns;		 /* 0: it goes on */
	double peak_pps, now_pps, usual_pps;
	__u64 dropped; /* packets, since it began */
	__u32 iface, slot, reason;
	char ifname[IF_NAMESIZE], stage[TRAIL_NAME], reason_name[TRAIL_NAME];
	char sample[256]; /* a packet of it, as text; "": none came yet */
	__u64 event;	  /* number of that packet in the events; 0: none */
};

struct incidents;

/** incidents_new - for a model of @ifs interfaces. NULL and errno. */
struct incidents *incidents_new(__u32 ifs);

/** incidents_free - NULL is allowed. */
void incidents_free(struct incidents *in);

/** incidents_update - after each model_update() of interface @iface, @seconds after the last. */
void incidents_update(struct incidents *in, __u32 iface, const struct model_if *mi, double seconds);

/** incidents_count - how many are kept. */
size_t incidents_count(const struct incidents *in);

/** incidents_at - @i from 0, the newest first. */
const struct incident *incidents_at(const struct incidents *in, size_t i);

/** incidents_active - the highest that goes on, or NULL. */
const struct incident *incidents_active(const struct incidents *in);

/** incidents_goes_on - has the stage one now? */
bool incidents_goes_on(const struct incidents *in, __u32 iface, __u32 slot);

/** incidents_wanting - one that goes on and has no sample packet yet, or NULL. */
struct incident *incidents_wanting(struct incidents *in, __u32 iface, __u32 slot);

#endif
