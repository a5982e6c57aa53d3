// SPDX-License-Identifier: GPL-2.0
#include "viewer/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/pcapng.h"
#include "lib/util.h"

#define LINKTYPE_ETHERNET 1
#define ROOM		  (1 << 20) /* of one write */

struct saving {
	int fd;
	char *buf;
	size_t at;
	long packets;
};

static int flush(struct saving *s)
{
	for (size_t done = 0; done < s->at;) {
		ssize_t n = write(s->fd, s->buf + done, s->at - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += n;
	}
	s->at = 0;
	return 0;
}

static int header(struct saving *s, const struct intake *in)
{
	struct format_if ifs[MODEL_IFS];
	const struct format_file file = {
		.application = "xdpview " VERSION,
		.ifs = ifs,
		.n_ifs = in->model->n,
	};

	for (__u32 i = 0; i < in->model->n; i++)
		ifs[i] = (struct format_if){
			.name = in->model->ifs[i].name,
			.filter = in->query.expr[0] ? in->query.expr : NULL,
			.ifindex = in->model->ifs[i].ifindex,
			.linktype = LINKTYPE_ETHERNET,
		};
	s->at = pcapng_ops.header(&file, s->buf, ROOM);
	return s->at ? 0 : -E2BIG;
}

static int packet(struct saving *s, const struct events_packet *p)
{
	struct record r;
	size_t n;
	int err = 0;

	events_record(p, &r);
	n = pcapng_epb(&r, s->buf + s->at, ROOM - s->at);
	if (!n) {
		err = flush(s);
		n = err ? 0 : pcapng_epb(&r, s->buf, ROOM);
	}
	if (!n)
		return err ? err : -E2BIG;
	s->at += n;
	s->packets++;
	return 0;
}

static int all(struct saving *s, const struct intake *in)
{
	int err = header(s, in);

	for (__u64 n = events_first(in->events); !err && n <= events_last(in->events); n++) {
		struct events_packet *p = events_get(in->events, n);

		if (query_wants(&in->query, p))
			err = packet(s, p);
	}
	return err ? err : flush(s);
}

long save_packets(const struct intake *in, const char *path, struct fail *f)
{
	struct saving s = { .buf = malloc(ROOM) };
	int err;

	if (!s.buf)
		return -ENOMEM;
	s.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = s.fd < 0 ? -errno : all(&s, in);
	if (s.fd >= 0 && close(s.fd) && !err)
		err = -errno;
	if (s.fd >= 0 && err)
		unlink(path);
	free(s.buf);
	if (err)
		return fail_set(f, -err, "%s: %s", path, strerror(-err));
	return s.packets;
}
