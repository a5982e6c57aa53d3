// SPDX-License-Identifier: GPL-2.0
/* blocklist_undo - the change of a list, to be finished or taken back. */
#include "lib/blocklist_undo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/prefixes.h"
#include "lib/ptable.h"
#include "lib/util.h"

/* An entry as it was. */
struct was {
	struct prefix prefix;
	struct blocklist_entry entry;
	char *note; /* NULL: none */
};

struct was_list {
	struct was *v;
	size_t count, room;
};

struct blocklist_change {
	__u64 before, after;	 /* digests */
	struct prefixes fresh;	 /* were not there */
	struct was_list changed; /* were there, for a command or otherwise */
	struct was_list gone;	 /* are to go */
	size_t dropped;		 /* of gone, the first ones: they have gone already */
};

struct blocklist_change *blocklist_change_new(__u64 before, __u64 after)
{
	struct blocklist_change *c = calloc(1, sizeof(*c));

	if (c) {
		c->before = before;
		c->after = after;
	}
	return c;
}

static void was_free(struct was_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->v[i].note);
	free(l->v);
}

static void change_free(struct blocklist_change *c)
{
	prefixes_free(&c->fresh);
	was_free(&c->changed);
	was_free(&c->gone);
	free(c);
}

static struct was *was_add(struct was_list *l, const struct prefix *p,
			   const struct blocklist_entry *e)
{
	size_t room = l->room ? 2 * l->room : 64;
	struct was *more;

	if (l->count == l->room) {
		more = realloc(l->v, room * sizeof(*more));
		if (!more)
			return NULL;
		l->v = more;
		l->room = room;
	}
	l->v[l->count] = (struct was){ *p, *e, NULL };
	return &l->v[l->count++];
}

static int keep_note(struct was *w, const struct blocklist *b)
{
	struct chain_rule r;

	if (blocklist_rule(b, w->entry.rule, &r) || !r.note[0])
		return 0;
	w->note = strndup(r.note, sizeof(r.note));
	return w->note ? 0 : -ENOMEM;
}

int blocklist_goes(struct blocklist_change *c, const struct prefix *p,
		   const struct blocklist_entry *e)
{
	return was_add(&c->gone, p, e) ? 0 : -ENOMEM;
}

int blocklist_comes(struct blocklist_change *c, const struct blocklist *b, const struct prefix *p,
		    const struct blocklist_entry *e)
{
	struct was *w;

	if (!e->rule)
		return prefixes_add(&c->fresh, p) ? -ENOMEM : 0;
	w = was_add(&c->changed, p, e);
	return w ? keep_note(w, b) : -ENOMEM;
}

/* How many of each family have no room. */
static int too_many(const struct blocklist_change *c, const struct blocklist *b,
		    long lacks[FAMILIES])
{
	struct blocklist_size size;
	int err = blocklist_size(b, &size);

	if (err)
		return err;
	lacks[V4] = (long)size.count4 - size.max;
	lacks[V6] = (long)size.count6 - size.max;
	for (size_t i = 0; i < c->fresh.count; i++)
		lacks[ptable_family(&c->fresh.v[i])]++;
	return 0;
}

/* Those that are on the list for a command, too, stay there, and are no room. */
static int frees(const struct was *w)
{
	return w->entry.owner == BLOCKLIST_CONF;
}

int blocklist_make_room(struct blocklist_change *c, struct blocklist *b, struct fail *f)
{
	long lacks[FAMILIES];
	int err = too_many(c, b, lacks);

	if (err)
		return fail_set(f, -err, "%s: blocklist: %s", b->ifname, strerror(-err));
	for (size_t i = 0; i < c->gone.count && (lacks[V4] > 0 || lacks[V6] > 0); i++) {
		struct was *w = &c->gone.v[i], next;

		if (!frees(w) || lacks[ptable_family(&w->prefix)] <= 0)
			continue;
		lacks[ptable_family(&w->prefix)]--;
		next = c->gone.v[c->dropped];
		c->gone.v[c->dropped] = *w;
		*w = next;
		w = &c->gone.v[c->dropped++];
		err = keep_note(w, b);
		if (!err)
			err = blocklist_drop(b, &w->prefix, w->entry.rule);
		if (err)
			return blocklist_failed(b, &w->prefix, err, f);
	}
	return 0;
}

int blocklist_finish(struct blocklist *b, struct blocklist_change *c, struct fail *f)
{
	int err = 0;

	if (!c)
		return 0;
	for (size_t i = c->dropped; b && !err && i < c->gone.count; i++) {
		err = blocklist_disown(b, &c->gone.v[i].prefix, &c->gone.v[i].entry);
		if (err)
			blocklist_failed(b, &c->gone.v[i].prefix, err, f);
	}
	if (b && !err)
		b->st.configured = c->after;
	change_free(c);
	return err;
}

/* Of one that has gone: in its words, and with its time. */
static void bring_back(struct blocklist *b, const struct was *w)
{
	const struct blocklist_want want = { .note = w->note ? w->note : "",
					     .expires_ns = w->entry.expires_ns,
					     .owner = BLOCKLIST_CONF };
	__u32 rule;

	blocklist_add(b, &w->prefix, &want, &rule, NULL);
}

/* What came goes first: then there is the room that there was. */
static void take_back(struct blocklist *b, const struct blocklist_change *c)
{
	struct blocklist_entry e;

	for (size_t i = 0; i < c->fresh.count; i++)
		if (!blocklist_exact(b, &c->fresh.v[i], &e))
			blocklist_drop(b, &c->fresh.v[i], e.rule);
	for (size_t i = 0; i < c->changed.count; i++)
		blocklist_put_back(b, &c->changed.v[i].prefix, &c->changed.v[i].entry,
				   c->changed.v[i].note);
	for (size_t i = 0; i < c->dropped; i++)
		bring_back(b, &c->gone.v[i]);
	b->st.configured = c->before;
}

void blocklist_undo(struct blocklist *b, struct blocklist_change *c)
{
	if (!c)
		return;
	if (b)
		take_back(b, c);
	change_free(c);
}
