// SPDX-License-Identifier: GPL-2.0
/* capfile_pcapng - pcapng (draft-ietf-opsawg-pcapng). */
#include "lib/capfile_impl.h"
#include "lib/pcapng_impl.h"
#include "lib/util.h"

#define BLOCK_MIN    12 /* type, length, length again */
#define MICROSECONDS 6	/* if_tsresol where the file has none */

struct option {
	__u16 code, len;
	const unsigned char *value;
};

/* The next option; false at their end, and when the rest is no option: then cur is bad. */
static bool next_option(struct cur *cur, struct option *o)
{
	if (cur->pos == cur->end)
		return false;
	o->code = cur_u16(cur);
	o->len = cur_u16(cur);
	o->value = cur_take(cur, pcapng_pad(o->len));
	return o->value && o->code != PCAPNG_END;
}

/* The value of an option that has @n bytes, no more and no less; else it is not used. */
static bool option_cur(const struct cur *block, const struct option *o, size_t n, struct cur *cur)
{
	*cur = (struct cur){ o->value, o->value + o->len, block->swap, false };
	return o->len == n;
}

static void option_text(const struct option *o, char *text, size_t size)
{
	size_t n = o->len < size ? o->len : size - 1;

	memcpy(text, o->value, n);
	text[n] = 0;
}

static const __u32 powers[] = { 1,	10,	 100,	   1000,      10000,
				100000, 1000000, 10000000, 100000000, 1000000000 };

/* Ticks of the interface's clock to nanoseconds since 1970, cut to what 64 bits hold. */
static __u64 time_ns(const struct source *s, __u64 ticks)
{
	unsigned __int128 ns = ticks;
	__int128 sum;

	if (s->resolution & 0x80)
		ns = ns * NSEC >> (s->resolution & 0x7f);
	else if (s->resolution <= 9)
		ns *= powers[9 - s->resolution];
	else
		for (int i = 9; i < s->resolution && ns; i++)
			ns /= 10;
	sum = (__int128)ns + (__int128)s->offset * NSEC;
	if (sum < 0)
		return 0;
	return sum > UINT64_MAX ? UINT64_MAX : sum;
}

static int take_section(struct capfile *c, struct cur *cur)
{
	__u16 major, minor;

	cur_u32(cur); /* the byte-order magic, which was looked at */
	major = cur_u16(cur);
	minor = cur_u16(cur);
	cur_u64(cur); /* the section's length: blocks tell where they end */
	if (cur->bad)
		return capfile_bad(c, EBADMSG, "a section header is too short");
	if (major != 1 || (minor != 0 && minor != 2))
		return capfile_bad(c, EPROTONOSUPPORT, "its version is not known");
	c->n_ifs = 0;
	return 2;
}

static void if_option(struct source *s, const struct cur *block, const struct option *o)
{
	struct cur v;

	if (o->code == PCAPNG_IF_NAME)
		option_text(o, s->pub.name, sizeof(s->pub.name));
	else if (o->code == PCAPNG_IF_DESCRIPTION)
		option_text(o, s->pub.description, sizeof(s->pub.description));
	else if (o->code == PCAPNG_IF_TSRESOL && o->len == 1)
		s->resolution = *o->value;
	else if (o->code == PCAPNG_IF_TSOFFSET && option_cur(block, o, 8, &v))
		s->offset = cur_u64(&v);
}

static int take_interface(struct capfile *c, struct cur *cur)
{
	struct option o;
	struct source *s;
	int err = capfile_add_if(c);

	if (err)
		return err;
	s = &c->ifs[c->n_ifs - 1];
	s->resolution = MICROSECONDS;
	s->pub.linktype = cur_u16(cur);
	cur_u16(cur);
	s->pub.snaplen = cur_u32(cur);
	while (next_option(cur, &o))
		if_option(s, cur, &o);
	if (cur->bad)
		return capfile_bad(c, EBADMSG, "an interface block does not add up");
	return 2;
}

