// SPDX-License-Identifier: GPL-2.0
/* Packets on trial: what each stage said, among packets of others too, and what they cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/stage.h"
#include "lib/trial.h"
#include "lib/util.h"
#include "tests/pkts.h"
#include "tests/probe.h"

static struct rig rig;
static unsigned char udp[PKTS_MAX];
static __u32 udp_len;

static void unlock(void)
{
	fd_close(rig.chain->lock);
	rig.chain->lock = -1;
}

static void test_steps(void **state)
{
	struct fail f = { 0 };
	struct trial *t;
	struct trail trail;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 2, .verdict = CHAIN_NEXT, .name = "first" });
	probe_put(rig.chain, (struct probe){ .slot = 4,
					     .verdict = CHAIN_DROP,
					     .reason = 2,
					     .flags = CHAIN_STAGE_SHADOW,
					     .name = "tried" });
	probe_put(rig.chain, (struct probe){ .slot = 9, .verdict = CHAIN_DROP, .reason = 1 });
	unlock();
	assert_int_equal(trial_open(rig.ifname, NULL, 0, &t, &f), 0);
	for (int i = 0; i < 100; i++) {
		memset(&trail, 0xff, sizeof(trail));
		assert_int_equal(trial_run(t, udp, udp_len, &trail, &f), 0);
		assert_int_equal(trail.verdict, CHAIN_DROP);
		assert_int_equal(trail.steps, 3);
		assert_string_equal(trail.step[0].stage, "first");
		assert_int_equal(trail.step[0].verdict, CHAIN_NEXT);
		assert_true(trail.step[1].shadow);
		assert_string_equal(trail.step[1].reason_name, "two");
		assert_int_equal(trail.step[2].slot, 9);
		assert_string_equal(trail.step[2].reason_name, "one");
	}
	assert_int_equal(trial_run(t, udp, 13, &trail, &f), -EINVAL);
	assert_non_null(strstr(f.text, "shorter than an Ethernet header"));
	trial_close(t);
}

static volatile int stop;

static void *others(void *arg)
{
	unsigned char other[PKTS_MAX];
	__u64 *sent = arg;

	memcpy(other, udp, udp_len);
	other[udp_len - 1] ^= 1;
	while (!stop) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = other, .data_size_in = udp_len,
			    .repeat = 1000);

		bpf_prog_test_run_opts(rig.root, &opts);
		*sent += 1000;
	}
	return NULL;
}

/* On a chain with traffic: of packets that differ in their last bit none is taken for ours. */
static void test_among_others(void **state)
{
	struct session_count before, after;
	struct chain_totals totals;
	struct fail f = { 0 };
	struct trail trail;
	struct trial *t;
	pthread_t thread;
	__u64 sent = 0;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 1, .verdict = CHAIN_TX });
	unlock();
	assert_int_equal(chain_totals(rig.chain, &totals), 0);
	before = totals.sessions[0];
	assert_int_equal(trial_open(rig.ifname, udp, udp_len, &t, &f), 0);
	assert_int_equal(pthread_create(&thread, NULL, others, &sent), 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(trial_run(t, udp, udp_len, &trail, &f), 0);
	stop = 1;
	pthread_join(thread, NULL);
	assert_int_equal(trail.verdict, CHAIN_TX);
	trial_close(t);
	assert_int_equal(chain_totals(rig.chain, &totals), 0);
	after = totals.sessions[0];
	assert_int_equal(after.captured - before.captured, 50);
	assert_int_equal(after.lost - before.lost, 0);
	assert_true(after.filtered - before.filtered >= sent / 2);
}

static void test_cost(void **state)
{
	long idle, busy;

	(void)state;
	idle = trial_cost(rig.root, udp, udp_len);
	assert_true(idle > 0 && idle < 10000);
	for (__u32 slot = 1; slot < 15; slot++)
		probe_put(rig.chain, (struct probe){ .slot = slot, .verdict = CHAIN_NEXT });
	busy = trial_cost(rig.root, udp, udp_len);
	assert_true(busy > idle);
	assert_true(trial_cost(rig.root, udp, 5) < 0);
}

static int up(void **state)
{
	(void)state;
	udp_len = pkts_bytes(pkts_find("ip4 udp"), udp);
	rig_up(&rig, "xtr");
	return 0;
}

static int down(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(test_steps), CASE(test_among_others),
					    CASE(test_cost) };

	rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
