// SPDX-License-Identifier: GPL-2.0
/* A configuration: what is read from it, and the line that each mistake gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/conf.h"
#include "lib/util.h"

static char dir[] = "/tmp/xdpchain-conf-XXXXXX";
static char path[64];

/* "KIND" in a text is any kind that there is: the configuration does not look into it. */
static char *with_kind(const char *text)
{
	char *out = calloc(4, strlen(text) + 1), *p = out;
	const char *kind = policer_kinds[0]->name;

	while (*text) {
		if (strncmp(text, "KIND", 4)) {
			*p++ = *text++;
			continue;
		}
		assert_true(strlen(kind) < 16);
		p = stpcpy(p, kind);
		text += 4;
	}
	return out;
}

static void write_text(const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

static int load(const char *text, struct conf **conf, struct fail *f)
{
	char *whole = with_kind(text);

	write_text(whole, strlen(whole));
	free(whole);
	return conf_load(path, conf, f);
}

#define IFACE "interfaces: [eth0]\n"
#define KIND  "kind: KIND"
#define ONE   IFACE "policers:\n- name: a\n  " KIND "\n"

static const struct {
	const char *name, *text, *why; /* why: after "FILE:" */
} bad[] = {
	{ "empty", "", " it is empty" },
	{ "comment alone", "# nothing\n", " it is empty" },
	{ "syntax", IFACE "policers: [\n", "3: did not find expected node content" },
	{ "tab", IFACE "policers:\n\t- a\n", "3: found character that cannot start any token" },
	{ "bad utf-8", IFACE "# \xff\n", "2: invalid leading UTF-8 octet" },
	{ "list", "- eth0\n", "1: keys and values are wanted" },
	{ "two documents", IFACE "---\n" IFACE, "2: a second document: one is wanted" },
	{ "alias", "interfaces: &a [eth0]\nsets: *a\n",
	  "2: an alias (*a): write out what it stands for" },
	{ "deep", "interfaces: [[[[[[[[[[[[[[[[[eth0]]]]]]]]]]]]]]]]]\n",
	  "1: lists and mappings nested more than 16 deep" },
	{ "key twice", IFACE "sets: {}\n" IFACE, "3: interfaces: is there already, in line 1" },
	{ "key twice in params", ONE "  params: {x: 1,\n    x: 2}\n",
	  "6: x: is there already, in line 5" },
	{ "key is a list", IFACE "? [a]\n: b\n", "2: a list or a mapping where a key is wanted" },
	{ "unknown key", IFACE "polices: []\n",
	  "2: polices: no such key here, there are interfaces, policers, sets, control, metrics" },
	{ "unknown key of a policer", ONE "  rate: 5\n",
	  "5: rate: no such key here, there are name, kind, mode, disabled, file, params, maps, "
	  "rules" },
	{ "unknown key of a rule", ONE "  rules:\n  - match: x\n    then: drop\n",
	  "7: then: no such key here, there are id, match, action, note, expires" },
	{ "unknown key of control", IFACE "control:\n  sock: /run/x\n",
	  "3: sock: no such key here, there are socket, group" },
	{ "no interfaces", "policers: []\n", "1: interfaces: is missing here" },
	{ "interfaces empty", "interfaces: []\n",
	  "1: interfaces: a list is wanted, with one name or more: [eth0]" },
	{ "interfaces text", "interfaces: eth0\n",
	  "1: interfaces: a list is wanted, with one name or more: [eth0]" },
	{ "interface twice", "interfaces:\n- eth0\n- name: eth0\n",
	  "3: interfaces: eth0: is there already, in line 2" },
	{ "interface too long", "interfaces: [eth0123456789abcd]\n",
	  "1: interfaces: eth0123456789abcd: no interface can be called so" },
	{ "interface mode", "interfaces:\n- name: eth0\n  mode: fast\n",
	  "3: mode: fast: wanted is one of auto, native, generic" },
	{ "interface key", "interfaces:\n- name: eth0\n  modus: x\n",
	  "3: modus: no such key here, there are name, mode" },
	{ "interface unnamed", "interfaces:\n- mode: native\n",
	  "2: interfaces: a name is wanted, or {name: NAME, mode: native}" },
	{ "policers null", IFACE "policers:\n", "2: policers: a list is wanted" },
	{ "no name", IFACE "policers:\n- " KIND "\n", "3: name: is missing here" },
	{ "no kind", IFACE "policers:\n- name: a\n", "3: kind: is missing here" },
	{ "second has no kind", ONE "- name: b\n", "5: kind: is missing here" },
	{ "name empty", IFACE "policers:\n- " KIND "\n  name:\n",
	  "4: name: nothing is written there" },
	{ "name bad", IFACE "policers:\n- name: A\n  " KIND "\n",
	  "3: name: A: a name has a to z, 0 to 9, _ and -" },
	{ "name long",
	  IFACE "policers:\n- " KIND "\n  name: a234567890123456789012345678901234567890x\n",
	  "4: name: a234567890123456789012345678901234567890...: longer than 31 bytes" },
	{ "name a list", IFACE "policers:\n- " KIND "\n  name: [a]\n", "4: name: text is wanted" },
	{ "name twice", ONE "- name: a\n  " KIND "\n", "5: name: a: is there already, in line 3" },
	{ "kind unknown", IFACE "policers:\n- name: a\n  kind: blacklist\n",
	  "3: a: kind: blacklist: no such kind, there are " },
	{ "mode unknown", ONE "  mode: enforced\n",
	  "5: mode: enforced: wanted is one of enforce, shadow" },
	{ "disabled unknown", ONE "  disabled: maybe\n",
	  "5: disabled: maybe: wanted is one of true, false" },
	{ "rules a mapping", ONE "  rules: {}\n", "5: rules: a list is wanted" },
	{ "rule a word", ONE "  rules: [x]\n", "5: rules: keys and values are wanted" },
	{ "id a word", ONE "  rules:\n  - id: x\n", "6: id: x: a number is wanted" },
	{ "id too large", ONE "  rules:\n  - id: 4294967296\n",
	  "6: id: 4294967296: a number is wanted" },
	{ "id zero", ONE "  rules:\n  - id: 0\n", "6: a: id: 0: a number from 1 on is wanted" },
	{ "id twice", ONE "  rules:\n  - id: 7\n  - match: x\n  - id: 7\n",
	  "8: a: id: 7: is there already, in line 6" },
	{ "note long",
	  ONE "  rules:\n  - note: "
	      "1234567890123456789012345678901234567890123456789012345678901234\n",
	  "6: note: 1234567890123456789012345678901234567890...: longer than 63 bytes" },
	{ "params a list", ONE "  params: [x]\n", "5: params: keys and values are wanted" },
	{ "params too deep", ONE "  params: {x: {y: 1}}\n",
	  "5: x: a value or a list of values is wanted" },
	{ "params null", ONE "  params:\n    x:\n", "6: x: a value or a list of values is wanted" },
	{ "params empty list", ONE "  params:\n    x: []\n", "6: x: an empty list" },
	{ "maps a list of files", ONE "  maps:\n    m: [a, b]\n",
	  "6: m: one file is wanted, not a list" },
	{ "sets a list", IFACE "sets: [x]\n",
	  "2: sets: names with a file each are wanted: customers: FILE" },
	{ "set without file", IFACE "sets:\n  x:\n", "3: x: the name of a file is wanted" },
	{ "socket relative", IFACE "control: {socket: x}\n",
	  "2: socket: x: the whole path is wanted, from / on" },
	{ "every", IFACE "metrics:\n  every: 15\n", "3: every: 15: not a duration" },
};

static void test_bad(void **state)
{
	char want[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct conf *conf = (void *)1;
		struct fail f = { 0 };

		print_message("  %s\n", bad[i].name);
		assert_int_equal(load(bad[i].text, &conf, &f), -EINVAL);
		snprintf(want, sizeof(want), "%s:%s", path, bad[i].why);
		if (strncmp(f.text, want, strlen(want)))
			assert_string_equal(f.text, want);
		assert_null(strchr(f.text, '\n'));
		assert_ptr_equal(conf, (void *)1);
	}
}

static void test_file(void **state)
{
	struct conf *conf;
	struct fail f;
	char *big = malloc((1 << 20) + 1);

	(void)state;
	assert_int_equal(conf_load("/nonexistent/x.yaml", &conf, &f), -ENOENT);
	assert_string_equal(f.text, "/nonexistent/x.yaml: No such file or directory");
	assert_int_equal(conf_load("/tmp", &conf, &f), -EINVAL);
	assert_string_equal(f.text, "/tmp: not a file");
	memset(big, '#', (1 << 20) + 1);
	write_text(big, (1 << 20) + 1);
	assert_int_equal(conf_load(path, &conf, &f), -EFBIG);
	write_text(IFACE "x: \"a\0b\"\n", strlen(IFACE) + 9);
	assert_int_equal(conf_load(path, &conf, &f), -EINVAL);
	free(big);
}

/* Fifteen policers, and a room for fourteen. */
static void test_slots(void **state)
{
	char text[4096];
	struct conf *conf;
	struct fail f;

	(void)state;
	for (int n = 14; n <= 15; n++) {
		int len = snprintf(text, sizeof(text), IFACE "policers:\n");

		for (int i = 0; i < n; i++)
			len += snprintf(text + len, sizeof(text) - len, "- {name: p%d, " KIND "}\n",
					i);
		assert_int_equal(load(text, &conf, &f), n == 14 ? 0 : -EINVAL);
		if (n == 14) {
			assert_int_equal(conf->policer_count, 14);
			conf_free(conf);
		}
	}
	assert_non_null(strstr(f.text, ":17: policers: 15 of them, a chain has room for 14"));
}

static const char everything[] =
	"# all that there is\n"
	"interfaces:\n"
	"- eth0\n"
	"- {name: eth1.5, mode: generic}\n"
	"sets: {customers: lists/customers.txt, other: /srv/other}\n"
	"policers:\n"
	"- name: first\n"
	"  " KIND "\n"
	"  mode: shadow\n"
	"  file: src/first.c\n"
	"  params:\n"
	"    rate: 20k/s\n"
	"    ports: [53, \"123\"]\n"
	"  maps: {bad_hashes: hashes.txt}\n"
	"  rules:\n"
	"  - {id: 7, match: 'udp and src port 123', action: limit 1000/s, expires: 2h}\n"
	"  - {match: tcp, note: 'why: \"x\"'}\n"
	"- {name: second-2, " KIND ", disabled: true}\n"
	"control: {socket: /run/x.sock, group: adm}\n"
	"metrics: {listen: '127.0.0.1:9435', textfile: x.prom, every: 1m}\n";

static void check_first(const struct policer_conf *p, const char *real)
{
	char want[512];

	assert_string_equal(p->name, "first");
	assert_string_equal(p->kind, policer_kinds[0]->name);
	assert_int_equal(p->mode, POLICER_SHADOW);
	assert_int_equal(p->disabled, 0);
	assert_int_equal(p->line, 7);
	snprintf(want, sizeof(want), "%s/src/first.c", real);
	assert_string_equal(p->file, want);
	assert_int_equal(p->param_count, 2);
	assert_string_equal(p->params[0].key, "rate");
	assert_string_equal(p->params[0].values[0], "20k/s");
	assert_int_equal(p->params[0].line, 12);
	assert_int_equal(p->params[1].count, 2);
	assert_string_equal(p->params[1].values[1], "123");
	snprintf(want, sizeof(want), "%s/hashes.txt", real);
	assert_string_equal(p->maps[0].values[0], want);
	assert_int_equal(p->rule_count, 2);
	assert_int_equal(p->rules[0].id, 7);
	assert_string_equal(p->rules[0].action, "limit 1000/s");
	assert_string_equal(p->rules[0].expires, "2h");
	assert_null(p->rules[0].note);
	assert_int_equal(p->rules[1].id, 0);
	assert_int_equal(p->rules[1].line, 17);
	assert_string_equal(p->rules[1].note, "why: \"x\"");
}

static void test_whole(void **state)
{
	char *real = realpath(dir, NULL), want[512];
	struct fail f = { 0 };
	struct conf *conf;

	(void)state;
	assert_int_equal(load(everything, &conf, &f), 0);
	assert_string_equal(conf->path, path);
	assert_string_equal(conf->dir, real);
	assert_int_equal(conf->interface_count, 2);
	assert_string_equal(conf->interfaces[0].name, "eth0");
	assert_int_equal(conf->interfaces[0].mode, CHAIN_AUTO);
	assert_string_equal(conf->interfaces[1].name, "eth1.5");
	assert_int_equal(conf->interfaces[1].mode, CHAIN_GENERIC);
	assert_int_equal(conf->policer_count, 2);
	check_first(&conf->policers[0], real);
	assert_int_equal(conf->policers[1].disabled, 1);
	assert_ptr_equal(conf->policers[1].sets, conf->sets);
	assert_int_equal(conf->policers[1].set_count, 2);
	snprintf(want, sizeof(want), "%s/lists/customers.txt", real);
	assert_string_equal(conf->sets[0].file, want);
	assert_string_equal(conf->sets[1].file, "/srv/other");
	assert_string_equal(conf->control.socket, "/run/x.sock");
	assert_string_equal(conf->control.group, "adm");
	assert_string_equal(conf->metrics.listen, "127.0.0.1:9435");
	assert_true(conf->metrics.every_ns == 60 * NSEC);
	conf_free(conf);
	free(real);
}

static void test_least(void **state)
{
	struct fail f = { 0 };
	struct conf *conf;

	(void)state;
	assert_int_equal(load(IFACE, &conf, &f), 0);
	assert_int_equal(conf->policer_count, 0);
	assert_string_equal(conf->control.socket, CONF_SOCKET);
	assert_null(conf->control.group);
	assert_null(conf->metrics.listen);
	assert_true(conf->metrics.every_ns == 15 * NSEC);
	conf_free(conf);
	conf_free(NULL);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/droplet.yaml", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),   cmocka_unit_test(test_file),
		cmocka_unit_test(test_slots), cmocka_unit_test(test_whole),
		cmocka_unit_test(test_least),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
