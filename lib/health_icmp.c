// SPDX-License-Identifier: GPL-2.0
/* A check: does the real answer an echo, or the VIP through the tunnel? A raw socket: those of
 * ping(8) may be forbidden. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "lib/health_int.h"

#define ECHO4	    8
#define ECHO_REPLY4 0
#define ECHO6	    128
#define ECHO_REPLY6 129
#define PACKETS	    64 /* looked at in a row */

struct echo {
	__u8 type, code;
	__u16 sum;
	__u32 id; /* id and sequence number */
	char text[8];
};

static int start(struct health_probe *p)
{
	const struct lb_addr *to = health_asked(p->target);
	int is6 = to->family == AF_INET6, err;
	struct echo echo = { .type = is6 ? ECHO6 : ECHO4, .id = p->id, .text = "xdplb" };
	struct sockaddr_storage ss;
	socklen_t size = health_sockaddr(to, 0, &ss);

	err = health_socket(p, SOCK_RAW, is6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (err)
		return err;
	p->flow = p->id;
	if (!is6) /* of the other, the kernel does it */
		echo.sum = health_fold(health_sum(0, &echo, sizeof(echo)));
	if (connect(p->fd, (struct sockaddr *)&ss, size) || send(p->fd, &echo, sizeof(echo), 0) < 0)
		return -errno;
	p->events = EPOLLIN;
	return 0;
}

/* Raw sockets of IPv4 give the IP header, too. */
static int is_answer(const struct health_probe *p, const __u8 *bytes, size_t size)
{
	int is6 = health_asked(p->target)->family == AF_INET6;
	size_t skip = is6 || !size ? 0 : (bytes[0] & 15) * 4;
	struct echo echo;

	if (size < skip + sizeof(echo))
		return 0;
	memcpy(&echo, bytes + skip, sizeof(echo));
	return echo.type == (is6 ? ECHO_REPLY6 : ECHO_REPLY4) && echo.id == p->id;
}

static int ready(struct health_probe *p)
{
	__u8 bytes[256];

	for (int i = 0; i < PACKETS; i++) {
		ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (is_answer(p, bytes, n))
			return 1;
	}
	return 0;
}

const struct health_kind health_icmp = { .start = start, .ready = ready };