/* What we write in pcapng_isb(), read back. */
static int take_statistics(struct capfile *c, struct cur *cur)
{
	__u64 received = 0, accepted = 0, lost = 0, delivered = 0;
	__u32 i = cur_u32(cur);
	struct option o;
	struct cur v;

	cur_u64(cur);
	while (next_option(cur, &o)) {
		if (!option_cur(cur, &o, 8, &v))
			continue;
		if (o.code == PCAPNG_ISB_IFRECV)
			received = cur_u64(&v);
		else if (o.code == PCAPNG_ISB_FILTERACCEPT)
			accepted = cur_u64(&v);
		else if (o.code == PCAPNG_ISB_OSDROP)
			lost = cur_u64(&v);
		else if (o.code == PCAPNG_ISB_USRDELIV)
			delivered = cur_u64(&v);
	}
	if (cur->bad)
		return capfile_bad(c, EBADMSG, "a statistics block does not add up");
	if (i >= c->n_ifs)
		return 2;
	c->ifs[i].pub.counted = true;
	c->ifs[i].pub.count = (struct session_count){
		.offered = received,
		.filtered = received > accepted ? received - accepted : 0,
		.captured = delivered,
		.lost = lost,
	};
	return 2;
}

/* What pcapng_epb() says of a flight recorder. Other bytes than it writes are somebody else's. */
static bool take_trigger(const struct option *o, struct record *r)
{
	size_t prefix = strlen(PCAPNG_TRIGGER);

	if (o->len < prefix || o->len - prefix >= RECORD_TRIGGER ||
	    memcmp(o->value, PCAPNG_TRIGGER, prefix))
		return false;
	for (size_t i = prefix; i < o->len; i++)
		if (o->value[i] < ' ' || o->value[i] > '~')
			return false;
	if (r->trigger)
		return true;
	r->trigger = (const char *)o->value + prefix;
	r->trigger_len = o->len - prefix;
	return true;
}

/* Of several comments, the one that is a trail, else the first. */
static void take_comment(struct capfile *c, const struct option *o, struct record *r)
{
	bool ours;

	if (take_trigger(o, r))
		return;
	ours = !r->trail && !trail_parse((const char *)o->value, o->len, &c->trail);

	if (ours)
		r->trail = &c->trail;
	if (!ours && r->comment)
		return;
	r->comment = (const char *)o->value;
	r->comment_len = o->len;
}

static void packet_option(struct capfile *c, const struct cur *block, const struct option *o,
			  struct record *r)
{
	struct cur v;

	if (o->code == PCAPNG_COMMENT) {
		take_comment(c, o, r);
	} else if (o->code == PCAPNG_EPB_FLAGS && option_cur(block, o, 4, &v)) {
		r->flags = cur_u32(&v);
		r->have |= RECORD_FLAGS;
	} else if (o->code == PCAPNG_EPB_DROPCOUNT && option_cur(block, o, 8, &v)) {
		r->dropcount = cur_u64(&v);
		r->have |= RECORD_DROPCOUNT;
	} else if (o->code == PCAPNG_EPB_PACKETID && option_cur(block, o, 8, &v)) {
		r->packetid = cur_u64(&v);
		r->have |= RECORD_PACKETID;
	} else if (o->code == PCAPNG_EPB_QUEUE && option_cur(block, o, 4, &v)) {
		r->queue = cur_u32(&v);
		r->have |= RECORD_QUEUE;
	} else if ((o->code == PCAPNG_EPB_VERDICT || o->code == PCAPNG_EPB_QUEUE) &&
		   option_cur(block, o, 9, &v) && *o->value == PCAPNG_VERDICT_XDP) {
		/* Under the code of a queue if Wireshark 4.0 has saved it. */
		cur_take(&v, 1);
		r->verdict = cur_u64(&v);
		r->have |= RECORD_VERDICT;
	}
}

/* Times, lengths, bytes and options: what enhanced and obsolete packet blocks have alike. */
static int take_packet(struct capfile *c, struct cur *cur, bool obsolete, struct record *r)
{
	__u64 ticks = (__u64)cur_u32(cur) << 32;
	struct option o;

	ticks |= cur_u32(cur);
	r->cap_len = cur_u32(cur);
	r->len = cur_u32(cur);
	r->data = cur_take(cur, pcapng_pad(r->cap_len));
	if (cur->bad)
		return capfile_bad(c, EBADMSG, "a packet is longer than its block");
	if (r->iface >= c->n_ifs)
		return capfile_bad(c, EBADMSG, "a packet's interface is not described");
	r->time_ns = time_ns(&c->ifs[r->iface], ticks);
	while (next_option(cur, &o))
		if (!obsolete ||
		    o.code <= PCAPNG_EPB_FLAGS) /* 3 is a hash there too, 4 is nothing */
			packet_option(c, cur, &o, r);
	if (cur->bad)
		return capfile_bad(c, EBADMSG, "an option is longer than its block");
	return 1;
}

