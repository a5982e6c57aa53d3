// SPDX-License-Identifier: GPL-2.0
/* Kinds source and object: what is refused, and in which words. */
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

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/confrig.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define SLOT 3
#define HEAD "#include \"xdpchain/stage.bpf.h\"\nenum x_reason { X_WHY = 1 };\n"
#define MAP(name, k, v)                                                                            \
	"struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, " #k        \
	"); __type(value, " #v "); } " #name " SEC(\".maps\");\n"

static struct rig rig;
static struct confrig cr;

static int make(struct policer *p, struct fail *f)
{
	*f = (struct fail){ 0 };
	return policer_make(&cr.conf, p, f);
}

/* Make it and put it into its slot. */
static void load(void)
{
	struct policer p = { 0 };
	struct fail f;

	if (make(&p, &f))
		fail_msg("%s\n%s", f.text, f.log);
	p.spec.slot = SLOT;
	if (stage_load(rig.chain, &p.spec, NULL, &f))
		fail_msg("%s\n%s", f.text, f.log);
	policer_free(&p);
}

static int send_to(__u16 dport)
{
	const struct frame f = {
		.src = "203.0.113.9", .dst = "192.0.2.1", .proto = IPPROTO_UDP, .dport = dport
	};
	unsigned char buf[FRAME_MAX];

	return rig_run(&rig, buf, frame_make(buf, &f, NULL), NULL, 0, NULL);
}

/* In the source, not in line 1; the configuration's line and name go before each. */
static const struct {
	const char *name, *source, *why;
} bad_sources[] = {
	{ "syntax", HEAD "STAGE(x)\n{\n\treturn NEXT\n}\n",
	  "bad.c:5: expected ';' after return statement" },
	{ "no stage", "int x;\n", "bad.c: no stage: STAGE(name)" },
	{ "two stages",
	  HEAD "STAGE(x)\n{\n\treturn NEXT;\n}\nenum y_reason { Y_WHY = 1 };\n"
	       "STAGE(y)\n{\n\treturn NEXT;\n}\n",
	  "one STAGE() a file" },
	{ "two programs",
	  HEAD "STAGE(x)\n{\n\treturn NEXT;\n}\n"
	       "SEC(\"xdp.frags\") int y(struct xdp_md *ctx) { return !ctx; }\n",
	  "bad.c: more than one program" },
	{ "no reasons", "#include \"xdpchain/stage.bpf.h\"\nSTAGE(x)\n{\n\treturn NEXT;\n}\n",
	  "bad.c:2: tentative definition has type 'const volatile enum x_reason' that is never "
	  "completed: STAGE(x) needs enum x_reason" },
	{ "of another SDK",
	  "#include \"xdpchain/chain.h\"\n#undef CHAIN_ABI\n#define CHAIN_ABI 1\n" HEAD
	  "STAGE(x)\n{\n\treturn NEXT;\n}\n",
	  "bad.c: built against another version" },
};

static void test_bad_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_sources); i++) {
		struct policer p = { 0 };
		struct fail f;

		print_message("  %s\n", bad_sources[i].name);
		confrig_write(&cr, "bad.c", bad_sources[i].source);
		confrig_use(&cr, "source", "bad.c");
		assert_int_equal(make(&p, &f), -EINVAL);
		if (!strstr(f.text, bad_sources[i].why) || strchr(f.text, '\n') ||
		    strncmp(f.text, "7: x: /", 7))
			fail_msg("%s\n%s", f.text, f.log);
	}
}

/* Lines of the configuration: 7 of the policer, 10 of its first parameter, 20 of its first map. */
static void test_bad_configuration(void **state)
{
	static const struct {
		const char *name, *kind, *file, *param, *value, *map, *fed, *why;
	} cases[] = {
		{ "no such parameter", "source", "ports.c", "prt", "1", NULL, NULL,
		  "10: x: prt: no such parameter: it has none" },
		{ "no such value", "source", "x.c", "port", "http", NULL, NULL,
		  "10: x: port: http: a number from 0 to 65535 is wanted" },
		{ "no such map", "source", "ports.c", NULL, NULL, "prts", "ports.txt",
		  "20: x: maps: prts: no such map: ports, other" },
		{ "the chain's map", "source", "ports.c", NULL, NULL, "cpus", "ports.txt",
		  "20: x: maps: cpus: no such map: ports, other" },
		{ "no such file", "source", "ports.c", NULL, NULL, "ports", "none.txt",
		  "none.txt: No such file or directory" },
		{ "two files", "source", "ports.c", NULL, NULL, "ports", "ports.txt,ports.txt",
		  "20: x: maps: ports: one file is wanted" },
		{ "a bad line", "source", "ports.c", NULL, NULL, "ports", "bad.txt",
		  "bad.txt:2: http: a number from 0 to 65535 is wanted" },
		{ "no source", "source", "none.c", NULL, NULL, NULL, NULL,
		  "none.c: No such file or directory" },
	};

	(void)state;
	confrig_write(&cr, "bad.txt", "80\nhttp\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policer p = { 0 };
		struct fail f;

		print_message("  %s\n", cases[i].name);
		confrig_use(&cr, cases[i].kind, cases[i].file);
		if (cases[i].param)
			confrig_param(&cr, cases[i].param, cases[i].value);
		if (cases[i].map)
			confrig_map(&cr, cases[i].map, cases[i].fed);
		assert_true(make(&p, &f) < 0);
		if (!strstr(f.text, cases[i].why) || strchr(f.text, '\n') ||
		    strncmp(f.text + strcspn(f.text, ":"), ": x: ", 5))
			fail_msg("%s", f.text);
	}
}

