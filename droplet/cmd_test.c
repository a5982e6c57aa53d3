// SPDX-License-Identifier: GPL-2.0
/* cmd_test - a policer over a capture, in the kernel, without an interface. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "droplet/droplet.h"
#include "droplet/trial_pick.h"
#include "droplet/trial_sum.h"
#include "lib/capfile.h"
#include "lib/pins.h"
#include "lib/trial.h"
#include "lib/util.h"

#define SAMPLES	       16 /* packets whose cost is measured */
#define LINKTYPE_ETHER 1

const struct cli_opt test_opts[] = {
	{ "config", 'c', "FILE", "where the policer stands (/etc/xdpchain/droplet.yaml)" },
	{ "realtime", 'r', NULL, "as slowly as the packets came: for limits by time" },
	{ "verbose", 'v', NULL, "a line for each packet that it does not hand on" },
	{ "json", 'j', NULL, "print JSON" },
	{ 0 },
};

struct test {
	const char *policer, *capture, *config;
	int realtime, verbose, json;
	struct capfile *file;
	struct chain *chain;
	struct trial_sum sum;
	struct {
		unsigned char *data;
		__u32 len;
	} samples[SAMPLES];
	__u64 first_ns, start_ns; /* time of the first packet; when it was tried */
};

/* Load it into a chain of its own; what that chain takes without it is measured before. */
static int set_up(struct test *t, struct fail *f)
{
	struct policer policer = { 0 };
	struct trial_pick pick;
	int err = trial_pick(t->policer, t->config, &pick, f);

	if (!err) {
		err = policer_make(pick.policer, &policer, f);
		if (err)
			trial_pick_fail(&pick, t->config, f);
	}
	if (!err)
		err = chain_alone(&t->chain, f);
	if (!err) {
		policer.spec.slot = CHAIN_SLOT_POLICER_MIN;
		err = stage_load(t->chain, &policer.spec, NULL, f);
		if (!err)
			err = policer_settle(&policer, t->chain, policer.spec.slot, f);
	}
	if (t->chain) { /* captures take the lock themselves */
		fd_close(t->chain->lock);
		t->chain->lock = -1;
	}
	policer_free(&policer);
	trial_pick_free(&pick);
	return err;
}

/* Any packet is as likely a sample as any other (reservoir sampling). */
static void sample(struct test *t, const struct record *r)
{
	__u64 n = t->sum.all.packets, at = n < SAMPLES ? n : (__u64)random() % (n + 1);
	unsigned char *data;

	if (at >= SAMPLES)
		return;
	data = malloc(r->cap_len);
	if (!data)
		return;
	memcpy(data, r->data, r->cap_len);
	free(t->samples[at].data);
	t->samples[at].data = data;
	t->samples[at].len = r->cap_len;
}

