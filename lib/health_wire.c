// SPDX-License-Identifier: GPL-2.0
/* Addresses, sockets and checksums for the kinds of checks. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/health_int.h"
#include "lib/health_tunnel.h"

socklen_t health_sockaddr(const struct lb_addr *addr, __u16 port, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in4 = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = addr->family;
	if (addr->family == AF_INET) {
		in4->sin_port = htons(port);
		in4->sin_addr.s_addr = addr->word[0];
		return sizeof(*in4);
	}
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, addr->word, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

const struct lb_addr *health_asked(const struct health_target *t)
{
	return t->spec.is_tunnel ? &t->vip.addr : &t->real;
}

int health_socket(struct health_probe *p, int type, int proto)
{
	const struct lb_addr *to = health_asked(p->target);

	p->fd = socket(to->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
	if (p->fd < 0)
		return -errno;
	return p->target->spec.is_tunnel ? health_tunnel_bind(p->fd, to, &p->flow) : 0;
}

__u64 health_sum(__u64 sum, const void *bytes, size_t size)
{
	const __u8 *b = bytes;
	__u16 word;

	for (; size > 1; size -= 2, b += 2) {
		memcpy(&word, b, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, b, size);
	return sum + word;
}

__u16 health_fold(__u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}
