// SPDX-License-Identifier: GPL-2.0
#include "lib/backlog.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Records lie from tail to head. Once head has gone round, they lie from tail to end and from
 * the start to head: what is between end and the end of the memory was too short for a record.
 */
struct backlog {
	unsigned char *mem;
	size_t size;
	size_t head, tail, end;
	size_t bytes;
	__u64 count;
};

struct head {
	__u64 time_ns, lost;
	__u32 source, len;
};
_Static_assert(sizeof(struct head) % 8 == 0, "what follows is aligned as it is");

static size_t room_of(__u32 len)
{
	return sizeof(struct head) + (((size_t)len + 7) & ~(size_t)7);
}

#define PAGE 4096

/* A child has no use for it, and must not make every page be copied that is written meanwhile. */
static void share(struct backlog *b, int advice)
{
	madvise(b->mem, b->size / PAGE * PAGE, advice);
}

struct backlog *backlog_new(size_t bytes)
{
	struct backlog *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->size = b->end = bytes & ~(size_t)7;
	b->mem = aligned_alloc(PAGE, (b->size + PAGE - 1) / PAGE * PAGE);
	if (!b->mem) {
		free(b);
		return NULL;
	}
	share(b, MADV_DONTFORK);
	memset(b->mem, 1, b->size); /* now, and not page by page when packets come */
	return b;
}

void backlog_free(struct backlog *b)
{
	if (!b)
		return;
	share(b, MADV_DOFORK); /* whoever gets these pages next */
	free(b->mem);
	free(b);
}

/* Where @need bytes can go, as an offset; b->size: nowhere. */
static size_t place(struct backlog *b, size_t need)
{
	if (!b->count) {
		b->head = b->tail = 0;
		b->end = b->size;
	}
	if (b->count && b->head <= b->tail)
		return need <= b->tail - b->head ? b->head : b->size;
	if (need <= b->size - b->head)
		return b->head;
	if (need > b->tail)
		return b->size;
	b->end = b->head;
	return 0;
}

bool backlog_put(struct backlog *b, const struct backlog_record *r)
{
	const struct head h = { r->time_ns, r->lost, r->source, r->len };
	size_t need = room_of(r->len), at = place(b, need);

	if (at == b->size)
		return false;
	memcpy(b->mem + at, &h, sizeof(h));
	memcpy(b->mem + at + sizeof(h), r->data, r->len);
	b->head = at + need;
	b->bytes += need;
	b->count++;
	return true;
}

bool backlog_oldest(const struct backlog *b, struct backlog_record *r)
{
	struct head h;

	if (!b->count)
		return false;
	memcpy(&h, b->mem + b->tail, sizeof(h));
	*r = (struct backlog_record){ b->mem + b->tail + sizeof(h), h.time_ns, h.lost, h.source,
				      h.len };
	return true;
}

void backlog_drop(struct backlog *b)
{
	struct head h;

	memcpy(&h, b->mem + b->tail, sizeof(h));
	b->tail += room_of(h.len);
	b->bytes -= room_of(h.len);
	b->count--;
	if (b->tail == b->end) {
		b->tail = 0;
		b->end = b->size;
	}
}

__u64 backlog_count(const struct backlog *b)
{
	return b->count;
}

size_t backlog_bytes(const struct backlog *b)
{
	return b->bytes;
}
