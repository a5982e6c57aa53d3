/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/health.h - checks of the reals of VIPs, all of them at once in one descriptor.
 *
 * A check is started every interval; it passes, fails, or is too late. What is done about a real
 * that is up or down is the caller's.
 */
#ifndef LIB_HEALTH_H
#define LIB_HEALTH_H

#include <stddef.h>

#include "lib/fail.h"
#include "lib/health_plan.h"
#include "lib/lb.h"

enum health_type {
	HEALTH_NONE,
	HEALTH_TCP,   /* a connection is accepted */
	HEALTH_HTTP,  /* an answer with a status */
	HEALTH_HTTPS, /* the same; the certificate is not checked */
	HEALTH_ICMP,  /* an echo comes back */
	HEALTH_TYPES,
};

#define HEALTH_WORD 256
#define HEALTH_WHY  128

/* How the reals of a VIP are checked. Zeros where nothing is said, to be compared by memcmp(). */
struct health_spec {
	enum health_type type;
	int is_tunnel;	/* as the balancer sends it: to the VIP, in a tunnel to the real */
	__u16 port;	/* host order */
	__u16 gue_port; /* is_tunnel: in UDP to that; 0: in IP alone */
	__u16 status;	/* HTTP: wanted; 0: any of 200 to 399 */
	__u16 pad;
	struct health_pace pace;
	char path[HEALTH_WORD]; /* HTTP: from / on */
	char host[HEALTH_WORD]; /* HTTP: name for the server; "": its address */
};

struct health_target {
	struct lb_service vip;
	struct lb_addr real;
	struct health_spec spec;
	int was_up; /* where it begins; not if it was checked before */
};

/* What is known of a target. */
struct health_state {
	const struct health_target *target;
	int is_up;
	__u32 run;	      /* results in a row that say otherwise */
	__u64 passed, failed; /* checks */
	__u64 since_ns;	      /* CLOCK_MONOTONIC, of is_up; 0: since the start */
	const char *why;      /* of the last failure; "": there was none */
};

struct health;

/* Called when a target is up, or is not any more. It must not call health_set(). */
typedef void (*health_fn)(const struct health_state *state, void *arg);

/** health_name - "tcp". */
const char *health_name(enum health_type type);

/** health_open - no target yet. 0 or -errno. */
int health_open(health_fn fn, void *arg, struct health **out, struct fail *f);

/**
 * health_set - check @targets and no others. What is known of those that stay the same is kept.
 * 0 or -errno, and nothing has changed.
 */
int health_set(struct health *h, const struct health_target *targets, size_t count, struct fail *f);

/** health_fd - readable when health_serve() has something to do. */
int health_fd(const struct health *h);

/** health_serve - do what is due. No wait. */
void health_serve(struct health *h);

/** health_get - the state of target @i, from 0. 0; -ENOENT there are no more. */
int health_get(const struct health *h, size_t i, struct health_state *state);

/** health_is_up - of a real that is checked; 1 for one that is not. */
int health_is_up(const struct health *h, const struct lb_service *vip, const struct lb_addr *real);

/** health_close - NULL is allowed. */
void health_close(struct health *h);

#endif
