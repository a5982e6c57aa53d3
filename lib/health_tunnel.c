// SPDX-License-Identifier: GPL-2.0
/*
 * A check: does the real accept a connection to the VIP that comes as the balancer's do, in IP or
 * in GUE? A SYN goes out so, and its answer comes back to us directly, from the VIP. We see it on
 * a raw socket; our own kernel, which knows of no connection, ends it with an RST.
 */
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <linux/filter.h>

#include "lib/health_int.h"
#include "lib/util.h"

#define PACKETS 64 /* looked at in a row */
#define TTL	64

struct inner {
	union {
		struct iphdr ip4;
		struct ip6_hdr ip6;
	} ip;
	struct tcphdr tcp;
};

/* Only what is for port @sport comes up: a raw socket else gets all TCP. */
static int filter(int fd, int is6, __be16 sport)
{
	struct sock_filter insns[] = {
		is6 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, 0)
		    : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohs(sport), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog prog = { .len = ARRAY_SIZE(insns), .filter = insns };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

/* The address that answers to us come to. */
static int own_addr(int fd, void *addr)
{
	struct sockaddr_storage ss;
	socklen_t size = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &size))
		return -errno;
	if (ss.ss_family == AF_INET)
		memcpy(addr, &((struct sockaddr_in *)&ss)->sin_addr, 4);
	else
		memcpy(addr, &((struct sockaddr_in6 *)&ss)->sin6_addr, 16);
	return 0;
}

static void set_tcp(const struct health_probe *p, struct tcphdr *tcp, __u64 sum, const void *addrs,
		    size_t size)
{
	*tcp = (struct tcphdr){ .source = p->sport,
				.dest = htons(p->target->spec.port),
				.seq = htonl(p->id),
				.doff = sizeof(*tcp) / 4,
				.syn = 1,
				.window = htons(0xffff) };
	sum += htons(IPPROTO_TCP) + htons(sizeof(*tcp));
	sum = health_sum(sum, addrs, size);
	tcp->check = health_fold(health_sum(sum, tcp, sizeof(*tcp)));
}

/* The SYN to the VIP, in @out. Its size. */
static size_t build(const struct health_probe *p, const void *own, struct inner *out)
{
	const __be32 *vip = p->target->vip.addr.word;
	struct tcphdr tcp;

	memset(out, 0, sizeof(*out));
	if (p->target->vip.addr.family == AF_INET) {
		struct iphdr *ip = &out->ip.ip4;

		*ip = (struct iphdr){ .version = 4,
				      .ihl = 5,
				      .tot_len = htons(sizeof(*ip) + sizeof(tcp)),
				      .frag_off = htons(IP_DF),
				      .ttl = TTL,
				      .protocol = IPPROTO_TCP,
				      .daddr = vip[0] };
		memcpy(&ip->saddr, own, sizeof(ip->saddr));
		ip->check = health_fold(health_sum(0, ip, sizeof(*ip)));
		set_tcp(p, &tcp, 0, &ip->saddr, 8);
		memcpy(ip + 1, &tcp, sizeof(tcp));
		return sizeof(*ip) + sizeof(tcp);
	}
	out->ip.ip6.ip6_flow = htonl(6u << 28);
	out->ip.ip6.ip6_plen = htons(sizeof(tcp));
	out->ip.ip6.ip6_nxt = IPPROTO_TCP;
	out->ip.ip6.ip6_hlim = TTL;
	memcpy(&out->ip.ip6.ip6_src, own, 16);
	memcpy(&out->ip.ip6.ip6_dst, vip, 16);
	set_tcp(p, &tcp, 0, &out->ip.ip6.ip6_src, 32);
	memcpy(&out->ip.ip6 + 1, &tcp, sizeof(tcp));
	return sizeof(out->ip.ip6) + sizeof(tcp);
}

/* Send the @size bytes of @inner to the real, in IP or in UDP. */
static int tunnel(const struct health_target *t, const struct inner *inner, size_t size)
{
	int proto = t->vip.addr.family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6, err = 0, fd;
	struct sockaddr_storage ss;
	socklen_t len = health_sockaddr(&t->real, t->spec.gue_port, &ss);

	fd = t->spec.gue_port ? socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)
			      : socket(ss.ss_family, SOCK_RAW | SOCK_CLOEXEC, proto);
	if (fd < 0)
		return -errno;
	if (sendto(fd, inner, size, MSG_DONTWAIT, (struct sockaddr *)&ss, len) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int start(struct health_probe *p)
{
	const struct health_target *t = p->target;
	int is6 = t->vip.addr.family == AF_INET6, err;
	struct sockaddr_storage ss;
	socklen_t size = health_sockaddr(&t->vip.addr, 0, &ss);
	struct inner inner;
	__be32 own[4];

	p->sport = htons(32768 + (p->id & 0x3fff));
	p->fd = socket(ss.ss_family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (p->fd < 0)
		return -errno;
	err = filter(p->fd, is6, p->sport);
	if (!err && connect(p->fd, (struct sockaddr *)&ss, size))
		err = -errno;
	if (!err)
		err = own_addr(p->fd, own);
	if (!err)
		err = tunnel(t, &inner, build(p, own, &inner));
	p->events = EPOLLIN;
	return err;
}

/* 1: accepted; -ECONNREFUSED; 0: it is about something else. */
static int judge(const struct health_probe *p, const __u8 *bytes, size_t size)
{
	int is6 = p->target->vip.addr.family == AF_INET6;
	size_t skip = is6 || !size ? 0 : (bytes[0] & 15) * 4;
	struct tcphdr tcp;

	if (size < skip + sizeof(tcp))
		return 0;
	memcpy(&tcp, bytes + skip, sizeof(tcp));
	if (tcp.dest != p->sport || tcp.source != htons(p->target->spec.port) ||
	    tcp.ack_seq != htonl(p->id + 1))
		return 0;
	if (tcp.rst)
		return -ECONNREFUSED;
	return tcp.syn && tcp.ack;
}

static int ready(struct health_probe *p)
{
	__u8 bytes[256];
	int result = 0;

	for (int i = 0; !result && i < PACKETS; i++) {
		ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		result = judge(p, bytes, n);
	}
	return result;
}

const struct health_kind health_tunnel = { .start = start, .ready = ready };
