// SPDX-License-Identifier: GPL-2.0
#include "lib/livecap.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <pcap/pcap.h>

#include "lib/epoch.h"
#include "lib/filter.h"
#include "lib/ring.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

#define BUFFER_BYTES (32 << 20) /* of the kernel's ring, unless told */
#define RING_BYTES   (4 << 20)
#define BLOCK_MS     10	      /* the kernel hands packets over after that at the latest */
#define SLACK_NS     20000000 /* and some time to come here */
#define STEP_NS	     1000000  /* the wall clock was set, and not just read late */
#define STOP_MS	     (3 * BLOCK_MS)

struct livecap {
	pcap_t *pcap;
	struct ring *ring;
	struct session_count count;
	char ifname[IF_NAMESIZE];
	char why[PCAP_ERRBUF_SIZE];
	__u64 epoch_ns;
	__u64 stop_ns; /* packets after it are not taken; 0: it runs */
	__u64 seq;
	__u64 window_ns; /* start of the second that rate is counted in */
	__u32 window;
	__u32 sample, rate;
	__u32 session, ifindex, snaplen;
	bool done; /* all that came before stop_ns is taken */
	int err;
};

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct classic_insn), "bpf_insn");

/* --sample and --rate, as in bpf/session.h. */
static bool thin(struct livecap *l, __u64 now)
{
	l->count.matched++;
	if (l->sample > 1 && (l->count.matched - 1) % l->sample)
		return true;
	if (!l->rate)
		return false;
	if (now - l->window_ns >= NSEC) {
		l->window_ns = now;
		l->window = 0;
	}
	if (l->window++ < l->rate)
		return false;
	l->count.capped++;
	return true;
}

static void on_packet(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct livecap *l = (struct livecap *)arg;
	struct event ev = {
		.time_ns = (__u64)h->ts.tv_sec * NSEC + h->ts.tv_usec - l->epoch_ns,
		.session = l->session,
		.ifindex = l->ifindex,
		.len = h->len,
		.cap_len = h->caplen < l->snaplen ? h->caplen : l->snaplen,
		.version = EVENT_VERSION,
		.type = EVENT_PACKET,
		.verdict = CHAIN_PASS,
		.point = EVENT_EXIT,
		.flags = EVENT_NO_VERDICT,
	};

	if (l->stop_ns && ev.time_ns > l->stop_ns) {
		l->done |= ev.time_ns > l->stop_ns + STEP_NS; /* CPUs are not in step */
		return;
	}
	l->count.offered++;
	if (thin(l, ev.time_ns)) {
		l->count.filtered++;
		return;
	}
	l->count.captured++;
	ev.seq = ++l->seq;
	ev.size = sizeof(ev) + ev.cap_len;
	ring_put(l->ring, &ev, bytes);
}

/* What the kernel lost since it was asked last: a gap in the numbers before the next packet. */
static void count_lost(struct livecap *l)
{
	struct pcap_stat st;
	__u32 lost;

	if (pcap_stats(l->pcap, &st))
		return;
	lost = st.ps_drop - (__u32)l->count.lost;
	l->count.lost += lost;
	l->count.offered += lost;
	l->seq += lost;
}

/* Times since 1970 are the kernel's, which somebody may set. */
static void follow_clock(struct livecap *l)
{
	__u64 now = epoch_ns(3);

	if (now - l->epoch_ns + STEP_NS > 2 * STEP_NS)
		l->epoch_ns = now;
}

/* As many packets as there is room for. How many came. */
static int take(struct livecap *l)
{
	int room = ring_room(l->ring) / RING_RECORD(l->snaplen), n = 0;

	if (room && !l->err && !l->done)
		n = pcap_dispatch(l->pcap, room, on_packet, (u_char *)l);
	if (n < 0) {
		l->err = -EIO;
		snprintf(l->why, sizeof(l->why), "%s", pcap_geterr(l->pcap));
	}
	return n;
}

static bool fill(void *arg)
{
	struct livecap *l = arg;
	int n;

	if (!l->stop_ns)
		follow_clock(l);
	do
		n = take(l);
	while (n > 0);
	count_lost(l);
	return ring_room(l->ring) < RING_RECORD(l->snaplen);
}

static int set_filter(struct livecap *l, const struct session_spec *spec, struct fail *f)
{
	struct filter_spec how = { .text = spec->text,
				   .netmask = FILTER_NETMASK_UNKNOWN,
				   .live = l->pcap };
	struct bpf_program prog = { 0 };
	struct filter filter = { 0 };
	int err;

	if (!spec->text || !*spec->text)
		return 0;
	err = filter_compile(&how, &filter, f);
	if (err)
		return err;
	/* The two are one struct under two names, see the assertion above. */
	prog.bf_insns = (struct bpf_insn *)filter.insns;
	prog.bf_len = filter.count;
	if (pcap_setfilter(l->pcap, &prog))
		err = fail_set(f, EIO, "%s: filter: %s", l->ifname, pcap_geterr(l->pcap));
	filter_free(&filter);
	return err;
}

