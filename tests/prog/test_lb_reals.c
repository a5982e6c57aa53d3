// SPDX-License-Identifier: GPL-2.0
/* What decides beside ring and table: modes of reals, server ids, sources, idle time, the guard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include "lib/lb_int.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"
#include "xdpchain/pkt.h"

#define TCP    "192.0.2.1:80/tcp"
#define UDP    "192.0.2.1:443/udp"
#define REAL_A "10.0.0.1"
#define REAL_B "10.0.0.2"
#define REAL_C "fc00::3"
#define FLOWS  100

static int up(void **state)
{
	(void)state;
	lbrig_up();
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

/* No VIP, an empty table, default options. */
static int clear(void **state)
{
	struct lb_options o;

	(void)state;
	lb_options_defaults(&o);
	lbrig_clear();
	o.conns = 2048;
	lbrig_load(&o);
	o.conns = 4096;
	lbrig_load(&o);
	return 0;
}

static struct lb_service service(const char *text)
{
	struct lb_service s;

	assert_int_equal(lb_service_parse(text, &s, NULL), 0);
	return s;
}

static struct lb_addr addr(const char *text)
{
	struct lb_addr a;

	assert_int_equal(lb_addr_parse(text, &a, NULL), 0);
	return a;
}

static void set_mode(const char *vip, const char *real, enum lb_real_mode mode)
{
	struct lb_service s = service(vip);
	struct lb_addr a = addr(real);

	assert_int_equal(lb_real_mode(lbrig_lb, &s, &a, mode, NULL), 0);
}

static void set_flags(const char *vip, __u32 flags, __u32 id_bytes)
{
	const struct lb_vip_options o = { .flags = flags, .id_bytes = id_bytes };
	struct lb_service s = service(vip);

	assert_int_equal(lb_vip_set(lbrig_lb, &s, &o, NULL), 0);
}

/* A packet with @bytes as its payload, if it is UDP. Where it went, "" if it was not sent. */
static const char *send_bytes(const char *vip, __u16 sport, __u8 tcp_flags, const void *bytes,
			      __u32 size, char reason[CHAIN_NAME_LEN])
{
	static struct lbrig_outer o;
	static struct lbrig_out out;
	struct lb_service s = service(vip);
	struct frame f = { .src = "198.51.100.7",
			   .dst = "192.0.2.1",
			   .proto = s.proto,
			   .sport = sport,
			   .dport = pkt_h16(s.port),
			   .tcp_flags = tcp_flags,
			   .payload = size };
	unsigned char buf[FRAME_MAX];
	__u32 len = frame_make(buf, &f, NULL);

	if (size)
		memcpy(buf + len - size, bytes, size);
	lbrig_run(buf, len, &out);
	snprintf(reason, CHAIN_NAME_LEN, "%s", out.reason);
	if (out.verdict != XDP_TX)
		return "";
	assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
	return o.dst;
}

#define assert_bytes(vip, sport, flags, bytes, size, want_reason, want_real)                       \
	do {                                                                                       \
		char reason_[CHAIN_NAME_LEN];                                                      \
		const char *real_ = send_bytes(vip, sport, flags, bytes, size, reason_);           \
		assert_string_equal(reason_, want_reason);                                         \
		assert_string_equal(real_, want_real);                                             \
	} while (0)

#define assert_sent(vip, sport, flags, reason, real)                                               \
	assert_bytes(vip, sport, flags, NULL, 0, reason, real)

