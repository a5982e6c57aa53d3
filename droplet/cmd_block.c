// SPDX-License-Identifier: GPL-2.0
/* cmd_block - block and unblock. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "droplet/act.h"
#include "droplet/ask.h"
#include "lib/duration.h"

#define CHUNK 8192 /* prefixes of one request: a line of the socket has a limit */

const struct cli_opt block_opts[] = {
	{ "for", 't', "DURATION", "let it in again after that time (never)" },
	{ "note", 'n', "TEXT", "why, shown with the rule" },
	{ "file", 'f', "FILE", "block what FILE lists, a prefix a line, - for standard input" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ "json", 'j', NULL, "one JSON object" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

const struct cli_opt unblock_opts[] = {
	{ "file", 'f', "FILE", "unblock what FILE lists, a prefix a line, - for standard input" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ "json", 'j', NULL, "one JSON object" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

struct edit {
	struct act_block block;
	const char *file, *socket;
	int json;
};

/* Prefixes of the command line are checked before a file is read. */
static int gather(struct edit *e, int argc, char **argv)
{
	struct prefixes *list = &e->block.prefixes;
	struct fail f = { 0 };

	if (optind == argc && !e->file)
		return say_usage("no prefix: name one, or a file with -f");
	if (prefixes_args(list, argc, argv, &f))
		return say_usage("%s", f.text);
	if (e->file && prefixes_read(list, e->file, &f))
		return say_fail(&f);
	if (list->count > ACT_RULES_MAX) /* in order, the maps are several times as fast */
		prefixes_sort(list);
	return CLI_OK;
}

static int options(struct edit *e, const struct cli_opt *opts, int argc, char **argv)
{
	struct fail f = { 0 };
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, opts, 0)) != -1) {
		if (key == 't')
			err = duration_parse(optarg, &e->block.lasts_ns, &f);
		if (key == 'n')
			err = act_note(e->block.note = optarg, &f);
		if (key == 'f')
			e->file = optarg;
		if (key == 'i')
			e->block.ifname = optarg;
		if (key == 'j')
			e->json = 1;
		if (key == 's')
			e->socket = optarg;
	}
	return err ? say_usage("%s", f.text) : CLI_OK;
}

static json_t *request(const struct edit *e, const char *cmd, size_t from, size_t to)
{
	json_t *o = json_pack("{s:s}", "cmd", cmd), *list = json_array();
	char prefix[PREFIX_TEXT];

	for (size_t i = from; i < to; i++)
		json_array_append_new(list,
				      json_string(prefix_text(&e->block.prefixes.v[i], prefix)));
	json_object_set_new(o, "prefixes", list);
	if (e->block.lasts_ns)
		json_object_set_new(o, "for_ns", json_integer(e->block.lasts_ns));
	if (e->block.note)
		json_object_set_new(o, "note", json_string(e->block.note));
	if (e->block.ifname)
		json_object_set_new(o, "interface", json_string(e->block.ifname));
	return o;
}

static void add_number(json_t *to, const json_t *from, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(from, key));

	if (json_object_get(from, key))
		json_object_set_new(to, key,
				    json_integer(json_integer_value(json_object_get(to, key)) + n));
}

/* What one more request has done, to what those before it did. */
static void add(json_t *sum, const json_t *more)
{
	json_t *chains = json_object_get(sum, "chains"), *chain;
	const json_t *also = json_object_get(more, "chains");
	size_t i;

	json_array_foreach(chains, i, chain) {
		add_number(chain, json_array_get(also, i), "added");
		add_number(chain, json_array_get(also, i), "updated");
	}
	add_number(sum, more, "unblocked");
	json_array_extend(json_object_get(sum, "errors"), json_object_get(more, "errors"));
	if (json_is_true(json_object_get(more, "failed")))
		json_object_set_new(sum, "failed", json_true());
}

