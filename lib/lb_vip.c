// SPDX-License-Identifier: GPL-2.0
/* VIPs: their numbers and options, and the order of changes. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"

__u32 lb_vip_number(const struct lb *lb, const struct lb_service *s)
{
	struct lb_slot key = lb_slot_of(s);

	return lb_slot_find(lb, &key);
}

int lb_vip_missing(const struct lb *lb, const struct lb_service *s, struct fail *f)
{
	char text[LB_TEXT];

	lb_service_text(text, s);
	return fail_set(f, ENOENT, "%s: no such VIP on %s: see xdplb vip list", text,
			lb->chain->ifname);
}

int lb_vip_service(const struct lb *lb, __u32 number, struct lb_service *s)
{
	const struct lb_vip *v = &lb->vips[number];
	union lb_what what = v->what;

	if (!what.word)
		return -ENOENT;
	*s = (struct lb_service){ .port = what.port, .proto = what.proto, .plen = v->plen };
	s->addr.family = what.version == 6 ? AF_INET6 : AF_INET;
	memcpy(s->addr.word, v->addr, sizeof(s->addr.word));
	return 0;
}

/* Everything that a packet of the VIP needs, before the entry that lets packets in. */
static int vip_prepare(struct lb *lb, const struct lb_service *s, __u32 number)
{
	char text[LB_TEXT];
	int err;

	lb_service_text(text, s);
	lb_real_drop_all(lb, number); /* of a deletion that was killed half-way */
	err = lb_ring_new(lb, number);
	/* the same: nobody may stand on an entry that moves to another chain */
	if (!err && lb_slot_unlink(lb, number))
		err = lb_ring_wait(lb, number);
	if (!err)
		err = lb_count_clear(lb, lb->vip_counts, number, sizeof(struct lb_vip_count));
	if (!err)
		err = lb_rule_set(lb, LB_RULE_VIP + number, text, "VIP");
	return err;
}

/* Another VIP of the same address and protocol that takes the fragments, or 0. */
static __u32 frags_rival(const struct lb *lb, const struct lb_service *s)
{
	struct lb_slot alone = lb_slot_alone(s);
	__u32 own = lb_vip_number(lb, s);

	for (__u32 i = 1; i < LB_VIPS; i++)
		if (i != own && lb->vips[i].flags & LB_VIP_FRAGMENTS &&
		    lb->vips[i].what.proto == s->proto && lb_slot_is_of(lb, i, &alone))
			return i;
	return 0;
}

static int check_frags(const struct lb *lb, const struct lb_service *s, const char *text,
		       struct fail *f)
{
	struct lb_service other;
	char rival[LB_TEXT];
	__u32 number = frags_rival(lb, s);

	if (!number || lb_vip_service(lb, number, &other))
		return 0;
	lb_service_text(rival, &other);
	return fail_set(f, EINVAL, "%s: %s takes the fragments to that address already", text,
			rival);
}

int lb_vip_check(const struct lb_service *s, struct lb_vip_options *o, struct fail *f)
{
	char text[LB_TEXT];

	lb_service_text(text, s);
	o->flags &= ~LB_VIP_SOURCES;
	if (o->flags & LB_VIP_FRAGMENTS)
		o->flags |= LB_VIP_HASH_SOURCE | LB_VIP_ONE_SHOT;
	if (o->flags & (LB_VIP_QUIC | LB_VIP_STABLE) && s->proto != PKT_UDP)
		return fail_set(f, EINVAL, "%s: server ids are in UDP alone: not for tcp", text);
	if (o->flags & LB_VIP_HASH_SOURCE && o->flags & LB_VIP_HASH_DPORT)
		return fail_set(f, EINVAL, "%s: hash-source or hash-dport, not both", text);
	if (o->flags & LB_VIP_QUIC && o->flags & (LB_VIP_STABLE | LB_VIP_FRAGMENTS))
		return fail_set(f, EINVAL, "%s: quic goes neither with stable nor fragments", text);
	if (o->flags & LB_VIP_QUIC &&
	    (!o->id_bytes || (o->id_bytes > LB_ID_BYTES && o->id_bytes != LB_ID_BY_VERSION)))
		return fail_set(f, EINVAL, "%s: a server id has 1 to %d bytes", text, LB_ID_BYTES);
	if (!(o->flags & LB_VIP_QUIC))
		o->id_bytes = 0;
	return 0;
}

