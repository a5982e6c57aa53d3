// SPDX-License-Identifier: GPL-2.0
/* Kinds source and object: from a file to what becomes of a packet, and what survives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/compile.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/confrig.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define SLOT 3
#define HEAD "#include \"xdpchain/stage.bpf.h\"\nenum x_reason { X_WHY = 1 };\n"
#define MAP(name, kind, k, v)                                                                      \
	"struct { __uint(type, BPF_MAP_TYPE_" #kind "); __uint(max_entries, 8); __type(key, " #k   \
	"); __type(value, " #v "); } " #name " SEC(\".maps\");\n"

static struct rig rig;
static struct confrig cr;

static int make(struct policer *p, struct fail *f)
{
	*f = (struct fail){ 0 };
	return policer_make(&cr.conf, p, f);
}

/* Make it and put it into its slot; how many maps could not go on. */
static unsigned int load(void)
{
	struct policer p = { 0 };
	unsigned int lost = 0;
	struct fail f;

	if (make(&p, &f))
		fail_msg("%s\n%s", f.text, f.log);
	p.spec.slot = SLOT;
	if (stage_load(rig.chain, &p.spec, &lost, &f))
		fail_msg("%s\n%s", f.text, f.log);
	policer_free(&p);
	return lost;
}

static int send_to(__u16 dport)
{
	const struct frame f = {
		.src = "203.0.113.9", .dst = "192.0.2.1", .proto = IPPROTO_UDP, .dport = dport
	};
	unsigned char buf[FRAME_MAX];

	return rig_run(&rig, buf, frame_make(buf, &f, NULL), NULL, 0, NULL);
}

static __u64 digest(void)
{
	struct policer p = { 0 };
	struct fail f;
	__u64 d;

	if (make(&p, &f))
		fail_msg("%s\n%s", f.text, f.log);
	d = p.spec.digest;
	policer_free(&p);
	return d;
}

/* --- what it decides -------------------------------------------------------------------------- */

/* From nothing to enforcing; again, with another parameter; the compiler is asked once. */
static void test_source(void **state)
{
	unsigned int runs = compile_runs();
	__u64 start, first, second;

	(void)state;
	confrig_write(&cr, "x.c",
		      HEAD "const volatile __be16 port = pkt_be16(9);\n"
			   "STAGE(x)\n{\n\treturn pkt->dport == port ? DROP(X_WHY) : NEXT;\n}\n");
	confrig_use(&cr, "source", "x.c");
	start = now_ns();
	load();
	first = now_ns() - start;
	assert_int_equal(send_to(9), XDP_DROP);
	assert_int_equal(send_to(10), XDP_PASS);
	confrig_param(&cr, "port", "10");
	start = now_ns();
	load();
	second = now_ns() - start;
	assert_int_equal(send_to(9), XDP_PASS);
	assert_int_equal(send_to(10), XDP_DROP);
	assert_int_equal(compile_runs(), runs + 1);
	print_message("  to enforcing: %llu ms; a parameter: %llu ms\n", first / 1000000,
		      second / 1000000);
	assert_true(first < 2 * NSEC || getenv("TEST_EMULATED"));
}

static void test_shadow(void **state)
{
	(void)state;
	confrig_use(&cr, "source", "x.c");
	confrig_param(&cr, "port", "10");
	cr.conf.mode = POLICER_SHADOW;
	load();
	assert_int_equal(send_to(10), XDP_PASS);
}

static void test_object(void **state)
{
	static unsigned char elf[1 << 20];
	char path[128];
	size_t size = rig_object("count", elf, sizeof(elf));
	FILE *f;

	(void)state;
	assert_true(size > 0);
	snprintf(path, sizeof(path), "%s/count.bpf.o", cr.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(elf, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	confrig_use(&cr, "object", path);
	confrig_param(&cr, "most", "2");
	stage_unload(rig.chain, SLOT, NULL);
	load();
	assert_int_equal(send_to(9), XDP_PASS);
	assert_int_equal(send_to(9), XDP_PASS);
	assert_int_equal(send_to(9), XDP_DROP);
}

/* A map goes on when the source is changed, and is lost, and said to be, when its shape is. */
static void test_state_survives(void **state)
{
	static const char *const sources[] = {
		HEAD MAP(seen, HASH, __u32, __u64),
		HEAD "enum { MORE = 1 };\n" MAP(seen, HASH, __u32, __u64),
		HEAD MAP(seen, HASH, __u32, __u32),
	};
	static const char body[] = "STAGE(x)\n{\n\t__u32 key = 1;\n"
				   "\tint known = !!bpf_map_lookup_elem(&seen, &key);\n"
				   "\t__u64 one[1] = { 1 };\n"
				   "\tbpf_map_update_elem(&seen, &key, one, BPF_ANY);\n"
				   "\treturn known ? DROP(X_WHY) : NEXT;\n}\n";
	static const struct {
		const char *name;
		int source, verdict;
		unsigned int lost;
	} cases[] = {
		{ "first", 0, XDP_PASS, 0 },	      { "goes on", 0, XDP_DROP, 0 },
		{ "changed source", 1, XDP_DROP, 0 }, { "other shape", 2, XDP_PASS, 1 },
		{ "goes on again", 2, XDP_DROP, 0 },
	};

	(void)state;
	stage_unload(rig.chain, SLOT, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[2048];

		print_message("  %s\n", cases[i].name);
		snprintf(text, sizeof(text), "%s%s", sources[cases[i].source], body);
		confrig_write(&cr, "seen.c", text);
		confrig_use(&cr, "source", "seen.c");
		assert_int_equal(load(), cases[i].lost);
		assert_int_equal(send_to(9), cases[i].verdict);
	}
}

/* What a file fills is the file's alone: an entry that is in it no more is gone. */
static void test_maps_follow_their_file(void **state)
{
	__u64 before;

	(void)state;
	confrig_write(
		&cr, "ports.c",
		HEAD MAP(ports, HASH, __be16, __u8)
			MAP(other, HASH, __u32, __u32) "STAGE(x)\n{\n\t__be16 port = pkt->dport;\n"
						       "\treturn bpf_map_lookup_elem(&ports, "
						       "&port) ? DROP(X_WHY) : NEXT;\n}\n");
	confrig_write(&cr, "ports.txt", "# closed\n9\n10 # too\n");
	confrig_use(&cr, "source", "ports.c");
	confrig_map(&cr, "ports", "ports.txt");
	load();
	before = digest();
	assert_int_equal(send_to(9), XDP_DROP);
	assert_int_equal(send_to(10), XDP_DROP);
	assert_int_equal(send_to(11), XDP_PASS);
	confrig_write(&cr, "ports.txt", "10\n11\n");
	assert_int_not_equal(digest(), before);
	load();
	assert_int_equal(send_to(9), XDP_PASS);
	assert_int_equal(send_to(10), XDP_DROP);
	assert_int_equal(send_to(11), XDP_DROP);
}

static void test_digest(void **state)
{
	__u64 d;

	(void)state;
	confrig_use(&cr, "source", "x.c");
	d = digest();
	assert_int_equal(digest(), d);
	confrig_param(&cr, "port", "9");
	assert_int_not_equal(digest(), d); /* said, if only what is so anyway */
	d = digest();
	cr.conf.mode = POLICER_SHADOW;
	assert_int_not_equal(digest(), d);
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "src");
	confrig_up(&cr);
	return 0;
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
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_shadow),
		cmocka_unit_test(test_object),
		cmocka_unit_test(test_state_survives),
		cmocka_unit_test(test_maps_follow_their_file),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
