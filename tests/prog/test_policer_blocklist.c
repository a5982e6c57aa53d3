// SPDX-License-Identifier: GPL-2.0
/* The kinds blocklist and allowlist: what a configuration puts on a list, and what it leaves. */
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

#include "lib/blocklist.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT 3

static struct rig rig;
static char path[] = "/tmp/test-list-XXXXXX";
static char words[512];

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* As lib/apply does it: prepared as what goes on, switched, settled. @lost: maps that began anew.
 */
static int configure(const char *kind, const char *text, unsigned int *lost, struct fail *f)
{
	struct policing p;
	int err = policing_make(&p, kind, text, f);

	if (!err) {
		p.policer.spec.slot = SLOT;
		p.policer.spec.name = "mine";
		err = stage_load(rig.chain, &p.policer.spec, lost, f);
	}
	if (!err)
		err = policer_settle(&p.policer, rig.chain, SLOT, f);
	policing_free(&p);
	return err;
}

static int configure_expiring(const char *expires, const char *note)
{
	struct policer_rule rule = { .match = "203.0.113.0/24",
				     .expires = (char *)expires,
				     .note = (char *)note };
	const struct policer_conf conf = {
		.name = "mine", .kind = "blocklist", .rules = &rule, .rule_count = 1
	};
	struct policer p = { 0 };
	struct fail f = { 0 };
	int err;

	err = policer_make(&conf, &p, &f);
	if (err)
		return err;
	p.spec.slot = SLOT;
	err = stage_load(rig.chain, &p.spec, NULL, &f);
	if (!err)
		err = policer_settle(&p, rig.chain, SLOT, &f);
	policer_free(&p);
	return err;
}

static void put(const char *text)
{
	struct fail f = { 0 };

	if (configure("blocklist", text, NULL, &f))
		fail_msg("%s: %s %s", text, f.text, f.log);
}

static struct blocklist *list(void)
{
	struct blocklist *b = NULL;

	assert_int_equal(blocklist_open(rig.chain, SLOT, &b, NULL), 0);
	return b;
}

static void command(const char *text, const char *note, __u64 expires_ns)
{
	const struct blocklist_want want = { .note = note, .expires_ns = expires_ns };
	struct blocklist *b = list();
	struct prefix p;
	__u32 rule;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	assert_true(blocklist_add(b, &p, &want, &rule, NULL) >= 0);
	blocklist_close(b);
}

static void remove_by_command(const char *text)
{
	struct blocklist *b = list();
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	assert_int_equal(blocklist_del(b, &p, NULL), 0);
	blocklist_close(b);
}

struct look {
	const char *text;
	struct blocklist_item item;
	int count;
	char all[512];
};

static int look_one(const struct blocklist_item *item, void *arg)
{
	struct look *l = arg;
	char text[PREFIX_TEXT];

	prefix_text(&item->prefix, text);
	snprintf(l->all + strlen(l->all), sizeof(l->all) - strlen(l->all), "%s%s",
		 l->count ? " " : "", text);
	l->count++;
	if (l->text && !strcmp(text, l->text))
		l->item = *item;
	return 0;
}

static struct look look(const char *text)
{
	struct look l = { .text = text };
	struct blocklist *b = list();

	assert_int_equal(blocklist_each(b, look_one, &l, NULL), 0);
	blocklist_close(b);
	return l;
}

static void expect(const char *src, int verdict, const char *reason)
{
	const struct frame f = { .src = src,
				 .dst = strchr(src, ':') ? "2001:db8:ffff::1" : "192.0.2.1",
				 .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];

	policing_expect(&rig, SLOT, buf, frame_make(buf, &f, NULL), verdict, reason);
}

static void fresh(void)
{
	stage_unload(rig.chain, SLOT, NULL);
}

