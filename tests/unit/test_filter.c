// SPDX-License-Identifier: GPL-2.0
/* test_filter - expressions to programs: what is refused, in whose words, and within what time. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <linux/filter.h>

#include "lib/filter.h"
#include "lib/util.h"

#define UNKNOWN FILTER_NETMASK_UNKNOWN

static const struct {
	const char *name, *text;
	__u32 netmask;
	int err;
	const char *why;
} cases[] = {
	{ "nothing", "", UNKNOWN, 0, NULL },
	{ "tcp port", "tcp port 80", UNKNOWN, 0, NULL },
	{ "arithmetic", "ip[2:2] / 7 % 5 << 2 ^ 3 = tcp[4] & 0xff", UNKNOWN, 0, NULL },
	{ "no such word", "tcp prot 80", UNKNOWN, -EINVAL, "syntax error" },
	{ "open bracket", "(tcp", UNKNOWN, -EINVAL, "syntax error" },
	{ "bad address", "host 300.1.1.1", UNKNOWN, -EINVAL, "300.1.1.1" },
	{ "bad port", "port 70000", UNKNOWN, -EINVAL, "70000" },
	{ "never true", "tcp and udp", UNKNOWN, -EINVAL, "rejects all packets" },
	{ "no netmask", "ip broadcast", UNKNOWN, -EINVAL, "netmask not known" },
	{ "netmask", "ip broadcast", 0x00ffffff, 0, NULL },
	{ "live only", "inbound", UNKNOWN, -EOPNOTSUPP, "live" },
	{ "loop", "ip protochain 6", UNKNOWN, -EOPNOTSUPP, "loop" },
	{ "ancillary data", "ether[0xfffff02c] = 1", UNKNOWN, -EOPNOTSUPP, "negative offset" },
	{ "divide by 0", "ether[0] / 0 = 1", UNKNOWN, -EINVAL, "division by zero" },
	{ "shift", "ether[0] << 40 = 1", UNKNOWN, -EINVAL, "shift" },
};

static void test_compile(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct filter_spec spec = { .text = cases[i].text,
						  .netmask = cases[i].netmask };
		struct filter filter = { .count = 77 };
		struct fail f = { 0 };
		int err = filter_compile(&spec, &filter, &f);

		print_message("  %s: %s\n", cases[i].name, f.text);
		assert_int_equal(err, cases[i].err);
		if (err) {
			assert_int_equal(filter.count, 77);
			assert_non_null(strstr(f.text, cases[i].why));
			assert_int_equal(filter_compile(&spec, &filter, NULL), err);
			continue;
		}
		assert_true(filter.count > 0);
		assert_false(filter.unoptimized);
		filter_free(&filter);
		assert_null(filter.insns);
	}
}

/* "host 10.0.0.1 or host 10.0.0.2 ...": 29 instructions each, when not optimized. */
static char *hosts(unsigned int n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "%shost 10.0.%u.%u", i ? " or " : "", i >> 8, i & 255);
	fclose(out);
	return text;
}

static void test_unoptimized(void **state)
{
	char *text = hosts(120);
	struct filter_spec spec = { .text = text, .netmask = UNKNOWN, .plain_ms = 60000 };
	struct filter slow, quick;

	(void)state;
	spec.optimize_ms = 60000;
	assert_int_equal(filter_compile(&spec, &slow, NULL), 0);
	assert_false(slow.unoptimized);
	spec.optimize_ms = 1; /* parsing alone takes 30 */
	assert_int_equal(filter_compile(&spec, &quick, NULL), 0);
	assert_true(quick.unoptimized);
	assert_true(quick.count > 2 * slow.count);
	filter_free(&slow);
	filter_free(&quick);
	free(text);
}

