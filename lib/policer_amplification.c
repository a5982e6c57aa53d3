// SPDX-License-Identifier: GPL-2.0
/* policer_amplification - the kind `amplification`: the table, what is added and what is removed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/amplification.h"
#include "lib/guard.h"
#include "lib/util.h"
#include "xdpchain/amplification.h"

#define SERVICES 512 /* fewer than AMPLIFICATION_RULES */

struct params {
	const struct policer_pair *add, *remove, *allow;
};

static const struct policer_param params[] = {
	{ "add", POLICER_LIST, offsetof(struct params, add), NULL, 0, 0,
	  "services, NAME or PORT, each with :BYTES of payload that are fine" },
	{ "remove", POLICER_LIST, offsetof(struct params, remove), NULL, 0, 0,
	  "services that are not minded, NAME or PORT" },
	{ "allow", POLICER_LIST, offsetof(struct params, allow), NULL, 0, 0,
	  "prefixes that may send any of it: our own resolvers" },
	{ 0 },
};

struct service {
	__u16 port;
	struct amplification_service s;
	char name[32];
	const char *note;
};

struct state {
	struct amplification_conf conf;
	struct service services[SERVICES];
	size_t count;
	struct guard_list allow;
};

static struct service *find(struct state *s, __u16 port)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->services[i].port == port)
			return &s->services[i];
	return NULL;
}

static void add_known(struct state *s, const struct amplification_known *k)
{
	struct service *to = find(s, k->port);

	if (!to)
		to = &s->services[s->count++];
	*to = (struct service){ .port = k->port, .note = k->note };
	to->s.head = pkt_be32(k->head & k->mask);
	to->s.mask = pkt_be32(k->mask);
	to->s.above = k->above;
	to->s.flags = k->lan ? AMPLIFICATION_LAN : 0;
	snprintf(to->name, sizeof(to->name), "%s", k->name);
}

static void remove_port(struct state *s, __u16 port)
{
	struct service *at = find(s, port);

	if (at)
		*at = s->services[--s->count];
}

/* Where a text is from, for what is said of it. */
struct where {
	const struct policer_conf *conf;
	const char *key;
	unsigned int line;
};

static int refuse(const struct where *w, const char *text, const char *why, struct fail *f)
{
	return policer_fail(f, EINVAL, w->line, w->conf->name, "%s: %s: %s", w->key, text, why);
}

static int number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	*out = strtoul(text, &end, 10);
	return *end || *out < min || *out > max ? -EINVAL : 0;
}

/* NAME or PORT, and perhaps :BYTES. @above is left alone where there are none. */
static int parse(const struct where *w, const char *text, unsigned long *port, long *above,
		 struct fail *f)
{
	const struct amplification_known *k;
	unsigned long bytes;
	char name[32];
	size_t len = strcspn(text, ":");

	if (len >= sizeof(name))
		return refuse(w, text, "not a service or port", f);
	memcpy(name, text, len);
	name[len] = 0;
	k = amplification_find(name, 0);
	if (k)
		*port = k->port;
	else if (number(name, 1, 65535, port))
		return refuse(w, text, "no such service, and not a port from 1 to 65535", f);
	if (!text[len])
		return 0;
	if (number(text + len + 1, 0, 65535, &bytes))
		return refuse(w, text, "bytes of payload are a number from 0 to 65535", f);
	*above = bytes;
	return 0;
}

static int add(struct state *s, const struct where *w, const char *text, struct fail *f)
{
	const struct amplification_known *k;
	unsigned long port = 0;
	long above = -1;
	struct service *to;
	int err = parse(w, text, &port, &above, f);

	if (err)
		return err;
	if (s->count == SERVICES)
		return refuse(w, text, "too many services", f);
	k = amplification_find(NULL, port);
	if (k && above < 0) {
		add_known(s, k);
		return 0;
	}
	/* With a size of his own, the operator knows: nothing else is asked of the packet. */
	to = find(s, port);
	if (!to)
		to = &s->services[s->count++];
	*to = (struct service){ .port = port, .s.above = above < 0 ? 0 : above };
	snprintf(to->name, sizeof(to->name), "%s", k ? k->name : "");
	return 0;
}

static int take(struct state *s, const struct where *w, const char *text, struct fail *f)
{
	unsigned long port = 0;
	long above = -1;
	int err = parse(w, text, &port, &above, f);

	if (err)
		return err;
	if (above >= 0)
		return refuse(w, text, "what is removed has no size", f);
	remove_port(s, port);
	return 0;
}

static int each(struct state *s, const struct policer_conf *conf, const struct policer_pair *pair,
		int (*fn)(struct state *, const struct where *, const char *, struct fail *),
		struct fail *f)
{
	int err = 0;

	for (size_t i = 0; !err && pair && i < pair->count; i++) {
		const struct where w = { conf, pair->key, pair->line };

		err = fn(s, &w, pair->values[i], f);
	}
	return err;
}

static int add_rule(struct state *s, const struct policer_conf *conf, const struct policer_rule *r,
		    struct fail *f)
{
	const struct where w = { conf, "match", r->line };
	const char *action = r->action ? r->action : "drop", *text = r->match ? r->match : "";
	unsigned long port = 0;
	long above = -1;
	int err = parse(&w, text, &port, &above, f);