static void wait_for(struct test *t, const struct record *r)
{
	struct timespec until;
	__u64 at;

	if (!t->start_ns) {
		t->start_ns = now_ns();
		t->first_ns = r->time_ns;
	}
	at = t->start_ns + (r->time_ns > t->first_ns ? r->time_ns - t->first_ns : 0);
	until = (struct timespec){ at / NSEC, at % NSEC };
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void say_packet(const struct trail *trail, __u64 number)
{
	char text[TRAIL_MAX];
	size_t n;

	if (trail->steps && trail->step[0].verdict == CHAIN_NEXT)
		return;
	n = trail_format(trail, TRAIL_TEXT, text, sizeof(text));
	printf("%llu: %.*s\n", number, (int)n, text);
}

static int try_one(struct test *t, struct trial *trial, const struct record *r, struct fail *f)
{
	struct trail trail;
	int err;

	if (t->realtime)
		wait_for(t, r);
	err = trial_run(trial, r->data, r->cap_len, &trail, f);
	if (err == -EINVAL) {
		t->sum.odd++;
		return 0;
	}
	if (err)
		return err;
	t->sum.cut += r->cap_len < r->len;
	sample(t, r);
	if (trial_sum_add(&t->sum, &trail, r->len))
		return fail_errno(f, ENOMEM, t->capture);
	if (t->verbose && !t->json)
		say_packet(&trail, t->sum.all.packets);
	return 0;
}

static int try_all(struct test *t, struct fail *f)
{
	struct trial *trial;
	struct record r;
	int err = trial_open(t->chain->ifname, NULL, 0, &trial, f), more = 0;

	if (err)
		return err;
	while (!err && (more = capfile_next(t->file, &r)) == 1) {
		const struct capfile_if *from = capfile_if(t->file, r.iface);

		if (from && from->linktype != LINKTYPE_ETHER)
			err = fail_set(f, EINVAL, "%s: not from Ethernet, link type %u", t->capture,
				       from->linktype);
		else
			err = try_one(t, trial, &r, f);
	}
	if (!err && more < 0)
		err = fail_set(f, -more, "%s: %s", t->capture,
			       capfile_why(t->file) ? capfile_why(t->file) : strerror(-more));
	trial_close(trial);
	return err;
}

static int by_size(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The median over the samples, of the chain as it is. */
static long cost(const struct test *t, long *most)
{
	long ns[SAMPLES];
	size_t n = 0;

	for (size_t i = 0; i < SAMPLES; i++) {
		long c = t->samples[i].data
				 ? trial_cost(t->chain->root, t->samples[i].data, t->samples[i].len)
				 : -1;

		if (c >= 0)
			ns[n++] = c;
	}
	if (!n)
		return -1;
	qsort(ns, n, sizeof(*ns), by_size);
	*most = ns[n - 1];
	return ns[n / 2];
}

static int measure(struct test *t, struct fail *f)
{
	long most;
	int err;

	t->sum.cost_ns = cost(t, &t->sum.cost_most_ns);
	t->chain->lock = pins_lock(f);
	err = t->chain->lock < 0 ? t->chain->lock
				 : stage_unload(t->chain, CHAIN_SLOT_POLICER_MIN, f);
	if (!err)
		t->sum.empty_ns = cost(t, &most);
	return err;
}

static int show(const struct test *t)
{
	json_t *json;

	if (!t->json) {
		trial_sum_print(&t->sum, t->policer, t->capture);
		return CLI_OK;
	}
	json = trial_sum_json(&t->sum, t->policer, t->capture);
	if (json)
		json_dumpf(json, stdout, JSON_COMPACT | JSON_SORT_KEYS);
	printf("\n");
	json_decref(json);
	return json ? CLI_OK : CLI_FAILED;
}

static int run(struct test *t, int fd, struct fail *f)
{
	int err = capfile_open(fd, 0, &t->file, f);

	if (err)
		return fail_set(f, -err, "%s: not a capture file", t->capture);
	err = set_up(t, f);
	if (!err)
		err = try_all(t, f);
	if (!err)
		err = measure(t, f);
	trial_sum_sort(&t->sum);
	capfile_close(t->file);
	chain_close(t->chain);
	return err;
}

int cmd_test(int argc, char **argv)
{
	struct test t = { 0 };
	struct fail f = { 0 };
	int key, fd, rc;

	while ((key = cli_next(argc, argv, test_opts, 0)) != -1) {
		if (key == 'c')
			t.config = optarg;
		t.realtime |= key == 'r';
		t.verbose |= key == 'v';
		t.json |= key == 'j';
	}
	t.policer = argv[optind];
	t.capture = argv[optind + 1];
	fd = strcmp(t.capture, "-") ? open(t.capture, O_RDONLY | O_CLOEXEC) : dup(0);
	if (fd < 0) {
		fail_errno(&f, errno, t.capture);
		return say_fail(&f);
	}
	rc = run(&t, fd, &f) ? say_fail(&f) : show(&t);
	close(fd);
	for (size_t i = 0; i < SAMPLES; i++)
		free(t.samples[i].data);
	trial_sum_free(&t.sum);
	return rc;
}
