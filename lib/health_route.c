// SPDX-License-Identifier: GPL-2.0
#include "lib/health_route.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>

#include "lib/util.h"

static const int families[] = { AF_INET, AF_INET6 };

/* An attribute of 32 bits. */
struct attr {
	struct rtattr a;
	__u32 value;
};

#define ATTR(type, v)                                                                              \
	{                                                                                          \
		.a = { RTA_LENGTH(sizeof(__u32)), (type) }, .value = (v)                           \
	}

/* Send the message and read the kernel's answer. 0 or -errno. */
static int ask(int fd, const struct nlmsghdr *h)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr err;
		char rest[512];
	} answer;
	ssize_t n;

	if (send(fd, h, h->nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, &answer, sizeof(answer), 0);
	if (n < 0)
		return -errno;
	if ((size_t)n < NLMSG_LENGTH(sizeof(answer.err)) || answer.h.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.err.error;
}

/* `ip rule add fwmark MARK lookup TABLE priority PRIORITY`, or `del`. */
static int rule(int fd, int family, __u16 type, __u16 flags)
{
	struct {
		struct nlmsghdr h;
		struct fib_rule_hdr rule;
		struct attr mark, mask, table, priority;
		struct rtattr proto;
		__u8 by[4];
	} q = {
		.h = { sizeof(q), type, NLM_F_REQUEST | NLM_F_ACK | flags, 0, 0 },
		.rule = { .family = family, .action = FR_ACT_TO_TBL },
		.mark = ATTR(FRA_FWMARK, HEALTH_MARK),
		.mask = ATTR(FRA_FWMASK, 0xffffffff),
		.table = ATTR(FRA_TABLE, HEALTH_TABLE),
		.priority = ATTR(FRA_PRIORITY, HEALTH_PRIORITY),
		/* systemd-networkd removes rules of others, but for the kernel's */
		.proto = { RTA_LENGTH(1), FRA_PROTOCOL },
		.by = { RTPROT_KERNEL },
	};

	return ask(fd, &q.h);
}

/* `ip route add default dev DEVICE table TABLE`. */
static int route(int fd, int family, __u32 ifindex)
{
	struct {
		struct nlmsghdr h;
		struct rtmsg rt;
		struct attr table, device;
	} q = {
		.h = { sizeof(q), RTM_NEWROUTE,
		       NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, 0, 0 },
		.rt = { .rtm_family = family,
			.rtm_protocol = RTPROT_STATIC,
			.rtm_scope = RT_SCOPE_LINK,
			.rtm_type = RTN_UNICAST },
		.table = ATTR(RTA_TABLE, HEALTH_TABLE),
		.device = ATTR(RTA_OIF, ifindex),
	};

	return ask(fd, &q.h);
}

static int add_family(int fd, int family, __u32 ifindex)
{
	int err = route(fd, family, ifindex);

	if (err)
		return err;
	err = rule(fd, family, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
	return err == -EEXIST ? 0 : err;
}

/* Without IPv6, checks of IPv6 fail for lack of an address, and say so. */
static int add_ways(__u32 ifindex, struct fail *f)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int err = fd < 0 ? -errno : 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(families); i++) {
		err = add_family(fd, families[i], ifindex);
		if (families[i] == AF_INET6)
			err = 0;
	}
	fd_close(fd);
	if (err)
		return fail_errno(f, -err, "routes of " HEALTH_DEVICE);
	return 0;
}

/* Of a size that fits, and up. */
static int set_up(struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	ifr->ifr_mtu = HEALTH_MTU;
	if (fd < 0 || ioctl(fd, SIOCSIFMTU, ifr))
		err = -errno;
	ifr->ifr_flags = IFF_UP | IFF_NOARP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, ifr))
		err = -errno;
	fd_close(fd);
	return err;
}

int health_route_open(struct fail *f)
{
	struct ifreq ifr = { .ifr_name = HEALTH_DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), err = 0;

	if (fd < 0)
		return fail_set(f, errno,
				"/dev/net/tun: %s; checks through the tunnel need the module tun",
				strerror(errno));
	if (ioctl(fd, TUNSETIFF, &ifr))
		err = -errno;
	if (!err)
		err = set_up(&ifr);
	if (err)
		fail_errno(f, -err, HEALTH_DEVICE);
	else
		err = add_ways(if_nametoindex(HEALTH_DEVICE), f);
	if (!err)
		return fd;
	close(fd);
	return err;
}

void health_route_close(int fd)
{
	int nl;

	if (fd < 0)
		return;
	close(fd);
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	for (size_t i = 0; nl >= 0 && i < ARRAY_SIZE(families); i++)
		rule(nl, families[i], RTM_DELRULE, 0);
	fd_close(nl);
}
