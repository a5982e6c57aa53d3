/* SPDX-License-Identifier: GPL-2.0 */
/* server.h - `xdplb run`: a configuration kept applied, its reals checked, and a control socket. */
#ifndef LB_SERVER_H
#define LB_SERVER_H

#include <jansson.h>

#include "lib/control.h"
#include "lib/daemon.h"
#include "lib/health.h"
#include "lib/lbapply.h"
#include "lib/lbconf.h"

struct server {
	struct daemon *daemon;
	struct control *control;
	struct health *health;
	char *path; /* of the configuration, absolute */
	struct lbconf *conf;
	int is_dirty;	  /* a real has changed its state, the ring does not know yet */
	__u64 sweep_ns;	  /* when all reals are looked at again */
	int sweep_failed; /* so that it is said once */
};

/**
 * server_open - the lock, the socket, the first apply.
 * @out: set on success; ended with server_close(), which leaves the balancers as they are
 */
int server_open(const char *path, int foreground, struct server **out, struct fail *f);

/** server_run - until a signal ends it. 0 or -errno. */
int server_run(struct server *s, struct fail *f);

/** server_close - NULL is allowed. */
void server_close(struct server *s);

/**
 * server_load - read the configuration anew and apply it.
 * @who: for the log
 */
int server_load(struct server *s, const char *who, struct lbapply_result *r, struct fail *f);

/** server_sweep - bring what health says into the rings. */
void server_sweep(struct server *s);

/** server_health_fn - a real is up, or is not any more; a health_fn. */
void server_on_health(const struct health_state *state, void *server);

/** server_answer - what a request gets; a control_fn. */
json_t *server_answer(const json_t *request, const struct control_peer *peer, void *server);

/** server_result - what an apply did. */
json_t *server_result(const struct lbapply_result *r);

#endif
