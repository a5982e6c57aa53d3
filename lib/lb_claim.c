// SPDX-License-Identifier: GPL-2.0
/* What a real gets whatever the ring says: server ids and source prefixes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"

/* One of the two maps: keys of @size bytes, with the VIP's number at @vip. */
struct table {
	int fd;
	size_t size, vip;
};

union key {
	struct lb_id id;
	struct lb_source source;
};

static struct table table_ids(const struct lb *lb)
{
	return (struct table){ lb->ids, sizeof(struct lb_id), offsetof(struct lb_id, vip) };
}

static struct table table_sources(const struct lb *lb)
{
	return (struct table){ lb->sources, sizeof(struct lb_source),
			       offsetof(struct lb_source, vip) };
}

/* The keys of VIP @vip, but of real @number alone if that is not 0. Count or -ENOMEM. */
static ssize_t collect(struct table t, __u32 vip, __u32 number, union key **out)
{
	union key key, *keys = NULL, *more;
	const void *from = NULL;
	size_t n = 0;
	__u64 data;

	for (; !bpf_map_get_next_key(t.fd, from, &key); from = &key) {
		if (memcmp((char *)&key + t.vip, &vip, sizeof(vip)) ||
		    bpf_map_lookup_elem(t.fd, &key, &data) ||
		    (number && lb_data_real(data) != number))
			continue;
		if (!(n & (n - 1))) {
			more = realloc(keys, (n ? 2 * n : 1) * sizeof(*keys));
			if (!more) {
				free(keys);
				return -ENOMEM;
			}
			keys = more;
		}
		keys[n++] = key;
	}
	*out = keys;
	return n;
}

static void drop(struct table t, __u32 vip, __u32 number)
{
	union key *keys = NULL;
	ssize_t n = collect(t, vip, number, &keys);

	for (ssize_t i = 0; i < n; i++)
		bpf_map_delete_elem(t.fd, &keys[i]);
	free(keys);
}

/* Does the VIP have any source? Packets ask only then. */
static void tell_sources(struct lb *lb, __u32 vip)
{
	struct lb_vip *v = &lb->vips[vip];
	union key *keys = NULL;
	__u16 flags = v->flags & ~LB_VIP_SOURCES;

	if (collect(table_sources(lb), vip, 0, &keys) > 0)
		flags |= LB_VIP_SOURCES;
	free(keys);
	__atomic_store_n(&v->flags, flags, __ATOMIC_RELEASE);
}

void lb_claims_drop(struct lb *lb, __u32 vip, __u32 number)
{
	drop(table_ids(lb), vip, number);
	drop(table_sources(lb), vip, number);
	tell_sources(lb, vip);
}

static int is_among(const union key *keys, size_t count, const union key *key, size_t size)
{
	for (size_t i = 0; i < count; i++)
		if (!memcmp(&keys[i], key, size))
			return 1;
	return 0;
}

/*
 * Does a real other than @number have @key? A look-up in a trie finds a wider prefix too, so it is
 * for keys that are there.
 */
static int is_taken(const struct lb *lb, struct table t, __u32 vip, const union key *key,
		    __u32 number)
{
	union key *all = NULL;
	ssize_t n = collect(t, vip, 0, &all);
	int is_there = n > 0 && is_among(all, n, key, t.size);
	__u32 real;
	__u64 data;

	free(all);
	if (!is_there || bpf_map_lookup_elem(t.fd, key, &data))
		return 0;
	real = lb_data_real(data);
	return real != number && lb->reals[real].gen == lb_data_gen(data);
}

/* The claims of the real in @t are @keys: first the new ones, then the old ones go. */
static int replace(struct lb *lb, struct table t, __u32 vip, __u32 number, const union key *keys,
		   size_t count)
{
	__u64 data = lb_data(number, lb->reals[number].gen, 0);
	union key *old = NULL;
	ssize_t n = collect(t, vip, number, &old);
	int err = n < 0 ? n : 0;

	for (size_t i = 0; !err && i < count; i++)
		if (bpf_map_update_elem(t.fd, &keys[i], &data, BPF_ANY))
			err = errno == E2BIG ? -ENOSPC : -errno;
	for (ssize_t i = 0; !err && i < n; i++)
		if (!is_among(keys, count, &old[i], t.size))
			bpf_map_delete_elem(t.fd, &old[i]);
	free(old);
	return err;
}

