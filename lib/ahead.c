// SPDX-License-Identifier: GPL-2.0
#include "lib/ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "lib/compile.h"
#include "lib/util.h"

struct ahead {
	const struct conf *conf;
	const char *also;
	size_t at; /* of conf->policers that which is compiled */
	struct compile_job *job;
	int epoll;
};

static struct compile_job *begin(const struct ahead *a, const struct policer_conf *p)
{
	const struct policer_kind *kind = policer_kind(p->kind);
	int wanted = !p->disabled || (a->also && !strcmp(a->also, p->name));

	return wanted && kind && kind->begin ? kind->begin(p) : NULL;
}

/* From the policer @from on to one that is to be waited for. 1: there is none; 0; -errno. */
static int step(struct ahead *a, size_t from)
{
	struct epoll_event e = { .events = EPOLLIN };

	for (a->at = from; a->at < a->conf->policer_count; a->at++) {
		a->job = begin(a, &a->conf->policers[a->at]);
		if (a->job)
			return epoll_ctl(a->epoll, EPOLL_CTL_ADD, compile_fd(a->job), &e) ? -errno
											  : 0;
	}
	return 1;
}

int ahead_start(const struct conf *conf, const char *also, struct ahead **out)
{
	struct ahead *a = calloc(1, sizeof(*a));
	int err;

	*out = NULL;
	if (!a)
		return -ENOMEM;
	a->conf = conf;
	a->also = also;
	a->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = a->epoll < 0 ? -errno : step(a, 0);
	if (!err)
		*out = a;
	else
		ahead_free(a);
	return err < 0 ? err : 0;
}

int ahead_fd(const struct ahead *a)
{
	return a->epoll;
}

int ahead_serve(struct ahead *a)
{
	if (!compile_serve(a->job))
		return 0;
	compile_end(a->job);
	a->job = NULL;
	return step(a, a->at + 1) != 0;
}

const char *ahead_name(const struct ahead *a)
{
	return a->conf->policers[a->at].name;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	compile_end(a->job);
	fd_close(a->epoll);
	free(a);
}
