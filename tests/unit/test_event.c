// SPDX-License-Identifier: GPL-2.0
/* test_event - every length and field that ev_decode() judges. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/event.h"
#include "lib/record.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

#define CAP   20
#define STEPS 2
#define SIZE  (sizeof(struct event) + STEPS * sizeof(struct event_step) + CAP)

struct sample {
	struct event head;
	struct event_step steps[STEPS];
	unsigned char data[CAP];
};

static struct sample good(void)
{
	struct sample s = {
		.head = { .time_ns = 1,
			  .seq = 1,
			  .size = SIZE,
			  .len = 60,
			  .cap_len = CAP,
			  .version = EVENT_VERSION,
			  .type = EVENT_PACKET,
			  .verdict = CHAIN_DROP,
			  .steps = STEPS },
		.steps = { { .slot = 1, .verdict = CHAIN_NEXT },
			   { .slot = 14, .verdict = CHAIN_DROP, .reason = 3 } },
	};

	for (int i = 0; i < CAP; i++)
		s.data[i] = i;
	return s;
}

/* The heap block ends where the sample does, and starts at 4 modulo 8, as in a perf ring. */
static int decode(const struct sample *s, size_t len, struct ev *ev, void **mem)
{
	*mem = malloc(len + 4);
	memcpy((char *)*mem + 4, s, len < sizeof(*s) ? len : sizeof(*s));
	return ev_decode((char *)*mem + 4, len, ev);
}

static void test_view(void **state)
{
	struct sample s = good();
	struct ev ev;
	void *mem;

	(void)state;
	assert_int_equal(decode(&s, SIZE, &ev, &mem), 0);
	assert_int_equal(ev.head->seq, 1);
	assert_int_equal(ev.steps[1].reason, 3);
	assert_memory_equal(ev.data, s.data, CAP);
	free(mem);
}

static void test_every_length(void **state)
{
	struct sample s = good();

	(void)state;
	for (size_t len = 0; len < SIZE + 8; len++) {
		struct ev ev = { 0 };
		void *mem;

		assert_int_equal(decode(&s, len, &ev, &mem), len < SIZE ? -EBADMSG : 0);
		assert_true(len >= SIZE || !ev.head);
		free(mem);
	}
}

/* One field of the header, set to a value. */
static const struct {
	const char *name;
	size_t off, width;
	uint32_t value;
	int err;
} cases[] = {
#define FIELD(f) offsetof(struct event, f), sizeof(((struct event *)0)->f)
	{ "as it is", FIELD(rxq), 0, 0 },
	{ "version 0", FIELD(version), 0, -EBADMSG },
	{ "newer version", FIELD(version), EVENT_VERSION + 1, -EPROTONOSUPPORT },
	{ "other type", FIELD(type), EVENT_PACKET + 1, -EPROTONOSUPPORT },
	{ "size 0", FIELD(size), 0, -EBADMSG },
	{ "size below header", FIELD(size), sizeof(struct event) - 1, -EBADMSG },
	{ "size one less", FIELD(size), SIZE - 1, -EBADMSG },
	{ "size one more", FIELD(size), SIZE + 1, -EBADMSG },
	{ "size huge", FIELD(size), UINT32_MAX, -EBADMSG },
	{ "one step less", FIELD(steps), STEPS - 1, -EBADMSG },
	{ "one step more", FIELD(steps), STEPS + 1, -EBADMSG },
	{ "too many steps", FIELD(steps), EVENT_STEPS + 1, -EBADMSG },
	{ "cap_len above len", FIELD(len), CAP - 1, -EBADMSG },
	{ "cap_len equals len", FIELD(len), CAP, 0 },
	{ "cap_len wraps", FIELD(cap_len), UINT32_MAX, -EBADMSG },
	{ "entry", FIELD(point), EVENT_ENTRY, 0 },
	{ "unknown point", FIELD(point), EVENT_ENTRY + 1, -EBADMSG },
	{ "strange verdict", FIELD(verdict), 200, 0 },
};

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s = good();
		struct ev ev;
		void *mem;

		print_message("  %s\n", cases[i].name);
		memcpy((char *)&s.head + cases[i].off, &cases[i].value, cases[i].width);
		assert_int_equal(decode(&s, SIZE + 4, &ev, &mem), cases[i].err);
		free(mem);
	}
}

static void test_snaplen_max(void **state)
{
	size_t len = sizeof(struct event) + EVENT_SNAPLEN_MAX + 1;
	struct event *e = calloc(1, len);
	struct ev ev;

	(void)state;
	*e = good().head;
	e->steps = 0;
	e->len = 100000;
	e->cap_len = EVENT_SNAPLEN_MAX;
	e->size = sizeof(*e) + e->cap_len;
	assert_int_equal(ev_decode(e, len, &ev), 0);
	e->cap_len++;
	e->size++;
	assert_int_equal(ev_decode(e, len, &ev), -EBADMSG);
	free(e);
}

static void test_step_slot(void **state)
{
	struct sample s = good();
	struct ev ev;
	void *mem;

	(void)state;
	s.steps[1].slot = CHAIN_SLOTS;
	assert_int_equal(decode(&s, SIZE, &ev, &mem), -EBADMSG);
	free(mem);
}

/* A record has what is worth its bytes: no count of losses where there are none. */
static void test_record(void **state)
{
	static const struct {
		__u8 verdict, point;
		__u64 lost;
		unsigned int have, flags;
	} rows[] = {
		{ CHAIN_PASS, EVENT_EXIT, 0, 0, 0 },
		{ CHAIN_PASS, EVENT_EXIT, 3, RECORD_DROPCOUNT, 0 },
		{ CHAIN_TX, EVENT_EXIT, 0, RECORD_FLAGS, RECORD_OUTBOUND },
		{ CHAIN_TX, EVENT_ENTRY, 1, RECORD_DROPCOUNT, 0 },
		{ CHAIN_DROP, EVENT_ENTRY, 0, 0, 0 },
	};
	const unsigned int always = RECORD_PACKETID | RECORD_QUEUE | RECORD_VERDICT;
	struct sample s = good();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ev ev;
		struct record r;
		void *mem;

		s.head.verdict = rows[i].verdict;
		s.head.point = rows[i].point;
		assert_int_equal(decode(&s, SIZE, &ev, &mem), 0);
		record_event(&r, &ev, 2, 1000, rows[i].lost);
		assert_int_equal(r.have, always | rows[i].have);
		assert_int_equal(r.dropcount, rows[i].lost);
		if (r.have & RECORD_FLAGS)
			assert_int_equal(r.flags, rows[i].flags);
		assert_int_equal(r.time_ns, s.head.time_ns + 1000);
		assert_int_equal(r.verdict, rows[i].verdict);
		assert_int_equal(r.iface, 2);
		free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_view),	  cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_fields),	  cmocka_unit_test(test_snaplen_max),
		cmocka_unit_test(test_step_slot), cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