/* Out of the ring in either mode; what is established stays, unless its VIP has it migrate. */
static void test_modes(void **state)
{
	static const enum lb_real_mode modes[] = { LB_REAL_DRAIN, LB_REAL_DOWN };

	(void)state;
	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		clear(NULL);
		lbrig_vip(TCP);
		lbrig_real(TCP, REAL_A, 1);
		for (__u16 i = 0; i < FLOWS; i++)
			assert_sent(TCP, 1000 + i, PKT_SYN, "new", REAL_A);
		lbrig_real(TCP, REAL_B, 1);
		set_mode(TCP, REAL_A, modes[m]);
		for (__u16 i = 0; i < FLOWS; i++) {
			assert_sent(TCP, 1000 + i, PKT_ACK, "known", REAL_A);
			assert_sent(TCP, 2000 + i, PKT_SYN, "new", REAL_B);
		}
		set_flags(TCP, LB_VIP_MIGRATE, 0);
		if (modes[m] == LB_REAL_DRAIN)
			assert_sent(TCP, 1000, PKT_ACK, "known", REAL_A);
		else
			assert_sent(TCP, 1000, PKT_ACK, "moved", REAL_B);
		set_mode(TCP, REAL_B, modes[m]);
		assert_sent(TCP, 3000, PKT_SYN, "no_real", "");
		set_flags(TCP, LB_VIP_FAIL_OPEN, 0);
		if (modes[m] == LB_REAL_DRAIN) /* that is what the operator wants */
			assert_sent(TCP, 3000, PKT_SYN, "no_real", "");
		set_mode(TCP, REAL_B, LB_REAL_DOWN);
		if (modes[m] == LB_REAL_DRAIN)
			assert_sent(TCP, 3000, PKT_SYN, "new", REAL_B);
		set_mode(TCP, REAL_A, LB_REAL_UP);
		set_mode(TCP, REAL_B, LB_REAL_DOWN);
		assert_sent(TCP, 3001, PKT_SYN, "new", REAL_A);
	}
}

static __u32 conns_of(const char *vip, const char *real)
{
	static __u32 counts[LB_REALS];
	struct lb_service s = service(vip);
	struct lb_addr a = addr(real);
	__u32 number = lb_real_number(lbrig_lb, lb_vip_number(lbrig_lb, &s), &a);

	assert_int_equal(lb_conns_count(lbrig_lb, counts, NULL), 0);
	return counts[number];
}

/* Set back the stamps of all entries by @units of 256 jiffies: as if so much time had gone by. */
static void age(__u32 units)
{
	size_t bytes = 4096 * 16;
	int fd = stage_map(lbrig.chain, CHAIN_SLOT_LB, "conns4");
	__u64 *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(mem, MAP_FAILED);
	for (size_t i = 1; i < bytes / 8; i += 2) {
		__u64 mask = (__u64)LB_STAMP_MASK << LB_DATA_STAMP, stamp = mem[i] & mask;

		if (mem[i])
			mem[i] = (mem[i] & ~mask) |
				 ((stamp - ((__u64)units << LB_DATA_STAMP)) & mask);
	}
	munmap(mem, bytes);
	close(fd);
}

static __u32 units(__u32 seconds)
{
	return (seconds * lb_hz() >> LB_STAMP_JIFFIES) + 2;
}

/* Connections are counted as long as they are likely to live: that is what a drain waits for. */
static void test_counted(void **state)
{
	(void)state;
	lbrig_vip(TCP);
	lbrig_vip(UDP);
	lbrig_real(TCP, REAL_A, 1);
	lbrig_real(UDP, REAL_A, 1);
	for (__u16 i = 0; i < 10; i++) {
		assert_sent(TCP, 1000 + i, PKT_SYN, "new", REAL_A);
		assert_sent(TCP, 1000 + i, PKT_ACK, "known", REAL_A);
		assert_sent(UDP, 1000 + i, 0, "new", REAL_A);
	}
	assert_int_equal(conns_of(TCP, REAL_A), 10);
	assert_int_equal(conns_of(UDP, REAL_A), 10);
	assert_sent(TCP, 1000, PKT_FIN | PKT_ACK, "known", REAL_A);
	assert_sent(TCP, 1001, PKT_RST, "known", REAL_A);
	assert_int_equal(conns_of(TCP, REAL_A), 10);
	age(units(LB_TCP_CLOSING_S));
	assert_int_equal(conns_of(TCP, REAL_A), 8);
	assert_int_equal(conns_of(UDP, REAL_A), 10);
	age(units(LB_UDP_IDLE));
	assert_int_equal(conns_of(UDP, REAL_A), 0);
	assert_sent(TCP, 1002, PKT_SYN, "new", REAL_A); /* the ports again: one, not two */
	assert_int_equal(conns_of(TCP, REAL_A), 8);
	age(units(LB_TCP_IDLE_S));
	assert_int_equal(conns_of(TCP, REAL_A), 0);
	assert_sent(TCP, 1003, PKT_ACK, "known", REAL_A); /* it lived after all */
	assert_int_equal(conns_of(TCP, REAL_A), 1);
}

