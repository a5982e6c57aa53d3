// SPDX-License-Identifier: GPL-2.0
/* source_program - the XDP program of an interface as a source, whoever put it there. */
#include <errno.h>
#include <stdio.h>

#include "lib/watch.h"
#include "xdpchain/chain.h"
#include "xdpdump/source.h"

/* Its one stage is it. */
static bool stage(void *arg, __u32 slot, __u32 instance, char name[TRAIL_NAME])
{
	const struct ifprog *p = watch_program(arg);

	(void)instance;
	if (slot != CHAIN_SLOT_DUMP)
		return false;
	snprintf(name, TRAIL_NAME, "%s", p->name);
	return true;
}

static bool nothing(void *arg, __u32 slot, __u32 instance, __u32 number, char name[TRAIL_NAME])
{
	(void)arg;
	(void)slot;
	(void)instance;
	(void)number;
	(void)name;
	return false;
}

static int open_program(struct source *s, struct rings *rings, struct fail *f)
{
	const struct ifprog *p = watch_program(s->priv);
	struct session_spec spec;
	struct fail why = { 0 };
	int err;

	source_spec(s, rings, &spec);
	err = watch_start(s->priv, &spec, &why);
	if (err) {
		*f = why;
		snprintf(f->text, sizeof(f->text), "%s: %.*s", s->ifname, 1024, why.text);
		return err;
	}
	s->cut = watch_cut(s->priv);
	s->names = (struct trail_names){ stage, nothing, nothing, s->priv, 0 };
	snprintf(s->what, sizeof(s->what), "%s XDP: program %s, id %u", ifprog_mode_name(p->mode),
		 p->name, p->id);
	return 0;
}

static void leave(struct source *s)
{
	watch_leave(s->priv);
}

static int check(struct source *s, struct fail *f)
{
	struct fail why = { 0 };
	int err = watch_check(s->priv, &why);

	return err ? fail_set(f, -err, "%s: %.*s", s->ifname, 1024, why.text) : 0;
}

static int counts(struct source *s, struct session_count *n)
{
	return watch_counts(s->priv, n);
}

static void stop(struct source *s)
{
	watch_stop(s->priv);
}

static void close_program(struct source *s)
{
	watch_close(s->priv);
}

const struct source_ops source_program = {
	.open = open_program,
	.leave = leave,
	.check = check,
	.counts = counts,
	.stop = stop,
	.close = close_program,
	.points = { [EVENT_EXIT] = "XDP program, as packets leave it",
		    [EVENT_ENTRY] = "XDP program, as packets come" },
};
