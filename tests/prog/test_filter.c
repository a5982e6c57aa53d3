// SPDX-License-Identifier: GPL-2.0
/* test_filter - the dump stage, in the kernel, decides on expressions as libpcap does. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/filter.h"
#include "lib/util.h"
#include "tests/dumprig.h"
#include "tests/randprog.h"
#include "xdpchain/chain.h"

#define PEERS "../shared/peers"

static struct dumprig rig;

/* --- packets ---------------------------------------------------------------------------------- */

static const unsigned char tcp4[54] = {
	2,  0,	  0,	0,    0, 1,  2, 0, 0, 0,  0, 2, 8,    0,   0x45, 0, 0,
	40, 0,	  1,	0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1,    192, 168,	 1, 2,
	1,  0xbb, 0x1f, 0x90, 0, 0,  0, 1, 0, 0,  0, 0, 0x50, 2,   1,
};

/* Every length of a frame that starts as an IPv4, IPv6, ARP or VLAN one. */
static void packets_own(struct matcher_pkts *p)
{
	static const __u8 types[][2] = {
		{ 8, 0 }, { 0x86, 0xdd }, { 8, 6 }, { 0x81, 0 }, { 5, 5 }
	};
	struct dice d = { .seed = 4711 };
	unsigned char pkt[1600];

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		for (__u32 len = DUMPRIG_PKT_MIN; len < 130; len++) {
			for (__u32 i = 0; i < sizeof(pkt); i++)
				pkt[i] = i < sizeof(tcp4) ? tcp4[i] : dice_roll(&d, 256);
			memcpy(pkt + 12, types[t], 2);
			pkt[23] = dice_roll(&d, 2) ? 6 : 17;
			pkt[20] = dice_roll(&d, 4) ? 6 : 17;
			pkt[14] = dice_roll(&d, 4) ? 0x45 : dice_roll(&d, 256);
			matcher_add(p, pkt, len % 10 ? len : 10 * len);
		}
	}
}

static void packets_captured(struct matcher_pkts *p)
{
	DIR *dir = opendir(PEERS "/pcaps");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[sizeof(PEERS) + 300];

		snprintf(path, sizeof(path), PEERS "/pcaps/%s", e->d_name);
		if (strstr(e->d_name, ".pcap"))
			matcher_read(path, p);
	}
	if (dir)
		closedir(dir);
}

/* --- expressions ------------------------------------------------------------------------------ */

static const char *const own[] = {
	"",
	"tcp port 443 and host 10.0.0.1",
	"udp or icmp6",
	"not tcp port 443",
	"ip[0] & 0xf != 5",
	"vlan and tcp",
	"greater 60 and tcp[13] & 2 != 0",
	"less 59",
	"ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) = 0",
	"ether[120:4] > 0x80000000 or ether[40:2] % 3 = 1",
	"port 53 or port 80 or port 443 or port 8080 or port 22 or port 25 or port 123",
	"net 10.0.0.0/8 and not (src host 10.0.0.1 or dst host 192.168.1.2)",
	"ip6 proto 6 or arp[6:2] = 1",
	"tcp portrange 400-500",
	"ip broadcast or ether multicast",
	"ether[1000] ^ ether[1100] & 0xf = 2",
};

/* The filters of one group over all packets; then forget them. */
static void expressions_run(struct dumprig_group *g, struct filter *filters,
			    const struct matcher_pkts *p)
{
	dumprig_load(&rig, g);
	for (__u32 i = 0; i < p->count; i++)
		dumprig_compare(&rig, g, p->pkts[i].data, p->pkts[i].len, 0);
	dumprig_unload(g);
	for (int i = 0; i < SESSIONS; i++) {
		filter_free(&filters[i]);
		g->progs[i] = (struct classic_prog){ 0 };
	}
}

struct expressions {
	struct dumprig_group g;
	struct filter filters[SESSIONS];
	char texts[SESSIONS][512];
	int waiting;
	unsigned int compiled, refused;
};

