/* SPDX-License-Identifier: GPL-2.0 */
/*
 * server.h - the daemon of droplet: a configuration that chains follow, and requests of the control
 * socket. Every change is logged with who asked for it.
 */
#ifndef DROPLET_SERVER_H
#define DROPLET_SERVER_H

#include <jansson.h>

#include "droplet/overrides.h"
#include "lib/ahead.h"
#include "lib/apply.h"
#include "lib/conf.h"
#include "lib/control.h"
#include "lib/daemon.h"

#define SERVER_WORKS (CONTROL_CLIENTS + 2)

/* A change of what is configured: it may have to wait for compilers, and for those before it. */
struct server_work {
	json_t *request; /* NULL: nobody asks by the socket. It is the start, or a SIGHUP */
	struct control_peer peer;
	char who[CONTROL_WHO];
};

struct server {
	struct daemon *daemon;
	struct control *control;
	char *path;	   /* of the configuration, absolute */
	char *state;	   /* of the overrides */
	struct conf *conf; /* as it is applied, overrides and all; NULL: it starts */
	struct overrides overrides;
	__u64 loaded_ns;	      /* when */
	struct metrics_http *metrics; /* NULL: not asked for */
	__u64 text_ns;		      /* when metrics.textfile is written next */
	int text_failed;	      /* so that it is said once */

	struct server_work works[SERVER_WORKS]; /* in the order in which they came */
	size_t work_count;
	struct ahead *ahead;	 /* of the first: its compilers are at work; NULL: none are */
	struct conf *ahead_conf; /* that they are for, when it is not s->conf */
	int err;		 /* of the start */
	struct fail fail;
};

/* One request. */
struct server_call {
	struct server *server;
	const json_t *request;
	uid_t uid;
	char who[CONTROL_WHO]; /* "root (uid 0, pid 1234, droplet)" */
	struct fail *f;
};

/**
 * server_open - the lock, the socket, and the first apply, which may end only in server_run(): if
 * it has C to compile.
 * @out: set on success; ended with server_close(), which leaves the chains as they are
 */
int server_open(const char *path, int foreground, struct server **out, struct fail *f);

/** server_run - until a signal ends it. 0; -errno, also of the first apply. */
int server_run(struct server *s, struct fail *f);

/** server_close - NULL is allowed. */
void server_close(struct server *s);

/** server_answer - what a request gets; a control_fn. */
json_t *server_answer(const json_t *request, const struct control_peer *peer, void *server);

/** server_do - the answer of the request @work, now. */
json_t *server_do(struct server *s, const struct server_work *work);

/**
 * server_work - have @work done when those before it are, and its compilers: perhaps before this
 * returns. Who asked gets his answer by control_reply(). @work->request is shared.
 */
void server_work(struct server *s, const struct server_work *work);

/** server_work_end - drop all that is not done, before s->control is closed. */
void server_work_end(struct server *s);

/**
 * server_load - read the configuration anew and apply it.
 * @who: for the log; NULL: nobody asked
 *
 * Return: 0; -errno, and nothing has changed.
 */
int server_load(struct server *s, const char *who, struct apply_result *result, struct fail *f);

/** server_again - apply s->conf, changed at run time. @what: for the log. As server_load(). */
int server_again(struct server *s, const char *who, const char *what, struct apply_result *result,
		 struct fail *f);

/** server_name_file - "LINE: key: why" of a policer, "IFACE: why" of a chain: "FILE:LINE: ...". */
void server_name_file(const struct conf *conf, struct fail *f);

/** server_result - what an apply did, as JSON: {changes: [...], took_ns}. */
json_t *server_result(const struct apply_result *result);

/**
 * server_listen - what conf->metrics.listen wants and is not served already, in *@http (else NULL).
 * 0 or -errno.
 */
int server_listen(const struct server *s, const struct conf *conf, struct metrics_http **http,
		  struct fail *f);

/** server_serve - serve metrics as @conf says, by @http if that is not NULL. Before s->conf =
 * @conf. */
void server_serve(struct server *s, const struct conf *conf, struct metrics_http *http);

/** server_tick - to be called once a second. */
void server_tick(void *server);

/* Requests: what to add to {"ok": true}, the receiver's; NULL: refused, and call->f says why. */
json_t *server_hello(struct server_call *call);
json_t *server_reload(struct server_call *call);
json_t *server_configured(struct server_call *call);
json_t *server_policers(struct server_call *call);
json_t *server_rules(struct server_call *call);
json_t *server_top(struct server_call *call);
json_t *server_status(struct server_call *call);
json_t *server_promote(struct server_call *call);
json_t *server_disable(struct server_call *call);
json_t *server_enable(struct server_call *call);
json_t *server_panic(struct server_call *call);
json_t *server_block(struct server_call *call);
json_t *server_unblock(struct server_call *call);
json_t *server_limit(struct server_call *call);

#endif