/* By the daemon, in pieces; -ENOENT: there is none. It stops at the first piece that fails. */
static int by_daemon(const struct edit *e, const char *cmd, json_t **sum, struct fail *f)
{
	const size_t count = e->block.prefixes.count;
	int err = 0;

	for (size_t i = 0; !err && i < count; i += CHUNK) {
		json_t *answer;

		if (*sum && json_is_true(json_object_get(*sum, "failed")) &&
		    !json_object_get(*sum, "unblocked"))
			break;
		err = ask(e->socket, request(e, cmd, i, i + CHUNK < count ? i + CHUNK : count),
			  &answer, f);
		if (err) {
			json_decref(*sum);
			*sum = NULL;
			break;
		}
		if (*sum) {
			add(*sum, answer);
			json_decref(answer);
		} else {
			*sum = answer;
		}
	}
	return err;
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void show_blocked(const struct edit *e, const json_t *chain)
{
	const json_t *rules = json_object_get(chain, "rules"), *r;
	char lasts[DURATION_TEXT];
	size_t i;

	json_array_foreach(rules, i, r) {
		printf("%s: %s %s, rule %lld", text(chain, "interface"),
		       json_is_true(json_object_get(r, "added")) ? "blocked" : "updated",
		       text(r, "prefix"), json_integer_value(json_object_get(r, "rule")));
		if (e->block.lasts_ns)
			printf(", for %s", duration_text(e->block.lasts_ns, lasts));
		printf("\n");
	}
	if (!rules)
		printf("%s: %lld prefixes blocked, %lld updated\n", text(chain, "interface"),
		       json_integer_value(json_object_get(chain, "added")),
		       json_integer_value(json_object_get(chain, "updated")));
}

static void show_block(const struct edit *e, const json_t *answer)
{
	const json_t *chain;
	size_t i;

	json_array_foreach(json_object_get(answer, "chains"), i, chain)
		show_blocked(e, chain);
}

static const char *missing(const json_t *answer, const char *prefix)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(answer, "missing"), i, m)
		if (!strcmp(text(m, "prefix"), prefix))
			return text(m, "error");
	return NULL;
}

static void show_unblock(const struct edit *e, const json_t *answer)
{
	const struct prefixes *list = &e->block.prefixes;
	json_int_t done = json_integer_value(json_object_get(answer, "unblocked"));
	char prefix[PREFIX_TEXT];

	/* A chain that could not be opened says so itself. */
	if (!done && json_array_size(json_object_get(answer, "errors")))
		return;
	for (size_t i = 0; list->count <= ACT_RULES_MAX && i < list->count; i++) {
		const char *why = missing(answer, prefix_text(&list->v[i], prefix));

		if (why)
			fprintf(stderr, "droplet: %s\n", why);
		else
			printf("%s: unblocked\n", prefix);
	}
	if (list->count <= ACT_RULES_MAX)
		return;
	printf("%lld prefixes unblocked\n", done);
	if ((size_t)done < list->count)
		fprintf(stderr, "droplet: %zu of the prefixes: not blocked\n",
			list->count - (size_t)done);
}

static int finish(const struct edit *e, json_t *answer,
		  void (*show)(const struct edit *e, const json_t *answer))
{
	if (!e->json && answer)
		show(e, answer);
	return say_end(answer, e->json);
}

int cmd_block(int argc, char **argv)
{
	struct edit e = { 0 };
	struct fail f = { 0 };
	json_t *answer = NULL;
	int err, rc = options(&e, block_opts, argc, argv);

	if (!rc)
		rc = gather(&e, argc, argv);
	if (!rc) {
		err = by_daemon(&e, "block", &answer, &f);
		if (err == -ENOENT)
			answer = act_block(&e.block);
		rc = err && err != -ENOENT ? say_fail(&f) : finish(&e, answer, show_block);
	}
	prefixes_free(&e.block.prefixes);
	return rc;
}

int cmd_unblock(int argc, char **argv)
{
	struct edit e = { 0 };
	struct fail f = { 0 };
	json_t *answer = NULL;
	int err, rc = options(&e, unblock_opts, argc, argv);

	if (!rc)
		rc = gather(&e, argc, argv);
	if (!rc) {
		err = by_daemon(&e, "unblock", &answer, &f);
		if (err == -ENOENT)
			answer = act_unblock(e.block.ifname, &e.block.prefixes);
		rc = err && err != -ENOENT ? say_fail(&f) : finish(&e, answer, show_unblock);
	}
	prefixes_free(&e.block.prefixes);
	return rc;
}
