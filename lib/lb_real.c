// SPDX-License-Identifier: GPL-2.0
/* Reals: numbers, and the order of changes. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"

__u32 lb_real_number(const struct lb *lb, __u32 vip, const struct lb_addr *addr)
{
	for (__u32 i = 1; i < LB_REALS; i++) {
		const struct lb_real *r = &lb->reals[i];

		if (r->gen && r->vip == vip && !memcmp(r->addr, addr->word, sizeof(r->addr)))
			return i;
	}
	return 0;
}

int lb_real_find(const struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		 __u32 *vip, __u32 *number, struct fail *f)
{
	char vip_text[LB_TEXT], text[LB_TEXT];

	*vip = lb_vip_number(lb, s);
	if (!*vip)
		return lb_vip_missing(lb, s, f);
	*number = lb_real_number(lb, *vip, real);
	if (*number)
		return 0;
	lb_service_text(vip_text, s);
	lb_addr_text(text, real);
	return fail_set(f, ENOENT, "%s: no such real of %s: see xdplb status", text, vip_text);
}

/* A number that is free, one that nobody ever had if there is one; 0: there is none. */
static __u32 real_free(const struct lb *lb)
{
	__u32 used = 0;

	for (__u32 i = 1; i < LB_REALS; i++) {
		if (lb->reals[i].gen)
			continue;
		if (!lb->reals[i].version)
			return i;
		if (!used)
			used = i;
	}
	return used;
}

/* All of the real but its gen, which makes it valid. */
static int real_prepare(struct lb *lb, __u32 number, __u32 vip, const struct lb_service *s,
			const struct lb_addr *addr)
{
	char text[LB_TEXT], note[LB_TEXT];
	struct lb_real *r = &lb->reals[number];
	int err = 0;

	lb_addr_text(text, addr);
	lb_service_text(note, s);
	if (r->version) /* it was another until just now */
		err = lb_ring_wait(lb, vip);
	if (!err)
		err = lb_count_clear(lb, lb->real_counts, number, sizeof(struct chain_count));
	if (!err)
		err = lb_rule_set(lb, number, text, note);
	if (err)
		return err;
	memcpy(r->addr, addr->word, sizeof(r->addr));
	r->vip = vip;
	r->version = addr->family == AF_INET6 ? 6 : 4;
	r->mode = LB_REAL_UP;
	return 0;
}

/* Never 0, and never one that an entry of a table may still have. */
static __u32 real_gen(struct lb *lb)
{
	lb->reals[0].gen = (lb->reals[0].gen + 1) & LB_GEN_MASK;
	if (!lb->reals[0].gen)
		lb->reals[0].gen = 1;
	return lb->reals[0].gen;
}

static void real_drop(struct lb *lb, __u32 number)
{
	lb_claims_drop(lb, lb->reals[number].vip, number);
	__atomic_store_n(&lb->reals[number].gen, 0, __ATOMIC_RELEASE);
	bpf_map_delete_elem(lb->rules, &number);
}

void lb_real_drop_all(struct lb *lb, __u32 vip)
{
	for (__u32 i = 1; i < LB_REALS; i++)
		if (lb->reals[i].gen && lb->reals[i].vip == vip)
			real_drop(lb, i);
}

static int check_weight(__u32 weight, struct fail *f)
{
	if (weight > LB_WEIGHT_MAX)
		return fail_set(f, ERANGE, "%u: the weight must be 0 to %d", weight, LB_WEIGHT_MAX);
	return 0;
}

/* Would what is sent to @real come back as a packet for the VIP? */
static int is_within(const struct lb_service *s, const struct lb_addr *real)
{
	__be32 mask[4];

	if (real->family != s->addr.family)
		return 0;
	prefix_mask(s->plen, mask);
	for (int i = 0; i < 4; i++)
		if ((real->word[i] & mask[i]) != s->addr.word[i])
			return 0;
	return 1;
}