static void test_rules_and_files(void **state)
{
	(void)state;
	fresh();
	write_file("# made up\n203.0.113.0/24\n2001:db8:1::/48 # and this\n\n198.51.100.7\n");
	snprintf(words, sizeof(words), "files=%s rule=198.51.100.9 rule=10.0.0.0/8@drop", path);
	put(words);
	assert_string_equal(look(NULL).all, "10.0.0.0/8 198.51.100.7/32 198.51.100.9/32 "
					    "203.0.113.0/24 2001:db8:1::/48");
	expect("203.0.113.4", XDP_DROP, "prefix");
	expect("198.51.100.9", XDP_DROP, "prefix");
	expect("198.51.100.8", XDP_PASS, "");
	expect("10.200.0.1", XDP_DROP, "prefix");
	expect("2001:db8:1:7::1", XDP_DROP, "prefix");
	expect("2001:db8:2::1", XDP_PASS, "");
	assert_int_equal(look("203.0.113.0/24").item.hits, 1);
}

static void test_set(void **state)
{
	struct policer_set set = { .name = "bots", .file = path };
	struct fail f = { 0 };

	(void)state;
	fresh();
	write_file("203.0.113.0/24\n");
	assert_int_equal(policing_load_sets(rig.chain, SLOT, "blocklist", "set=bots", &set, 1, &f),
			 0);
	expect("203.0.113.4", XDP_DROP, "prefix");
	assert_int_equal(policing_load_sets(rig.chain, SLOT, "blocklist", "set=cats", &set, 1, &f),
			 -EINVAL);
	assert_string_equal(f.text, "7: blocklist: set: cats: no such set: bots");
}

/* What the configuration owns follows it; what a command added stays, with hits and rule ids. */
static void test_difference(void **state)
{
	struct look before;

	(void)state;
	fresh();
	put("rule=203.0.113.0/24 rule=198.51.100.0/24 rule=2001:db8::/32");
	command("192.0.2.0/24", "by hand", 0);
	command("198.51.100.0/24", "both want it", 0);
	expect("203.0.113.4", XDP_DROP, "prefix");
	expect("192.0.2.4", XDP_DROP, "prefix");
	before = look("203.0.113.0/24");
	put("rule=203.0.113.0/24 rule=10.0.0.0/8");
	assert_string_equal(look(NULL).all,
			    "10.0.0.0/8 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24");
	assert_int_equal(look("203.0.113.0/24").item.rule, before.item.rule);
	assert_int_equal(look("203.0.113.0/24").item.hits, 1);
	assert_int_equal(look("192.0.2.0/24").item.hits, 1);
	assert_int_equal(look("192.0.2.0/24").item.owner, BLOCKLIST_RUN);
	assert_int_equal(look("198.51.100.0/24").item.owner, BLOCKLIST_RUN);
	assert_int_equal(look("10.0.0.0/8").item.owner, BLOCKLIST_CONF);
	expect("10.1.1.1", XDP_DROP, "prefix");
	expect("2001:db8::1", XDP_PASS, "");
	put("");
	assert_string_equal(look(NULL).all, "192.0.2.0/24 198.51.100.0/24");
}

/* What is configured comes back when a command has unblocked it. */
static void test_unblocked_comes_back(void **state)
{
	(void)state;
	fresh();
	put("rule=203.0.113.0/24");
	remove_by_command("203.0.113.0/24");
	expect("203.0.113.4", XDP_PASS, "");
	put("rule=203.0.113.0/24");
	expect("203.0.113.4", XDP_DROP, "prefix");
}

/* What a command wants for good is not cut short by a rule with a time. */
static void test_for_good(void **state)
{
	(void)state;
	fresh();
	put("");
	command("203.0.113.0/24", NULL, 0);
	assert_int_equal(configure_expiring("1s", NULL), 0);
	assert_int_equal(look("203.0.113.0/24").item.expires_ns, 0);
}

/* A command cannot cut short what is configured; its time is over, and it is blocked still. */
static void test_command_does_not_shorten(void **state)
{
	(void)state;
	fresh();
	put("rule=203.0.113.0/24");
	command("203.0.113.0/24", NULL, 1);
	expect("203.0.113.4", XDP_DROP, "prefix");
	assert_int_equal(look("203.0.113.0/24").item.expires_ns, 0);
}

