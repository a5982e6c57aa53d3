// SPDX-License-Identifier: GPL-2.0
/* test_ring_memory - rings that this process fills: whole through every wrap, merged by time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/eventfd.h>

#include "lib/event.h"
#include "lib/ring.h"
#include "lib/util.h"

#define SESSION 7
#define BYTES	4096

/* Puts events of 0 to 700 bytes, as long as there is room and any are left. */
struct feed {
	struct ring *ring;
	__u64 from_ns, step_ns;
	__u32 next, count, rounds, session;
};

struct seen {
	__u64 last_ns;
	__u32 next[2]; /* by source */
	__u32 stop_after;
};

static __u32 length(__u32 i)
{
	return i * 37 % 701;
}

static bool fill(void *arg)
{
	struct feed *f = arg;
	unsigned char bytes[701];

	f->rounds++;
	for (; f->next < f->count && ring_room(f->ring) >= RING_RECORD(701); f->next++) {
		struct event ev = { .time_ns = f->from_ns + f->next * f->step_ns,
				    .session = f->session,
				    .seq = f->next,
				    .len = 701,
				    .cap_len = length(f->next),
				    .version = EVENT_VERSION,
				    .type = EVENT_PACKET };

		ev.size = sizeof(ev) + ev.cap_len;
		memset(bytes, f->next, sizeof(bytes));
		ring_put(f->ring, &ev, bytes);
	}
	return f->next < f->count;
}

static int see(const void *sample, size_t len, __u32 source, void *arg)
{
	struct seen *s = arg;
	struct ev ev;

	assert_int_equal(ev_decode(sample, len, &ev), 0);
	assert_true(ev.head->time_ns >= s->last_ns);
	s->last_ns = ev.head->time_ns;
	assert_in_range(source, 0, 1);
	assert_int_equal(ev.head->seq, s->next[source]);
	assert_int_equal(ev.head->cap_len, length(s->next[source]));
	for (__u32 i = 0; i < ev.head->cap_len; i++)
		assert_int_equal(ev.data[i], (unsigned char)s->next[source]);
	s->next[source]++;
	return s->stop_after && s->next[0] + s->next[1] >= s->stop_after;
}

static struct rings *make(struct feed *f, int n, int *fd)
{
	struct rings *r = rings_new();

	assert_non_null(r);
	for (int i = 0; i < n; i++) {
		const struct ring_memory m = { .bytes = BYTES,
					       .fd = fd[i] = eventfd(0, EFD_CLOEXEC),
					       .fill = fill,
					       .arg = &f[i],
					       .slack_ns = 20000000,
					       .session = SESSION,
					       .source = i };

		assert_int_equal(rings_add_memory(r, &m, &f[i].ring), 0);
		assert_int_equal(ring_room(f[i].ring), BYTES);
	}
	return r;
}

/* Two rings of a page each, far more events than they hold, in one final round. */
static void test_merged(void **state)
{
	struct feed f[2] = { { .step_ns = 1000, .count = 500, .session = SESSION },
			     { .from_ns = 300, .step_ns = 700, .count = 400, .session = SESSION } };
	struct seen s = { 0 };
	struct ring_stats st;
	int fd[2];
	struct rings *r = make(f, 2, fd);

	(void)state;
	rings_stats(r, &st);
	assert_int_equal(st.bytes, 2 * BYTES);
	assert_int_equal(rings_read(r, 1, see, &s), 900);
	assert_int_equal(s.next[0], 500);
	assert_int_equal(s.next[1], 400);
	rings_stats(r, &st);
	assert_int_equal(st.records, 900);
	assert_int_equal(st.late, 0);
	assert_int_equal(rings_pending(r), 0);
	rings_close(r);
	close(fd[0]);
	close(fd[1]);
}

/* The reader stops after some, and goes on where it was. */
static void test_stopped(void **state)
{
	struct feed f = { .step_ns = 10, .count = 300, .session = SESSION };
	struct seen s = { 0 };
	int fd;
	struct rings *r = make(&f, 1, &fd);

	(void)state;
	for (s.stop_after = 50; s.stop_after <= 300; s.stop_after += 50) {
		assert_int_equal(rings_read(r, 1, see, &s), 50);
		assert_int_equal(s.next[0], s.stop_after);
	}
	rings_close(r);
	close(fd);
}

/* What is younger than the slack waits; what is no event of the session is skipped. */
static void test_held_back(void **state)
{
	struct feed f = { .from_ns = now_ns() + 3600 * NSEC, .count = 3, .session = SESSION };
	struct feed other = { .count = 3, .session = SESSION + 1 };
	struct seen s = { 0 };
	struct ring_stats st;
	int fd;
	struct rings *r = make(&f, 1, &fd);

	(void)state;
	assert_int_equal(rings_read(r, 0, see, &s), 0);
	assert_int_equal(rings_pending(r), 1);
	assert_int_equal(rings_read(r, 1, see, &s), 3);
	rings_close(r);
	close(fd);
	r = make(&other, 1, &fd);
	assert_int_equal(rings_read(r, 1, see, &s), 0);
	rings_stats(r, &st);
	assert_int_equal(st.foreign, 3);
	rings_close(r);
	close(fd);
}

/* The descriptor wakes the reader up. */
static void test_wakes(void **state)
{
	struct feed f = { .session = SESSION };
	__u64 one = 1;
	int fd;
	struct rings *r = make(&f, 1, &fd);

	(void)state;
	assert_int_equal(rings_wait(r, 0), 0);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(rings_wait(r, 10000), 1);
	rings_close(r);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_held_back),
		cmocka_unit_test(test_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