int lb_real_check(const struct lb_service *s, const struct lb_addr *real, __u32 weight,
		  struct fail *f)
{
	char vip[LB_TEXT], text[LB_TEXT];

	lb_service_text(vip, s);
	lb_addr_text(text, real);
	if (s->addr.family == AF_INET6 && real->family == AF_INET)
		return fail_set(f, EAFNOSUPPORT,
				"%s: cannot be a real of %s: IPv6 does not go in IPv4 here, give "
				"it an IPv6 address",
				text, vip);
	if (is_within(s, real))
		return fail_set(f, EINVAL, "%s: is the VIP itself", text);
	return check_weight(weight, f);
}

int lb_real_add(struct lb *lb, const struct lb_service *s, const struct lb_addr *real, __u32 weight,
		struct fail *f)
{
	int err = lb_real_check(s, real, weight, f);
	char vip_text[LB_TEXT], text[LB_TEXT];
	__u32 vip = lb_vip_number(lb, s), number;

	if (err)
		return err;
	if (!vip)
		return lb_vip_missing(lb, s, f);
	lb_service_text(vip_text, s);
	lb_addr_text(text, real);
	if (lb_real_number(lb, vip, real))
		return fail_set(f, EEXIST, "%s: is a real of %s already", text, vip_text);
	number = real_free(lb);
	if (!number)
		return fail_set(f, ENOSPC, "%s: %s has %d reals, which is all: delete one", text,
				lb->chain->ifname, LB_REALS - 1);
	err = real_prepare(lb, number, vip, s, real);
	if (!err) {
		lb->reals[number].weight = weight;
		__atomic_store_n(&lb->reals[number].gen, real_gen(lb), __ATOMIC_RELEASE);
		err = lb_ring_build(lb, vip, 0);
		if (err)
			real_drop(lb, number);
	}
	return err ? fail_set(f, -err, "%s: cannot add: %s", text, strerror(-err)) : 0;
}

static int fail_ring(const struct lb_addr *real, int err, struct fail *f)
{
	char text[LB_TEXT];

	lb_addr_text(text, real);
	return fail_set(f, -err, "%s: cannot build the ring of its VIP: %s", text, strerror(-err));
}

int lb_real_del(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		struct fail *f)
{
	__u32 vip, number;
	int err = lb_real_find(lb, s, real, &vip, &number, f);

	if (err)
		return err;
	err = lb_ring_build(lb, vip, number);
	if (err)
		return fail_ring(real, err, f);
	real_drop(lb, number);
	return 0;
}

int lb_real_weight(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		   __u32 weight, struct fail *f)
{
	__u32 vip, number, old;
	int err = lb_real_find(lb, s, real, &vip, &number, f);

	if (!err)
		err = check_weight(weight, f);
	if (err)
		return err;
	old = lb->reals[number].weight;
	lb->reals[number].weight = weight;
	err = lb_ring_build(lb, vip, 0);
	if (!err)
		return 0;
	lb->reals[number].weight = old;
	return fail_ring(real, err, f);
}

int lb_real_mode(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		 enum lb_real_mode mode, struct fail *f)
{
	__u32 vip, number;
	int err = lb_real_find(lb, s, real, &vip, &number, f);
	__u16 old;

	if (err)
		return err;
	old = lb->reals[number].mode;
	__atomic_store_n(&lb->reals[number].mode, mode, __ATOMIC_RELEASE);
	err = lb_ring_build(lb, vip, 0);
	if (!err)
		return 0;
	__atomic_store_n(&lb->reals[number].mode, old, __ATOMIC_RELEASE);
	return fail_ring(real, err, f);
}

int lb_real_get_mode(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		     enum lb_real_mode *mode, struct fail *f)
{
	__u32 vip, number;
	int err = lb_real_find(lb, s, real, &vip, &number, f);

	if (!err)
		*mode = lb->reals[number].mode;
	return err;
}