static int why_not(const struct livecap *l, int status, struct fail *f)
{
	const char *text = pcap_geterr(l->pcap);

	if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		return fail_set(f, ENODEV, "%s: no such interface", l->ifname);
	if (status == PCAP_ERROR_PERM_DENIED)
		return fail_set(f, EPERM,
				"%s: libpcap is not permitted to capture: CAP_NET_RAW is needed",
				l->ifname);
	return fail_set(f, EIO, "%s: libpcap: %s", l->ifname,
			*text ? text : pcap_statustostr(status));
}

static int activate(struct livecap *l, const struct session_spec *spec, struct fail *f)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int status, type;

	if (spec->ring_bytes > INT_MAX)
		return fail_set(f, ERANGE,
				"%s: libpcap takes less than 2 GiB: ask for less with -B",
				l->ifname);
	l->pcap = pcap_create(l->ifname, why);
	if (!l->pcap)
		return fail_set(f, EIO, "%s: libpcap: %s", l->ifname, why);
	pcap_set_snaplen(l->pcap, spec->snaplen);
	pcap_set_timeout(l->pcap, BLOCK_MS);
	pcap_set_buffer_size(l->pcap, spec->ring_bytes ? spec->ring_bytes : BUFFER_BYTES);
	pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(l->pcap);
	if (status < 0)
		return why_not(l, status, f);
	type = pcap_datalink(l->pcap);
	if (type != DLT_EN10MB)
		return fail_set(f, EPROTONOSUPPORT,
				"%s: its packets are not Ethernet (%s), use tcpdump -i %s",
				l->ifname, pcap_datalink_val_to_name(type), l->ifname);
	if (pcap_setnonblock(l->pcap, 1, why))
		return fail_set(f, EIO, "%s: libpcap: %s", l->ifname, why);
	return set_filter(l, spec, f);
}

static int add_ring(struct livecap *l, const struct session_spec *spec, struct fail *f)
{
	const struct ring_memory m = {
		.bytes = RING_BYTES,
		.fd = pcap_get_selectable_fd(l->pcap),
		.fill = fill,
		.arg = l,
		.slack_ns = SLACK_NS,
		.session = l->session,
		.source = spec->source,
	};
	int err = rings_add_memory(spec->rings, &m, &l->ring);

	return err ? fail_set(f, -err, "%s: ring: %s", l->ifname, strerror(-err)) : 0;
}

int livecap_open(const char *ifname, const struct session_spec *spec, struct livecap **out,
		 struct fail *f)
{
	struct livecap *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	snprintf(l->ifname, sizeof(l->ifname), "%s", ifname);
	l->epoch_ns = epoch_ns(16);
	l->ifindex = l->session = if_nametoindex(ifname);
	l->snaplen = spec->snaplen;
	l->sample = spec->sample;
	l->rate = spec->rate;
	err = l->ifindex ? activate(l, spec, f)
			 : fail_set(f, ENODEV, "%s: no such interface", ifname);
	if (!err)
		err = add_ring(l, spec, f);
	if (err)
		livecap_close(l);
	else
		*out = l;
	return err;
}

/* As if_nametoindex(), which would open a socket: the process may be confined by now. */
static __u32 index_now(const struct livecap *l)
{
	struct ifreq ask = { 0 };

	snprintf(ask.ifr_name, sizeof(ask.ifr_name), "%s", l->ifname);
	return ioctl(pcap_fileno(l->pcap), SIOCGIFINDEX, &ask) ? 0 : (__u32)ask.ifr_ifindex;
}

int livecap_check(const struct livecap *l, struct fail *f)
{
	if (index_now(l) != l->ifindex)
		return fail_set(f, ENODEV, "%s: the interface is gone", l->ifname);
	return l->err ? fail_set(f, -l->err, "%s: libpcap: %s", l->ifname, l->why) : 0;
}

void livecap_counts(const struct livecap *l, struct session_count *n)
{
	*n = l->count;
}

/* What came before is still in a block that the kernel has not handed over. */
void livecap_stop(struct livecap *l)
{
	struct pollfd pfd = { .fd = pcap_get_selectable_fd(l->pcap), .events = POLLIN };
	__u64 now = now_ns(), until = now + STOP_MS * 1000000ULL;

	if (l->stop_ns)
		return;
	follow_clock(l);
	l->stop_ns = now;
	while (now < until && !l->err && !l->done) {
		if (!take(l))
			poll(&pfd, 1, 1);
		now = now_ns();
	}
	count_lost(l);
}

void livecap_close(struct livecap *l)
{
	if (!l)
		return;
	if (l->pcap)
		pcap_close(l->pcap);
	free(l);
}
