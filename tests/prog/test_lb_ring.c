// SPDX-License-Identifier: GPL-2.0
/* The ring as the stage reads it, while it stands and while it is changed under traffic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/lb_int.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"
#include "tests/rounds.h"

#define VIP_A	"192.0.2.1:80/tcp"
#define VIP_B	"192.0.2.2:80/tcp"
#define VIP_6	"[2001:db8::1]:80/tcp"
#define SENDERS 2
#define CHANGES 8
#define FLOWS	16384

static int up(void **state)
{
	char addr[LB_TEXT];

	(void)state;
	lbrig_up();
	lbrig_vip(VIP_A);
	lbrig_vip(VIP_B);
	lbrig_vip(VIP_6);
	for (int i = 1; i <= 10; i++) {
		snprintf(addr, sizeof(addr), "10.1.0.%d", i);
		lbrig_real(VIP_A, addr, i == 5 ? 2 : 1);
		snprintf(addr, sizeof(addr), "fc00::%d", i);
		lbrig_real(VIP_6, addr, 1);
	}
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

/* The real that the ring has for the packet, as user space computes it. */
static void expected(const unsigned char *frame, __u32 len, const char *vip, char real[LB_TEXT])
{
	struct pkt p = { .len = len };
	struct lb_service s;
	struct lb_addr a = { 0 };
	struct lb_ring *ring;
	__u32 number;

	pkt_parse((void *)frame, (void *)(frame + len), &p);
	assert_int_equal(lb_service_parse(vip, &s, NULL), 0);
	ring = lb_ring_map(lbrig_lb, lb_vip_number(lbrig_lb, &s), 0);
	assert_non_null(ring);
	number = ring->real[lb_index(lb_hash(&p, 0))];
	lb_ring_unmap(ring);
	memcpy(a.word, lbrig_lb->reals[number].addr, sizeof(a.word));
	a.family = lbrig_lb->reals[number].version == 6 ? AF_INET6 : AF_INET;
	lb_addr_text(real, &a);
}

static void test_same_as_user_space(void **state)
{
	(void)state;
	for (__u32 i = 0; i < (__u32)rounds(1000); i++) {
		struct frame f = { .src = i & 1 ? "2001:db8:9::7" : "198.51.100.7",
				   .dst = i & 1 ? "2001:db8::1" : "192.0.2.1",
				   .proto = IPPROTO_TCP,
				   .sport = 1000 + i,
				   .dport = 80,
				   .tcp_flags = PKT_SYN };
		unsigned char buf[FRAME_MAX];
		struct lbrig_outer o;
		struct lbrig_out out;
		char real[LB_TEXT];
		__u32 len = frame_make(buf, &f, NULL);

		lbrig_run(buf, len, &out);
		assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
		expected(buf, len, i & 1 ? VIP_6 : VIP_A, real);
		assert_string_equal(o.dst, real);
	}
}

/* How many of @flows to @dst are still known after all of them came, in percent. */
static int known_percent(const char *src, const char *dst, __u32 flows)
{
	struct frame f = { .src = src, .dst = dst, .proto = IPPROTO_TCP, .dport = 80 };
	unsigned char buf[FRAME_MAX];
	struct lbrig_out out;
	__u32 known = 0;

	for (__u32 i = 0; i < 2 * flows; i++) {
		f.sport = 1024 + i % flows;
		f.tcp_flags = i < flows ? PKT_SYN : PKT_ACK | PKT_RST; /* makes no entry */
		lbrig_run(buf, frame_make(buf, &f, NULL), &out);
		known += !strcmp(out.reason, "known");
	}
	return known * 100 / flows;
}

