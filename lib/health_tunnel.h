/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/health_tunnel.h - the way of checks to one real of a VIP. For lib/health*.c only.
 *
 * Such a check is a request to the VIP by an ordinary, marked socket. What its kernel sends comes
 * out of our device (lib/health_route.h), is put into a tunnel to the real as the balancer does it,
 * and the answer comes back directly, from the VIP.
 */
#ifndef LIB_HEALTH_TUNNEL_H
#define LIB_HEALTH_TUNNEL_H

#include "lib/health.h"

#define HEALTH_PACKET 2048 /* bytes, of which no packet of the device has more */

/* Whose packet is it? */
struct health_flow {
	struct lb_addr vip;
	__u8 proto; /* IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_ICMPV6 */
	__u32 id;   /* TCP: source port, host order; ICMP: id and number, as they are sent */
};

/** health_flow_of - of the @size bytes of an IP packet. 0; -EBADMSG: it is of no check. */
int health_flow_of(const void *packet, size_t size, struct health_flow *flow);

/**
 * health_tunnel_bind - make @fd a socket whose packets go through the tunnel.
 * @port: set to its source port, host order; 0 of a raw socket
 */
int health_tunnel_bind(int fd, const struct lb_addr *vip, __u32 *port);

/** health_tunnel_send - the @size bytes of an IP packet, to the real. 0 or -errno. */
int health_tunnel_send(const struct health_target *t, const void *packet, size_t size);

#endif
