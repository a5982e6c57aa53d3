/* SPDX-License-Identifier: GPL-2.0 */
/* lib/control_int.h - what the files of the control socket share. For lib/control*.c only. */
#ifndef LIB_CONTROL_INT_H
#define LIB_CONTROL_INT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/control.h"

/* Who an epoll event is of: a client by its place, or these. */
#define CONTROL_LISTENER CONTROL_CLIENTS
#define CONTROL_TIMER	 (CONTROL_CLIENTS + 1)

struct client {
	int fd; /* -1: nobody is in this place */
	struct control_peer peer;
	int waits;	  /* for an answer that control_reply() brings */
	uint64_t last_ns; /* when it last sent a whole request, or read of an answer */
	char *in, *out;	  /* of requests what has come; of an answer all. out NULL: none waits */
	size_t in_size, in_room, out_size, out_done;
};

struct control {
	int epoll, listener, timer;
	int bound; /* the path is ours to remove */
	char *path;
	gid_t group; /* -1: none */
	size_t count;
	uint64_t last_id; /* of all connections there were */
	struct client clients[CONTROL_CLIENTS + 2];
};

/** control_accept - take in who knocks, or send away. */
void control_accept(struct control *c);

/** control_arm - the timer runs while there are clients. */
void control_arm(struct control *c);

#endif
