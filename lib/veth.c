// SPDX-License-Identifier: GPL-2.0
#include "lib/veth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#include "lib/util.h"

#define ANSWER 32768 /* bytes: more than one interface without its counters ever takes */

/* What the kernel says of an interface. */
struct link {
	char name[IF_NAMESIZE];
	int is_veth, is_native;
	__u32 peer;  /* its ifindex */
	__s32 netns; /* the number that our namespace has for that of the peer, or one of these */
};

enum { NETNS_OWN = -1, NETNS_UNKNOWN = -2 };

static void parse_xdp(struct rtattr *nest, struct link *l)
{
	int len = RTA_PAYLOAD(nest);
	struct rtattr *a;

	for (a = RTA_DATA(nest); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == IFLA_XDP_ATTACHED && RTA_PAYLOAD(a)) {
			__u8 how = *(__u8 *)RTA_DATA(a);

			l->is_native = how == XDP_ATTACHED_DRV || how == XDP_ATTACHED_MULTI;
		}
}

static void parse_info(struct rtattr *nest, struct link *l)
{
	int len = RTA_PAYLOAD(nest);
	struct rtattr *a;

	for (a = RTA_DATA(nest); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == IFLA_INFO_KIND)
			l->is_veth = RTA_PAYLOAD(a) == sizeof("veth") &&
				     !memcmp(RTA_DATA(a), "veth", sizeof("veth"));
}

static void parse_link(struct nlmsghdr *h, struct link *l)
{
	struct rtattr *a = IFLA_RTA(NLMSG_DATA(h));
	int len = IFLA_PAYLOAD(h);

	*l = (struct link){ .netns = NETNS_OWN };
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		int type = a->rta_type & NLA_TYPE_MASK;

		if (type == IFLA_IFNAME)
			snprintf(l->name, sizeof(l->name), "%.*s", (int)RTA_PAYLOAD(a),
				 (const char *)RTA_DATA(a));
		else if (type == IFLA_LINK && RTA_PAYLOAD(a) >= sizeof(l->peer))
			memcpy(&l->peer, RTA_DATA(a), sizeof(l->peer));
		else if (type == IFLA_LINK_NETNSID && RTA_PAYLOAD(a) >= sizeof(l->netns) &&
			 *(__s32 *)RTA_DATA(a) >= 0)
			memcpy(&l->netns, RTA_DATA(a), sizeof(l->netns));
		else if (type == IFLA_LINK_NETNSID)
			l->netns = NETNS_UNKNOWN;
		else if (type == IFLA_LINKINFO)
			parse_info(a, l);
		else if (type == IFLA_XDP)
			parse_xdp(a, l);
	}
}

/* Ask for interface @ifindex of the namespace with our number @netns. 0 or -errno. */
static int ask(int fd, __u32 ifindex, __s32 netns, struct link *l)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg info;
		struct rtattr mask_attr;
		__u32 mask;
		struct rtattr netns_attr;
		__s32 netns;
	} q = {
		.h = { .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST },
		.info = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex },
		.mask_attr = { RTA_LENGTH(sizeof(__u32)), IFLA_EXT_MASK },
		.mask = RTEXT_FILTER_SKIP_STATS,
		.netns_attr = { RTA_LENGTH(sizeof(__s32)), IFLA_TARGET_NETNSID },
		.netns = netns,
	};
	struct nlmsghdr *h = malloc(ANSWER);
	ssize_t len;
	int err = -EIO;

	if (!h)
		return -ENOMEM;
	q.h.nlmsg_len = netns == NETNS_OWN ? offsetof(__typeof__(q), netns_attr) : sizeof(q);
	len = send(fd, &q, q.h.nlmsg_len, 0) < 0 ? -1 : recv(fd, h, ANSWER, 0);
	if (len >= 0 && NLMSG_OK(h, len) && h->nlmsg_type == RTM_NEWLINK) {
		parse_link(h, l);
		err = 0;
	}
	free(h);
	return err;
}

/* 1: @ifname is a veth whose peer runs no native XDP. */
static int peer_is_bare(__u32 ifindex, char name[IF_NAMESIZE])
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct link own, peer;
	int bare = 0;

	if (fd < 0)
		return 0;
	if (!ask(fd, ifindex, NETNS_OWN, &own) && own.is_veth && own.peer &&
	    !ask(fd, own.peer, own.netns, &peer) && !peer.is_native) {
		memcpy(name, peer.name, IF_NAMESIZE);
		bare = 1;
	}
	close(fd);
	return bare;
}

/* An ethtool command about @ifname; 0 or -errno. */
static int ethtool(int fd, const char *ifname, void *cmd)
{
	struct ifreq req = { .ifr_data = cmd };

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", ifname);
	return ioctl(fd, SIOCETHTOOL, &req) ? -errno : 0;
}

/* The sum of the counters rx_queue_N_xdp_tx_errors; 0 when there are none. */
static __u64 sum_errors(int fd, const char *ifname, __u32 count)
{
	struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	struct ethtool_stats *values = calloc(1, sizeof(*values) + count * sizeof(__u64));
	__u64 sum = 0;
	__u32 queue;
	int end;

	if (names && values) {
		*names = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_STATS, count };
		*values = (struct ethtool_stats){ ETHTOOL_GSTATS, count };
		if (ethtool(fd, ifname, names) || ethtool(fd, ifname, values))
			count = 0;
		for (__u32 i = 0; i < count; i++) {
			char *name = (char *)names->data + i * ETH_GSTRING_LEN;

			name[ETH_GSTRING_LEN - 1] = end = 0;
			sscanf(name, "rx_queue_%u_xdp_tx_errors%n", &queue, &end);
			sum += end && !name[end] ? values->data[i] : 0;
		}
	}
	free(names);
	free(values);
	return sum;
}

static __u64 refused(const char *ifname)
{
	union {
		struct ethtool_sset_info info;
		char room[sizeof(struct ethtool_sset_info) + sizeof(__u32)]; /* its data[1] */
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_STATS } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	__u64 sum = 0;

	if (fd < 0)
		return 0;
	if (!ethtool(fd, ifname, &set) && set.info.sset_mask)
		sum = sum_errors(fd, ifname, set.info.data[0]);
	close(fd);
	return sum;
}

int veth_loss(const struct chain *c, const struct chain_totals *t, struct veth_loss *loss)
{
	__u64 sent = 0;

	for (int slot = 0; slot < CHAIN_COUNTED; slot++)
		sent += t->verdicts[slot][CHAIN_TX].packets;
	if (!sent || c->info.generic || !peer_is_bare(c->info.ifindex, loss->peer))
		return 0;
	loss->refused = refused(c->ifname);
	return 1;
}

void veth_text(const struct veth_loss *loss, char text[VETH_TEXT])
{
	char count[40] = "";

	if (loss->refused)
		snprintf(count, sizeof(count), " (%llu refused)", loss->refused);
	snprintf(text, VETH_TEXT,
		 "frames it sends are lost%s: its peer %s runs no XDP program, and a veth takes "
		 "them "
		 "only then; one that passes will do: droplet attach %s --mode native",
		 count, loss->peer, loss->peer);
}
