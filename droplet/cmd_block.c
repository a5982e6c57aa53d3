// SPDX-License-Identifier: GPL-2.0
/* cmd_block - block and unblock. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "droplet/droplet.h"
#include "lib/blocklist.h"
#include "lib/duration.h"
#include "lib/util.h"

#define LINES_MAX 10 /* prefixes that get a line each; of more only the sum is told */

const struct cli_opt block_opts[] = {
	{ "for", 't', "DURATION", "let it in again after that time (never)" },
	{ "note", 'n', "TEXT", "why, shown with the rule" },
	{ "file", 'f', "FILE", "block what FILE lists, a prefix a line, - for standard input" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ 0 },
};

const struct cli_opt unblock_opts[] = {
	{ "file", 'f', "FILE", "unblock what FILE lists, a prefix a line, - for standard input" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ 0 },
};

struct edit {
	struct prefixes prefixes;
	struct blocklist_want want;
	__u64 lasts_ns; /* 0: for good */
	const char *file, *ifname;
	char **why; /* unblock: for each prefix what a chain said, or "" when it was unblocked */
};

static void edit_free(struct edit *e)
{
	for (size_t i = 0; e->why && i < e->prefixes.count; i++)
		free(e->why[i]);
	free(e->why);
	prefixes_free(&e->prefixes);
}

static void say_blocked(const struct chain *c, const struct edit *e, size_t i, int added,
			__u32 rule)
{
	char prefix[PREFIX_TEXT], lasts[DURATION_TEXT];

	printf("%s: %s %s, rule %u", c->ifname, added ? "blocked" : "updated",
	       prefix_text(&e->prefixes.v[i], prefix), rule);
	if (e->lasts_ns)
		printf(", for %s", duration_text(e->lasts_ns, lasts));
	printf("\n");
}

static int block_few(const struct chain *c, struct blocklist *list, const struct edit *e,
		     struct fail *f)
{
	__u32 rule;

	for (size_t i = 0; i < e->prefixes.count; i++) {
		int added = blocklist_add(list, &e->prefixes.v[i], &e->want, &rule, f);

		if (added < 0)
			return added;
		say_blocked(c, e, i, added, rule);
	}
	return 0;
}

static int block_many(const struct chain *c, struct blocklist *list, const struct edit *e,
		      struct fail *f)
{
	struct blocklist_added sum;
	int err = blocklist_add_many(list, e->prefixes.v, e->prefixes.count, &e->want, &sum, f);

	printf("%s: %zu prefixes blocked, %zu updated\n", c->ifname, sum.added, sum.updated);
	return err;
}

static int block(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct blocklist *list;
	struct edit *e = arg;
	int err = blocklist_open(c, slot, &list, f);

	if (err)
		return err;
	e->want.expires_ns = e->lasts_ns ? now_ns() + e->lasts_ns : 0;
	err = e->prefixes.count > LINES_MAX ? block_many(c, list, e, f) : block_few(c, list, e, f);
	blocklist_close(list);
	return err;
}

static int set_note(struct edit *e, const char *note, struct fail *f)
{
	const size_t max = sizeof(((struct chain_rule *)0)->note) - 1;
	json_t *json;

	for (const char *p = note; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return fail_set(f, EINVAL, "--note: control characters in it");
	json = json_string(note); /* `--json` has no way to show anything else */
	if (!json)
		return fail_set(f, EINVAL, "--note: not in UTF-8");
	json_decref(json);
	if (strlen(note) > max)
		return fail_set(f, EINVAL, "--note: longer than %zu bytes", max);
	e->want.note = note;
	return 0;
}

/* Prefixes of the command line are checked before a file is read. */
static int gather(struct edit *e, int argc, char **argv)
{
	struct fail f = { 0 };

	if (optind == argc && !e->file)
		return say_usage("no prefix: name one, or a file with -f");
	if (prefixes_args(&e->prefixes, argc, argv, &f))
		return say_usage("%s", f.text);
	if (e->file && prefixes_read(&e->prefixes, e->file, &f))
		return say_fail(&f);
	if (e->prefixes.count > LINES_MAX) /* in order, the maps are several times as fast */
		prefixes_sort(&e->prefixes);
	return CLI_OK;
}

static int block_options(struct edit *e, int argc, char **argv)
{
	struct fail f = { 0 };
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, block_opts, 0)) != -1) {
		switch (key) {
		case 't':
			err = duration_parse(optarg, &e->lasts_ns, &f);
			break;
		case 'n':
			err = set_note(e, optarg, &f);
			break;
		case 'f':
			e->file = optarg;
			break;
		case 'i':
			e->ifname = optarg;
			break;
		}
	}
	return err ? say_usage("%s", f.text) : CLI_OK;
}

int cmd_block(int argc, char **argv)
{
	struct edit e = { 0 };
	struct targets t = {
		.stage = BLOCKLIST_NAME, .access = CHAIN_WRITE, .fn = block, .arg = &e
	};
	int rc = block_options(&e, argc, argv);

	if (!rc)
		rc = gather(&e, argc, argv);
	t.ifname = e.ifname;
	if (!rc)
		rc = targets_run(&t);
	edit_free(&e);
	return rc;
}

static int unblock_one(struct edit *e, struct blocklist *list, size_t i, struct fail *f)
{
	int err = blocklist_del(list, &e->prefixes.v[i], f);

	if (err && (err != -ENOENT || e->why[i]))
		return err == -ENOENT ? 0 : err;
	free(e->why[i]);
	e->why[i] = strdup(err ? f->text : "");
	return e->why[i] ? 0 : fail_set(f, ENOMEM, "out of memory");
}

static int unblock(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct blocklist *list;
	struct edit *e = arg;
	int err = blocklist_open(c, slot, &list, f);

	if (err)
		return err;
	for (size_t i = 0; !err && i < e->prefixes.count; i++)
		err = unblock_one(e, list, i, f);
	blocklist_close(list);
	return err;
}

/* A prefix must have been blocked somewhere; on which of the chains does not matter. */
static int unblock_result(const struct edit *e)
{
	char text[PREFIX_TEXT];
	size_t missing = 0;

	for (size_t i = 0; i < e->prefixes.count; i++) {
		int failed = !e->why[i] || e->why[i][0];

		missing += failed;
		if (e->prefixes.count > LINES_MAX)
			continue;
		if (failed)
			fprintf(stderr, "droplet: %s\n", e->why[i] ? e->why[i] : "not done");
		else
			printf("%s: unblocked\n", prefix_text(&e->prefixes.v[i], text));
	}
	if (e->prefixes.count > LINES_MAX)
		printf("%zu prefixes unblocked\n", e->prefixes.count - missing);
	if (e->prefixes.count > LINES_MAX && missing)
		fprintf(stderr, "droplet: %zu of the prefixes: not blocked\n", missing);
	return missing ? CLI_FAILED : CLI_OK;
}

int cmd_unblock(int argc, char **argv)
{
	struct edit e = { 0 };
	struct targets t = {
		.stage = BLOCKLIST_NAME, .access = CHAIN_WRITE, .fn = unblock, .arg = &e
	};
	int key, rc;

	while ((key = cli_next(argc, argv, unblock_opts, 0)) != -1) {
		if (key == 'f')
			e.file = optarg;
		if (key == 'i')
			t.ifname = optarg;
	}
	rc = gather(&e, argc, argv);
	if (!rc) {
		e.why = calloc(e.prefixes.count + 1, sizeof(*e.why));
		rc = e.why ? targets_run(&t) : CLI_FAILED;
	}
	if (!rc)
		rc = unblock_result(&e);
	edit_free(&e);
	return rc;
}
