// SPDX-License-Identifier: GPL-2.0
/*
 * The table of a blocklist stage while it changes: packets run as a process adds and removes others
 * without rest, which moves all to larger tables and back, and is killed in the midst of it. What
 * is listed all the while is dropped every time, what never is passes every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/cover.h"
#include "lib/prefixes.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/prog/sources.h"
#include "tests/rig.h"

#define SLOT_SOURCES 1
#define SLOT	     2
#define LISTED	     5000   /* of each family, that stay */
#define CHURN	     40000  /* of each family, that come and go */
#define PACKETS	     200000 /* a run */
#define KILLS	     4
#define LONG	     10 /* s, by when the other process has had a chance */
#define MAX	     100000

static struct rig rig;
static struct prefixes stay, churn;

static void give_up_lock(struct chain *c)
{
	close(c->lock);
	c->lock = -1;
}

static int try_list(struct chain **chain, struct blocklist **list, struct fail *f)
{
	int err = chain_open(rig.ifname, CHAIN_WRITE, chain, f);

	return err ? err : blocklist_open(*chain, SLOT, list, f);
}

static struct blocklist *open_list(struct chain **chain)
{
	struct blocklist *list = NULL;
	struct fail f = { 0 };

	if (try_list(chain, &list, &f))
		fail_msg("%s", f.text);
	return list;
}

static void close_list(struct blocklist *list, struct chain *chain)
{
	blocklist_close(list);
	chain_close(chain);
}

static void add_source(struct prefixes *to, __u32 x, int v6)
{
	struct prefix p = { .len = v6 ? 64 : 32, .family = v6 ? AF_INET6 : AF_INET };

	sources_address(x, v6, p.addr);
	assert_int_equal(prefixes_add(to, &p), 0);
}

static int is_in(const struct prefixes *list, const struct prefix *p)
{
	return !!bsearch(p, list->v, list->count, sizeof(*p), prefix_cmp);
}

/* None of those that come and go is, or holds, one that the packets have as a neighbour. */
static void make_lists(void)
{
	struct prefixes beside = { 0 };

	for (int v6 = 0; v6 <= 1; v6++)
		for (__u32 i = 0; i < LISTED; i++) {
			add_source(&stay, sources_mix(i), v6);
			add_source(&beside, sources_mix(i) ^ !v6, v6);
			if (v6)
				beside.v[beside.count - 1].addr[1] ^= htonl(1);
		}
	prefixes_sort(&stay);
	prefixes_sort(&beside);
	for (int v6 = 0; v6 <= 1; v6++)
		for (__u32 i = 0; i < CHURN; i++) {
			add_source(&churn, sources_mix(LISTED + i), v6);
			if (is_in(&beside, &churn.v[churn.count - 1]))
				churn.count--;
		}
	prefixes_sort(&churn);
	prefixes_free(&beside);
}

/* How many of PACKETS from such sources are dropped. */
static __u64 dropped(enum sources_mode mode, int v6)
{
	const struct sources_how how = { mode, LISTED, v6 };
	const struct frame frame = { .src = v6 ? "2001:db8::1" : "192.0.2.1",
				     .dst = v6 ? "2001:db8::2" : "192.0.2.2",
				     .proto = IPPROTO_UDP };
	static struct chain_totals before, after;
	unsigned char buf[FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = buf, .repeat = PACKETS);
	int map = stage_map(rig.chain, SLOT_SOURCES, "how");
	__u32 zero = 0;

	opts.data_size_in = frame_make(buf, &frame, NULL);
	assert_int_equal(bpf_map_update_elem(map, &zero, &how, BPF_ANY), 0);
	close(map);
	assert_int_equal(chain_totals(rig.chain, &before), 0);
	assert_int_equal(bpf_prog_test_run_opts(rig.root, &opts), 0);
	assert_int_equal(chain_totals(rig.chain, &after), 0);
	return after.verdicts[SLOT][CHAIN_DROP].packets - before.verdicts[SLOT][CHAIN_DROP].packets;
}

static void all_as_it_should(void)
{
	for (int v6 = 0; v6 <= 1; v6++) {
		assert_int_equal(dropped(SOURCES_LISTED, v6), PACKETS);
		assert_int_equal(dropped(SOURCES_BESIDE, v6), 0);
	}
}

