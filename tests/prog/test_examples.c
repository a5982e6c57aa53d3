// SPDX-License-Identifier: GPL-2.0
/* droplet/examples: as their stanzas configure them, what of an attack they drop, and what passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/conf.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/confrig.h"
#include "tests/datagram.h"
#include "tests/rig.h"

#define SLOT	 3
#define EXAMPLES "droplet/examples"
#define DST4	 "192.0.2.1"
#define DST6	 "2001:db8:ffff::1"

static struct rig rig;
static struct confrig cr;

/* The example @name as its .yaml says, in a slot that nobody was in. */
static void load(const char *name)
{
	struct policer p = { 0 };
	struct fail f = { 0 };
	struct conf *conf;
	char path[192];

	snprintf(path, sizeof(path), "%s/%s.yaml", cr.dir, name);
	stage_unload(rig.chain, SLOT, NULL);
	if (conf_load(path, &conf, &f) || policer_make(&conf->policers[0], &p, &f))
		fail_msg("%s\n%s", f.text, f.log);
	if (p.warnings)
		fail_msg("%s", p.warnings);
	assert_string_equal(p.spec.name, name);
	p.spec.slot = SLOT;
	if (stage_load(rig.chain, &p.spec, NULL, &f))
		fail_msg("%s\n%s", f.text, f.log);
	policer_free(&p);
	conf_free(conf);
}

static const char *dst_of(const char *src)
{
	return strchr(src, ':') ? DST6 : DST4;
}

/* The verdict; *reason: which one was counted, 0: none. */
static int send_it(const struct datagram *d, __u32 *reason)
{
	static struct chain_totals before, after;
	unsigned char buf[DATAGRAM_MAX];
	__u32 len = datagram_make(buf, d);
	int verdict;

	assert_int_equal(chain_totals(rig.chain, &before), 0);
	verdict = rig_run(&rig, buf, len, NULL, 0, NULL);
	assert_int_equal(chain_totals(rig.chain, &after), 0);
	*reason = 0;
	for (__u32 r = 1; r < CHAIN_REASONS; r++)
		if (after.reasons[SLOT][r].packets != before.reasons[SLOT][r].packets)
			*reason = r;
	return verdict;
}

/* --- NTP -------------------------------------------------------------------------------------- */

#define MONLIST "\xd7\x00\x03\x2a\x00\x06\x00\x48" /* 6 of 72 bytes, more to come */
#define CONTROL "\x16\x82\x00\x01\x06\x15\x00\x00" /* readvar, an answer */
#define SERVER	"\x24\x02\x06\xe7\x00\x00\x01\x1b" /* version 4, stratum 2 */
#define CLIENT	"\x23\x00\x06\xec\x00\x00\x00\x00"

enum { MONLIST_R = 1, CONTROL_R, SHORT_R, UNASKED_R };

static const struct {
	const char *name, *src;
	__u16 sport, dport;
	const char *head;
	__u32 size;
	int frag;
	__u32 reason; /* 0: passes */
} ntp[] = {
	{ "monlist", "203.0.113.5", 123, 50000, MONLIST, 440, 0, MONLIST_R },
	{ "monlist of a server that is used", "192.0.2.123", 123, 80, MONLIST, 440, 0, MONLIST_R },
	{ "monlist over IPv6", "2001:db8::5", 123, 50000, MONLIST, 440, 0, MONLIST_R },
	{ "first fragment", "203.0.113.5", 123, 50000, MONLIST, 200, -1, MONLIST_R },
	{ "control", "203.0.113.5", 123, 50000, CONTROL, 460, 0, CONTROL_R },
	{ "a byte", "192.0.2.123", 123, 123, SERVER, 1, 0, SHORT_R },
	{ "47 bytes", "192.0.2.123", 123, 123, SERVER, 47, 0, SHORT_R },
	{ "unasked", "203.0.113.5", 123, 50000, SERVER, 48, 0, UNASKED_R },
	{ "unasked over IPv6", "2001:db8::5", 123, 50000, SERVER, 48, 0, UNASKED_R },
	{ "answer of a server", "192.0.2.123", 123, 41234, SERVER, 48, 0, 0 },
	{ "the other one, with a MAC", "198.51.100.123", 123, 123, SERVER, 68, 0, 0 },
	{ "answer with NTS", "192.0.2.123", 123, 41234, SERVER, 228, 0, 0 },
	{ "a client asks us", "203.0.113.5", 41234, 123, CLIENT, 48, 0, 0 },
	{ "an old client asks us", "203.0.113.5", 123, 123, CLIENT, 48, 0, 0 },
	{ "no payload", "203.0.113.5", 123, 123, "", 0, 0, 0 },
	{ "another port", "203.0.113.5", 53, 50000, MONLIST, 440, 0, 0 },
	{ "later fragment", "203.0.113.5", 123, 50000, MONLIST, 200, 440, 0 },
};

