// SPDX-License-Identifier: GPL-2.0
/* lib/compile: what it says of bad C, and compilers that hang, eat memory, talk, or are not there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/compile.h"
#include "lib/util.h"

#define SDK  "#include \"xdpchain/stage.bpf.h\"\n"
#define GOOD SDK "enum x_reason { X_WHY = 1 };\nSTAGE(x)\n{\n\treturn NEXT;\n}\n"

#define WRITTEN "/tmp/xdpchain-fake-wrote"

static char dir[64], real_path[4096];

static int run(const char *path, const char *text, unsigned int limit_ms, struct compiled *c,
	       struct fail *f)
{
	const struct compile_spec spec = { path, text, strlen(text), limit_ms };

	*f = (struct fail){ 0 };
	*c = (struct compiled){ 0 };
	return compile(&spec, c, f);
}

/* --- the real one ----------------------------------------------------------------------------- */

static const struct {
	const char *name, *text;
	int err;
	const char *why; /* the whole message */
} cases[] = {
	{ "good", GOOD, 0, "" },
	{ "syntax", SDK "\nint x = ;\n", -EINVAL, "/etc/x y.c:3: expected expression" },
	{ "the first of several", SDK "int a = b;\nint c = d;\n", -EINVAL,
	  "/etc/x y.c:2: use of undeclared identifier 'b'" },
	{ "a header of somebody's", SDK "#include \"mine.h\"\n", -EINVAL,
	  "/etc/x y.c:2: 'mine.h' file not found: a policer is one file, and includes only "
	  "xdpchain/*.h, bpf/*.h and linux/*.h" },
	{ "no libbpf-dev", "#include <bpf/not_there.h>\n", -EINVAL,
	  "/etc/x y.c:1: 'bpf/not_there.h' file not found: install libbpf-dev" },
	{ "no linux-libc-dev", "\n#include <linux/not_there.h>\n", -EINVAL,
	  "/etc/x y.c:2: 'linux/not_there.h' file not found: install linux-libc-dev" },
	{ "in the SDK", "#define pkt_eth 1\n" SDK, -EINVAL,
	  "/etc/x y.c:2: declaration of anonymous struct must be a definition" },
	{ "#error", "#error \"of a kind\"\n", -EINVAL, "/etc/x y.c:1: \"of a kind\"" },
	{ "too much stack", SDK "int f(int *);int g(void){int a[999] = {1}; return f(a);}\n",
	  -EINVAL, NULL },
	{ "what nobody may read", "#include \"/etc/shadow\"\n", -EINVAL, NULL },
	{ "nothing", "", 0, "" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct compiled c;
		struct fail f;
		int err = run("/etc/x y.c", cases[i].text, 0, &c, &f);

		print_message("  %s: %s\n", cases[i].name, f.text);
		assert_int_equal(err, cases[i].err);
		if (cases[i].why)
			assert_string_equal(f.text, cases[i].why);
		if (err) {
			assert_memory_equal(f.text, "/etc/x y.c:", 11);
			assert_null(strchr(f.text, '\n'));
			assert_null(strstr(f.log, "root:"));
		} else {
			assert_memory_equal(c.elf, "\177ELF", 4);
		}
		assert_null(strstr(f.text, "/proc/"));
		assert_null(strstr(f.log, "/proc/"));
		compiled_free(&c);
	}
}

static void test_log(void **state)
{
	struct compiled c;
	struct fail f;

	(void)state;
	assert_int_equal(run("/a.c", "int a = b;\nint c = d;\n", 0, &c, &f), -EINVAL);
	assert_non_null(strstr(f.log, "/a.c:1:9: error: use of undeclared identifier 'b'\n"
				      "int a = b;\n        ^\n/a.c:2:9: error: "));
}