/* Sets fill evenly, so that few of them overflow: Poisson says 99.6 % and 96.3 %. */
static void test_table_holds(void **state)
{
	static const struct {
		__u32 flows;
		int percent; /* at least */
	} cases[] = { { 1024, 98 }, { 2048, 94 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int six = 0; six < 2; six++) {
			struct lb_options o = { .conns = 2048 };
			int percent;

			lbrig_load(&o); /* of another size: empty */
			o.conns = 4096;
			lbrig_load(&o);
			percent =
				six ? known_percent("2001:db8:9::7", "2001:db8::1", cases[i].flows)
				    : known_percent("198.51.100.7", "192.0.2.1", cases[i].flows);
			print_message("  IPv%d, %u flows in 4096 entries: %d %% known\n",
				      six ? 6 : 4, cases[i].flows, percent);
			assert_true(percent >= cases[i].percent);
		}
}

struct sender {
	pthread_t thread;
	const char *dst; /* VIP */
	const char *net; /* that all its reals are in: begins their text */
	_Atomic __u64 sent;
	__u64 lost, wrong;
};

static atomic_int stop;

/* SYN and data of many flows at once; each must come out for a real of the own VIP. */
static void *sender_run(void *arg)
{
	struct sender *s = arg;
	struct frame f = {
		.src = "198.51.100.7", .dst = s->dst, .proto = IPPROTO_TCP, .dport = 80
	};
	unsigned char buf[FRAME_MAX], out[LBRIG_FRAME];
	struct lbrig_outer o;
	__u32 len, out_len;

	for (__u32 i = 0; !atomic_load(&stop); i++) {
		f.sport = i % FLOWS;
		f.tcp_flags = i / FLOWS % 2 ? PKT_ACK : PKT_SYN;
		len = frame_make(buf, &f, NULL);
		s->sent++;
		if (rig_run(&lbrig, buf, len, out, sizeof(out), &out_len) != XDP_TX ||
		    lbrig_outer(out, out_len, &o))
			s->lost++;
		else if (strncmp(o.dst, s->net, strlen(s->net)))
			s->wrong++;
	}
	return NULL;
}

/* Until the sender has gone through all its flows once; emulated, through a tenth of them. */
static void let_send(const struct sender *s)
{
	__u64 until = s->sent + rounds(FLOWS);

	while (s->sent < until)
		usleep(1000);
}

/*
 * Two VIPs under traffic take and give back the same numbers of reals all the time: none of
 * their packets may reach a real of the other, and none may be lost, since each has one that
 * stays.
 */
static void test_changes_under_traffic(void **state)
{
	struct sender senders[SENDERS] = { { .dst = "192.0.2.1", .net = "10.1." },
					   { .dst = "192.0.2.2", .net = "10.2." } };
	struct lb_options o = { .conns = 65536 };
	char a[LB_TEXT], b[LB_TEXT];

	(void)state;
	lbrig_load(&o);
	lbrig_real(VIP_B, "10.2.0.1", 1);
	for (__u32 i = 23; i < LB_REALS; i++) /* one number is left, for either */
		lbrig_lb->reals[i] = (struct lb_real){ .gen = 1 };
	for (int i = 0; i < SENDERS; i++)
		assert_int_equal(pthread_create(&senders[i].thread, NULL, sender_run, &senders[i]),
				 0);
	for (int i = 0; i < CHANGES; i++) {
		snprintf(a, sizeof(a), "10.1.9.%d", i % 250 + 1);
		snprintf(b, sizeof(b), "10.2.9.%d", i % 250 + 1);
		lbrig_real(VIP_A, a, 100);
		let_send(&senders[0]);
		lbrig_real_del(VIP_A, a);
		lbrig_real(VIP_B, b, 100);
		let_send(&senders[0]);
		lbrig_real_del(VIP_B, b);
	}
	atomic_store(&stop, 1);
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(senders[i].thread, NULL);
		print_message("  %s: %llu packets, %llu to a wrong real, %llu lost\n",
			      senders[i].dst, senders[i].sent, senders[i].wrong, senders[i].lost);
		assert_int_equal(senders[i].wrong, 0);
		assert_int_equal(senders[i].lost, 0);
		assert_true(senders[i].sent > 100);
	}
}

/* Entries that are what they were are not written: but for one page, they cannot be here. */
static void test_writes(void **state)
{
	static struct lb_ring next;
	size_t page = sysconf(_SC_PAGESIZE), bytes = (sizeof(next) / page + 1) * page;
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct lb_ring *ring = (struct lb_ring *)at;

	(void)state;
	assert_ptr_not_equal(at, MAP_FAILED);
	for (size_t i = 0; i < LB_RING; i++)
		ring->real[i] = next.real[i] = i % 1000 + 1;
	for (size_t i = page / 2; i < page; i += 3) /* entries of two bytes: the second page */
		next.real[i] = 7;
	assert_int_equal(mprotect(at, page, PROT_READ), 0);
	assert_int_equal(mprotect(at + 2 * page, bytes - 2 * page, PROT_READ), 0);
	lb_ring_write(ring, &next);
	assert_memory_equal(ring, &next, sizeof(next));
	munmap(at, bytes);
}

/* No number is left: one clear line, and what was there goes on. */
static void test_full(void **state)
{
	struct lb_service vip, next;
	struct lb_addr real;
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(lb_service_parse(VIP_A, &vip, &f), 0);
	assert_int_equal(lb_service_parse("192.0.2.3:80/tcp", &next, &f), 0);
	assert_int_equal(lb_addr_parse("10.9.9.9", &real, &f), 0);
	for (__u32 i = 1; i < LB_REALS; i++)
		if (!lbrig_lb->reals[i].gen)
			lbrig_lb->reals[i].gen = 1; /* of VIP 0, which is none */
	for (__u32 i = 1; i < LB_VIPS; i++)
		if (!lbrig_lb->vips[i].what.word)
			lbrig_lb->vips[i].what.proto = PKT_TCP;
	assert_int_equal(lb_real_add(lbrig_lb, &vip, &real, 1, &f), -ENOSPC);
	assert_non_null(strstr(f.text, "16383 reals, which is all: delete one"));
	assert_int_equal(lb_vip_add(lbrig_lb, &next, NULL, &f), -ENOSPC);
	assert_non_null(strstr(f.text, "1023 VIPs, which is all: delete one"));
	test_same_as_user_space(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_user_space),
		cmocka_unit_test(test_table_holds),
		cmocka_unit_test(test_changes_under_traffic),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, up, down);
}