static void test_ntp(void **state)
{
	(void)state;
	load("ntp_amplification");
	for (size_t i = 0; i < ARRAY_SIZE(ntp); i++) {
		const struct datagram d = { ntp[i].src,	  dst_of(ntp[i].src), ntp[i].sport,
					    ntp[i].dport, ntp[i].head,	      8,
					    ntp[i].size,  ntp[i].frag };
		__u32 reason;

		print_message("  %s\n", ntp[i].name);
		assert_int_equal(send_it(&d, &reason), ntp[i].reason ? XDP_DROP : XDP_PASS);
		assert_int_equal(reason, ntp[i].reason);
	}
}

/* --- DNS -------------------------------------------------------------------------------------- */

enum { RANDOM_R = 1, FLOOD_R };

/* A query for @name; its bytes. */
static __u32 dns_query(unsigned char *buf, const char *name)
{
	static const unsigned char head[12] = { 0x12, 0x34, 0x01, 0, 0, 1 };
	__u32 len = sizeof(head);

	memcpy(buf, head, len);
	while (*name) {
		size_t n = strcspn(name, ".");

		buf[len++] = n;
		memcpy(buf + len, name, n);
		len += n;
		name += n + (name[n] == '.');
	}
	memcpy(buf + len, "\0\0\1\0\1", 5);
	return len + 5;
}

static int dns_send(const char *name, __u32 cut, __u32 *reason)
{
	unsigned char buf[512];
	__u32 len = dns_query(buf, name) - cut;
	const struct datagram d = { "203.0.113.53", DST4, 40000, 53, buf, len, len, 0 };

	return send_it(&d, reason);
}

static const struct {
	const char *name;
	__u32 reason; /* RANDOM_R: looks made up */
} labels[] = {
	{ "www.example.com", 0 },
	{ "example.com", 0 },
	{ "mail.example.com", 0 },
	{ "autodiscover.example.com", 0 }, /* in dns_names.txt */
	{ "AutoDiscover.example.com", 0 },
	{ "mail-1k2j3h4g5f.example.com", 0 },
	{ "enterpriseregistration.example.com", 0 },
	{ "ns1.example.com", 0 },
	{ "_dmarc.example.com", 0 },
	{ "aaaaaaaaaaaaaaaaaaaaaaaa.example.com", 0 },
	{ "webwebwebweb.example.com", 0 },
	{ "x7g2kq9vbn4t.example.com", RANDOM_R },
	{ "QZ8HWM3XTP.example.com", RANDOM_R },
	{ "kqzjxvwbtrmnhgfd.example.com", RANDOM_R },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde.example.com", RANDOM_R },
};

static void test_dns_labels(void **state)
{
	(void)state;
	load("dns_entropy");
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		__u32 reason;

		print_message("  %s\n", labels[i].name);
		assert_int_equal(dns_send(labels[i].name, 0, &reason), XDP_PASS);
		assert_int_equal(reason, labels[i].reason);
	}
}

/* Another name each time, three letters or digits of 12 of them; not at random, but as various. */
static void made_up(char *out, size_t size, unsigned int i, const char *zone)
{
	static const char set[] = "q7w2e9r4t1y8u3i6o5p0asdfghjklzxcvbnm";

	for (int at = 0; at < 12; at++, i = i * 1103515245u + 12345u)
		out[at] = set[(i >> 16) % 36];
	snprintf(out + 12, size - 12, ".%s", zone);
}