/* A UDP flow that was idle for long is a new one; TCP is not. */
static void test_idle(void **state)
{
	(void)state;
	lbrig_vip(TCP);
	lbrig_vip(UDP);
	lbrig_real(TCP, REAL_A, 1);
	lbrig_real(UDP, REAL_A, 1);
	assert_sent(UDP, 1000, 0, "new", REAL_A);
	assert_sent(TCP, 1000, PKT_SYN, "new", REAL_A);
	lbrig_real(UDP, REAL_B, 1);
	set_mode(UDP, REAL_A, LB_REAL_DRAIN);
	age(units(LB_UDP_IDLE) / 2);
	assert_sent(UDP, 1000, 0, "known", REAL_A);
	age(units(LB_UDP_IDLE));
	assert_sent(UDP, 1000, 0, "new", REAL_B);
	assert_sent(UDP, 1000, 0, "known", REAL_B);
	assert_sent(TCP, 1000, PKT_ACK, "known", REAL_A);
}

/* Payloads of QUIC and of the stable header, and whether they name server id 0x0400. */
static const struct {
	const char *name;
	__u32 flags, id_bytes;
	unsigned char bytes[24];
	__u32 size;
	int is_named;
} payloads[] = {
	{ "draft: short header", LB_VIP_QUIC, 2, { 0x40, 0x05, 0x04, 0x00, 9, 9 }, 20, 1 },
	{ "draft: another configuration", LB_VIP_QUIC, 2, { 0x40, 0xc5, 0x04, 0x00 }, 20, 1 },
	{ "draft: not routed", LB_VIP_QUIC, 2, { 0x40, 0xe5, 0x04, 0x00 }, 20, 0 },
	{ "draft: 3 bytes", LB_VIP_QUIC, 3, { 0x40, 0x05, 0x00, 0x04, 0x00 }, 20, 1 },
	{ "draft: 8 bytes", LB_VIP_QUIC, 8, { 0x40, 0x05, 0, 0, 0, 0, 0, 0, 0x04, 0x00 }, 20, 1 },
	{ "draft: another id", LB_VIP_QUIC, 2, { 0x40, 0x05, 0x04, 0x01 }, 20, 0 },
	{ "draft: cut", LB_VIP_QUIC, 2, { 0x40, 0x05, 0x04 }, 3, 0 },
	{ "draft: handshake", LB_VIP_QUIC, 2, { 0xe0, 0, 0, 0, 1, 8, 0x05, 0x04, 0x00 }, 20, 1 },
	{ "draft: a connection id too short",
	  LB_VIP_QUIC,
	  2,
	  { 0xe0, 0, 0, 0, 1, 2, 0x05, 0x04, 0x00 },
	  20,
	  0 },
	{ "draft: initial", LB_VIP_QUIC, 2, { 0xc0, 0, 0, 0, 1, 8, 0x05, 0x04, 0x00 }, 20, 0 },
	{ "draft: 0-RTT", LB_VIP_QUIC, 2, { 0xd0, 0, 0, 0, 1, 8, 0x05, 0x04, 0x00 }, 20, 0 },
	{ "version 1", LB_VIP_QUIC, LB_ID_BY_VERSION, { 0x40, 0x41, 0x00, 0x00 }, 20, 1 },
	{ "version 2", LB_VIP_QUIC, LB_ID_BY_VERSION, { 0x40, 0x80, 0, 4, 0 }, 20, 1 },
	{ "version 3", LB_VIP_QUIC, LB_ID_BY_VERSION, { 0x40, 0xc0, 0, 0, 4, 0 }, 20, 1 },
	{ "version 0", LB_VIP_QUIC, LB_ID_BY_VERSION, { 0x40, 0x00, 0, 4, 0 }, 20, 0 },
	{ "stable", LB_VIP_STABLE, 0, { 0x52, 0, 4, 0 }, 8, 1 },
	{ "stable: cut", LB_VIP_STABLE, 0, { 0x52, 0, 4, 0 }, 7, 0 },
	{ "stable: another type", LB_VIP_STABLE, 0, { 0x53, 0, 4, 0 }, 8, 0 },
	{ "nothing", LB_VIP_QUIC, 2, { 0 }, 0, 0 },
	{ "no option", 0, 0, { 0x40, 0x05, 0x04, 0x00 }, 20, 0 },
};

