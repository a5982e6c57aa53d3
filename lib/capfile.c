// SPDX-License-Identifier: GPL-2.0
#include "lib/capfile.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/capfile_impl.h"
#include "lib/pcapng_impl.h"

#define READ_SIZE (256 << 10)

/* Make room for @n bytes from the cursor on. What is unused moves to the front. */
static int make_room(struct capfile *c, size_t n)
{
	unsigned char *bigger;

	memmove(c->buf, c->buf + c->at, c->end - c->at);
	c->base += c->at;
	c->end -= c->at;
	c->at = 0;
	if (n <= c->room)
		return 0;
	bigger = realloc(c->buf, n);
	if (!bigger)
		return capfile_bad(c, ENOMEM, "no memory for so long a block");
	c->buf = bigger;
	c->room = n;
	return 0;
}

int capfile_need(struct capfile *c, size_t n)
{
	int err;

	if (n > c->max)
		return capfile_bad(c, EBADMSG, "a length is larger than the limit");
	if (n > c->room - c->at) {
		err = make_room(c, n);
		if (err)
			return err;
	}
	while (c->end - c->at < n) {
		ssize_t got = read(c->fd, c->buf + c->end, c->room - c->end);

		if (got < 0)
			return capfile_bad(c, errno, "cannot be read");
		if (!got && c->end == c->at)
			return 0;
		if (!got)
			return capfile_bad(c, EBADMSG, "the file is cut short");
		c->end += got;
	}
	return 1;
}

int capfile_add_if(struct capfile *c)
{
	__u32 room = c->room_ifs ? c->room_ifs * 2 : 4;
	struct source *more;

	if (c->n_ifs == CAPFILE_IFS_MAX)
		return capfile_bad(c, EBADMSG, "too many interfaces");
	if (c->n_ifs == c->room_ifs) {
		more = realloc(c->ifs, room * sizeof(*more));
		if (!more)
			return capfile_bad(c, ENOMEM, "no memory for so many interfaces");
		c->ifs = more;
		c->room_ifs = room;
	}
	c->ifs[c->n_ifs++] = (struct source){ 0 };
	return 0;
}

static int open_header(struct capfile *c)
{
	const __u32 section = PCAPNG_SHB; /* the same in both byte orders */
	int err = capfile_need(c, 4);

	if (err < 0)
		return err;
	if (!err)
		return capfile_bad(c, EBADMSG, "the file is empty");
	return memcmp(c->buf, &section, 4) ? capfile_open_pcap(c) : capfile_open_pcapng(c);
}

int capfile_open(int fd, size_t max, struct capfile **out, struct fail *f)
{
	struct capfile *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return fail_set(f, ENOMEM, "no memory");
	c->fd = fd;
	c->max = max ? max : CAPFILE_BLOCK_MAX;
	c->room = READ_SIZE;
	c->buf = malloc(c->room);
	if (c->buf)
		err = open_header(c);
	if (err) {
		fail_set(f, -err, "%s", c->why ? c->why : "no memory");
		capfile_close(c);
		return err;
	}
	*out = c;
	return 0;
}

void capfile_close(struct capfile *c)
{
	if (!c)
		return;
	free(c->ifs);
	free(c->buf);
	free(c);
}

int capfile_next(struct capfile *c, struct record *r)
{
	int ret = c->err;

	if (ret)
		return ret;
	do {
		c->at += c->block;
		c->block = 0;
		ret = c->next(c, r);
	} while (ret == 2);
	if (ret < 0 && ret != -EINTR && ret != -EAGAIN)
		c->err = ret;
	return ret;
}

const struct capfile_if *capfile_if(const struct capfile *c, __u32 i)
{
	return i < c->n_ifs ? &c->ifs[i].pub : NULL;
}

__u32 capfile_ifs(const struct capfile *c)
{
	return c->n_ifs;
}

__u64 capfile_offset(const struct capfile *c)
{
	return c->base + c->at;
}

const char *capfile_why(const struct capfile *c)
{
	return c->why;
}
