// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of `vips`: VIPs, and the addresses and prefixes of VIPs alone. Those of one address
 * are in a hash table of chains in mapped memory, which packets walk meanwhile; those of a prefix
 * in a trie. An entry becomes live by the store of `what`, and is dead by the store of 0 there; it
 * is used again when no packet can stand on it any more.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"

struct lb_slot lb_slot_of(const struct lb_service *s)
{
	struct lb_slot key = { .what = { .port = s->port, .proto = s->proto }, .plen = s->plen };

	key.what.version = s->addr.family == AF_INET6 ? 6 : 4;
	memcpy(key.addr, s->addr.word, sizeof(key.addr));
	return key;
}

struct lb_slot lb_slot_alone(const struct lb_service *s)
{
	struct lb_slot key = lb_slot_of(s);

	key.what.port = 0;
	key.what.proto = 0;
	return key;
}

static int is_prefix(const struct lb_slot *key)
{
	return key->plen != (key->what.version == 4 ? 32 : 128);
}

static struct lb_prefix prefix_of(const struct lb_slot *key)
{
	struct lb_prefix p = { .plen = LB_PREFIX_WHAT + key->plen, .what = key->what };

	memcpy(p.addr, key->addr, sizeof(p.addr));
	return p;
}

/* Of VIPs, or of addresses alone. */
static __u32 slot_first(union lb_what what)
{
	return what.proto ? 1 : LB_VIPS;
}

static __u32 slot_end(union lb_what what)
{
	return what.proto ? LB_VIPS : LB_VIP_SLOTS;
}

__u32 lb_slot_find(const struct lb *lb, const struct lb_slot *key)
{
	for (__u32 i = slot_first(key->what); i < slot_end(key->what); i++) {
		const struct lb_vip *v = &lb->vips[i];

		if (v->what.word == key->what.word && v->plen == key->plen &&
		    !memcmp(v->addr, key->addr, sizeof(v->addr)))
			return i;
	}
	return 0;
}

__u32 lb_slot_free(const struct lb *lb, union lb_what what)
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

int lb_slot_unlink(struct lb *lb, __u32 slot)
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

static int link_prefix(struct lb *lb, __u32 slot, const struct lb_slot *key)
{
	struct lb_prefix p = prefix_of(key);

	__atomic_store_n(&lb->vips[slot].what.word, key->what.word, __ATOMIC_RELEASE);
	if (!bpf_map_update_elem(lb->prefixes, &p, &slot, BPF_ANY))
		return 0;
	lb->vips[slot].what.word = 0;
	return -errno;
}

static int link_chain(struct lb *lb, __u32 slot, const struct lb_slot *key)
{
	struct lb_vip *v = &lb->vips[slot];
	__u32 head = lb_head(key->addr, key->what);

	if (chain_length(lb, head) >= LB_CHAIN)
		return -ENOSPC;
	v->next = lb->heads->first[head];
	__atomic_store_n(&lb->heads->first[head], slot, __ATOMIC_RELEASE);
	__atomic_store_n(&v->what.word, key->what.word, __ATOMIC_RELEASE);
	return 0;
}

int lb_slot_link(struct lb *lb, __u32 slot, const struct lb_slot *key,
		 const struct lb_vip_options *o)
{
	struct lb_vip *v = &lb->vips[slot];

	memcpy(v->addr, key->addr, sizeof(v->addr));
	v->flags = o ? o->flags : 0;
	v->id_bytes = o ? o->id_bytes : 0;
	v->plen = key->plen;
	v->next = v->frags[0] = v->frags[1] = 0;
	return is_prefix(key) ? link_prefix(lb, slot, key) : link_chain(lb, slot, key);
}

void lb_slot_kill(struct lb *lb, __u32 slot, const struct lb_slot *key)
{
	struct lb_prefix p = prefix_of(key);

	if (is_prefix(key))
		bpf_map_delete_elem(lb->prefixes, &p);
	__atomic_store_n(&lb->vips[slot].what.word, 0, __ATOMIC_RELEASE);
	lb_slot_unlink(lb, slot);
}

int lb_alone_add(struct lb *lb, const struct lb_service *s, __u32 number)
{
	struct lb_slot key = lb_slot_alone(s);
	__u32 slot;
	int err;

	if (lb_slot_find(lb, &key))
		return 0;
	slot = lb_slot_free(lb, key.what);
	if (!slot)
		return -ENOSPC;
	/* it may have been another address until just now, and a packet may stand on it */
	lb_slot_unlink(lb, slot);
	err = lb_ring_wait(lb, number);
	return err ? err : lb_slot_link(lb, slot, &key, NULL);
}

int lb_slot_is_of(const struct lb *lb, __u32 i, const struct lb_slot *alone)
{
	const struct lb_vip *v = &lb->vips[i];

	return v->what.word && v->what.version == alone->what.version && v->plen == alone->plen &&
	       !memcmp(v->addr, alone->addr, sizeof(v->addr));
}

void lb_alone_del(struct lb *lb, const struct lb_service *s, __u32 number)
{
	struct lb_slot key = lb_slot_alone(s);
	__u32 slot = lb_slot_find(lb, &key);

	for (__u32 i = 1; i < LB_VIPS; i++)
		if (i != number && lb_slot_is_of(lb, i, &key))
			return;
	if (slot)
		lb_slot_kill(lb, slot, &key);
}

void lb_alone_frags(struct lb *lb, const struct lb_service *s)
{
	struct lb_slot key = lb_slot_alone(s);
	__u32 slot = lb_slot_find(lb, &key);
	__u16 frags[2] = { 0 };

	for (__u32 i = 1; slot && i < LB_VIPS; i++)
		if (lb->vips[i].flags & LB_VIP_FRAGMENTS && lb_slot_is_of(lb, i, &key))
			frags[lb->vips[i].what.proto == PKT_UDP] = i;
	for (int i = 0; slot && i < 2; i++)
		__atomic_store_n(&lb->vips[slot].frags[i], frags[i], __ATOMIC_RELEASE);
}

void lb_slot_tell_also(struct lb *lb)
{
	__u32 also = 0;

	for (__u32 i = 1; i < LB_VIP_SLOTS; i++) {
		const struct lb_vip *v = &lb->vips[i];

		if (!v->what.word)
			continue;
		if (v->what.proto && !v->what.port)
			also |= LB_ALSO_ANY_PORT;
		if (v->plen != (v->what.version == 4 ? 32 : 128))
			also |= LB_ALSO_PREFIX;
	}
	__atomic_store_n(&lb->heads->also, also, __ATOMIC_RELEASE);
}
