/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/health_route.h - a device of our own, and the way of marked sockets to it. For lib/health*.c.
 *
 * Sockets with the mark HEALTH_MARK send by the device HEALTH_DEVICE, whatever they send; what
 * comes to them comes as ever. The device and its routes end with the descriptor; a rule that a
 * killed process has left sends marked packets to an empty table, and is taken up by the next one.
 */
#ifndef LIB_HEALTH_ROUTE_H
#define LIB_HEALTH_ROUTE_H

#include "lib/fail.h"

#define HEALTH_DEVICE	"xdplb-check"
#define HEALTH_MARK	0x3058 /* none of the bits that kube-proxy, Calico or Cilium take */
#define HEALTH_TABLE	0x3058
#define HEALTH_PRIORITY 10
#define HEALTH_MTU	1280 /* bytes: with what is put around it, fits anywhere */

/**
 * health_route_open - make the device, its routes and the rules.
 * Return: a descriptor that gives what the device is to send, a packet each, without waiting; or
 * -errno. Where IPv6 is off there is only IPv4.
 */
int health_route_open(struct fail *f);

/** health_route_close - take it all back. -1 is allowed. */
void health_route_close(int fd);

#endif
