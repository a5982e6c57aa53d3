// SPDX-License-Identifier: GPL-2.0
#include "viewer/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/capfile.h"
#include "lib/util.h"

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_MASK	  0xffff
#define NO_POINT	  255

struct one {
	__u8 point; /* the counters are of this point's packets: each packet counts once */
	struct model_sample sample;
	char reasons[CHAIN_SLOTS][CHAIN_REASONS][TRAIL_NAME];
};

struct replay {
	int fd;
	struct capfile *file;
	struct one *of[MODEL_IFS];
	__u64 due_ns, end_ns, foreign;
	bool begun;
};

int replay_open(const char *path, struct replay **out, struct fail *f)
{
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	err = r->fd < 0 ? fail_set(f, errno, "%s: %s", path, strerror(errno)) : 0;
	if (!err) {
		struct fail why = { 0 };

		err = capfile_open(r->fd, 0, &r->file, &why);
		if (err)
			fail_set(f, -err, "%s: %s", path, why.text);
	}
	if (err)
		replay_close(r);
	else
		*out = r;
	return err;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	capfile_close(r->file);
	fd_close(r->fd);
	for (int i = 0; i < MODEL_IFS; i++)
		free(r->of[i]);
	free(r);
}

static const char *reason_name(void *arg, __u32 slot, __u32 reason)
{
	const struct one *o = arg;

	return slot < CHAIN_SLOTS && o->reasons[slot][reason][0] ? o->reasons[slot][reason] : NULL;
}

/* The interface of the model for that of a packet: by name, so that both points are one. */
static int find_if(struct replay *r, struct model *m, const struct capfile_if *ci, __u32 number)
{
	char name[IF_NAMESIZE];
	__u32 i;

	if (ci->name[0])
		snprintf(name, sizeof(name), "%.*s", IF_NAMESIZE - 1, ci->name);
	else
		snprintf(name, sizeof(name), "if%u", number);
	for (i = 0; i < m->n; i++)
		if (!strcmp(m->ifs[i].name, name))
			return i;
	if (m->n == MODEL_IFS)
		return -ENOSPC;
	r->of[i] = calloc(1, sizeof(*r->of[i]));
	if (!r->of[i])
		return -ENOMEM;
	r->of[i]->point = NO_POINT;
	r->of[i]->sample.reason = reason_name;
	r->of[i]->sample.arg = r->of[i];
	snprintf(m->ifs[i].name, sizeof(m->ifs[i].name), "%s", name);
	m->ifs[i].mean = true;
	m->n++;
	return i;
}

static void count(struct chain_count *c, __u32 bytes)
{
	c->packets++;
	c->bytes += bytes;
}

static void count_step(struct one *o, const struct trail_step *s, __u32 bytes)
{
	struct model_who *w = &o->sample.who[s->slot & (CHAIN_SLOTS - 1)];
	__u32 slot = s->slot & (CHAIN_SLOTS - 1), reason = s->reason & (CHAIN_REASONS - 1);
	__u32 verdict = s->shadow ? CHAIN_NEXT : s->verdict & (CHAIN_VERDICTS - 1);

	w->here = true;
	if (s->shadow)
		w->flags |= CHAIN_STAGE_SHADOW;
	if (s->stage[0])
		memcpy(w->name, s->stage, sizeof(w->name));
	count(&o->sample.totals.verdicts[slot][verdict], bytes);
	if (!reason)
		return;
	count(&o->sample.totals.reasons[slot][reason], bytes);
	memcpy(o->reasons[slot][reason], s->reason_name, TRAIL_NAME);
}

static void count_packet(struct one *o, const struct record *r)
{
	const struct trail *t = r->trail;
	__u32 verdict = r->have & RECORD_VERDICT ? r->verdict & (CHAIN_VERDICTS - 1) : CHAIN_PASS;

	if (t && o->point == NO_POINT)
		o->point = t->point;
	if (t && t->point != o->point)
		return;
	for (int i = 0; t && i < t->steps; i++)
		count_step(o, &t->step[i], r->len);
	if (t)
		verdict = t->verdict;
	if (!t || trail_decider(t) < 0)
		count(&o->sample.totals.verdicts[CHAIN_SLOT_END][verdict & (CHAIN_VERDICTS - 1)],
		      r->len);
}

/* What has come until @now becomes a sample of every interface. */
static void sample(struct replay *r, struct intake *in, __u64 now, __u64 width)
{
	struct model *m = in->model;

	for (__u32 i = 0; i < m->n; i++) {
		__u64 before = m->ifs[i].now_ns;

		r->of[i]->sample.now_ns = now;
		model_update(&m->ifs[i], &r->of[i]->sample);
		/* In what is left at the end one packet more is no spike. */
		if (before && now - before >= width / 2)
			incidents_update(in->incidents, i, &m->ifs[i],
					 (now - before) / (double)NSEC);
	}
	intake_sample(in);
}

static void take(struct replay *r, struct intake *in, struct record *rec, __u64 width)
{
	const struct capfile_if *ci = capfile_if(r->file, rec->iface);
	int i = -EINVAL;

	if (ci && (ci->linktype & LINKTYPE_MASK) == LINKTYPE_ETHERNET)
		i = find_if(r, in->model, ci, rec->iface);
	if (i < 0) {
		r->foreign++;
		return;
	}
	if (!in->model->ifs[i].start_ns) {
		in->model->ifs[i].start_ns = in->model->ifs[i].now_ns = rec->time_ns;
		in->model->ifs[i].created_ns = 0;
	}
	if (!r->begun)
		r->due_ns = rec->time_ns + width;
	r->begun = true;
	for (; rec->time_ns >= r->due_ns; r->due_ns += width) {
		sample(r, in, r->due_ns, width);
		if (rec->time_ns - r->due_ns > HISTORY_BUCKETS * width)
			r->due_ns = rec->time_ns - width; /* a gap of hours */
	}
	rec->iface = i;
	count_packet(r->of[i], rec);
	if (rec->time_ns > r->end_ns)
		r->end_ns = rec->time_ns;
	intake_packet(in, rec);
}

int replay_some(struct replay *r, struct intake *in, __u64 width_ns, unsigned int most,
		struct fail *f)
{
	struct record rec;
	int got = 1;

	while (got == 1 && most--) {
		got = capfile_next(r->file, &rec);
		if (got == -EINTR)
			return 1;
		if (got == 1)
			take(r, in, &rec, width_ns);
	}
	if (got == 1)
		return 1;
	if (r->begun)
		sample(r, in, r->end_ns + 1, width_ns);
	if (!got)
		return 0;
	return fail_set(f, -got, "at offset %llu: %s", capfile_offset(r->file),
			capfile_why(r->file) ? capfile_why(r->file) : strerror(-got));
}

__u64 replay_end_ns(const struct replay *r)
{
	return r->end_ns;
}

__u64 replay_foreign(const struct replay *r)
{
	return r->foreign;
}
