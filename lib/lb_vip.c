// SPDX-License-Identifier: GPL-2.0
/*
 * VIPs: a hash table of chained entries in mapped memory, which packets walk meanwhile. An entry
 * becomes live by the store of `what`, and is dead by the store of 0 there; it is used again
 * when no packet can stand on it any more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"

static union lb_what what_of(const struct lb_service *s)
{
	union lb_what what = { .port = s->port, .proto = s->proto };

	what.version = s->addr.family == AF_INET6 ? 6 : 4;
	return what;
}

/* Of VIPs, or of addresses alone. */
static __u32 slot_first(union lb_what what)
{
	return what.port ? 1 : LB_VIPS;
}

static __u32 slot_end(union lb_what what)
{
	return what.port ? LB_VIPS : LB_VIP_SLOTS;
}

static __u32 slot_find(const struct lb *lb, const __be32 addr[4], union lb_what what)
{
	for (__u32 i = slot_first(what); i < slot_end(what); i++)
		if (lb->vips[i].what.word == what.word && !memcmp(lb->vips[i].addr, addr, 16))
			return i;
	return 0;
}

static __u32 slot_free(const struct lb *lb, union lb_what what)
{
	for (__u32 i = slot_first(what); i < slot_end(what); i++)
		if (!lb->vips[i].what.word)
			return i;
	return 0;
}

/* Entries of the chain at @head; LB_CHAIN if it is not to grow. */
static int chain_length(const struct lb *lb, __u32 head)
{
	int n = 0;

	for (__u32 i = lb->heads->first[head]; i && n < LB_CHAIN; i = lb->vips[i].next)
		n++;
	return n;
}

/* Take the entry out of whatever chain it is in. 1 if it was in one. */
static int unlink_slot(struct lb *lb, __u32 slot)
{
	__u16 next = lb->vips[slot].next;
	int found = 0;

	for (__u32 i = 0; i < LB_HEADS; i++)
		if (lb->heads->first[i] == slot) {
			__atomic_store_n(&lb->heads->first[i], next, __ATOMIC_RELEASE);
			found = 1;
		}
	for (__u32 i = 1; i < LB_VIP_SLOTS; i++)
		if (lb->vips[i].next == slot) {
			__atomic_store_n(&lb->vips[i].next, next, __ATOMIC_RELEASE);
			found = 1;
		}
	return found;
}

/* Fill entry @slot, chain it, and make it live last. -ENOSPC. */
static int link_slot(struct lb *lb, __u32 slot, const __be32 addr[4], union lb_what what)
{
	struct lb_vip *v = &lb->vips[slot];
	__u32 head = lb_head(addr, what);

	if (chain_length(lb, head) >= LB_CHAIN)
		return -ENOSPC;
	memcpy(v->addr, addr, sizeof(v->addr));
	v->flags = 0;
	v->next = lb->heads->first[head];
	__atomic_store_n(&lb->heads->first[head], slot, __ATOMIC_RELEASE);
	__atomic_store_n(&v->what.word, what.word, __ATOMIC_RELEASE);
	return 0;
}

__u32 lb_vip_number(const struct lb *lb, const struct lb_service *s)
{
	return slot_find(lb, s->addr.word, what_of(s));
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
	*s = (struct lb_service){ .port = what.port, .proto = what.proto };
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
	if (!err && unlink_slot(lb, number))
		err = lb_ring_wait(lb, number);
	if (!err)
		err = lb_count_clear(lb, lb->vip_counts, number, sizeof(struct lb_vip_count));
	if (!err)
		err = lb_rule_set(lb, LB_RULE_VIP + number, text, "VIP");
	return err;
}

/* The entry of the address alone, which all VIPs of it share. */
static int address_add(struct lb *lb, const struct lb_service *s, __u32 number)
{
	union lb_what what = { .version = what_of(s).version };
	__u32 slot;
	int err;

	if (slot_find(lb, s->addr.word, what))
		return 0;
	slot = slot_free(lb, what);
	if (!slot)
		return -ENOSPC;
	/* it may have been another address until just now, and a packet may stand on it */
	unlink_slot(lb, slot);
	err = lb_ring_wait(lb, number);
	return err ? err : link_slot(lb, slot, s->addr.word, what);
}

/* Kill the entry of the address alone, if VIP @number is the last of it. */
static void address_del(struct lb *lb, const struct lb_service *s, __u32 number)
{
	union lb_what what = { .version = what_of(s).version };
	__u32 slot = slot_find(lb, s->addr.word, what);

	for (__u32 i = 1; i < LB_VIPS; i++)
		if (i != number && lb->vips[i].what.word &&
		    lb->vips[i].what.version == what.version &&
		    !memcmp(lb->vips[i].addr, s->addr.word, 16))
			return;
	if (!slot)
		return;
	__atomic_store_n(&lb->vips[slot].what.word, 0, __ATOMIC_RELEASE);
	unlink_slot(lb, slot);
}

int lb_vip_add(struct lb *lb, const struct lb_service *s, struct fail *f)
{
	__u32 number = slot_free(lb, what_of(s));
	char text[LB_TEXT];
	int err;

	lb_service_text(text, s);
	if (lb_vip_number(lb, s))
		return fail_set(f, EEXIST, "%s: is a VIP on %s already", text, lb->chain->ifname);
	if (!number)
		return fail_set(f, ENOSPC, "%s: %s has %d VIPs, which is all: delete one", text,
				lb->chain->ifname, LB_VIPS - 1);
	err = vip_prepare(lb, s, number);
	if (!err)
		err = address_add(lb, s, number);
	if (!err)
		err = link_slot(lb, number, s->addr.word, what_of(s));
	if (err)
		address_del(lb, s, number);
	return err ? fail_set(f, -err, "%s: cannot add: %s", text, strerror(-err)) : 0;
}

int lb_vip_del(struct lb *lb, const struct lb_service *s, struct fail *f)
{
	__u32 number = lb_vip_number(lb, s), rule = LB_RULE_VIP + number;

	if (!number)
		return lb_vip_missing(lb, s, f);
	address_del(lb, s, number);
	__atomic_store_n(&lb->vips[number].what.word, 0, __ATOMIC_RELEASE);
	unlink_slot(lb, number);
	lb_real_drop_all(lb, number);
	bpf_map_delete_elem(lb->rules, &rule);
	/* Waits until no packet uses ring or entry, as each change of a map of maps does. */
	bpf_map_delete_elem(lb->rings, &number);
	return 0;
}
