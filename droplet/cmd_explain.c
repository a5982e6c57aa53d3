// SPDX-License-Identifier: GPL-2.0
/* cmd_explain - what a running chain would do to such a packet, step by step. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "droplet/droplet.h"
#include "lib/capfile.h"
#include "lib/example.h"
#include "lib/print.h"
#include "lib/trial.h"
#include "lib/util.h"

#define PACKETS_MAX 10 /* of a capture; each takes a capture session of its own */

const struct cli_opt explain_opts[] = {
	{ "interface", 'i', "IFACE", "by the chain there, and not by every chain" },
	{ "json", 'j', NULL, "print JSON" },
	{ 0 },
};

struct packet {
	unsigned char data[EXAMPLE_MAX];
	__u32 len;
};

struct explain {
	struct packet packets[PACKETS_MAX];
	size_t count;
	int more;     /* the capture has others */
	json_t *json; /* an array, or NULL: text */
};

static void print_line(const struct packet *p)
{
	const struct print_opts opts = { .time = PRINT_TIME_NONE };
	const struct print_pkt pkt = { .data = p->data, .cap_len = p->len, .len = p->len };
	struct print *print = print_new(&opts);
	char line[PRINT_SIZE(64)];

	if (!print)
		return;
	print_packet(print, &pkt, line, sizeof(line));
	printf("%s\n", line);
	print_free(print);
}

static void print_step(const struct trail_step *s)
{
	const char *verdict = trail_verdict_name(s->verdict);
	char label[TRAIL_LABEL];

	trail_label(s, label);
	printf("  slot %2u  %-24s %s%s", s->slot, label, s->shadow ? "would " : "",
	       verdict ? verdict : "?");
	if (*s->reason_name)
		printf(", %s", s->reason_name);
	else if (s->reason)
		printf(", reason %u", s->reason);
	if (s->rule)
		printf(", rule %u%s%s%s", s->rule, *s->rule_text ? " (" : "", s->rule_text,
		       *s->rule_text ? ")" : "");
	printf("\n");
}

static void say_text(const struct chain *c, const struct packet *p, const struct trail *t)
{
	const char *verdict = trail_verdict_name(t->verdict);

	printf("%s: ", c->ifname);
	print_line(p);
	for (int i = 0; i < t->steps; i++)
		print_step(&t->step[i]);
	printf("  verdict  %s%s\n", verdict ? verdict : "?",
	       trail_decider(t) < 0 ? ", since no stage stops it" : "");
	if (c->info.flags & CHAIN_PANIC)
		printf("  policers are stepped over: panic\n");
}

static json_t *json_step(const struct trail_step *s)
{
	const char *verdict = trail_verdict_name(s->verdict);

	return json_pack("{s:i,s:s,s:s,s:b,s:i,s:s,s:I,s:s}", "slot", s->slot, "stage", s->stage,
			 "verdict", verdict ? verdict : "?", "shadow", s->shadow, "reason",
			 s->reason, "reason_name", s->reason_name, "rule", (json_int_t)s->rule,
			 "rule_text", s->rule_text);
}

static void say_json(const struct chain *c, const struct packet *p, const struct trail *t,
		     json_t *to)
{
	const char *verdict = trail_verdict_name(t->verdict);
	json_t *steps = json_array();

	for (int i = 0; i < t->steps; i++)
		json_array_append_new(steps, json_step(&t->step[i]));
	json_array_append_new(to,
			      json_pack("{s:s,s:i,s:s,s:o,s:b}", "interface", c->ifname, "length",
					p->len, "verdict", verdict ? verdict : "?", "steps", steps,
					"panic", !!(c->info.flags & CHAIN_PANIC)));
}

static int explain(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct explain *e = arg;
	struct trail trail;
	struct trial *t;
	int err = 0;

	(void)slot;
	for (size_t i = 0; !err && i < e->count; i++) {
		const struct packet *p = &e->packets[i];

		err = trial_open(c->ifname, p->data, p->len, &t, f);
		if (err)
			break;
		err = trial_run(t, p->data, p->len, &trail, f);
		trial_close(t);
		if (!err && e->json)
			say_json(c, p, &trail, e->json);
		else if (!err)
			say_text(c, p, &trail);
	}
	return err;
}

static int read_capture(struct explain *e, int fd, const char *path, struct fail *f)
{
	struct capfile *file;
	struct record r;
	int err = capfile_open(fd, 0, &file, f), more = 0;

	if (err)
		return fail_set(f, -err, "%s: not a capture file", path);
	while ((more = capfile_next(file, &r)) == 1) {
		struct packet *p = &e->packets[e->count];

		if (e->count == PACKETS_MAX) {
			e->more = 1;
			break;
		}
		p->len = r.cap_len < EXAMPLE_MAX ? r.cap_len : EXAMPLE_MAX;
		memcpy(p->data, r.data, p->len);
		e->count++;
	}
	if (more < 0)
		err = fail_set(f, -more, "%s: %s", path,
			       capfile_why(file) ? capfile_why(file) : strerror(-more));
	else if (!e->count)
		err = fail_set(f, ENODATA, "%s: no packet in it", path);
	capfile_close(file);
	return err;
}

static int make_packet(struct explain *e, const char *text, struct fail *f)
{
	const struct filter_spec spec = { .text = text, .netmask = FILTER_NETMASK_UNKNOWN };
	struct filter filter = { 0 };
	struct fail why = { 0 };
	int err = filter_compile(&spec, &filter, &why);

	if (err)
		return fail_set(f, -err, "%s: no capture file, and no filter: %s", text, why.text);
	err = example_packet(&filter, e->packets[0].data, &e->packets[0].len);
	filter_free(&filter);
	if (err)
		return fail_set(f, -err,
				"%s: no packet found that matches it, name a capture with one",
				text);
	e->count = 1;
	return 0;
}

/* @what: a capture file, if there is one of that name; else an expression. */
static int find_packets(struct explain *e, const char *what, struct fail *f)
{
	int fd = open(what, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return make_packet(e, what, f);
	err = read_capture(e, fd, what, f);
	close(fd);
	return err;
}

int cmd_explain(int argc, char **argv)
{
	static struct explain e;
	struct targets t = { .access = CHAIN_READ, .fn = explain, .arg = &e };
	struct fail f = { 0 };
	int key, rc;

	while ((key = cli_next(argc, argv, explain_opts, 0)) != -1) {
		if (key == 'i')
			t.ifname = optarg;
		if (key == 'j' && !e.json)
			e.json = json_array();
	}
	if (find_packets(&e, argv[optind], &f))
		return say_fail(&f);
	rc = targets_run(&t);
	if (e.json && !rc) {
		json_dumpf(e.json, stdout, JSON_COMPACT);
		printf("\n");
	}
	if (e.more && !e.json)
		fprintf(stderr, "droplet: %s: only its first %d packets\n", argv[optind],
			PACKETS_MAX);
	json_decref(e.json);
	return rc;
}