static int take_enhanced(struct capfile *c, struct cur *cur, struct record *r)
{
	r->iface = cur_u32(cur);
	return take_packet(c, cur, false, r);
}

static int take_obsolete(struct capfile *c, struct cur *cur, struct record *r)
{
	__u16 drops;

	r->iface = cur_u16(cur);
	drops = cur_u16(cur);
	if (drops != UINT16_MAX) { /* which says: not known */
		r->dropcount = drops;
		r->have |= RECORD_DROPCOUNT;
	}
	return take_packet(c, cur, true, r);
}

/* No time, no captured length, always of the first interface. */
static int take_simple(struct capfile *c, struct cur *cur, struct record *r)
{
	__u32 snaplen = c->n_ifs ? c->ifs[0].pub.snaplen : 0;

	if (!c->n_ifs)
		return capfile_bad(c, EBADMSG, "a packet's interface is not described");
	r->len = r->cap_len = cur_u32(cur);
	if (snaplen && r->cap_len > snaplen)
		r->cap_len = snaplen;
	r->data = cur_take(cur, pcapng_pad(r->cap_len));
	if (cur->bad)
		return capfile_bad(c, EBADMSG, "a packet is longer than its block");
	return 1;
}

static int take_block(struct capfile *c, __u32 type, struct cur *cur, struct record *r)
{
	struct record made = { 0 };
	int ret = 2;

	if (type == PCAPNG_SHB)
		return take_section(c, cur);
	if (type == PCAPNG_IDB)
		return take_interface(c, cur);
	if (type == PCAPNG_ISB)
		return take_statistics(c, cur);
	if (type == PCAPNG_EPB)
		ret = take_enhanced(c, cur, &made);
	else if (type == PCAPNG_PB)
		ret = take_obsolete(c, cur, &made);
	else if (type == PCAPNG_SPB)
		ret = take_simple(c, cur, &made);
	if (ret == 1)
		*r = made;
	return ret;
}

/* A section header says itself in which byte order it is, behind its length. */
static int byte_order(struct capfile *c)
{
	__u32 type, magic;

	memcpy(&type, c->buf + c->at, 4);
	if (type != PCAPNG_SHB)
		return 0;
	memcpy(&magic, c->buf + c->at + 8, 4);
	c->swap = magic == __builtin_bswap32(PCAPNG_MAGIC);
	if (!c->swap && magic != PCAPNG_MAGIC)
		return capfile_bad(c, EBADMSG, "a section header has no byte-order magic");
	return 0;
}

static int next(struct capfile *c, struct record *r)
{
	__u32 type, len;
	struct cur cur;
	int ret;

	ret = capfile_need(c, BLOCK_MIN);
	if (ret <= 0)
		return ret;
	ret = byte_order(c);
	if (ret)
		return ret;
	cur = capfile_cur(c, BLOCK_MIN);
	type = cur_u32(&cur);
	len = cur_u32(&cur);
	if (len < BLOCK_MIN || len % 4)
		return capfile_bad(c, EBADMSG, "the length of a block is not possible");
	ret = capfile_need(c, len);
	if (ret <= 0)
		return ret;
	cur = capfile_cur(c, len);
	cur.pos = cur.end - 4;
	if (cur_u32(&cur) != len)
		return capfile_bad(c, EBADMSG, "the two lengths of a block differ");
	cur = capfile_cur(c, len - 4);
	cur_u64(&cur);
	c->block = len;
	return take_block(c, type, &cur, r);
}

int capfile_open_pcapng(struct capfile *c)
{
	struct record none;
	int ret = next(c, &none);

	c->next = next;
	return ret < 0 ? ret : 0;
}