/* Time runs from when the rule is first set: reading it again does not begin anew. */
static void test_expires(void **state)
{
	__u64 begin = now_ns(), expires;
	struct chain_rule r;
	struct blocklist *b;

	(void)state;
	fresh();
	assert_int_equal(configure_expiring("1h", "scanner"), 0);
	expires = look("203.0.113.0/24").item.expires_ns;
	assert_in_range(expires, begin + 3600 * NSEC, now_ns() + 3600 * NSEC);
	assert_int_equal(configure_expiring("1h", "scanner of last week"), 0);
	assert_int_equal(look("203.0.113.0/24").item.expires_ns, expires);
	b = list();
	assert_int_equal(blocklist_rule(b, look("203.0.113.0/24").item.rule, &r), 0);
	blocklist_close(b);
	assert_string_equal(r.note, "scanner of last week");
	assert_int_equal(configure_expiring(NULL, NULL), 0);
	assert_int_equal(look("203.0.113.0/24").item.expires_ns, 0);
}

/* After its time it stays over, also when the configuration is read again. */
static void test_expired_stays_so(void **state)
{
	(void)state;
	fresh();
	assert_int_equal(configure_expiring("1s", NULL), 0);
	expect("203.0.113.4", XDP_DROP, "prefix");
	while (look("203.0.113.0/24").count)
		;			  /* until it is over */
	command("192.0.2.0/24", NULL, 1); /* has the next one who opens it drop what has expired */
	assert_int_equal(configure_expiring("1s", NULL), 0);
	expect("203.0.113.4", XDP_PASS, "");
	assert_int_equal(look(NULL).count, 0);
}

static void test_size_changes(void **state)
{
	unsigned int lost = 0;
	struct fail f = { 0 };

	(void)state;
	fresh();
	put("max_prefixes=10 rule=203.0.113.0/24");
	command("192.0.2.0/24", NULL, 0);
	assert_int_equal(configure("blocklist", "max_prefixes=20 rule=203.0.113.0/24", &lost, &f),
			 0);
	assert_true(lost > 0);
	assert_string_equal(look(NULL).all, "203.0.113.0/24");
	expect("203.0.113.4", XDP_DROP, "prefix");
}

/* A list of another kind with the same name is another list. */
static void test_allowlist(void **state)
{
	struct fail f = { 0 };

	(void)state;
	fresh();
	put("rule=203.0.113.0/24");
	command("192.0.2.0/24", NULL, 0);
	assert_int_equal(configure("allowlist", "rule=203.0.113.0/24", NULL, &f), 0);
	assert_string_equal(look(NULL).all, "203.0.113.0/24");
	expect("203.0.113.4", XDP_PASS, "prefix");
	expect("192.0.2.4", XDP_PASS, "");
	assert_int_equal(look("203.0.113.0/24").item.hits, 1);
}

/* Past what stands after it. */
static void test_allowlist_is_before(void **state)
{
	const struct frame f = { .src = "203.0.113.4", .dst = "192.0.2.1", .proto = IPPROTO_UDP };
	const struct frame g = { .src = "203.0.114.4", .dst = "192.0.2.1", .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];

	(void)state;
	fresh();
	policing_put(rig.chain, SLOT, "allowlist", "rule=203.0.113.0/24");
	policing_put(rig.chain, SLOT + 1, "blocklist", "rule=203.0.0.0/16");
	policing_expect(&rig, SLOT, buf, frame_make(buf, &f, NULL), XDP_PASS, "prefix");
	policing_expect(&rig, SLOT, buf, frame_make(buf, &g, NULL), XDP_DROP, "");
	assert_int_equal(stage_unload(rig.chain, SLOT + 1, NULL), 0);
}

static int setup(void **state)
{
	int fd;

	(void)state;
	rig_alone();
	rig_up(&rig, "pbl");
	fd = mkstemp(path);
	return close(fd);
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_and_files),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_unblocked_comes_back),
		cmocka_unit_test(test_command_does_not_shorten),
		cmocka_unit_test(test_for_good),
		cmocka_unit_test(test_expires),
		cmocka_unit_test(test_expired_stays_so),
		cmocka_unit_test(test_size_changes),
		cmocka_unit_test(test_allowlist),
		cmocka_unit_test(test_allowlist_is_before),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