/* The id decides, whatever the client's port; with QUIC, packets without it follow. */
static void test_ids(void **state)
{
	struct lb_service s = service(UDP);
	struct lb_addr c = addr(REAL_C);
	__u64 id = 0x400;

	(void)state;
	lbrig_vip(UDP);
	lbrig_real(UDP, REAL_A, 1);
	lbrig_real(UDP, REAL_C, 0); /* gets nothing but by its id */
	assert_int_equal(lb_real_ids(lbrig_lb, &s, &c, &id, 1, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(payloads); i++) {
		__u16 sport = 1000 + i;

		print_message("  %s\n", payloads[i].name);
		set_flags(UDP, payloads[i].flags, payloads[i].id_bytes);
		assert_sent(UDP, sport, 0, "new", REAL_A);
		if (!payloads[i].is_named) {
			assert_bytes(UDP, sport, 0, payloads[i].bytes, payloads[i].size, "known",
				     REAL_A);
			continue;
		}
		for (int k = 0; k < 2; k++)
			assert_bytes(UDP, sport, 0, payloads[i].bytes, payloads[i].size,
				     "server_id", REAL_C);
		assert_bytes(UDP, sport + 100, 0, payloads[i].bytes, payloads[i].size, "server_id",
			     REAL_C);
		assert_sent(UDP, sport, 0, "known",
			    payloads[i].flags & LB_VIP_QUIC ? REAL_C : REAL_A);
	}
	/* a real that is gone, and one that comes after it, has no id */
	set_flags(UDP, LB_VIP_QUIC, 2);
	lbrig_real_del(UDP, REAL_C);
	assert_bytes(UDP, 1000, 0, payloads[0].bytes, 20, "moved", REAL_A);
	lbrig_real(UDP, REAL_C, 0);
	assert_bytes(UDP, 1000, 0, payloads[0].bytes, 20, "known", REAL_A);
}

/* Clients of a prefix have a real of their own, the longest prefix holds; known flows stay. */
static void test_sources(void **state)
{
	struct lb_service s = service(TCP);
	struct lb_addr b = addr(REAL_B), c = addr(REAL_C);
	struct prefix wide, narrow;

	(void)state;
	assert_int_equal(prefix_parse("198.51.0.0/16", &wide, NULL), 0);
	assert_int_equal(prefix_parse("198.51.100.0/24", &narrow, NULL), 0);
	lbrig_vip(TCP);
	lbrig_real(TCP, REAL_A, 1);
	lbrig_real(TCP, REAL_B, 0);
	lbrig_real(TCP, REAL_C, 0);
	assert_sent(TCP, 999, PKT_SYN, "new", REAL_A);
	assert_int_equal(lb_real_sources(lbrig_lb, &s, &b, &wide, 1, NULL), 0);
	assert_sent(TCP, 1000, PKT_SYN, "source", REAL_B);
	assert_sent(TCP, 1000, PKT_ACK, "known", REAL_B);
	assert_sent(TCP, 999, PKT_ACK, "known", REAL_A);
	assert_int_equal(lb_real_sources(lbrig_lb, &s, &c, &narrow, 1, NULL), 0);
	assert_sent(TCP, 1001, PKT_SYN, "source", REAL_C);
	assert_sent(TCP, 1000, PKT_ACK, "known", REAL_B);
	lbrig_real_del(TCP, REAL_C);
	assert_sent(TCP, 1002, PKT_SYN, "source", REAL_B);
	assert_sent(TCP, 1001, PKT_ACK, "source", REAL_B);
	assert_int_equal(lb_real_sources(lbrig_lb, &s, &b, NULL, 0, NULL), 0);
	assert_sent(TCP, 1003, PKT_SYN, "new", REAL_A);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_modes, clear),
		cmocka_unit_test_setup(test_counted, clear),
		cmocka_unit_test_setup(test_idle, clear),
		cmocka_unit_test_setup(test_ids, clear),
		cmocka_unit_test_setup(test_sources, clear),
	};

	return cmocka_run_group_tests(tests, up, down);
}
