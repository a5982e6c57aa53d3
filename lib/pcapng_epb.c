// SPDX-License-Identifier: GPL-2.0
/*
 * pcapng_epb - the packet block. This is the hot path of a capture: its size is known before
 * the first byte is written, so one check covers all that follows.
 */
#include <string.h>

#include "lib/pcapng.h"
#include "lib/pcapng_impl.h"

/*
 * Written in place, field by field: made on the stack and copied in one piece, each of them
 * costs a store-forwarding stall, and they are six a packet.
 */
#define IN_PLACE __attribute__((packed, may_alias))

struct head {
	__u32 type, total, iface, time_high, time_low, cap_len, len;
} IN_PLACE;

struct option {
	__u16 code, size;
} IN_PLACE;

struct option32 {
	struct option o;
	__u32 value;
} IN_PLACE;

struct option64 {
	struct option o;
	__u64 value;
} IN_PLACE;

/* Type and value are 9 bytes, which Wireshark checks. */
struct option_verdict {
	struct option o;
	__u8 type;
	__u64 value;
	__u8 pad[3];
} IN_PLACE;

struct word {
	__u32 value;
} IN_PLACE;

_Static_assert(sizeof(struct head) == 28, "head of an EPB");
_Static_assert(sizeof(struct option64) == 12, "64-bit option");
_Static_assert(sizeof(struct option_verdict) == 16, "epb_verdict");

static inline void *put32(void *p, __u16 code, __u32 value)
{
	struct option32 *o = p;

	o->o = (struct option){ code, sizeof(value) };
	o->value = value;
	return o + 1;
}

static inline void *put64(void *p, __u16 code, __u64 value)
{
	struct option64 *o = p;

	o->o = (struct option){ code, sizeof(value) };
	o->value = value;
	return o + 1;
}

static inline void *put_verdict(void *p, __u64 value)
{
	struct option_verdict *o = p;

	o->o = (struct option){ PCAPNG_EPB_VERDICT, 9 };
	o->type = PCAPNG_VERDICT_XDP;
	o->value = value;
	memset(o->pad, 0, sizeof(o->pad));
	return o + 1;
}

/* The last word is cleared first: what of it is no padding is overwritten. */
static inline void *put_padded(unsigned char *p, const void *data, size_t n)
{
	size_t padded = pcapng_pad(n);

	if (!n)
		return p;
	((struct word *)(p + padded))[-1].value = 0;
	memcpy(p, data, n);
	return p + padded;
}

static inline size_t trigger_size(const struct record *r)
{
	return strlen(PCAPNG_TRIGGER) + r->trigger_len;
}

static inline size_t options_size(const struct record *r)
{
	size_t n = 0;

	if (r->have & RECORD_FLAGS)
		n += sizeof(struct option32);
	if (r->have & RECORD_DROPCOUNT)
		n += sizeof(struct option64);
	if (r->have & RECORD_PACKETID)
		n += sizeof(struct option64);
	if (r->have & RECORD_QUEUE)
		n += sizeof(struct option32);
	if (r->have & RECORD_VERDICT)
		n += sizeof(struct option_verdict);
	if (r->comment)
		n += 4 + pcapng_pad(r->comment_len);
	if (r->trigger)
		n += 4 + pcapng_pad(trigger_size(r));
	return n ? n + 4 : 0; /* the end of options */
}

static void *put_trigger(void *p, const struct record *r)
{
	char text[sizeof(PCAPNG_TRIGGER) + RECORD_TRIGGER] = PCAPNG_TRIGGER;
	struct option *o = p;

	memcpy(text + strlen(PCAPNG_TRIGGER), r->trigger, r->trigger_len);
	*o = (struct option){ PCAPNG_COMMENT, trigger_size(r) };
	return put_padded((void *)(o + 1), text, trigger_size(r));
}

static inline void *put_options(void *p, const struct record *r)
{
	struct option *comment;

	if (r->have & RECORD_FLAGS)
		p = put32(p, PCAPNG_EPB_FLAGS, r->flags);
	if (r->have & RECORD_DROPCOUNT)
		p = put64(p, PCAPNG_EPB_DROPCOUNT, r->dropcount);
	if (r->have & RECORD_PACKETID)
		p = put64(p, PCAPNG_EPB_PACKETID, r->packetid);
	if (r->have & RECORD_QUEUE)
		p = put32(p, PCAPNG_EPB_QUEUE, r->queue);
	if (r->have & RECORD_VERDICT)
		p = put_verdict(p, r->verdict);
	if (r->comment) {
		comment = p;
		*comment = (struct option){ PCAPNG_COMMENT, r->comment_len };
		p = put_padded((void *)(comment + 1), r->comment, r->comment_len);
	}
	if (r->trigger)
		p = put_trigger(p, r);
	((struct word *)p)->value = PCAPNG_END;
	return (struct word *)p + 1;
}

size_t pcapng_epb(const struct record *r, void *buf, size_t size)
{
	size_t options = options_size(r);
	size_t total = sizeof(struct head) + pcapng_pad(r->cap_len) + options + 4;
	struct head *h = buf;
	struct word *end;

	if (size < total)
		return 0;
	h->type = PCAPNG_EPB;
	h->total = total;
	h->iface = r->iface;
	h->time_high = r->time_ns >> 32;
	h->time_low = r->time_ns;
	h->cap_len = r->cap_len;
	h->len = r->len;
	end = put_padded((void *)(h + 1), r->data, r->cap_len);
	if (options)
		end = put_options(end, r);
	end->value = total;
	return total;
}