/* The same again costs nothing; another text or name is another object. */
static void test_cache(void **state)
{
	unsigned int runs = compile_runs();
	struct compiled a, b;
	struct fail f;

	(void)state;
	assert_int_equal(run("/cache.c", GOOD "\n", 0, &a, &f), 0);
	assert_int_equal(run("/cache.c", GOOD "\n", 0, &b, &f), 0);
	assert_int_equal(compile_runs(), runs + 1);
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.elf, b.elf, a.size);
	compiled_free(&b);
	assert_int_equal(run("/cache.c", GOOD "\n\n", 0, &b, &f), 0);
	compiled_free(&b);
	assert_int_equal(run("/other.c", GOOD "\n", 0, &b, &f), 0);
	compiled_free(&b);
	assert_int_equal(compile_runs(), runs + 3);
	compiled_free(&a);
	for (int i = 0; i < 40; i++) { /* more than is remembered */
		char name[16];

		snprintf(name, sizeof(name), "/%d.c", i);
		assert_int_equal(run(name, "int x;\n", 0, &b, &f), 0);
		compiled_free(&b);
	}
	assert_int_equal(run("/cache.c", GOOD "\n", 0, &a, &f), 0);
	assert_int_equal(compile_runs(), runs + 44);
	compiled_free(&a);
}

/* Two to the power of 40 tokens: it has neither the time nor the memory. */
static void test_bomb(void **state)
{
	static char text[4096];
	size_t len = snprintf(text, sizeof(text), "#define A0 1+\n");
	struct compiled c;
	struct fail f;
	int err;

	(void)state;
	for (int i = 1; i <= 40; i++)
		len += snprintf(text + len, sizeof(text) - len, "#define A%d A%d A%d\n", i, i - 1,
				i - 1);
	snprintf(text + len, sizeof(text) - len, "int x = A40 1;\n");
	err = run("/bomb.c", text, 1000, &c, &f);
	print_message("  %s\n", f.text);
	assert_true(err == -ETIMEDOUT || err == -ENOMEM);
}

/* --- others that call themselves clang -------------------------------------------------------- */

static void fake(const char *script)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/clang", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	setenv("PATH", dir, 1);
}

/* How many processes have @word in their command line. */
static int running(const char *word)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int count = 0;

	while (d && (e = readdir(d))) {
		char path[300], line[512] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		f = *e->d_name > '0' && *e->d_name <= '9' ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		for (size_t i = 0, n = fread(line, 1, sizeof(line) - 1, f); i < n; i++)
			line[i] = line[i] ? line[i] : ' ';
		count += !!strstr(line, word);
		fclose(f);
	}
	if (d)
		closedir(d);
	return count;
}

static void assert_gone(const char *word)
{
	for (int i = 0; running(word) && i < 200; i++)
		poll(NULL, 0, 10);
	assert_int_equal(running(word), 0);
}

static const struct {
	const char *name, *script;
	int err;
	const char *why;
} fakes[] = {
	{ "hangs", "sleep 4711.25 & sleep 4711.25", -ETIMEDOUT,
	  "/f.c: the compiler was ended after 0.4 s" },
	{ "hangs, its output closed", "exec >&- 2>&-; sleep 4711.25", -ETIMEDOUT,
	  "/f.c: the compiler was ended after 0.4 s" },
	{ "leaves a child with its output", "setsid sleep 4711.25 & exit 1", -EINVAL,
	  "/f.c: clang fails, and does not say why" },
	{ "wants memory", "dd if=/dev/zero of=/dev/null bs=2G count=1", -ENOMEM,
	  "/f.c: the compiler wants more memory than it may have" },
	{ "makes a large object", "head -c 20000000 /dev/zero; sleep 4711.25", -E2BIG,
	  "/f.c: what the compiler makes of it is too large: ended" },
	{ "talks", "yes 'f.c is bad' | head -c 3000000 >&2; exit 1", -EINVAL,
	  "/f.c: clang: f.c is bad" },
	{ "says nothing", "exit 3", -EINVAL, "/f.c: clang fails, and does not say why" },
	{ "makes nothing", "exit 0", -EINVAL, "/f.c: clang fails, and does not say why" },
	{ "writes a file", "echo x >" WRITTEN "; exit 1", -EINVAL, NULL },
};

