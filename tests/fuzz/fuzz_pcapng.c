// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_pcapng - the reader of capture files: no packet lies beyond its block, and one that was
 * read is read again the same when we have written it.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/capfile.h"
#include "lib/pcapng.h"

#define LIMIT (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int file_of(const void *data, size_t len)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	assert(write(fd, data, len) == (ssize_t)len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void same(const struct record *a, const struct record *b)
{
	assert(a->time_ns == b->time_ns && a->cap_len == b->cap_len && a->len == b->len);
	assert(a->have == b->have && a->verdict == b->verdict && a->packetid == b->packetid);
	assert(a->queue == b->queue && a->dropcount == b->dropcount && a->flags == b->flags);
	assert(!a->cap_len || !memcmp(a->data, b->data, a->cap_len));
	assert(!a->comment == !b->comment && a->comment_len == b->comment_len);
	assert(!a->comment || !memcmp(a->comment, b->comment, a->comment_len));
	assert(!a->trigger == !b->trigger && a->trigger_len == b->trigger_len);
	assert(!a->trigger || !memcmp(a->trigger, b->trigger, a->trigger_len));
}

static void write_and_read(const struct record *r)
{
	static const struct format_if ifc = { .linktype = 1 };
	static const struct format_file file = { .ifs = &ifc, .n_ifs = 1 };
	static char buf[LIMIT * 2];
	struct record mine = *r, back;
	size_t at = pcapng_ops.header(&file, buf, sizeof(buf)), n;
	struct capfile *c;
	int fd;

	mine.iface = 0;
	n = pcapng_epb(&mine, buf + at, sizeof(buf) - at);
	assert(n > 0 &&
	       n <= (size_t)r->cap_len + r->comment_len + r->trigger_len + PCAPNG_OVERHEAD);
	fd = file_of(buf, at + n);
	assert(!capfile_open(fd, 0, &c, NULL));
	assert(capfile_next(c, &back) == 1);
	same(&mine, &back);
	assert(capfile_next(c, &back) == 0);
	capfile_close(c);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fd = file_of(data, len), ret;
	struct capfile *c;
	struct record r;

	if (!capfile_open(fd, LIMIT, &c, NULL)) {
		while ((ret = capfile_next(c, &r)) == 1) {
			assert(r.iface < capfile_ifs(c) && capfile_if(c, r.iface));
			assert(capfile_offset(c) < len);
			write_and_read(&r);
		}
		assert(ret == 0 || (capfile_why(c) && capfile_offset(c) <= len));
		assert(capfile_next(c, &r) == ret);
		capfile_close(c);
	}
	close(fd);
	return 0;
}