static __u32 dns_flood(const char *zone, unsigned int from, __u32 *random, __u32 *other)
{
	__u32 dropped = 0, reason;
	char name[64];

	for (unsigned int i = from; i < from + 400; i++) {
		made_up(name, sizeof(name), i * 2654435761u, zone);
		if (dns_send(name, 0, &reason) == XDP_DROP) {
			dropped++;
			assert_int_equal(reason, FLOOD_R);
		} else if (reason == RANDOM_R) {
			(*random)++;
		} else {
			(*other)++;
		}
	}
	return dropped;
}

/* The zone that is attacked is held to 50 a second, whatever the case; others go on. */
static void test_dns_flood(void **state)
{
	__u32 random = 0, other = 0, dropped, allowed, reason;
	__u64 start;

	(void)state;
	load("dns_entropy");
	start = now_ns();
	dropped = dns_flood("example.com", 1, &random, &other);
	dropped += dns_flood("EXAMPLE.com", 401, &random, &other);
	allowed = 50 * (2 + (now_ns() - start) / NSEC); /* of the seconds that it took */
	assert_true(other <= 160); /* of so few characters that they could be words */
	assert_true(random >= 50 && random <= allowed);
	assert_int_equal(dropped + random + other, 800);
	assert_int_equal(dns_send("www.example.com", 0, &reason), XDP_PASS);
	assert_int_equal(dns_send("autodiscover.example.com", 0, &reason), XDP_PASS);
	assert_int_equal(dns_send("x7g2kq9vbn4t.example.net", 0, &reason), XDP_PASS);
	assert_int_equal(reason, RANDOM_R);
}

/* Cut at every byte, answers, labels that are pointers: none of it is a query for a made-up name.
 */
static void test_dns_odd(void **state)
{
	static const char name[] = "x7g2kq9vbn4t.example.com";
	unsigned char buf[512];
	__u32 len = dns_query(buf, name), reason;
	struct datagram d = { "203.0.113.53", DST4, 40000, 53, buf, len, len, 0 };

	(void)state;
	load("dns_entropy");
	for (__u32 cut = 0; cut <= len; cut++) {
		assert_int_equal(dns_send(name, cut, &reason), XDP_PASS);
		assert_int_equal(reason, len - cut >= 12 + 13 ? RANDOM_R : 0);
	}
	buf[2] |= 0x80;
	assert_int_equal(send_it(&d, &reason), XDP_PASS);
	assert_int_equal(reason, 0);
	buf[2] &= 0x7f;
	buf[12] = 0xc0;
	assert_int_equal(send_it(&d, &reason), XDP_PASS);
	assert_int_equal(reason, 0);
}

/* --- QUIC ------------------------------------------------------------------------------------- */

#define ID8 "\x83\x94\xc8\xf0\x3e\x51\x57\x08"
/* the header of the client's Initial in RFC 9001, A.2, and that of RFC 9369, A.2 */
#define INITIAL1 "\xc0\x00\x00\x00\x01\x08" ID8 "\x00\x00\x44\x9e\x7b\x9a\xec\x34"
#define INITIAL2 "\xd7\x6b\x33\x43\xcf\x08" ID8 "\x00\x00\x44\x9e\xa0\xc9\x5e\x82"

enum { QUIC_SHORT_R = 1, ID_R, FIRST_R, RATE_R };

#define HEAD(bytes) bytes, sizeof(bytes) - 1

static const struct {
	const char *name, *head;
	__u32 head_size;
	__u16 dport;
	__u32 size, reason;
} quic[] = {
	{ "Initial", HEAD(INITIAL1), 443, 1200, 0 },
	{ "Initial of version 2", HEAD(INITIAL2), 443, 1200, 0 },
	{ "a large one", HEAD(INITIAL1), 443, 1452, 0 },
	{ "below 1200", HEAD(INITIAL1), 443, 1199, QUIC_SHORT_R },
	{ "version 2 below 1200", HEAD(INITIAL2), 443, 300, QUIC_SHORT_R },
	{ "a header alone", HEAD(INITIAL1), 443, 22, QUIC_SHORT_R },
	{ "id of 7 bytes", HEAD("\xc0\x00\x00\x00\x01\x07" ID8), 443, 1200, ID_R },
	{ "id of 21 bytes", HEAD("\xc0\x00\x00\x00\x01\x15" ID8), 443, 1200, ID_R },
	{ "id of 20 bytes", HEAD("\xc0\x00\x00\x00\x01\x14" ID8), 443, 1200, 0 },
	{ "0-RTT", HEAD("\xd0\x00\x00\x00\x01\x08" ID8), 443, 300, 0 },
	{ "Handshake", HEAD("\xe0\x00\x00\x00\x01\x08" ID8), 443, 300, 0 },
	{ "type 0 of version 2: Retry", HEAD("\xc0\x6b\x33\x43\xcf\x08" ID8), 443, 300, 0 },
	{ "a version that nobody knows", HEAD("\xc0\x1a\x2a\x3a\x4a\x08" ID8), 443, 300, 0 },
	{ "short header", HEAD("\x40" ID8), 443, 60, 0 },
	{ "5 bytes", HEAD("\xc0\x00\x00\x00\x01"), 443, 5, 0 },
	{ "another port", HEAD(INITIAL1), 4433, 300, 0 },
};