/* What the child does until it is killed: one by one, in bulk, and all away again. */
static void change_without_rest(unsigned int seed)
{
	const struct blocklist_want plain = { 0 };
	struct blocklist_added sum;
	struct blocklist *list;
	struct chain *chain;
	__u32 rule;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srandom(seed);
	for (;;) {
		if (try_list(&chain, &list, NULL))
			_exit(1);
		for (int i = 0; i < 3000; i++) {
			const struct prefix *p = &churn.v[random() % churn.count];

			if (blocklist_del(list, p, NULL) == -ENOENT)
				blocklist_add(list, p, &plain, &rule, NULL);
		}
		if (blocklist_add_many(list, churn.v, churn.count, &plain, &sum, NULL))
			_exit(1);
		for (size_t i = 0; i < churn.count; i++)
			blocklist_del(list, &churn.v[i], NULL);
		close_list(list, chain);
	}
}

/* The table has what the list has, entry for entry. */
static int same_one(const struct blocklist_item *item, void *arg)
{
	struct cover *c = arg;
	const struct ptable *t = &c->tables[ptable_family(&item->prefix)].now;
	const struct ptable_slot *slot = ptable_find(t, &item->prefix);

	assert_non_null(slot);
	assert_int_equal(ptable_rule(slot), item->rule);
	return 0;
}

static int map_fd(const void *arg, const char *name)
{
	(void)arg;
	return stage_map(rig.chain, SLOT, name);
}

static size_t used(const struct ptable *t)
{
	struct prefix p;
	size_t n = 0;

	for (size_t i = 0; i < ptable_slots(t); i++)
		n += !!ptable_at(t, i, &p);
	return n;
}

/* What a killed writer has left, once another has opened the list. Returns the seed of its table.
 */
static __u64 check_mended(void)
{
	struct chain *chain;
	struct blocklist *list = open_list(&chain);
	struct blocklist_size size;
	struct cover c;
	__u64 seed;

	assert_int_equal(cover_map(&c, map_fd, NULL, 0), 0);
	assert_int_equal(blocklist_each(list, same_one, &c, NULL), 0);
	assert_int_equal(blocklist_size(list, &size), 0);
	assert_true(size.count4 >= LISTED && size.count6 >= LISTED);
	assert_int_equal(used(&c.tables[V4].now), size.count4);
	assert_int_equal(used(&c.tables[V6].now), size.count6);
	seed = c.tables[V4].now.shape.seed;
	cover_unmap(&c);
	close_list(list, chain);
	return seed;
}

static void test_killed_while_packets_run(void **state)
{
	__u64 seed = check_mended(), was, others = 0, moved = 0;
	int status;

	(void)state;
	for (int i = 0; i < KILLS; i++) {
		pid_t pid = fork();
		__u64 start = now_ns(), before = moved;

		if (!pid)
			change_without_rest(i);
		do {
			struct cover c;

			all_as_it_should();
			assert_int_equal(cover_map(&c, map_fd, NULL, 0), 0);
			was = seed;
			seed = c.tables[V4].now.shape.seed;
			moved += seed != was;
			others += used(&c.tables[V4].now) > LISTED;
			cover_unmap(&c);
		} while (now_ns() < start + (200 + i * 170) * (NSEC / 1000) ||
			 (moved == before && now_ns() < start + LONG * NSEC));
		assert_int_equal(waitpid(pid, &status, WNOHANG), 0); /* it is at it */
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		all_as_it_should();
		seed = check_mended();
		all_as_it_should();
	}
	print_message("  another table %llu times\n", moved);
	assert_true(moved >= KILLS);
	assert_true(others >= KILLS);
}

static void load_sources(void)
{
	static char elf[64 << 10];
	struct stage_spec spec = { .object = "sources", .data = elf, .slot = SLOT_SOURCES };
	struct fail f = { 0 };

	spec.size = rig_object("sources", elf, sizeof(elf));
	assert_int_not_equal(spec.size, 0);
	if (stage_load(rig.chain, &spec, NULL, &f))
		fail_msg("%s", f.text);
}

static int setup(void **state)
{
	const struct blocklist_want plain = { 0 };
	struct blocklist_added sum;
	struct blocklist *list;

	(void)state;
	rig_alone();
	rig_up(&rig, "dbt");
	load_sources();
	make_lists();
	assert_int_equal(blocklist_load(rig.chain, SLOT, MAX, NULL), 0);
	assert_int_equal(blocklist_open(rig.chain, SLOT, &list, NULL), 0);
	assert_int_equal(blocklist_add_many(list, stay.v, stay.count, &plain, &sum, NULL), 0);
	blocklist_close(list);
	give_up_lock(rig.chain); /* other processes change the list */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	prefixes_free(&stay);
	prefixes_free(&churn);
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_while_packets_run),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
