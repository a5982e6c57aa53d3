/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/control.h - the control socket of a daemon: a JSON object a line, and one back.
 *
 * A request is {"cmd": NAME, ...}; an answer {"ok": true, ...} or {"ok": false, "error": TEXT,
 * "log": TEXT}. A line has at most CONTROL_LINE bytes. The socket is SOCK_STREAM under /run, mode
 * 0660; who asks is told by SO_PEERCRED (unix(7)), never by what he says.
 */
#ifndef LIB_CONTROL_H
#define LIB_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "lib/fail.h"

#define CONTROL_LINE	(1 << 20)
#define CONTROL_CLIENTS 32
#define CONTROL_DEPTH	16     /* of a request: what is in what */
#define CONTROL_IDLE_MS 10000  /* who says nothing, or does not read, for so long is hung up on */
#define CONTROL_WAIT_MS 120000 /* how long control_call() waits for an answer */

struct control_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	uint64_t id; /* of the connection, for control_reply() */
};

#define CONTROL_WHO 192 /* bytes of who asks, in words */

/** control_who - who it is to the kernel, and what that is called now: "root (uid 0, pid 9,
 * droplet)". */
void control_who(const struct control_peer *peer, char who[CONTROL_WHO]);

/* Returns the answer, the caller's; NULL: control_reply() is going to bring it. */
typedef json_t *(*control_fn)(const json_t *request, const struct control_peer *peer, void *arg);

struct control;

/**
 * control_open - listen on @path, for root and @group (NULL: root alone). The folder is made.
 * Return: 0; -EADDRINUSE another daemon answers there; -EINVAL no such group; -errno.
 */
int control_open(const char *path, const char *group, struct control **out, struct fail *f);

/** control_fd - an epoll descriptor that is readable when control_serve() has something to do. */
int control_fd(const struct control *c);

/** control_serve - take what has come, call @fn for each whole request, send answers. No wait. */
void control_serve(struct control *c, control_fn fn, void *arg);

/** control_waits - is the connection peer.id still there, and waits for its answer. */
int control_waits(const struct control *c, uint64_t id);

/**
 * control_reply - the answer that @fn did not return; who waits for one is not asked anything else,
 * nor hung up on. @answer is freed, also when nobody waits for it any more.
 */
void control_reply(struct control *c, uint64_t id, json_t *answer);

/** control_close - hang up, remove the socket. NULL is allowed. */
void control_close(struct control *c);

/** control_answer - {"ok": true}, to be added to. */
json_t *control_answer(void);

/** control_grant - control_answer() with all of @more, which it takes. */
json_t *control_grant(json_t *more);

/** control_netns - the inode of our network namespace; 0: not known. */
json_int_t control_netns(void);

/** control_here - is @request for our network namespace, if it says for which. 0; -EXDEV. */
int control_here(const json_t *request, struct fail *f);

/** control_refuse - {"ok": false, "error": ..., "log": ...} with what is in @f. */
json_t *control_refuse(const struct fail *f);

/**
 * control_parse - the request in a line of @size bytes, without its end.
 * Return: the receiver's; NULL: it is none, @f says why.
 */
json_t *control_parse(const char *line, size_t size, struct fail *f);

/**
 * control_call - ask the daemon at @path, wait for its answer.
 * @answer: set on success, the caller's to json_decref()
 *
 * Return: 0; -ECONNREFUSED or -ENOENT nobody is there; -EACCES; -ETIMEDOUT; -EPROTO; when the
 * answer is not ok -EREMOTEIO with its error and log in @f.
 */
int control_call(const char *path, const json_t *request, json_t **answer, struct fail *f);

/** control_tell - say it to the daemon at @path, if one is there, and do not wait for anything. */
void control_tell(const char *path, const json_t *request);

#endif
