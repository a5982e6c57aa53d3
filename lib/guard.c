// SPDX-License-Identifier: GPL-2.0
#include "lib/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/util.h"
#include "xdpchain/policer.h"

/* CLOCK_MONOTONIC_COARSE moves once a jiffy; so its resolution is that. */
__u64 guard_tick_ns(void)
{
	struct timespec t = { 0 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * NSEC + t.tv_nsec;
}

void guard_meter(struct meter_conf *m, __u64 begin, __u64 end)
{
	const __u64 second = NSEC * METER_UNIT;

	*m = (struct meter_conf){ .depth = second, .tick = guard_tick_ns() * METER_UNIT };
	if (!begin)
		return;
	m->cost = second / begin ? second / begin : 1;
	m->cost_over = end && second / end ? second / end : m->cost;
}

void *guard_begin(struct policer *p, size_t size, guard_step *setup, guard_step *fill,
		  struct fail *f)
{
	p->state = calloc(1, size);
	if (!p->state) {
		fail_errno(f, ENOMEM, p->spec.name);
		return NULL;
	}
	p->spec.object = p->kind->name;
	p->spec.setup = setup;
	p->spec.fill = fill;
	p->spec.arg = p->state;
	return p->state;
}

int guard_flood(struct meter_conf *m, const struct policer_conf *conf, __u64 begin, __u64 end,
		struct fail *f)
{
	if (!end)
		end = (begin + 1) / 2;
	if (end > begin)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "end: %llu: at most the threshold, %llu, is wanted", end,
				    begin);
	guard_meter(m, begin, end);
	return 0;
}

void guard_masks(__u32 len4, __u32 len6, __be32 *mask4, __be32 mask6[4])
{
	__be32 mask[4];

	prefix_mask(len4, mask);
	*mask4 = mask[0];
	prefix_mask(len6, mask6);
}

int guard_secret(struct bpf_object *obj, struct fail *f)
{
	int fd = bpf_object__find_map_fd_by_name(obj, "secret");
	struct meter_secret s = { 0 };
	__u32 zero = 0;

	if (!bpf_map_lookup_elem(fd, &zero, &s) && s.value)
		return 0;
	if (getrandom(&s.value, sizeof(s.value), 0) != sizeof(s.value))
		s.value = now_ns();
	s.value |= 1;
	if (bpf_map_update_elem(fd, &zero, &s, BPF_ANY))
		return fail_set(f, errno, "secret: %s", strerror(errno));
	return 0;
}

int guard_list_text(struct guard_list *l, const char *text, __u32 value, struct fail *f)
{
	struct guard_entry e = { .value = value }, *more;
	int err = prefix_parse(text, &e.prefix, f);

	if (err)
		return err;
	more = realloc(l->entries, (l->count + 1) * sizeof(*more));
	if (!more)
		return fail_errno(f, ENOMEM, text);
	more[l->count++] = e;
	l->entries = more;
	return 0;
}

int guard_list_pair(struct guard_list *l, const struct policer_conf *conf,
		    const struct policer_pair *pair, __u32 value, struct fail *f)
{
	struct fail why = { 0 };

	for (size_t i = 0; pair && i < pair->count; i++)
		if (guard_list_text(l, pair->values[i], value, &why))
			return policer_fail(f, EINVAL, pair->line, conf->name, "%s: %s", pair->key,
					    why.text);
	return 0;
}

static int put(int fd, const struct guard_entry *e)
{
	struct blocklist_key4 key4 = { e->prefix.len, e->prefix.addr[0] };
	struct blocklist_key6 key6 = { .len = e->prefix.len };
	const void *key = e->prefix.family == AF_INET ? (void *)&key4 : (void *)&key6;

	memcpy(key6.addr, e->prefix.addr, sizeof(key6.addr));
	return bpf_map_update_elem(fd, key, &e->value, BPF_ANY) ? -errno : 0;
}

int guard_list_fill(const struct guard_list *l, struct bpf_object *obj, const char *name,
		    struct fail *f)
{
	char map[32], text[PREFIX_TEXT];
	int err = 0;

	for (size_t i = 0; !err && i < l->count; i++) {
		const struct prefix *p = &l->entries[i].prefix;

		snprintf(map, sizeof(map), "%s%d", name, p->family == AF_INET ? 4 : 6);
		err = put(bpf_object__find_map_fd_by_name(obj, map), &l->entries[i]);
		if (err == -ENOSPC)
			return fail_set(
				f, ENOSPC, "%s: more prefixes than the %u that it holds", map,
				bpf_map__max_entries(bpf_object__find_map_by_name(obj, map)));
		if (err)
			return fail_set(f, -err, "%s: %s: %s", map, prefix_text(p, text),
					strerror(-err));
	}
	return 0;
}

__u64 guard_list_digest(__u64 digest, const struct guard_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		char text[PREFIX_TEXT];

		prefix_text(&l->entries[i].prefix, text);
		digest = policer_digest(digest, text, strlen(text) + 1);
		digest = policer_digest(digest, &l->entries[i].value, sizeof(__u32));
	}
	return digest;
}

void guard_list_free(struct guard_list *l)
{
	free(l->entries);
	*l = (struct guard_list){ 0 };
}

int guard_conf(struct bpf_object *obj, const char *name, const void *value, size_t size,
	       struct fail *f)
{
	int err = stage_rodata(obj, name, value, size);

	return err ? fail_set(f, -err, "%s: %s", name, strerror(-err)) : 0;
}

int guard_sets(struct bpf_object *obj, const char *const *names, __u32 sets, struct fail *f)
{
	for (; *names; names++) {
		struct bpf_map *map = bpf_object__find_map_by_name(obj, *names);
		int err = map ? bpf_map__set_max_entries(map, sets) : -ENOENT;

		if (err)
			return fail_set(f, -err, "%s: %s", *names, strerror(-err));
	}
	return 0;
}

__u32 guard_power(__u32 n)
{
	__u32 power = 1;

	while (power < n)
		power *= 2;
	return power;
}
