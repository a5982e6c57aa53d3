// SPDX-License-Identifier: GPL-2.0
/*
 * apply - from a configuration to chains. An `aim` is one interface on the way: its chain, what it
 * held before, and the stages that were made for it.
 */
#include "lib/apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply_aim.h"
#include "lib/util.h"

struct apply {
	const struct conf *conf;
	struct policer policers[CHAIN_SLOT_POLICER_MAX]; /* those that are not disabled */
	size_t policer_count;
	struct aim *aims;
	size_t aim_count;
	struct fail *f;
	struct fail left; /* what could not be finished */
};

static int make_policers(struct apply *a)
{
	for (size_t i = 0; i < a->conf->policer_count; i++) {
		const struct policer_conf *pc = &a->conf->policers[i];
		int err;

		if (pc->disabled)
			continue;
		err = policer_make(pc, &a->policers[a->policer_count], a->f);
		if (err)
			return err;
		a->policer_count++;
	}
	return 0;
}

static void apply_free(struct apply *a)
{
	for (size_t i = a->aim_count; i-- > 0;)
		aim_close(&a->aims[i]);
	free(a->aims);
	for (size_t i = 0; i < a->policer_count; i++)
		policer_free(&a->policers[i]);
}

static struct aim *aim_add(struct apply *a)
{
	struct aim *more = realloc(a->aims, (a->aim_count + 1) * sizeof(*more));

	if (!more)
		return NULL;
	a->aims = more;
	more += a->aim_count++;
	aim_init(more);
	return more;
}

/* All chains that are changed share the lock that the first of them took. */
static const struct chain *holder(const struct apply *a)
{
	return a->aim_count > 1 ? a->aims[0].chain : NULL;
}

static int is_configured(const struct apply *a, const char *ifname)
{
	for (size_t i = 0; i < a->conf->interface_count; i++)
		if (!strcmp(a->conf->interfaces[i].name, ifname))
			return 1;
	return 0;
}

/* A chain that an earlier configuration has filled, on an interface that is not in this one. */
static int left_over(const char *ifname, void *arg)
{
	struct apply *a = arg;
	struct aim *aim;
	int err;

	if (is_configured(a, ifname))
		return 0;
	aim = aim_add(a);
	if (!aim)
		return fail_errno(a->f, ENOMEM, ifname);
	err = aim_leave(aim, holder(a), ifname);
	if (err)
		a->aim_count--; /* not ours, or not to be opened: then it is none of this */
	return 0;
}

static int open_aims(struct apply *a)
{
	for (size_t i = 0; i < a->conf->interface_count; i++) {
		struct aim *aim = aim_add(a);
		int err;

		if (!aim)
			return fail_errno(a->f, ENOMEM, a->conf->interfaces[i].name);
		err = aim_open(aim, holder(a), &a->conf->interfaces[i], a->f);
		if (err)
			return err;
	}
	return chain_each(left_over, a, a->f);
}

/* Everything that can be refused, before anything is touched. */
static int prepare(struct apply *a)
{
	int err = open_aims(a);

	for (size_t i = 0; !err && i < a->aim_count; i++) {
		a->aims[i].again = a->conf->again;
		err = aim_prepare(&a->aims[i], a->policers, a->aims[i].leave ? 0 : a->policer_count,
				  a->f);
	}
	return err;
}

static int switch_all(struct apply *a)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < a->aim_count; i++)
		err = aim_switch(&a->aims[i], a->f);
	for (size_t k = 0; !err && k < a->aim_count; k++)
		err = aim_settle(&a->aims[k], a->policers, a->f);
	for (; err && i-- > 0;)
		aim_back(&a->aims[i], a->policers);
	return err;
}

/* What is only removed. What could not be stays on its list, and is tried again the next time. */
static void finish(struct apply *a)
{
	for (size_t i = 0; i < a->aim_count; i++) {
		struct fail why = { 0 };

		if (aim_finish(&a->aims[i], a->policers, &why))
			a->left = why;
		aim_keep(&a->aims[i]);
	}
}

/* What the compilers said of all of them, and what is left to be done, in one text. */
static void add_warnings(const struct apply *a, struct apply_result *result)
{
	size_t size = 0;
	FILE *out = open_memstream(&result->warnings, &size);

	if (!out)
		return;
	for (size_t i = 0; i < a->policer_count; i++)
		if (a->policers[i].warnings)
			fputs(a->policers[i].warnings, out);
	if (a->left.text[0])
		fprintf(out, "%s: could not be removed\n", a->left.text);
	if (fclose(out) || !size) {
		free(result->warnings);
		result->warnings = NULL;
	}
}

static int report(const struct apply *a, struct apply_result *result)
{
	size_t count = 0;

	for (size_t i = 0; i < a->aim_count; i++)
		count += a->aims[i].line_count;
	result->lines = calloc(count + 1, sizeof(*result->lines));
	if (!result->lines)
		return -ENOMEM;
	for (size_t i = 0; i < a->aim_count; i++) {
		memcpy(result->lines + result->count, a->aims[i].lines,
		       a->aims[i].line_count * sizeof(*result->lines));
		result->count += a->aims[i].line_count;
	}
	return 0;
}

int apply_conf(const struct conf *conf, struct apply_result *result, struct fail *f)
{
	struct apply a = { .conf = conf, .f = f };
	struct apply_result done = { 0 };
	__u64 start = now_ns();
	int err = make_policers(&a);

	if (!err)
		err = prepare(&a);
	if (!err && result)
		err = report(&a, &done);
	if (!err)
		err = switch_all(&a);
	if (!err)
		finish(&a);
	if (!err && result)
		add_warnings(&a, &done);
	apply_free(&a);
	done.took_ns = now_ns() - start;
	if (err || !result)
		apply_result_free(&done);
	else
		*result = done;
	return err;
}

int apply_check(const struct conf *conf, struct apply_result *result, struct fail *f)
{
	struct apply a = { .conf = conf, .f = f };
	struct apply_result done = { 0 };
	struct aim *aim;
	int err = make_policers(&a);

	if (err)
		goto free;
	aim = aim_add(&a);
	err = aim ? chain_alone(&aim->chain, f) : -ENOMEM;
	if (!err)
		err = aim_look(aim, f);
	if (!err)
		err = aim_prepare(aim, a.policers, a.policer_count, f);
	if (!err)
		err = switch_all(&a);
	if (!err && result)
		err = report(&a, &done);
	if (!err)
		finish(&a);
	if (!err && result)
		add_warnings(&a, &done);
free:
	apply_free(&a);
	if (err || !result)
		apply_result_free(&done);
	else
		*result = done;
	return err;
}

int apply_remove(const char *ifname, struct fail *f)
{
	struct aim aim;
	int err;

	aim_init(&aim);
	err = aim_leave(&aim, NULL, ifname);
	if (err)
		return fail_set(f, -err, "%s: no policers of a configuration there", ifname);
	err = aim_prepare(&aim, NULL, 0, f);
	if (!err)
		err = aim_switch(&aim, f);
	if (!err)
		aim_keep(&aim);
	aim_close(&aim);
	return err;
}

void apply_result_free(struct apply_result *result)
{
	free(result->lines);
	free(result->warnings);
	memset(result, 0, sizeof(*result));
}
