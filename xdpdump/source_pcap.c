// SPDX-License-Identifier: GPL-2.0
/* source_pcap - what libpcap sees of an interface, as a source. */
#include <stdio.h>

#include "lib/livecap.h"
#include "xdpdump/source.h"

/* There are no steps whose names could be asked for. */
static bool no_stage(void *arg, __u32 slot, __u32 instance, char name[TRAIL_NAME])
{
	(void)arg;
	(void)slot;
	(void)instance;
	(void)name;
	return false;
}

static bool nothing(void *arg, __u32 slot, __u32 instance, __u32 number, char name[TRAIL_NAME])
{
	(void)number;
	return no_stage(arg, slot, instance, name);
}

static int open_pcap(struct source *s, struct rings *rings, struct fail *f)
{
	struct session_spec spec;
	struct livecap *l = NULL;
	int err;

	source_spec(s, rings, &spec);
	err = livecap_open(s->ifname, &spec, &l, f);
	s->priv = l;
	s->names = (struct trail_names){ no_stage, nothing, nothing, NULL, 0 };
	snprintf(s->what, sizeof(s->what), "libpcap");
	return err;
}

static int check(struct source *s, struct fail *f)
{
	return livecap_check(s->priv, f);
}

static int counts(struct source *s, struct session_count *n)
{
	livecap_counts(s->priv, n);
	return 0;
}

static void stop(struct source *s)
{
	livecap_stop(s->priv);
}

static void close_pcap(struct source *s)
{
	livecap_close(s->priv);
}

const struct source_ops source_pcap = {
	.open = open_pcap,
	.check = check,
	.counts = counts,
	.stop = stop,
	.close = close_pcap,
	.points = { [EVENT_EXIT] = "libpcap, behind XDP", [EVENT_ENTRY] = "" },
	.local = true,
};
