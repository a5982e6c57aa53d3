// SPDX-License-Identifier: GPL-2.0
/* How sessions end: killed, swept by others, or because the chain or the interface went. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/util.h"
#include "tests/grab.h"
#include "tests/probe.h"

static struct rig rig;
static unsigned char pkt[256];

static const struct session_spec all = { .snaplen = EVENT_SNAPLEN_MAX, .ring_bytes = 1 << 20 };

static void send_len(__u32 len)
{
	const struct probe_run r = { .pkt = pkt, .len = len };

	assert_int_equal(probe_run(&rig, &r), XDP_PASS);
}

static void assert_sums(const struct grab *g, __u64 offered)
{
	struct session_count n = grab_counts(g);

	assert_int_equal(n.offered, offered);
	assert_int_equal(n.captured, g->count);
	assert_int_equal(n.offered, n.filtered + n.captured + n.lost);
}

/* A process that captures, reads nothing, does not beat, and is killed. */
static pid_t capture(const struct session_spec *spec)
{
	int ready[2];
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		struct session *s;
		struct fail f = { 0 };
		int err = session_open(rig.ifname, spec, &s, &f);

		c = err ? 'n' : 'y';
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	assert_int_equal(c, 'y');
	return pid;
}

static void kill_it(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct session_count counted(__u32 number)
{
	static struct chain_totals t;

	assert_int_equal(chain_totals(rig.chain, &t), 0);
	return t.sessions[number];
}

static __u32 session_id(__u32 number)
{
	struct session_conf conf;

	assert_int_equal(bpf_map_lookup_elem(rig.chain->sessions, &number, &conf), 0);
	return conf.id;
}

static int tap_filled(void)
{
	__u32 dump = CHAIN_TAP_DUMP, id;

	return !bpf_map_lookup_elem(rig.chain->tap, &dump, &id);
}

static void test_killed_reader_is_cleared(void **state)
{
	pid_t pid = capture(&all);
	struct session_count before, after;

	(void)state;
	send_len(100);
	before = counted(0);
	kill_it(pid);
	assert_true(tap_filled());
	assert_int_not_equal(session_id(0), 0);
	send_len(100); /* the first packet finds nobody: lost, and counted so */
	after = counted(0);
	assert_int_equal(session_id(0), 0);
	assert_int_equal(after.offered, before.offered + 1);
	assert_int_equal(after.lost, before.lost + 1);
	assert_int_equal(after.captured, before.captured);
	for (int i = 0; i < 5; i++)
		send_len(100);
	assert_int_equal(counted(0).offered, after.offered);
	assert_int_equal(counted(0).lost, after.lost);
}

/* Send to session 0 until a packet is not offered, @seconds at most. How many were, or -1. */
static int send_until_ignored(unsigned int seconds)
{
	__u64 until = now_ns() + seconds * NSEC, before;

	for (int n = 0; now_ns() < until; n++) {
		before = counted(0).offered;
		send_len(100);
		if (counted(0).offered == before)
			return n;
		usleep(10000);
	}
	return -1;
}

/* No packet of this matches: the exit does not see that the reader is gone. */
static const struct session_spec none = { .snaplen = EVENT_SNAPLEN_MAX,
					  .ring_bytes = 1 << 20,
					  .verdicts = 1u << CHAIN_ABORTED };

static void test_dead_heart(void **state)
{
	pid_t pid = capture(&none);
	__u64 offered;

	(void)state;
	send_len(100);
	kill_it(pid);
	assert_int_not_equal(session_id(0), 0);
	assert_true(send_until_ignored(10) > 50); /* some seconds of the grace period */
	assert_true(tap_filled());
	assert_int_not_equal(session_id(0), 0);
	offered = counted(0).offered;
	for (int i = 0; i < 100; i++)
		send_len(100);
	assert_int_equal(counted(0).offered, offered);
}

/* The one that was killed has left slot 0 filled. Who comes next takes its place. */
static void test_next_takes_over(void **state)
{
	struct grab g;

	(void)state;
	kill_it(capture(&none));
	assert_true(tap_filled());
	grab_open(&g, rig.ifname, &all, NULL);
	send_len(100);
	grab_stop(&g);
	assert_sums(&g, 1);
	assert_int_equal(g.count, 1);
	grab_close(&g);
	assert_false(tap_filled());
}

/* A process that was only stopped for a while goes on. */
static void test_heart_beats_again(void **state)
{
	__u64 offered;
	struct grab g;

	(void)state;
	grab_open(&g, rig.ifname, &all, NULL);
	send_len(100);
	assert_true(send_until_ignored(10) > 50);
	offered = counted(0).offered;
	send_len(100);
	assert_int_equal(counted(0).offered, offered);
	session_beat(g.session);
	send_len(100);
	send_len(100);
	assert_int_equal(counted(0).offered, offered + 2);
	grab_stop(&g);
	assert_sums(&g, g.count);
	grab_close(&g);
	assert_false(tap_filled());
}

/* The time counts from the first packet: with none for long, no beat is needed. */
static void test_first_packet_after_long(void **state)
{
	struct grab g;

	(void)state;
	grab_open(&g, rig.ifname, &all, NULL);
	usleep(4000000); /* longer than the grace period */
	send_len(100);
	grab_stop(&g);
	assert_sums(&g, 1);
	grab_close(&g);
}

/* Of two sessions one is dead: the other gets every packet. */
static void test_dead_beside_live(void **state)
{
	pid_t pid = capture(&none);
	struct grab g;
	int n;

	(void)state;
	grab_open(&g, rig.ifname, &all, NULL);
	kill_it(pid);
	send_len(100);
	for (n = 1; n < 600; n++) {
		__u64 before = counted(0).offered;

		session_beat(g.session);
		send_len(100);
		if (counted(0).offered == before)
			break;
		usleep(10000);
	}
	assert_true(n < 600);
	grab_stop(&g);
	assert_sums(&g, n + 1);
	assert_int_equal(g.count, n + 1);
	grab_close(&g);
	assert_false(tap_filled());
}

/* The parent leaves the session to its child: nothing ends when it closes, but with the child. */
static void test_leave(void **state)
{
	struct grab g;
	int go[2];
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(go), 0);
	grab_open(&g, rig.ifname, &all, NULL);
	pid = fork();
	if (!pid) {
		close(go[1]);
		if (read(go[0], &c, 1) >= 0) /* until our parent closes it */
			session_close(g.session);
		_exit(0);
	}
	session_leave(g.session);
	send_len(100);
	grab_read(&g, 1);
	assert_int_equal(g.count, 1);
	grab_close(&g);
	assert_true(tap_filled());
	assert_int_not_equal(session_id(0), 0);
	close(go[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(go[0]);
	assert_false(tap_filled());
	assert_int_equal(session_id(0), 0);
}

static void test_others_sweep(void **state)
{
	pid_t pid;
	struct grab g;
	struct fail f = { 0 };

	(void)state;
	grab_open(&g, rig.ifname, &all, NULL);
	pid = capture(&all);
	assert_int_not_equal(session_id(1), 0);
	send_len(100);
	kill_it(pid);
	assert_int_equal(session_check(g.session, &f), 0);
	assert_int_equal(session_id(1), 0);
	send_len(101);
	assert_int_equal(session_check(g.session, &f), 0);
	grab_stop(&g);
	assert_sums(&g, 2);
	assert_int_equal(g.count, 2);
	grab_close(&g);
	assert_false(tap_filled());
}

static void test_check_notices_the_end(void **state)
{
	static const struct session_conf nobody;
	struct rig other = { 0 };
	struct fail f = { 0 };
	struct grab g;
	__u32 zero = 0;

	(void)state;
	grab_open(&g, rig.ifname, &all, NULL);
	assert_int_equal(session_check(g.session, &f), 0);
	assert_int_equal(bpf_map_update_elem(rig.chain->sessions, &zero, &nobody, BPF_ANY), 0);
	assert_int_equal(session_check(g.session, &f), -ECONNRESET);
	assert_non_null(strstr(f.text, "ended from outside"));
	grab_close(&g);

	rig_up(&other, "xsf");
	fd_close(other.chain->lock);
	other.chain->lock = -1;
	grab_open(&g, other.ifname, &all, NULL);
	assert_int_equal(chain_remove(other.ifname, &f), 0);
	assert_int_equal(session_check(g.session, &f), -ENOENT);
	assert_non_null(strstr(f.text, "the chain was taken down"));
	grab_close(&g);
	rig_down(&other);

	rig_up(&other, "xsf");
	fd_close(other.chain->lock);
	other.chain->lock = -1;
	grab_open(&g, other.ifname, &all, NULL);
	assert_int_equal(rig_sh("ip link del %s", other.ifname), 0);
	assert_int_equal(session_check(g.session, &f), -ENODEV);
	assert_non_null(strstr(f.text, "the interface is gone"));
	grab_close(&g);
	rig_down(&other);
}

static int setup(void **state)
{
	(void)state;
	rig_up(&rig, "xsd");
	fd_close(rig.chain->lock); /* sessions want it */
	rig.chain->lock = -1;
	return probe_pin(0) < 0;
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
		cmocka_unit_test(test_killed_reader_is_cleared),
		cmocka_unit_test(test_dead_heart),
		cmocka_unit_test(test_next_takes_over),
		cmocka_unit_test(test_heart_beats_again),
		cmocka_unit_test(test_first_packet_after_long),
		cmocka_unit_test(test_dead_beside_live),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_others_sweep),
		cmocka_unit_test(test_check_notices_the_end),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