	if (err)
		return err;
	if (r->id && r->id != port)
		return refuse(&w, text, "the id of this kind's rules is the port, leave id out", f);
	if (r->expires)
		return refuse(&w, text, "rules of this kind do not expire", f);
	if (!strcmp(action, "pass"))
		return take(s, &w, text, f);
	if (strcmp(action, "drop"))
		return refuse(&w, action, "drop or pass is wanted", f);
	err = add(s, &w, text, f);
	if (!err && r->note)
		find(s, port)->note = r->note;
	return err;
}

static int services(struct state *s, const struct policer_conf *conf, const struct params *want,
		    struct fail *f)
{
	int err;

	for (const struct amplification_known *k = amplification_known; k->name; k++)
		if (!k->off)
			add_known(s, k);
	err = each(s, conf, want->remove, take, f);
	if (!err)
		err = each(s, conf, want->add, add, f);
	for (size_t i = 0; !err && i < conf->rule_count; i++)
		err = add_rule(s, conf, &conf->rules[i], f);
	return err;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;

	return guard_conf(obj, "amplification_conf", &s->conf, sizeof(s->conf), f);
}

static int map_of(const struct bpf_object *obj, const char *name)
{
	return bpf_object__find_map_fd_by_name(obj, name);
}

/* The places of services that are counted no more, to be given out again. */
static void drop_places(struct state *s, int places, char used[AMPLIFICATION_RULES])
{
	__u32 port, next, place;
	int more = !bpf_map_get_next_key(places, NULL, &port);

	while (more) {
		more = !bpf_map_get_next_key(places, &port, &next);
		if (!find(s, port))
			bpf_map_delete_elem(places, &port);
		else if (!bpf_map_lookup_elem(places, &port, &place))
			used[place % AMPLIFICATION_RULES] = 1;
		port = next;
	}
}

/* A counter for the service, from zero; one that counts already goes on. */
static int give_place(const struct bpf_object *obj, struct service *s,
		      char used[AMPLIFICATION_RULES], __u64 *zeros)
{
	__u32 place = 0, port = s->port;

	if (!bpf_map_lookup_elem(map_of(obj, "places"), &port, &s->s.place))
		return 0;
	while (used[place])
		place++; /* there are more places than services */
	used[place] = 1;
	s->s.place = place;
	if (bpf_map_update_elem(map_of(obj, "hits"), &place, zeros, BPF_ANY) ||
	    bpf_map_update_elem(map_of(obj, "places"), &port, &place, BPF_ANY))
		return -errno;
	return 0;
}

static int fill_one(const struct bpf_object *obj, const struct service *s)
{
	struct chain_rule rule = { .since_ns = now_ns() };
	__u32 port = s->port;

	snprintf(rule.text, sizeof(rule.text), "%s%sudp from %u above %u bytes", s->name,
		 s->name[0] ? ": " : "", port, s->s.above);
	snprintf(rule.note, sizeof(rule.note), "%.63s", s->note ? s->note : "");
	if (bpf_map_update_elem(map_of(obj, "services"), &port, &s->s, BPF_ANY) ||
	    bpf_map_update_elem(map_of(obj, "rules"), &port, &rule, BPF_ANY))
		return -errno;
	return 0;
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	__u64 *zeros = calloc(libbpf_num_possible_cpus(), sizeof(*zeros));
	char used[AMPLIFICATION_RULES] = { 0 };
	struct state *s = arg;
	int err = zeros ? 0 : -ENOMEM;

	drop_places(s, map_of(obj, "places"), used);
	for (size_t i = 0; !err && i < s->count; i++) {
		err = give_place(obj, &s->services[i], used, zeros);
		if (!err)
			err = fill_one(obj, &s->services[i]);
	}
	free(zeros);
	if (err)
		return fail_set(f, -err, "amplification: services: %s", strerror(-err));
	return guard_list_fill(&s->allow, obj, "allow", f);
}

static void digest(struct policer *p, const struct state *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct service *v = &s->services[i];

		p->spec.digest = policer_digest(p->spec.digest, &v->port, sizeof(v->port));
		p->spec.digest = policer_digest(p->spec.digest, &v->s, sizeof(v->s));
		if (v->note)
			p->spec.digest =
				policer_digest(p->spec.digest, v->note, strlen(v->note) + 1);
	}
	p->spec.digest = guard_list_digest(p->spec.digest, &s->allow);
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	static const char *const fresh[] = { "services", "rules", "allow4", "allow6", NULL };
	struct params want = { 0 };
	struct state *s = guard_begin(p, sizeof(*s), setup, fill, f);
	int err;

	if (!s)
		return -ENOMEM;
	p->spec.fresh = fresh;
	err = policer_params(conf, params, &want, f);
	if (!err)
		err = services(s, conf, &want, f);
	if (!err)
		err = guard_list_pair(&s->allow, conf, want.allow, 1, f);
	for (size_t i = 0; i < s->count; i++)
		s->conf.ports[s->services[i].port / 64] |= 1ULL << s->services[i].port % 64;
	digest(p, s);
	return err;
}

static void drop(struct policer *p)
{
	struct state *s = p->state;

	guard_list_free(&s->allow);
	free(s);
}

const struct policer_kind policer_amplification = {
	.name = "amplification",
	.help = "drop what UDP reflectors send",
	.params = params,
	.takes = POLICER_TAKES_RULES,
	.make = make,
	.drop = drop,
};