static int options_check(const struct lb *lb, const struct lb_service *s, struct lb_vip_options *o,
			 struct fail *f)
{
	int err = lb_vip_check(s, o, f);
	char text[LB_TEXT];

	if (err || !(o->flags & LB_VIP_FRAGMENTS))
		return err;
	lb_service_text(text, s);
	return check_frags(lb, s, text, f);
}

int lb_vip_add(struct lb *lb, const struct lb_service *s, const struct lb_vip_options *options,
	       struct fail *f)
{
	struct lb_slot key = lb_slot_of(s);
	__u32 number = lb_slot_free(lb, key.what);
	struct lb_vip_options o = { 0 };
	char text[LB_TEXT];
	int err;

	lb_service_text(text, s);
	if (lb_vip_number(lb, s))
		return fail_set(f, EEXIST, "%s: is a VIP on %s already", text, lb->chain->ifname);
	if (!number)
		return fail_set(f, ENOSPC, "%s: %s has %d VIPs, which is all: delete one", text,
				lb->chain->ifname, LB_VIPS - 1);
	if (options)
		o = *options;
	err = options_check(lb, s, &o, f);
	if (err)
		return err;
	err = vip_prepare(lb, s, number);
	if (!err)
		err = lb_alone_add(lb, s, number);
	if (!err)
		err = lb_slot_link(lb, number, &key, &o);
	if (err)
		lb_alone_del(lb, s, number);
	lb_alone_frags(lb, s);
	lb_slot_tell_also(lb);
	return err ? fail_set(f, -err, "%s: cannot add: %s", text, strerror(-err)) : 0;
}

int lb_vip_del(struct lb *lb, const struct lb_service *s, struct fail *f)
{
	__u32 number = lb_vip_number(lb, s), rule = LB_RULE_VIP + number;
	struct lb_slot key = lb_slot_of(s);

	if (!number)
		return lb_vip_missing(lb, s, f);
	lb_alone_del(lb, s, number);
	lb_slot_kill(lb, number, &key);
	lb_alone_frags(lb, s);
	lb_slot_tell_also(lb);
	lb_real_drop_all(lb, number);
	bpf_map_delete_elem(lb->rules, &rule);
	/* Waits until no packet uses ring or entry, as each change of a map of maps does. */
	bpf_map_delete_elem(lb->rings, &number);
	return 0;
}

int lb_vip_set(struct lb *lb, const struct lb_service *s, const struct lb_vip_options *options,
	       struct fail *f)
{
	__u32 number = lb_vip_number(lb, s);
	struct lb_vip_options o = *options;
	struct lb_vip *v = &lb->vips[number];
	int err;

	if (!number)
		return lb_vip_missing(lb, s, f);
	err = options_check(lb, s, &o, f);
	if (err)
		return err;
	if (o.id_bytes) /* before the flag that has it read; a packet that has it reads the new */
		__atomic_store_n(&v->id_bytes, o.id_bytes, __ATOMIC_RELEASE);
	__atomic_store_n(&v->flags, o.flags | (v->flags & LB_VIP_SOURCES), __ATOMIC_RELEASE);
	lb_alone_frags(lb, s);
	err = lb_ring_build(lb, number, 0);
	return err ? fail_set(f, -err, "%s: cannot build its ring: %s", lb->chain->ifname,
			      strerror(-err))
		   : 0;
}

int lb_vip_get(struct lb *lb, const struct lb_service *s, struct lb_vip_options *o, struct fail *f)
{
	__u32 number = lb_vip_number(lb, s);

	if (!number)
		return lb_vip_missing(lb, s, f);
	lb_vip_options(lb, number, o);
	return 0;
}

void lb_vip_options(const struct lb *lb, __u32 number, struct lb_vip_options *o)
{
	const struct lb_vip *v = &lb->vips[number];

	o->flags = v->flags & ~LB_VIP_SOURCES;
	o->id_bytes = o->flags & LB_VIP_QUIC ? v->id_bytes : 0;
}
