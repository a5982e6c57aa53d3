// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/keeper.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum what {
	KEEPER_CHECK,
	KEEPER_COUNTS,
	KEEPER_STOP,
	KEEPER_TALLY,
	KEEPER_STAGE,
	KEEPER_REASON,
	KEEPER_RULE,
};

#define BEAT_MS 500

struct request {
	enum what what;
	__u32 source;
	__u32 slot, instance, number;
};

struct reply {
	int err;
	struct session_count count;
	struct tally_counts tally;
	char text[512]; /* a name, or what is wrong */
};

static int lookup(const struct keeper *k, const struct request *q, char name[TRAIL_NAME])
{
	const struct trail_names *n = &k->sources->of[q->source].names;
	bool known;

	if (q->what == KEEPER_STAGE)
		known = n->stage(n->arg, q->slot, q->instance, name);
	else if (q->what == KEEPER_REASON)
		known = n->reason(n->arg, q->slot, q->instance, q->number, name);
	else
		known = n->rule(n->arg, q->slot, q->instance, q->number, name);
	return known ? 0 : -ENOENT;
}

static void answer(struct keeper *k, const struct request *q, struct reply *a)
{
	struct source *s = &k->sources->of[q->source];
	struct fail f = { 0 };

	switch (q->what) {
	case KEEPER_CHECK:
		a->err = s->ops->check(s, &f);
		snprintf(a->text, sizeof(a->text), "%.*s", (int)sizeof(a->text) - 1, f.text);
		break;
	case KEEPER_COUNTS:
		a->err = s->ops->counts(s, &a->count);
		break;
	case KEEPER_STOP:
		s->ops->stop(s);
		break;
	case KEEPER_TALLY:
		a->err = source_tally(s, &a->tally);
		break;
	default:
		a->err = lookup(k, q, a->text);
	}
}

static void each(struct sources *ss, void (*fn)(struct source *s))
{
	for (__u32 i = 0; i < ss->n; i++)
		fn(&ss->of[i]);
}

static void beat(struct source *s)
{
	if (s->ops->beat)
		s->ops->beat(s);
}

static void leave(struct source *s)
{
	if (s->ops->leave)
		s->ops->leave(s);
}

/* Until there is a request or the end; meanwhile, the sessions beat. */
static ssize_t next(const struct keeper *k, struct request *q)
{
	struct pollfd p = { .fd = k->sock, .events = POLLIN };

	do {
		each(k->sources, beat);
	} while (poll(&p, 1, BEAT_MS) <= 0); /* a signal, or nothing */
	return recv(k->sock, q, sizeof(*q), MSG_DONTWAIT);
}

/* The child: until the other end is closed, by whatever death. Then the sessions end. */
static _Noreturn void serve(struct keeper *k)
{
	struct request q;

	while (next(k, &q) == sizeof(q)) {
		struct reply a = { 0 };

		if (q.source >= k->sources->n)
			break;
		answer(k, &q, &a);
		if (send(k->sock, &a, sizeof(a), MSG_NOSIGNAL) < 0)
			break;
	}
	sources_close(k->sources);
	_exit(0); /* nothing of the parent's is to be written once more */
}

static int ask(const struct keeper *k, const struct request *q, struct reply *a)
{
	ssize_t n;

	if (send(k->sock, q, sizeof(*q), MSG_NOSIGNAL) < 0)
		return -ECHILD;
	do {
		n = recv(k->sock, a, sizeof(*a), 0);
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(*a))
		return -ECHILD;
	a->text[sizeof(a->text) - 1] = 0;
	return a->err;
}

int keeper_split(struct keeper *k)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	k->pid = fork();
	if (!k->pid) {
		close(pair[0]);
		k->sock = pair[1];
		serve(k);
	}
	close(pair[1]);
	k->sock = pair[0];
	if (k->pid < 0)
		return -errno;
	each(k->sources, leave);
	return 0;
}

static bool ask_name(const struct keeper *k, const struct request *q, char name[TRAIL_NAME])
{
	struct reply a;

	if (k->sock < 0)
		return !lookup(k, q, name);
	if (ask(k, q, &a))
		return false;
	snprintf(name, TRAIL_NAME, "%.*s", TRAIL_NAME - 1, a.text);
	return true;
}

static bool asker(void *arg, enum what what, __u32 slot, __u32 instance, __u32 number,
		  char name[TRAIL_NAME])
{
	const struct keeper_asker *a = arg;

	return ask_name(a->keeper, &(struct request){ what, a->source, slot, instance, number },
			name);
}

static bool stage(void *arg, __u32 slot, __u32 instance, char name[TRAIL_NAME])
{
	return asker(arg, KEEPER_STAGE, slot, instance, 0, name);
}

static bool reason(void *arg, __u32 slot, __u32 instance, __u32 number, char name[TRAIL_NAME])
{
	return asker(arg, KEEPER_REASON, slot, instance, number, name);
}

static bool rule(void *arg, __u32 slot, __u32 instance, __u32 number, char name[TRAIL_NAME])
{
	return asker(arg, KEEPER_RULE, slot, instance, number, name);
}

void keeper_names(struct keeper *k, __u32 i, struct trail_names *out)
{
	k->askers[i] = (struct keeper_asker){ k, i };
	*out = (struct trail_names){ stage, reason, rule, &k->askers[i], 0 };
}

/* Is what is asked of source @i for this process to do? */
static bool here(const struct keeper *k, __u32 i)
{
	return k->sock < 0 || k->sources->of[i].ops->local;
}

int keeper_check(struct keeper *k, __u32 i, struct fail *f)
{
	struct source *s = &k->sources->of[i];
	struct reply a = { 0 };
	int err;

	if (here(k, i))
		return s->ops->check(s, f);
	err = ask(k, &(struct request){ .what = KEEPER_CHECK, .source = i }, &a);
	if (err == -ECHILD)
		return fail_set(f, ECHILD, "the process that looks after the capture is gone");
	return err ? fail_set(f, -err, "%s", *a.text ? a.text : strerror(-err)) : 0;
}

int keeper_counts(struct keeper *k, __u32 i, struct session_count *n)
{
	struct source *s = &k->sources->of[i];
	struct reply a;
	int err;

	if (here(k, i))
		return s->ops->counts(s, n);
	err = ask(k, &(struct request){ .what = KEEPER_COUNTS, .source = i }, &a);
	if (!err)
		*n = a.count;
	return err;
}

int keeper_tally(struct keeper *k, __u32 i, struct tally_counts *n)
{
	struct source *s = &k->sources->of[i];
	struct reply a;
	int err;

	if (k->sock < 0)
		return source_tally(s, n);
	err = ask(k, &(struct request){ .what = KEEPER_TALLY, .source = i }, &a);
	if (!err)
		*n = a.tally;
	return err;
}

int keeper_stop(struct keeper *k, __u32 i)
{
	struct source *s = &k->sources->of[i];
	struct reply a;

	if (!here(k, i))
		return ask(k, &(struct request){ .what = KEEPER_STOP, .source = i }, &a);
	s->ops->stop(s);
	return 0;
}

void keeper_end(struct keeper *k)
{
	if (k->sock < 0)
		return;
	close(k->sock);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	k->sock = -1;
}