static void test_fakes(void **state)
{
	struct stat st;

	(void)state;
	unlink(WRITTEN);
	for (size_t i = 0; i < ARRAY_SIZE(fakes); i++) {
		char text[64];
		struct compiled c;
		struct fail f;
		int err;

		fake(fakes[i].script);
		snprintf(text, sizeof(text), "int x%zu;\n", i);
		err = run("/f.c", text, fakes[i].err == -ETIMEDOUT ? 400 : 0, &c, &f);
		print_message("  %s: %s\n", fakes[i].name, f.text);
		assert_int_equal(err, fakes[i].err);
		if (fakes[i].why)
			assert_string_equal(f.text, fakes[i].why);
		if (!geteuid())
			assert_gone("4711.25");
	}
	if (!stat(WRITTEN, &st)) /* a name, but not a byte */
		assert_int_equal(st.st_size, 0);
	unlink(WRITTEN);
}

/* What it is in there, by its own words. */
static void test_jail(void **state)
{
	static const char *const wanted[] = { "uid 65534\n",
					      "CapEff:\t0000000000000000\n",
					      "CapPrm:\t0000000000000000\n",
					      "NoNewPrivs:\t1\n",
					      "devices 1\n",
					      "home none\n" };
	int open_file = open("/etc/passwd", O_RDONLY); /* would be handed on by exec */
	struct compiled c;
	struct fail f;

	(void)state;
	if (geteuid())
		skip();
	assert_true(open_file >= 0);
	setenv("HOME", "/root", 1);
	fake("{ echo uid $(id -u); grep -E 'CapEff|CapPrm|NoNewPrivs' /proc/self/status;\n"
	     "echo devices $(grep -c : /proc/self/net/dev); echo home ${HOME:-none};\n"
	     "ls -l /proc/self/fd; } >&2\nexit 1");
	assert_int_equal(run("/f.c", "int jail;\n", 0, &c, &f), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(f.log, wanted[i]))
			fail_msg("no %s in %s", wanted[i], f.log);
	assert_non_null(strstr(f.log, "3 -> /memfd"));
	assert_null(strstr(f.log, "passwd"));
	close(open_file);
}

/* The limit of the environment, where it is one. */
static void test_limit(void **state)
{
	static const struct {
		const char *env, *text;
	} limits[] = { { "1", "int l1;\n" }, { "1.9", "int l2;\n" } };
	struct compiled c;
	struct fail f;

	(void)state;
	fake("sleep 4711.25");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		setenv(COMPILE_LIMIT_ENV, limits[i].env, 1);
		assert_int_equal(run("/f.c", limits[i].text, 0, &c, &f), -ETIMEDOUT);
		assert_string_equal(f.text, "/f.c: the compiler was ended after 1.0 s");
	}
	unsetenv(COMPILE_LIMIT_ENV);
}

static void test_no_clang(void **state)
{
	struct compiled c;
	struct fail f;

	(void)state;
	setenv("PATH", "/nonexistent:relative", 1);
	assert_int_equal(run("/f.c", "int none;\n", 0, &c, &f), -ENOENT);
	assert_string_equal(f.text, "/f.c: no clang to compile it: install clang, or compile it "
				    "elsewhere and use kind object");
}

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/xdpchain-fakes-XXXXXX");
	snprintf(real_path, sizeof(real_path), "%s", getenv("PATH"));
	return !mkdtemp(dir) || chmod(dir, 0755);
}

static int own_path(void **state)
{
	(void)state;
	setenv("PATH", real_path, 1);
	return 0;
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/clang", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test_teardown(test_fakes, own_path),
		cmocka_unit_test_teardown(test_jail, own_path),
		cmocka_unit_test_teardown(test_limit, own_path),
		cmocka_unit_test_teardown(test_no_clang, own_path),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
