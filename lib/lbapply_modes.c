// SPDX-License-Identifier: GPL-2.0
/* What health says, brought into the rings. */
#include <errno.h>

#include "lib/lbapply.h"

struct sweep {
	struct lb *lb;
	const struct lbconf_vip *vip;
	lbapply_up_fn is_up;
	void *arg;
	int write; /* 0: count what is to be done; 1: do it */
};

/* 1: there is something to do, or it is done; 0: nothing; -errno. */
static int one(const struct sweep *s, const struct lb_addr *real, struct fail *f)
{
	const struct lb_service *vip = &s->vip->service;
	enum lb_real_mode is, want = LB_REAL_UP;
	int err = lb_real_get_mode(s->lb, vip, real, &is, NULL);

	/* somebody has deleted it, or has it drained: then that holds */
	if (err || is == LB_REAL_DRAIN)
		return 0;
	if (s->vip->check.type != HEALTH_NONE && !s->is_up(vip, real, s->arg))
		want = LB_REAL_DOWN;
	if (is == want)
		return 0;
	err = s->write ? lb_real_mode(s->lb, vip, real, want, f) : 0;
	return err ? err : 1;
}

static int sweep(struct sweep *s, const struct chain *c, const struct lbconf *conf, struct fail *f)
{
	int n = 0, err = lb_open(c, &s->lb, f);

	for (size_t i = 0; err >= 0 && i < conf->vip_count; i++) {
		s->vip = &conf->vips[i];
		for (size_t j = 0; err >= 0 && j < s->vip->real_count; j++) {
			err = one(s, &s->vip->reals[j].addr, f);
			n += err > 0;
		}
	}
	lb_close(s->lb);
	s->lb = NULL;
	return err < 0 ? err : n;
}

static int interface(struct sweep *s, const char *name, enum chain_access access,
		     const struct lbconf *conf, struct fail *f)
{
	struct chain *c;
	int n = chain_open(name, access, &c, f);

	if (n)
		return n;
	s->write = access == CHAIN_WRITE;
	n = sweep(s, c, conf, f);
	chain_close(c);
	return n;
}

int lbapply_modes(const struct lbconf *conf, lbapply_up_fn is_up, void *arg, struct fail *f)
{
	struct sweep s = { .is_up = is_up, .arg = arg };
	int n, total = 0;

	for (size_t i = 0; i < conf->interface_count; i++) {
		const char *name = conf->interfaces[i].is.name;

		n = interface(&s, name, CHAIN_READ, conf, f);
		if (n > 0)
			n = interface(&s, name, CHAIN_WRITE, conf, f);
		if (n < 0)
			return n;
		total += n;
	}
	return total;
}