static void test_limits(void **state)
{
	char *text = hosts(200);
	struct filter_spec spec = {
		.text = text, .netmask = UNKNOWN, .optimize_ms = 1, .plain_ms = 60000
	};
	struct filter filter;
	struct fail f;

	(void)state;
	assert_int_equal(filter_compile(&spec, &filter, &f), -E2BIG);
	assert_non_null(strstr(f.text, "4096 are the limit"));
	assert_non_null(strstr(f.text, "optimizer"));
	spec.plain_ms = 1;
	assert_int_equal(filter_compile(&spec, &filter, &f), -ETIMEDOUT);
	assert_non_null(strstr(f.text, "more than 1 ms"));
	free(text);
}

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Neither descriptor nor child is left, and a program that ignores SIGCHLD gets its answer too. */
static void test_leaves_nothing(void **state)
{
	const struct filter_spec good = { .text = "tcp", .netmask = UNKNOWN };
	const struct filter_spec bad = { .text = "tcp tcp", .netmask = UNKNOWN };
	int before = open_files();
	struct filter filter;

	(void)state;
	assert_int_equal(filter_compile(&good, &filter, NULL), 0);
	filter_free(&filter);
	assert_int_equal(filter_compile(&bad, &filter, NULL), -EINVAL);
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(filter_compile(&good, &filter, NULL), 0);
	filter_free(&filter);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(open_files(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* A handler without SA_RESTART in mid-compilation, as of a terminal that changes size. */
static void on_alarm(int sig)
{
	(void)sig;
}

static void test_interrupted(void **state)
{
	struct sigaction act = { .sa_handler = on_alarm };
	char *text = hosts(60);
	struct filter_spec spec = { .text = text, .netmask = UNKNOWN, .optimize_ms = 60000 };
	struct filter filter;

	(void)state;
	sigaction(SIGALRM, &act, NULL);
	ualarm(1000, 1000);
	assert_int_equal(filter_compile(&spec, &filter, NULL), 0);
	ualarm(0, 0);
	assert_false(filter.unoptimized);
	filter_free(&filter);
	free(text);
}

static const struct {
	const char *name;
	enum filter_form form;
	const char *text; /* what tcpdump 4.99.3 prints for "arp" */
} forms[] = {
	{ "-d", FILTER_ASM,
	  "(000) ldh      [12]\n"
	  "(001) jeq      #0x806           jt 2\tjf 3\n"
	  "(002) ret      #262144\n"
	  "(003) ret      #0\n" },
	{ "-dd", FILTER_C,
	  "{ 0x28, 0, 0, 0x0000000c },\n"
	  "{ 0x15, 0, 1, 0x00000806 },\n"
	  "{ 0x6, 0, 0, 0x00040000 },\n"
	  "{ 0x6, 0, 0, 0x00000000 },\n" },
	{ "-ddd", FILTER_NUMBERS, "4\n40 0 0 12\n21 0 1 2054\n6 0 0 262144\n6 0 0 0\n" },
};

static void test_text(void **state)
{
	const struct filter_spec spec = { .text = "arp", .netmask = UNKNOWN };
	struct filter filter;

	(void)state;
	assert_int_equal(filter_compile(&spec, &filter, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char *text = filter_text(&filter, forms[i].form);

		print_message("  %s\n", forms[i].name);
		assert_string_equal(text, forms[i].text);
		free(text);
	}
	filter_free(&filter);
}

/* What the matcher of a live capture decides, on bytes in memory: cut ones too. */
static void test_match(void **state)
{
	static const unsigned char arp[60] = { [12] = 0x08, [13] = 0x06 };
	const struct filter_spec spec = { .text = "arp", .netmask = UNKNOWN };
	const struct filter_spec longer = { .text = "greater 1000", .netmask = UNKNOWN };
	const struct filter none = { 0 };
	struct filter filter = { 0 }, length = { 0 };

	(void)state;
	assert_false(filter_compile(&spec, &filter, NULL));
	assert_false(filter_compile(&longer, &length, NULL));
	assert_true(filter_match(&none, arp, sizeof(arp), sizeof(arp)));
	assert_true(filter_match(&filter, arp, sizeof(arp), sizeof(arp)));
	assert_true(filter_match(&filter, arp, 14, sizeof(arp)));
	assert_false(filter_match(&filter, arp, 13, sizeof(arp)));
	assert_true(filter_match(&length, arp, 14, 1000));
	assert_false(filter_match(&length, arp, 14, 999));
	filter_free(&filter);
	filter_free(&length);
}

/* Many in one go are what each is alone; of the first that is refused, which one and why. */
static void test_many(void **state)
{
	const char *texts[ARRAY_SIZE(cases)];
	struct filter many[ARRAY_SIZE(cases)], one;
	size_t count = 0, failed = 99;
	struct fail f = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (!cases[i].err && cases[i].netmask == UNKNOWN)
			texts[count++] = cases[i].text;
	assert_true(count > 2);
	assert_int_equal(filter_compile_many(texts, count, many, &failed, &f), 0);
	assert_int_equal(failed, 99);
	for (size_t i = 0; i < count; i++) {
		const struct filter_spec spec = { .text = texts[i], .netmask = UNKNOWN };

		assert_int_equal(filter_compile(&spec, &one, &f), 0);
		assert_int_equal(one.count, many[i].count);
		assert_memory_equal(one.insns, many[i].insns, one.count * sizeof(*one.insns));
		filter_free(&one);
		filter_free(&many[i]);
	}
	texts[1] = "tcp prot 80";
	assert_int_equal(filter_compile_many(texts, count, many, &failed, &f), -EINVAL);
	assert_int_equal(failed, 1);
	assert_non_null(strstr(f.text, "syntax error"));
	texts[1] = "ip protochain 6";
	assert_int_equal(filter_compile_many(texts, count, many, &failed, &f), -EOPNOTSUPP);
	assert_int_equal(failed, 1);
	assert_null(many[0].insns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compile),	       cmocka_unit_test(test_many),
		cmocka_unit_test(test_unoptimized),    cmocka_unit_test(test_limits),
		cmocka_unit_test(test_leaves_nothing), cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_text),	       cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