static int fail_full(struct lb *lb, int err, struct fail *f)
{
	return fail_set(f, -err, "%s: cannot set: %s", lb->chain->ifname,
			err == -ENOSPC ? "there are too many of them" : strerror(-err));
}

int lb_real_ids(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		const __u64 *ids, size_t count, struct fail *f)
{
	struct table t = table_ids(lb);
	union key *keys = calloc(count + 1, sizeof(*keys));
	__u32 vip, number;
	int err = keys ? lb_real_find(lb, s, real, &vip, &number, f) : -ENOMEM;

	for (size_t i = 0; !err && i < count; i++) {
		keys[i].id = (struct lb_id){ .id = ids[i], .vip = vip };
		if (is_taken(lb, t, vip, &keys[i], number))
			err = fail_set(f, EEXIST, "%llu: another real of the VIP has that id",
				       ids[i]);
	}
	if (!err) {
		err = replace(lb, t, vip, number, keys, count);
		if (err)
			fail_full(lb, err, f);
	}
	free(keys);
	return err;
}

int lb_real_sources(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		    const struct prefix *sources, size_t count, struct fail *f)
{
	struct table t = table_sources(lb);
	union key *keys = calloc(count + 1, sizeof(*keys));
	__u32 vip, number;
	int err = keys ? lb_real_find(lb, s, real, &vip, &number, f) : -ENOMEM;
	char text[PREFIX_TEXT];

	for (size_t i = 0; !err && i < count; i++) {
		const struct prefix *p = &sources[i];
		struct lb_source *key = &keys[i].source;

		*key = (struct lb_source){ .plen = LB_PREFIX_WHAT + p->len, .vip = vip };
		memcpy(key->addr, p->addr, sizeof(key->addr));
		prefix_text(p, text);
		if (p->family != s->addr.family)
			err = fail_set(f, EAFNOSUPPORT, "%s: clients of the VIP are IPv%c", text,
				       s->addr.family == AF_INET ? '4' : '6');
		else if (is_taken(lb, t, vip, &keys[i], number))
			err = fail_set(f, EEXIST, "%s: another real of the VIP has that source",
				       text);
	}
	if (!err) {
		err = replace(lb, t, vip, number, keys, count);
		tell_sources(lb, vip);
		if (err)
			fail_full(lb, err, f);
	}
	free(keys);
	return err;
}

static int by_id(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int lb_claims_list(const struct lb *lb, __u32 vip, struct lb_real_state *r)
{
	int family = lb->vips[vip].what.version == 6 ? AF_INET6 : AF_INET;
	union key *ids = NULL, *sources = NULL;
	ssize_t n = collect(table_ids(lb), vip, r->number, &ids);
	ssize_t m = collect(table_sources(lb), vip, r->number, &sources);

	r->ids = calloc(n > 0 ? n : 1, sizeof(*r->ids));
	r->sources = calloc(m > 0 ? m : 1, sizeof(*r->sources));
	if (r->ids && r->sources && n >= 0 && m >= 0) {
		r->count_ids = n;
		r->count_sources = m;
	}
	for (size_t i = 0; i < r->count_ids; i++)
		r->ids[i] = ids[i].id.id;
	for (size_t i = 0; i < r->count_sources; i++) {
		r->sources[i] = (struct prefix){ .len = sources[i].source.plen - LB_PREFIX_WHAT,
						 .family = family };
		memcpy(r->sources[i].addr, sources[i].source.addr, sizeof(r->sources[i].addr));
	}
	qsort(r->ids, r->count_ids, sizeof(*r->ids), by_id);
	qsort(r->sources, r->count_sources, sizeof(*r->sources), prefix_cmp);
	free(ids);
	free(sources);
	return r->ids && r->sources && n >= 0 && m >= 0 ? 0 : -ENOMEM;
}

void lb_claims_free(struct lb_real_state *r)
{
	free(r->ids);
	free(r->sources);
}
