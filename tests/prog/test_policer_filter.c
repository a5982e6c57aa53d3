// SPDX-License-Identifier: GPL-2.0
/* The policer filter: in the kernel its rules decide as libpcap does, the first that matches. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/filter.h"
#include "lib/policer_filter.h"
#include "lib/util.h"
#include "tests/filterrig.h"
#include "tests/matcher.h"
#include "tests/rulegen.h"

#define PEERS	   "../shared/peers"
#define RANDOM_LEN (RULEGEN_LEN + 32)

static struct rig rig;

/* --- against libpcap -------------------------------------------------------------------------- */

struct judged {
	struct filterrig_rules rules;
	struct matcher *judges[FILTER_RULES];
	__u64 want[FILTER_RULES];
	unsigned long packets, matched;
};

static void judged_open(struct judged *j)
{
	static struct filter filters[FILTER_RULES];
	const char *texts[FILTER_RULES] = { 0 };
	size_t count = j->rules.conf.rule_count, bad;
	struct fail f = { 0 };

	for (size_t i = 0; i < count; i++)
		texts[i] = j->rules.v[i].match;
	if (filter_compile_many(texts, count, filters, &bad, &f))
		fail_msg("%s: %s", texts[bad], f.text);
	for (size_t i = 0; i < count; i++) {
		struct classic_prog prog = { filters[i].insns, filters[i].count };

		j->judges[i] = matcher_new(&prog);
		filter_free(&filters[i]);
		j->want[i] = 0;
	}
	j->packets = j->matched = 0;
	filterrig_put(rig.chain, &j->rules);
}

static void judged_run(struct judged *j, const void *pkt, __u32 len, __u32 linear)
{
	struct probe_run run = { .pkt = pkt, .len = len, .linear = linear };
	size_t first = 0, count = j->rules.conf.rule_count;
	int verdict;

	if (len < 14)
		return;
	while (first < count && !matcher_match(j->judges[first], pkt, len))
		first++;
	verdict = probe_run(&rig, &run);
	if (verdict < 0 && (linear || len > 60000))
		return; /* this kernel makes no such packet */
	if (verdict != (first < count ? XDP_DROP : XDP_PASS))
		fail_msg("%u bytes, %u linear: verdict %d, libpcap says %s", len, linear, verdict,
			 first < count ? j->rules.v[first].match : "none");
	if (first < count)
		j->want[first]++;
	j->packets++;
	j->matched += first < count;
}

/* Each rule was hit as often as libpcap says that it is the first. */
static unsigned long judged_close(struct judged *j, const char *what)
{
	for (size_t i = 0; i < j->rules.conf.rule_count; i++) {
		__u32 id = filterrig_id(&j->rules, i);
		__u64 got = filterrig_hits(rig.chain, id);

		if (got != j->want[i])
			fail_msg("rule %u (%s): %llu hits, libpcap says %llu", id,
				 j->rules.v[i].match, got, j->want[i]);
		matcher_free(j->judges[i]);
	}
	print_message("%s: %zu rules, %lu packets, %lu matched\n", what, j->rules.conf.rule_count,
		      j->packets, j->matched);
	filterrig_free(&j->rules);
	return j->matched;
}

static void random_text(struct dice *d, char text[RANDOM_LEN], bool narrow)
{
	char wide[RULEGEN_LEN];

	rulegen_text(d, wide);
	if (narrow)
		snprintf(text, RANDOM_LEN, "(%s) and ether[11] = %u", wide,
			 dice_roll(d, RULEGEN_SENDERS));
	else
		snprintf(text, RANDOM_LEN, "%s", wide);
}

/* Those that libpcap takes; many at a time, since each time forks. */
static void random_rules(struct dice *d, struct filterrig_rules *r, size_t count)
{
	static char texts[FILTER_RULES][RANDOM_LEN];
	static struct filter filters[FILTER_RULES];
	const char *at[FILTER_RULES] = { 0 };

	while (r->conf.rule_count < count) {
		size_t want = count - r->conf.rule_count, good, n;

		/* Or the first dozen of many would match all packets. */
		for (n = 0; n < want; n++) {
			random_text(d, texts[n], count > 10);
			at[n] = texts[n];
		}
		for (size_t done = 0; done < want; done += good + 1) {
			good = want - done;
			filter_compile_many(at + done, want - done, filters, &good, NULL);
			for (n = done; n < done + good; n++) {
				filter_free(&filters[n - done]);
				filterrig_add(r, 0, texts[n], "drop");
			}
		}
	}
}

static unsigned long random_list(size_t count, int packets)
{
	static struct judged j;
	struct dice d = { .seed = 99 + count };
	unsigned char pkt[RULEGEN_PKT];

	filterrig_init(&j.rules);
	random_rules(&d, &j.rules, count);
	judged_open(&j);
	for (int n = 0; n < packets; n++) {
		__u32 len = rulegen_packet(&d, pkt);

		judged_run(&j, pkt, len, n % 4 || len < 15 ? 0 : 14 + dice_roll(&d, len - 14));
	}
	return judged_close(&j, "random rules");
}

