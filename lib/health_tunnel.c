// SPDX-License-Identifier: GPL-2.0
#include "lib/health_tunnel.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/health_int.h"
#include "lib/health_route.h"
#include "lib/util.h"

#define DISCARD 9 /* a port to look for a route with */

/* Source port, or what follows type and checksum. */
static int flow_id(const __u8 *l4, size_t size, struct health_flow *flow)
{
	__be16 port;

	if (size < 8)
		return -EBADMSG;
	switch (flow->proto) {
	case IPPROTO_TCP:
		memcpy(&port, l4, sizeof(port));
		flow->id = ntohs(port);
		return 0;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		memcpy(&flow->id, l4 + 4, sizeof(flow->id));
		return 0;
	default:
		return -EBADMSG;
	}
}

int health_flow_of(const void *packet, size_t size, struct health_flow *flow)
{
	const __u8 *b = packet;
	size_t skip;

	memset(flow, 0, sizeof(*flow));
	if (size >= sizeof(struct iphdr) && b[0] >> 4 == 4) {
		flow->vip.family = AF_INET;
		flow->proto = b[offsetof(struct iphdr, protocol)];
		memcpy(flow->vip.word, b + offsetof(struct iphdr, daddr), 4);
		skip = (b[0] & 15) * 4;
	} else if (size >= sizeof(struct ip6_hdr) && b[0] >> 4 == 6) {
		flow->vip.family = AF_INET6;
		flow->proto = b[offsetof(struct ip6_hdr, ip6_nxt)];
		memcpy(flow->vip.word, b + offsetof(struct ip6_hdr, ip6_dst), 16);
		skip = sizeof(struct ip6_hdr);
	} else {
		return -EBADMSG;
	}
	if (skip < sizeof(struct iphdr) || skip > size)
		return -EBADMSG;
	return flow_id(b + skip, size - skip, flow);
}

/* Ours on the way to @vip, where answers from there come to; port 0. */
static int own_addr(const struct lb_addr *vip, struct sockaddr_storage *own, socklen_t *size)
{
	int fd = socket(vip->family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	struct sockaddr_storage to;

	if (fd < 0)
		return -errno;
	*size = health_sockaddr(vip, DISCARD, &to);
	if (connect(fd, (struct sockaddr *)&to, *size) ||
	    getsockname(fd, (struct sockaddr *)own, size))
		err = -errno;
	close(fd);
	((struct sockaddr_in *)own)->sin_port = 0; /* the same place for IPv6 */
	return err;
}

int health_tunnel_bind(int fd, const struct lb_addr *vip, __u32 *port)
{
	const int mark = HEALTH_MARK;
	/* No TIME_WAIT: all checks of a VIP would share the ports of one pair of addresses. */
	const struct linger reset = { .l_onoff = 1 };
	struct sockaddr_storage own;
	socklen_t size;
	int err = own_addr(vip, &own, &size);

	if (err)
		return err;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) ||
	    bind(fd, (struct sockaddr *)&own, size) ||
	    getsockname(fd, (struct sockaddr *)&own, &size))
		return -errno;
	*port = ntohs(((struct sockaddr_in *)&own)->sin_port);
	return 0;
}

int health_tunnel_send(const struct health_target *t, const void *packet, size_t size)
{
	int proto = t->vip.addr.family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6, err = 0, fd;
	struct sockaddr_storage ss;
	socklen_t len = health_sockaddr(&t->real, t->spec.gue_port, &ss);

	fd = t->spec.gue_port ? socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)
			      : socket(ss.ss_family, SOCK_RAW | SOCK_CLOEXEC, proto);
	if (fd < 0)
		return -errno;
	if (sendto(fd, packet, size, MSG_DONTWAIT, (struct sockaddr *)&ss, len) < 0)
		err = -errno;
	close(fd);
	return err;
}
