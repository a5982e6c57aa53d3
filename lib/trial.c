// SPDX-License-Identifier: GPL-2.0
#include "lib/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <bpf/bpf.h>

#include "lib/chain.h"
#include "lib/classic.h"
#include "lib/names.h"
#include "lib/pins.h"
#include "lib/ring.h"
#include "lib/session.h"
#include "lib/util.h"

#define RING_BYTES  (256 << 10) /* of each CPU: an event is read before the next is made */
#define SNAPLEN	    64		/* bytes: what comes is looked at, not shown */
#define COMPARED    480		/* bytes that make a packet ours: a jump reaches 255 instructions */
#define COST_ROUNDS 5
#define COST_REPEAT 2000

struct trial {
	struct session *session;
	struct names *names;
	struct trail_names by_name;
	struct trail *heard; /* where the event of this packet is to go; NULL: it came */
	int root;
};

/* A classic program that takes @packet and nothing else, as far as COMPARED bytes tell. */
static __u32 only_this(const unsigned char *packet, __u32 len, struct classic_insn *insns)
{
	__u32 n = 0, end = len < COMPARED ? len : COMPARED, last;

	insns[n++] = (struct classic_insn){ .code = 0x80 }; /* ld #pktlen */
	insns[n++] = (struct classic_insn){ .code = 0x15, .k = len };
	for (__u32 off = 0, size; off < end; off += size) {
		size = end - off >= 4 ? 4 : 1;
		insns[n++] = (struct classic_insn){ .code = size == 4 ? 0x20 : 0x30, .k = off };
		insns[n] = (struct classic_insn){ .code = 0x15 }; /* jeq */
		for (__u32 i = 0; i < size; i++)
			insns[n].k = insns[n].k << 8 | packet[off + i];
		n++;
	}
	last = n;
	insns[n++] = (struct classic_insn){ .code = 0x06, .k = ~0u }; /* ret */
	insns[n++] = (struct classic_insn){ .code = 0x06, .k = 0 };
	for (__u32 i = 1; i < last; i += 2)
		insns[i].jf = last - i;
	return n;
}

static int open_session(struct trial *t, const char *ifname, const void *packet, __u32 len,
			struct fail *f)
{
	struct session_spec spec = { .snaplen = SNAPLEN,
				     .flags = SESSION_STEP_TIMES,
				     .ring_bytes = RING_BYTES,
				     .text = "one packet, on trial" };
	struct classic_insn *insns = calloc(2 * COMPARED + 4, sizeof(*insns));
	int err = insns ? 0 : -ENOMEM;

	if (!err && packet) {
		spec.count = only_this(packet, len, insns);
		spec.insns = insns;
	}
	if (!err)
		err = session_open(ifname, &spec, &t->session, f);
	free(insns);
	return err;
}

int trial_open(const char *ifname, const void *packet, __u32 len, struct trial **out,
	       struct fail *f)
{
	struct trial *t = calloc(1, sizeof(*t));
	__u32 prog, ifindex;
	int err;

	if (!t)
		return fail_errno(f, ENOMEM, ifname);
	t->root = -1;
	err = open_session(t, ifname, packet, len, f);
	if (err)
		goto close;
	t->names = names_new(session_chain(t->session));
	err = t->names ? pins_link(ifname, &prog, &ifindex) : -ENOMEM;
	if (!err) {
		names_trail(t->names, &t->by_name);
		t->root = bpf_prog_get_fd_by_id(prog);
		err = t->root < 0 ? -errno : 0;
	}
	if (err) {
		fail_errno(f, -err, ifname);
		goto close;
	}
	*out = t;
	return 0;
close:
	trial_close(t);
	return err;
}

void trial_close(struct trial *t)
{
	if (!t)
		return;
	fd_close(t->root);
	session_close(t->session);
	names_free(t->names);
	free(t);
}

static int hear(const void *sample, size_t len, __u32 source, void *arg)
{
	struct trial *t = arg;
	struct ev ev;

	(void)source;
	if (!t->heard || ev_decode(sample, len, &ev))
		return 0;
	trail_make(&ev, &t->by_name, t->heard);
	t->heard = NULL;
	return 0;
}

int trial_run(struct trial *t, const void *packet, __u32 len, struct trail *trail, struct fail *f)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = len, .repeat = 1);
	struct trail made;

	if (len < ETH_HLEN)
		return fail_set(f, EINVAL, "a packet of %u bytes, shorter than an Ethernet header",
				len);
	session_beat(t->session);
	t->by_name.generation++;
	if (bpf_prog_test_run_opts(t->root, &opts))
		return fail_errno(f, errno, "trying a packet");
	t->heard = &made;
	rings_read(session_rings(t->session), 1, hear, t);
	if (t->heard) {
		t->heard = NULL;
		return fail_set(f, ENODATA, "the packet left no trace");
	}
	*trail = made;
	return 0;
}

long trial_cost(int root, const void *packet, __u32 len)
{
	long best = -EINVAL;

	for (int i = 0; i < COST_ROUNDS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = len,
			    .repeat = COST_REPEAT);

		if (bpf_prog_test_run_opts(root, &opts))
			return -errno;
		if (best < 0 || opts.duration < best)
			best = opts.duration;
	}
	return best;
}
