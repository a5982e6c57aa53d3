// SPDX-License-Identifier: GPL-2.0
#include "lib/ring_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/event.h"
#include "lib/util.h"

#define RECORD_MAX 65536       /* perf_event_header.size is 16 bits */
#define WATERMARK  8	       /* a part of the ring: wake up when 1/8 is filled */
#define GIVE_BACK  (256 << 10) /* bytes read before the kernel gets the space back */
#define CACHE_LINE 64
#define AHEAD	   2048 /* bytes: some ten small packets */
/*
 * How long a packet may take from slot 0, where its time is taken, to its ring: what is younger
 * waits for the next round. Far more than a packet needs, so that a CPU which the hypervisor
 * or an interrupt held up in between does not come late.
 */
#define SLACK_NS 5000000

int ring_map(struct ring *g, size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int memory = g->fd < 0 ? MAP_ANONYMOUS : 0;

	g->map_len = page + bytes;
	g->page = mmap(NULL, g->map_len, PROT_READ | PROT_WRITE, MAP_SHARED | memory, g->fd, 0);
	if (g->page == MAP_FAILED) {
		g->page = NULL;
		return errno == EPERM ? -ENOMEM : -errno; /* RLIMIT_MEMLOCK says EPERM */
	}
	g->data = (const __u8 *)g->page + page;
	g->mask = bytes - 1;
	g->wrap = malloc(RECORD_MAX);
	return g->wrap ? 0 : -ENOMEM;
}

void ring_free(struct ring *g)
{
	if (g->page)
		munmap(g->page, g->map_len);
	free(g->wrap);
	fd_close(g->fd);
	free(g);
}

static int ring_start(struct rings *r, struct ring *g, int map_fd, int cpu, size_t bytes)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int err = ring_map(g, bytes);

	if (err)
		return err;
	if (bpf_map_update_elem(map_fd, &cpu, &g->fd, BPF_ANY) ||
	    epoll_ctl(r->epoll, EPOLL_CTL_ADD, g->fd, &ev))
		return -errno;
	return ioctl(g->fd, PERF_EVENT_IOC_ENABLE, 0) ? -errno : 0;
}

/* The ring of @cpu, or NULL with *@err: 0 when that CPU is offline. */
static struct ring *ring_open(struct rings *r, int map_fd, int cpu, size_t bytes, int *err)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1,
		.wakeup_watermark = bytes / WATERMARK,
	};
	struct ring *g = calloc(1, sizeof(*g));

	*err = -ENOMEM;
	if (!g)
		return NULL;
	g->cur_ns = RING_NEVER;
	g->fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (g->fd < 0)
		*err = errno == ENODEV ? 0 : errno == EACCES ? -EPERM : -errno;
	else
		*err = ring_start(r, g, map_fd, cpu, bytes);
	if (!*err && g->fd >= 0)
		return g;
	ring_free(g);
	return NULL;
}

struct rings *rings_new(void)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->slack_ns = SLACK_NS;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll >= 0)
		return r;
	free(r);
	return NULL;
}

int rings_grow(struct rings *r, int more)
{
	struct ring **v = realloc(r->ring, (r->n + more) * sizeof(struct ring *));

	if (!v)
		return -ENOMEM;
	r->ring = v;
	v = realloc(r->heap, (r->n + more) * sizeof(struct ring *));
	if (!v)
		return -ENOMEM;
	r->heap = v;
	return 0;
}

static void rings_cut(struct rings *r, int n)
{
	while (r->n > n) {
		struct ring *g = r->ring[--r->n];

		r->stats.bytes -= g->mask + 1;
		r->stats.aside -= RECORD_MAX;
		ring_free(g);
	}
}

size_t ring_size(size_t bytes)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < bytes)
		size *= 2;
	return size;
}

int rings_add(struct rings *r, int map_fd, size_t bytes, __u32 session, __u32 source)
{
	int ncpus = libbpf_num_possible_cpus(), before = r->n;
	int err = ncpus < 0 ? ncpus : rings_grow(r, ncpus);
	size_t size = ring_size(bytes);

	for (int cpu = 0; !err && cpu < ncpus; cpu++) {
		struct ring *g = ring_open(r, map_fd, cpu, size, &err);

		if (!g)
			continue;
		g->session = session;
		g->source = source;
		r->ring[r->n++] = g;
		r->stats.bytes += size;
		r->stats.aside += RECORD_MAX;
	}
	if (err)
		rings_cut(r, before);
	return err;
}

void rings_close(struct rings *r)
{
	if (!r)
		return;
	rings_cut(r, 0);
	fd_close(r->epoll);
	free(r->ring);
	free(r->heap);
	free(r);
}

