// SPDX-License-Identifier: GPL-2.0
/* dissect - how a frame is walked; the fields of each header are in dissect_table.c. */
#include "viewer/dissect.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "viewer/dissect_table.h"

#define LAYERS 16 /* a packet in a packet in a packet */

struct walk {
	const unsigned char *data;
	size_t len, at; /* where the next header begins */
	struct dissect_field *out;
	size_t n;
};

static __u32 number(const unsigned char *p, size_t len)
{
	__u32 v = 0;

	for (size_t i = 0; i < len && i < 4; i++)
		v = v << 8 | p[i];
	return v;
}

static struct dissect_field *add(struct walk *w, const char *name, size_t off, size_t len)
{
	struct dissect_field *f;

	if (w->n == DISSECT_FIELDS)
		return NULL;
	f = &w->out[w->n++];
	*f = (struct dissect_field){ .off = off, .len = len };
	snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

static void say_mac(const unsigned char *p, char *buf, size_t size)
{
	snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void say_flags(const struct dissect_def *d, __u32 v, char *buf, size_t size)
{
	size_t at = snprintf(buf, size, "0x%02x", v);

	for (const struct dissect_word *w = d->words; w && w->name; w++)
		if (v & w->value && at < size)
			at += snprintf(buf + at, size - at, " %s", w->name);
}

static void say_word(const struct dissect_def *d, __u32 v, char *buf, size_t size)
{
	for (const struct dissect_word *w = d->words; w && w->name; w++)
		if (w->value == v) {
			snprintf(buf, size, "%u %s", v, w->name);
			return;
		}
	snprintf(buf, size, "%u", v);
}

static void say_hex(const struct dissect_def *d, __u32 v, char *buf, size_t size)
{
	int n = snprintf(buf, size, "0x%0*x", 2 * (d->len < 4 ? d->len : 4), v);

	for (const struct dissect_word *w = d->words; w && w->name; w++)
		if (w->value == v)
			snprintf(buf + n, size - n, " %s", w->name);
}

static void say(const struct dissect_def *d, const unsigned char *p, char *buf, size_t size)
{
	__u32 v = number(p, d->len) >> d->shift;

	if (d->mask)
		v &= d->mask;
	switch (d->form) {
	case DISSECT_DEC:
		say_word(d, v * (d->times ? d->times : 1), buf, size);
		break;
	case DISSECT_HEX:
		say_hex(d, v, buf, size);
		break;
	case DISSECT_FLAGS:
		say_flags(d, v, buf, size);
		break;
	case DISSECT_MAC:
		say_mac(p, buf, size);
		break;
	case DISSECT_IP4:
		inet_ntop(AF_INET, p, buf, size);
		break;
	case DISSECT_IP6:
		inet_ntop(AF_INET6, p, buf, size);
		break;
	}
}

/* What is left, as one field. */
static void rest(struct walk *w, const char *name)
{
	struct dissect_field *f;

	if (w->at >= w->len)
		return;
	f = add(w, name, w->at, w->len - w->at);
	if (!f)
		return;
	f->layer = true;
	snprintf(f->value, sizeof(f->value), "%zu bytes", w->len - w->at);
}

/* The bytes of the header at w->at: as it says itself, but at least the fixed part. 0: cut. */
static size_t header_len(const struct walk *w, const struct dissect_layer *l)
{
	const unsigned char *p = w->data + w->at;
	size_t len = l->len;

	if (w->len - w->at < l->len)
		return 0;
	if (l->len_mask)
		len = (size_t)(p[l->len_at] >> l->len_shift & l->len_mask) * l->len_times +
		      l->len_plus;
	return len < l->len || len > w->len - w->at ? 0 : len;
}

static void fields(struct walk *w, const struct dissect_layer *l, size_t len)
{
	for (const struct dissect_def *d = l->defs; d->name; d++) {
		struct dissect_field *f = add(w, d->name, w->at + d->off, d->len);

		if (f)
			say(d, w->data + w->at + d->off, f->value, sizeof(f->value));
	}
	if (len > l->len) {
		struct dissect_field *f = add(w, "options", w->at + l->len, len - l->len);

		if (f)
			snprintf(f->value, sizeof(f->value), "%zu bytes", len - l->len);
	}
}

/* One header; the next one, or NULL: no more is known. */
static const struct dissect_layer *one(struct walk *w, const struct dissect_layer *l)
{
	size_t at = w->at, len = header_len(w, l);
	struct dissect_field *f;
	const struct dissect_layer *next;

	if (!len) {
		rest(w, "cut short");
		w->at = w->len;
		return NULL;
	}
	f = add(w, l->name, at, len);
	if (f) {
		f->layer = true;
		snprintf(f->value, sizeof(f->value), "%zu bytes", len);
	}
	fields(w, l, len);
	next = l->next ? l->next(w->data + at, len) : NULL;
	w->at = at + len;
	return next;
}

size_t dissect(const unsigned char *data, size_t len, struct dissect_field out[DISSECT_FIELDS])
{
	struct walk w = { .data = data, .len = len, .out = out };
	const struct dissect_layer *l = &dissect_ethernet;

	for (int i = 0; l && i < LAYERS; i++)
		l = one(&w, l);
	rest(&w, "payload");
	return w.n;
}