static void test_random(void **state)
{
	static const size_t counts[] = { 1, 2, 3, 5, 8, 13, 40, 100, 500, 1024 };
	unsigned long matched = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		matched += random_list(counts[i], 4000);
	assert_true(matched > 0);
}

static void read_captures(struct matcher_pkts *pkts)
{
	DIR *dir = opendir(PEERS "/pcaps");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[sizeof(PEERS) + 300];

		snprintf(path, sizeof(path), PEERS "/pcaps/%s", e->d_name);
		if (strstr(e->d_name, ".pcap"))
			matcher_read(path, pkts);
	}
	if (dir)
		closedir(dir);
}

/* Captures of others, and rules of which some fit. */
static void test_captured(void **state)
{
	static const char *const texts[] = {
		"tcp and dst port 179",
		"udp and src port 53 and greater 100",
		"ip6 proto 89",
		"arp[6:2] = 2",
		"icmp[0] = 8",
		"vlan and tcp",
		"host 192.168.1.1",
		"net 10.0.0.0/8",
		"ether proto 0x88cc",
		"ip[8] = 1",
		"tcp[13] & 2 != 0",
		"ip6 and udp",
		"port 80",
		"ip[6:2] & 0x1fff != 0",
		"ether multicast and not ip and not ip6",
		"less 64",
	};
	struct matcher_pkts pkts = { 0 };
	static struct judged j;

	(void)state;
	read_captures(&pkts);
	if (!pkts.count)
		skip();
	filterrig_init(&j.rules);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		filterrig_add(&j.rules, 100 - i, texts[i], "drop");
	judged_open(&j);
	for (__u32 i = 0; i < pkts.count; i++)
		judged_run(&j, pkts.pkts[i].data, pkts.pkts[i].len, 0);
	assert_true(judged_close(&j, "captures of others") > 0);
	matcher_pkts_free(&pkts);
}

/* Expressions of others: those that need no netmask and no name server, and compile. */
static size_t read_expressions(char (*texts)[512], size_t max)
{
	FILE *in = fopen(PEERS "/filters.tsv", "r");
	char line[1024];
	size_t count = 0;

	while (in && count < max && fgets(line, sizeof(line), in)) {
		char *mask = strchr(line, '\t'), *text = mask ? strchr(mask + 1, '\t') : NULL;
		struct filter_spec spec = { .text = text ? text + 1 : NULL,
					    .netmask = FILTER_NETMASK_UNKNOWN };
		struct filter filter;

		if (*line == '#' || !text || text != mask + 1 || strcasestr(text, "libpcap.test"))
			continue;
		text[strcspn(text, "\n")] = 0;
		if (strlen(text + 1) >= sizeof(texts[0]) || filter_compile(&spec, &filter, NULL))
			continue;
		filter_free(&filter);
		strcpy(texts[count++], text + 1);
	}
	if (in)
		fclose(in);
	return count;
}

static void test_expressions(void **state)
{
	static char texts[FILTER_RULES][512];
	struct matcher_pkts pkts = { 0 };
	static struct judged j;
	struct dice d = { .seed = 8 };
	size_t count = read_expressions(texts, FILTER_RULES);

	(void)state;
	read_captures(&pkts);
	if (!count || !pkts.count)
		skip();
	for (int round = 0; round < 12; round++) {
		size_t rules = round ? 20 + dice_roll(&d, 60) : count;

		filterrig_init(&j.rules);
		for (size_t i = 0; i < rules; i++)
			filterrig_add(&j.rules, 0, texts[round ? dice_roll(&d, count) : i], "drop");
		judged_open(&j);
		for (__u32 i = round; i < pkts.count; i += round ? 5 : 1)
			judged_run(&j, pkts.pkts[i].data, pkts.pkts[i].len, 0);
		assert_true(judged_close(&j, "expressions of others") > 0);
	}
	matcher_pkts_free(&pkts);
}

/* --- size ------------------------------------------------------------------------------------- */

/* CPU time of this process, ms. */
static long cpu_ms(void)
{
	long ms = 0;

	for (int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
		struct rusage u;

		getrusage(who, &u);
		ms += (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000;
		ms += (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
	}
	return ms;
}

/*
 * From expressions to a program in the chain: what it takes, whoever else is at work. The promise
 * is 300 ms for 300 rules; these are of the heavier kind, and a test leaves room for the machine.
 */
static void test_time(void **state)
{
	static const size_t counts[] = { 100, 300, 1000 };
	bool emulated = getenv("TEST_EMULATED");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts) - emulated; i++) {
		struct dice d = { .seed = 3 };
		struct filterrig_rules r;
		long begin;

		filterrig_init(&r);
		random_rules(&d, &r, counts[i]);
		begin = cpu_ms();
		filterrig_put(rig.chain, &r);
		print_message("%zu rules: %ld ms of CPU time\n", counts[i], cpu_ms() - begin);
		if (counts[i] <= 300 && !emulated)
			assert_true(cpu_ms() - begin < 1000);
		filterrig_free(&r);
	}
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "flt");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_captured),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