int rings_wait(struct rings *r, int ms)
{
	struct epoll_event ev[16];
	int n = epoll_wait(r->epoll, ev, ARRAY_SIZE(ev), ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n;
}

/* The record at g->tail as one piece, or NULL if it is damaged. */
static struct raw *record_at(struct ring *g)
{
	__u64 at = g->tail & g->mask, left = g->mask + 1 - at;
	struct perf_event_header *h = (void *)(g->data + at); /* never wraps: records are 8 n */

	if (h->size < sizeof(*h) || h->size > g->head - g->tail)
		return NULL;
	if (h->size <= left)
		return (struct raw *)h;
	memcpy(g->wrap, g->data + at, left);
	memcpy(g->wrap + left, g->data, h->size - left);
	return (struct raw *)g->wrap;
}

/* Length before content: is it an event of ours, whole? Then its time, else RING_NEVER. */
static __u64 event_time(const struct ring *g, const struct raw *raw)
{
	const ev_head *ev = (const void *)raw->data;

	if (raw->header.type != PERF_RECORD_SAMPLE ||
	    raw->header.size < sizeof(*raw) + sizeof(*ev) ||
	    raw->size > raw->header.size - sizeof(*raw) || raw->size < sizeof(*ev))
		return RING_NEVER;
	return ev->session == g->session ? ev->time_ns : RING_NEVER;
}

/* Find the next event of this ring, over what is none of ours. */
static void ring_next(struct rings *r, struct ring *g)
{
	g->cur = NULL;
	g->cur_ns = RING_NEVER;
	while (g->tail != g->head) {
		struct raw *raw = record_at(g);

		if (!raw) {
			r->stats.foreign++;
			g->tail = g->head; /* there is no finding the next one */
			return;
		}
		g->cur_ns = event_time(g, raw);
		g->cur_len = raw->header.size;
		if (g->cur_ns != RING_NEVER) {
			g->cur = raw;
			return;
		}
		r->stats.foreign += raw->header.type != PERF_RECORD_LOST;
		g->tail += raw->header.size;
	}
}

/* Read how far the kernel has come. Returns the time up to which nothing can come any more. */
static __u64 rings_look(struct rings *r, int final)
{
	__u64 limit = final ? RING_NEVER - 1 : now_ns() - r->slack_ns;

	for (int i = 0; i < r->n; i++) {
		struct ring *g = r->ring[i];

		if (g->fill && g->fill(g->fill_arg) && g->put_ns < limit)
			limit = g->put_ns;
		g->head = __atomic_load_n(&g->page->data_head, __ATOMIC_ACQUIRE);
		if (!g->cur)
			ring_next(r, g);
	}
	return limit;
}

static void ring_give_back(struct ring *g)
{
	g->given = g->tail;
	__atomic_store_n(&g->page->data_tail, g->tail, __ATOMIC_RELEASE);
}

/* Let the ring at @i of the heap sink to where its event belongs. */
static void heap_sink(struct rings *r, int i)
{
	struct ring *g = r->heap[i];

	for (int kid = 2 * i + 1; kid < r->heaped; kid = 2 * i + 1) {
		if (kid + 1 < r->heaped && r->heap[kid + 1]->cur_ns < r->heap[kid]->cur_ns)
			kid++;
		if (r->heap[kid]->cur_ns >= g->cur_ns)
			break;
		r->heap[i] = r->heap[kid];
		i = kid;
	}
	r->heap[i] = g;
}

static void heap_make(struct rings *r)
{
	r->heaped = 0;
	for (int i = 0; i < r->n; i++)
		if (r->ring[i]->cur)
			r->heap[r->heaped++] = r->ring[i];
	for (int i = r->heaped / 2 - 1; i >= 0; i--)
		heap_sink(r, i);
}

/* The top of the heap has come further: it sinks, or has nothing left. */
static void heap_next(struct rings *r)
{
	if (!r->heap[0]->cur)
		r->heap[0] = r->heap[--r->heaped];
	if (r->heaped)
		heap_sink(r, 0);
}

/* How far the ring on top may run before another has the oldest event. */
static __u64 heap_until(const struct rings *r, __u64 limit)
{
	for (int i = 1; i < 3 && i < r->heaped; i++)
		if (r->heap[i]->cur_ns < limit)
			limit = r->heap[i]->cur_ns;
	return limit;
}

/*
 * Events lie in the cache of the CPU that wrote them, or by now in memory, 100 ns away. Asked for
 * some ahead, as much as is used now, they are here when their turn comes. Always inline: a
 * function that only prefetches has no effect that gcc knows of, and its call is left out.
 */
static inline __attribute__((always_inline)) void ring_ahead(const struct ring *g)
{
	const __u8 *at = g->data + ((g->tail + AHEAD) & g->mask); /* beyond the end is no fault */

	for (__u32 i = 0; i < g->cur_len && i < AHEAD; i += CACHE_LINE)
		__builtin_prefetch(at + i);
}

/* Hand over events of one ring up to @until. What @fn returned last. */
static int ring_run(struct rings *r, struct ring *g, __u64 until, ring_fn *fn, void *arg)
{
	int stop = 0;

	while (!stop && g->cur && g->cur_ns <= until) {
		ring_ahead(g);
		stop = fn(g->cur->data, g->cur->size, g->source, arg);
		r->stats.records++;
		r->stats.late += g->cur_ns < r->last_ns;
		r->last_ns = g->cur_ns;
		g->tail += g->cur_len;
		if (g->tail - g->given > GIVE_BACK)
			ring_give_back(g);
		ring_next(r, g);
	}
	return stop;
}

static int rings_round(struct rings *r, __u64 limit, ring_fn *fn, void *arg)
{
	int stop = 0;

	heap_make(r);
	while (!stop && r->heaped && r->heap[0]->cur_ns <= limit) {
		stop = ring_run(r, r->heap[0], heap_until(r, limit), fn, arg);
		heap_next(r);
	}
	r->pending = 0;
	for (int i = 0; i < r->n; i++) {
		struct ring *g = r->ring[i];

		ring_give_back(g);
		r->pending |= g->cur != NULL;
	}
	return stop;
}

long rings_read(struct rings *r, int final, ring_fn *fn, void *arg)
{
	__u64 first = r->stats.records, before = first;
	int stop = rings_round(r, rings_look(r, final), fn, arg);

	/* What a ring in memory is filled with may be more than it holds. */
	while (final && !stop && r->stats.records != before) {
		before = r->stats.records;
		stop = rings_round(r, rings_look(r, final), fn, arg);
	}
	return stop < 0 ? stop : (long)(r->stats.records - first);
}

int rings_pending(const struct rings *r)
{
	return r->pending;
}

void rings_stats(const struct rings *r, struct ring_stats *st)
{
	*st = r->stats;
}
