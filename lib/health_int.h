/* SPDX-License-Identifier: GPL-2.0 */
/* lib/health_int.h - what the kinds of checks are to lib/health.c. For lib/health*.c only. */
#ifndef LIB_HEALTH_INT_H
#define LIB_HEALTH_INT_H

#include <netinet/in.h>

#include "lib/health.h"

struct health_curl;

/* A check under way. */
struct health_probe {
	const struct health_target *target;
	struct health_curl *curl; /* of all HTTP checks; NULL with other kinds */
	int fd;			  /* its descriptor; -1: none of its own */
	__u32 events;		  /* EPOLLIN, EPOLLOUT, that it waits for */
	void *state;		  /* of the kind */
	__u32 id;		  /* random, that answers are known by */
	__u32 flow;		  /* of a tunnelled one: health_flow.id; 0: not yet */
	__u32 sent;		  /* packets that went through the tunnel */
	char why[HEALTH_WHY];	  /* set with a failure */
};

struct health_kind {
	/* 0: fd and events are set, or an HTTP check is under way; -errno: it has failed */
	int (*start)(struct health_probe *p);
	/* 1: it passes; 0: not yet; -errno: it has failed */
	int (*ready)(struct health_probe *p);
	/* release what start() has made, but for fd; may be NULL */
	void (*stop)(struct health_probe *p);
};

extern const struct health_kind health_tcp, health_http, health_icmp;

/** health_why - keep why, and hand on -@err. */
int health_why(struct health_probe *p, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** health_sockaddr - @addr with @port (host order) in @ss. Its size. */
socklen_t health_sockaddr(const struct lb_addr *addr, __u16 port, struct sockaddr_storage *ss);

/**
 * health_socket - a socket for the check in p->fd, without waiting: an ordinary one, or one that
 * goes through the tunnel. For TCP, p->flow is set.
 * Return: 0 or -errno.
 */
int health_socket(struct health_probe *p, int type, int proto);

/** health_asked - whom the check talks to: the real, or the VIP through the tunnel. */
const struct lb_addr *health_asked(const struct health_target *t);

/** health_sum - one's complement sum of @size bytes, to be folded by health_fold(). */
__u64 health_sum(__u64 sum, const void *bytes, size_t size);
__u16 health_fold(__u64 sum);

/* Called when an HTTP check has ended: 1 it passes, -errno. */
typedef void (*health_curl_fn)(struct health_probe *p, int result, void *arg);

/** health_curl_open - descriptors go into @epoll, tagged HEALTH_CURL_TAG(fd). NULL and errno. */
struct health_curl *health_curl_open(int epoll, health_curl_fn fn, void *arg);

#define HEALTH_CURL_TAG(fd) ((__u64)(fd) << 1 | 1) /* pointers are even */

/** health_curl_serve - @fd: readable or writable as @events say; -1: time is over. */
void health_curl_serve(struct health_curl *c, int fd, __u32 events);

/** health_curl_wake - when it wants to be called with -1; 0: never. */
__u64 health_curl_wake(const struct health_curl *c);

/** health_curl_close - after all checks have been stopped. NULL is allowed. */
void health_curl_close(struct health_curl *c);

#endif