static int quic_send(const char *src, const char *head, __u32 head_size, __u16 dport, __u32 size,
		     __u32 *reason)
{
	const struct datagram d = { src, dst_of(src), 50000, dport, head, head_size, size, 0 };

	return send_it(&d, reason);
}

static void test_quic_packets(void **state)
{
	(void)state;
	load("quic_initial");
	for (size_t i = 0; i < ARRAY_SIZE(quic); i++) {
		__u32 reason;

		print_message("  %s\n", quic[i].name);
		assert_int_equal(quic_send("203.0.113.1", quic[i].head, quic[i].head_size,
					   quic[i].dport, quic[i].size, &reason),
				 quic[i].reason ? XDP_DROP : XDP_PASS);
		assert_int_equal(reason, quic[i].reason);
	}
}

/* Fill the second that runs with 500 Initials, so that what follows is in a flood. */
static void quic_flood(void)
{
	const struct datagram d = { "203.0.113.250", DST4, 50000, 443, INITIAL1, 14, 1200, 0 };
	unsigned char buf[DATAGRAM_MAX];
	__u32 len = datagram_make(buf, &d);

	for (int i = 0; i < 501; i++)
		rig_run(&rig, buf, len, NULL, 0, NULL);
}

/* One of a new source, and then again, as a client does. Until both fell into one second. */
static void test_quic_flood(void **state)
{
	__u32 first, again = 0, other, reason = 0;
	int tries = 0, verdict;

	(void)state;
	load("quic_initial");
	assert_int_equal(quic_send("2001:db8::1", HEAD(INITIAL1), 443, 1200, &reason), XDP_PASS);
	do {
		char src[32];

		snprintf(src, sizeof(src), "198.51.100.%d", ++tries);
		quic_flood();
		quic_send(src, HEAD(INITIAL1), 443, 1200, &first);
		verdict = quic_send(src, HEAD(INITIAL1), 443, 1200, &again);
		quic_send("198.51.100.200", HEAD(INITIAL1), 443, 1199, &other);
	} while (first != FIRST_R && tries < 20);
	assert_int_equal(first, FIRST_R);
	assert_int_equal(again, 0);
	assert_int_equal(verdict, XDP_PASS);
	assert_int_equal(other, QUIC_SHORT_R);
	assert_int_equal(quic_send("198.51.100.201", HEAD("\x40" ID8), 443, 60, &reason), XDP_PASS);
	quic_flood();
	for (int i = 0; i < 100 && reason != RATE_R; i++)
		quic_send("198.51.100.203", HEAD(INITIAL1), 443, 1200, &reason);
	assert_int_equal(reason, RATE_R);
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "ex");
	confrig_up(&cr);
	if (rig_sh("cp " EXAMPLES "/* %s && cd %s && for f in *.yaml; do "
		   "echo 'interfaces: [%s]' >>$f; done",
		   cr.dir, cr.dir, rig.ifname))
		return -1;
	/* so many in a second an emulated machine makes too */
	return rig_sh("sed -i 's/flood: 5000/flood: 500/' %s/quic_initial.yaml", cr.dir);
}

static int teardown(void **state)
{
	(void)state;
	confrig_down(&cr);
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ntp),	     cmocka_unit_test(test_dns_labels),
		cmocka_unit_test(test_dns_flood),    cmocka_unit_test(test_dns_odd),
		cmocka_unit_test(test_quic_packets), cmocka_unit_test(test_quic_flood),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
