// SPDX-License-Identifier: GPL-2.0
/* What programs and their reasons are called, also when they were replaced, and by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "lib/btf_reasons.h"
#include "lib/names.h"
#include "lib/stage.h"
#include "tests/probe.h"

static struct rig rig;

static __u32 instance(__u32 slot)
{
	struct chain_stage st;

	assert_int_equal(chain_stage(rig.chain, slot, &st), 0);
	return st.instance;
}

/* Another stage of the library, with reasons of its own. */
static void put_blocklist(__u32 slot)
{
	struct stage_spec spec = { .object = "blocklist", .name = "list", .slot = slot };
	struct fail f = { 0 };

	if (stage_load(rig.chain, &spec, NULL, &f))
		fail_msg("%s", f.text);
}

static void test_who_is_there(void **state)
{
	struct names *n = names_new(rig.chain);

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 3, .name = "mine" });
	assert_string_equal(names_stage(n, 3, 0), "mine");
	assert_string_equal(names_reason(n, 3, 0, 1), "one");
	assert_string_equal(names_reason(n, 3, instance(3), 63), "last");
	assert_null(names_reason(n, 3, 0, 3));
	assert_null(names_reason(n, 3, 0, 0));
	assert_null(names_reason(n, 3, 0, 64));
	assert_null(names_stage(n, 4, 0));
	assert_null(names_stage(n, 3, 12345));
	names_free(n);
}

/* Nobody asked while it was there. */
static void test_replaced(void **state)
{
	struct names *n = names_new(rig.chain);
	__u32 old;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 3, .name = "mine" });
	old = instance(3);
	put_blocklist(3);
	assert_string_equal(names_stage(n, 3, old), "mine");
	assert_string_equal(names_reason(n, 3, old, 1), "one");
	assert_string_equal(names_stage(n, 3, instance(3)), "list");
	assert_string_equal(names_reason(n, 3, instance(3), 1), "prefix");
	assert_null(names_rule(n, 3, old, 1));
	assert_int_equal(stage_unload(rig.chain, 3, NULL), 0);
	assert_string_equal(names_reason(n, 3, old, 63), "last");
	assert_null(names_stage(n, 3, 0));
	names_free(n);
	n = names_new(rig.chain);
	assert_string_equal(names_reason(n, 3, old, 63), "last");
	names_free(n);
}

static void test_oldest_gives_way(void **state)
{
	__u32 first, old, stays;
	struct chain_program p;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 5, .name = "stays" });
	stays = instance(5);
	probe_put(rig.chain, (struct probe){ .slot = 3 });
	first = instance(3);
	for (int i = 0; i < CHAIN_PROGRAMS - 2; i++)
		probe_put(rig.chain, (struct probe){ .slot = 3 });
	assert_int_equal(chain_program(rig.chain, first, &p), 0);
	old = instance(3);
	probe_put(rig.chain, (struct probe){ .slot = 3 });
	assert_int_equal(chain_program(rig.chain, first, &p), -ENOENT);
	assert_int_equal(chain_program(rig.chain, old, &p), 0);
	assert_string_equal(p.name, "probe3");
	assert_int_equal(chain_program(rig.chain, stays, &p), 0);
	assert_string_equal(p.name, "stays");
}

/* A program that is in a slot without our doing: the kernel knows its names. */
static void test_of_another_tool(void **state)
{
	struct names *n = names_new(rig.chain);
	__u32 bank, from, to, id;
	int fd;

	(void)state;
	probe_put(rig.chain, (struct probe){ .slot = 3, .name = "mine" });
	bank = rig.chain->info.slots & CHAIN_BANK;
	from = chain_at(bank, 3);
	to = chain_at(bank, 7);
	assert_int_equal(bpf_map_lookup_elem(rig.chain->slots, &from, &id), 0);
	fd = bpf_prog_get_fd_by_id(id);
	assert_int_equal(bpf_map_update_elem(rig.chain->slots, &to, &fd, BPF_ANY), 0);
	close(fd);
	assert_string_equal(names_stage(n, 7, 0), "probe");
	assert_string_equal(names_reason(n, 7, 0, 2), "two");
	names_free(n);
}

/* What a stage that was refused would have been called is not kept. */
static void test_refused(void **state)
{
	struct chain_program p;
	struct fail f = { 0 };
	__u32 next;

	(void)state;
	assert_int_not_equal(probe_object(rig.chain, "bad", 3, &f), 0);
	assert_int_equal(chain_instance(rig.chain, &next), 0);
	assert_int_equal(chain_program(rig.chain, next - 1, &p), -ENOENT);
}

static void test_enum_names(void **state)
{
	static char out[CHAIN_REASONS][CHAIN_REASON_LEN];
	static const char longest[] =
		"X_ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL";
	struct btf *btf = btf__new_empty();

	(void)state;
	btf_reasons(btf, out);
	assert_string_equal(out[1], "");
	assert_true(btf__add_enum(btf, "_reason", 4) > 0); /* of no stage */
	assert_true(btf__add_enum_value(btf, "NO", 1) == 0);
	assert_true(btf__add_enum(btf, "x_reason", 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, "X_ZERO", 0), 0);
	assert_int_equal(btf__add_enum_value(btf, "OTHER", 1), 0);
	assert_int_equal(btf__add_enum_value(btf, "X_", 2), 0);
	assert_int_equal(btf__add_enum_value(btf, longest, 63), 0);
	assert_int_equal(btf__add_enum_value(btf, "X_BEYOND", 64), 0);
	assert_int_equal(btf__add_enum_value(btf, "X_AGAIN", 63), 0);
	btf_reasons(btf, out);
	assert_string_equal(out[0], "");
	assert_string_equal(out[1], "other");
	assert_string_equal(out[2], "x_");
	assert_int_equal(strlen(out[63]), CHAIN_REASON_LEN - 1);
	assert_memory_equal(out[63], "abcdefgh", 8);
	btf__free(btf);
}

static int empty(void **state)
{
	int err = 0;

	(void)state;
	for (__u32 slot = 1; !err && slot < CHAIN_SLOTS; slot++)
		err = stage_unload(rig.chain, slot, NULL);
	return err;
}

static int setup(void **state)
{
	(void)state;
	rig_up(&rig, "xnm");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

#define CASE(f) cmocka_unit_test_teardown(f, empty)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_who_is_there),    CASE(test_replaced), CASE(test_oldest_gives_way),
		CASE(test_of_another_tool), CASE(test_refused),	 CASE(test_enum_names),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