/* Compile one; when there are four, run them. */
static void expressions_add(struct expressions *e, const char *text, __u32 netmask,
			    const struct matcher_pkts *p)
{
	const struct filter_spec spec = { .text = text, .netmask = netmask };
	struct filter *f = &e->filters[e->waiting];

	if (filter_compile(&spec, f, NULL)) {
		e->refused++;
		return;
	}
	e->compiled++;
	snprintf(e->texts[e->waiting], sizeof(e->texts[0]), "%s", text);
	e->g.names[e->waiting] = e->texts[e->waiting];
	e->g.progs[e->waiting++] = (struct classic_prog){ f->insns, f->count };
	if (e->waiting < SESSIONS)
		return;
	expressions_run(&e->g, e->filters, p);
	e->waiting = 0;
}

static void test_own_expressions(void **state)
{
	struct matcher_pkts p = { 0 };
	struct expressions e = { 0 };

	(void)state;
	packets_own(&p);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		expressions_add(&e, own[i], 0x00ffffff, &p);
	assert_int_equal(e.refused, 0);
	assert_int_equal(e.waiting, 0);
	matcher_pkts_free(&p);
	dumprig_report(&rig, "own expressions");
}

/*
 * A line of filters.tsv: flag, netmask, expression. NULL if it is none, or if it names a host of
 * libpcap's own test set-up, which would have a name server asked.
 */
static const char *peer_line(char *line, __u32 *netmask)
{
	char *mask = strchr(line, '\t'), *text = mask ? strchr(mask + 1, '\t') : NULL;

	if (*line == '#' || !text || strcasestr(text, "libpcap.test"))
		return NULL;
	*netmask = mask + 1 == text ? FILTER_NETMASK_UNKNOWN : strtoul(mask + 1, NULL, 0);
	text[strcspn(text, "\n")] = '\0';
	return text + 1;
}

static void test_peer_expressions(void **state)
{
	FILE *in = fopen(PEERS "/filters.tsv", "r");
	struct matcher_pkts p = { 0 };
	struct expressions e = { 0 };
	char line[1024];

	(void)state;
	if (!in)
		skip();
	packets_captured(&p);
	while (fgets(line, sizeof(line), in)) {
		__u32 netmask;
		const char *text = peer_line(line, &netmask);

		if (text)
			expressions_add(&e, text, netmask, &p);
	}
	fclose(in);
	if (e.waiting)
		expressions_run(&e.g, e.filters, &p);
	print_message("%u expressions (%u more are refused), %u packets\n", e.compiled, e.refused,
		      p.count);
	assert_true(e.compiled > 100);
	matcher_pkts_free(&p);
	dumprig_report(&rig, "expressions of others");
}

/* --- what cannot be loaded -------------------------------------------------------------------- */

static void test_refused(void **state)
{
	const struct classic_prog all[SESSIONS] = { { 0 } };
	int cpus = rig.cpus, small;
	struct fail f = { 0 };

	(void)state;
	small = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "cpus", 4, 16, 1, NULL);
	rig.cpus = small;
	assert_int_equal(dumprig_stage(&rig, all, 1, &f), -EACCES);
	assert_non_null(strstr(f.text, "verifier"));
	/* What it ends with; since 7.x with advice, under an excerpt of the source. */
	if (!strstr(f.log, "invalid access to map value") &&
	    !strstr(f.log, "stays within the object"))
		fail_msg("%s", f.log);
	rig.cpus = cpus;
	close(small);
	assert_int_equal(dumprig_stage(&rig, all, 0, &f), -EINVAL);
}

static void test_missing_map(void **state)
{
	const struct dump_map list[] = { { "slots", rig.slots }, { NULL, 0 } };
	const struct dump_spec spec = { .maps = list, .sessions = 1 };
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(dump_load(&spec, &f), -ENOENT);
	assert_non_null(strstr(f.text, "no map"));
}

static int setup(void **state)
{
	(void)state;
	return dumprig_up(&rig);
}

static int teardown(void **state)
{
	(void)state;
	dumprig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_expressions),
		cmocka_unit_test(test_peer_expressions),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_missing_map),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