static void test_no_clang(void **state)
{
	char *path = strdup(getenv("PATH"));
	struct policer p = { 0 };
	struct fail f;

	(void)state;
	confrig_write(&cr, "new.c", HEAD "STAGE(x)\n{\n\treturn NEXT;\n}\n");
	confrig_use(&cr, "source", "new.c");
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(make(&p, &f), -ENOENT);
	setenv("PATH", path, 1);
	free(path);
	assert_memory_equal(f.text, "7: x: /", 7);
	assert_non_null(strstr(f.text, "new.c: no clang to compile it: install clang, or"));
}

/* Its line, as it is in the source, and what the verifier says of it. The old one goes on. */
static void test_verifier_line(void **state)
{
	struct policer p = { 0 };
	char want[256];
	struct fail f;

	(void)state;
	confrig_use(&cr, "source", "x.c");
	load();
	snprintf(want, sizeof(want), ": %s:8: if (data[100] == 4): R",
		 confrig_write(&cr, "bad.c",
			       HEAD "\n\nSTAGE(x)\n{\n\tconst __u8 *data = (void *)(long)ctx->data;"
				    "\n\tif (data[100] == 4)\n\t\treturn DROP(X_WHY);\n"
				    "\treturn NEXT;\n}\n"));
	confrig_use(&cr, "source", "bad.c");
	assert_int_equal(make(&p, &f), 0);
	p.spec.slot = SLOT;
	assert_int_equal(stage_load(rig.chain, &p.spec, NULL, &f), -EACCES);
	policer_free(&p);
	if (!strstr(f.text, want) || !strstr(f.text, " offset is outside of the packet"))
		fail_msg("%s\nis not in %s\n%s", want, f.text, f.log);
	assert_non_null(strstr(f.log, "invalid access to packet"));
	assert_int_equal(send_to(9), XDP_DROP);
}

/* Of an object that the build has made: by its own BTF. */
static void test_verifier_line_of_object(void **state)
{
	static unsigned char elf[1 << 20];
	size_t size = rig_object("bad", elf, sizeof(elf));
	struct policer p = { 0 };
	struct fail f;
	FILE *out;

	(void)state;
	confrig_use(&cr, "object", confrig_write(&cr, "bad.bpf.o", ""));
	out = fopen(cr.conf.file, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(elf, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(make(&p, &f), 0);
	p.spec.slot = SLOT;
	assert_int_equal(stage_load(rig.chain, &p.spec, NULL, &f), -EACCES);
	policer_free(&p);
	if (!strstr(f.text, "bad.bpf.c:12: return data[100] ? DROP(BAD_BYTE) : NEXT;: R") ||
	    !strstr(f.text, " offset is outside of the packet"))
		fail_msg("%s\n%s", f.text, f.log);
}

static void test_warnings(void **state)
{
	struct policer p = { 0 };
	struct fail f;

	(void)state;
	confrig_write(&cr, "warn.c", HEAD "STAGE(x)\n{\n\tint unused;\n\treturn NEXT;\n}\n");
	confrig_use(&cr, "source", "warn.c");
	assert_int_equal(make(&p, &f), 0);
	assert_non_null(p.warnings);
	assert_non_null(strstr(p.warnings, "warn.c:5:6: warning: unused variable"));
	policer_free(&p);
}

static void test_bad_objects(void **state)
{
	static const char *const texts[] = { "", "hello, this is no object at all\n" };
	struct policer p = { 0 };
	struct fail f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		confrig_write(&cr, "bad.o", texts[i]);
		confrig_use(&cr, "object", "bad.o");
		assert_int_equal(make(&p, &f), -EINVAL);
		assert_non_null(strstr(f.text, "bad.o: not a BPF object"));
	}
	confrig_use(&cr, "object", "none.o");
	assert_int_equal(make(&p, &f), -ENOENT);
	assert_non_null(strstr(f.text, "none.o: No such file"));
	confrig_use(&cr, "object", cr.dir);
	assert_int_equal(make(&p, &f), -EINVAL);
	assert_non_null(strstr(f.text, "not a file"));
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "bad");
	confrig_up(&cr);
	confrig_write(&cr, "x.c",
		      HEAD "const volatile __be16 port = pkt_be16(9);\n"
			   "STAGE(x)\n{\n\treturn pkt->dport == port ? DROP(X_WHY) : NEXT;\n}\n");
	confrig_write(&cr, "ports.c",
		      HEAD MAP(ports, __be16, __u8)
			      MAP(other, __u32, __u32) "STAGE(x)\n{\n\t__be16 port = pkt->dport;\n"
						       "\treturn bpf_map_lookup_elem(&ports, "
						       "&port) ? DROP(X_WHY) : NEXT;\n}\n");
	confrig_write(&cr, "ports.txt", "9\n");
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
		cmocka_unit_test(test_bad_sources),
		cmocka_unit_test(test_bad_configuration),
		cmocka_unit_test(test_no_clang),
		cmocka_unit_test(test_verifier_line),
		cmocka_unit_test(test_verifier_line_of_object),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_bad_objects),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
