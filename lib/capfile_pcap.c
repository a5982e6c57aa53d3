// SPDX-License-Identifier: GPL-2.0
/* capfile_pcap - classic pcap (draft-ietf-opsawg-pcap), as libpcap's sf-pcap.c understands it. */
#include "lib/capfile_impl.h"
#include "lib/util.h"

#define HEAD_SIZE     24	 /* of the file */
#define LINKTYPE_BITS 0x03ffffff /* the rest says how long the FCS is */

static const struct magic {
	__u32 value;
	__u32 tick_ns;
	__u32 head_size;
} magics[] = {
	{ 0xa1b2c3d4, 1000, 16 },
	{ 0xa1b23c4d, 1, 16 },
	{ 0xa1b2cd34, 1000, 24 }, /* Kuznetzov's: interface, protocol and type follow the lengths */
};

static const struct magic *find_magic(const unsigned char *p, bool *swap)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		*swap = v == __builtin_bswap32(magics[i].value);
		if (*swap || v == magics[i].value)
			return &magics[i];
	}
	return NULL;
}

/*
 * Until version 2.3 the two lengths stood the other way round, and some wrote 2.3 that way.
 * The captured length is the one that is not the larger.
 */
static void put_lengths(const struct capfile *c, __u32 first, __u32 second, struct record *r)
{
	bool swapped = c->minor < 3 || (c->minor == 3 && first > second);

	r->cap_len = swapped ? second : first;
	r->len = swapped ? first : second;
}

static int next(struct capfile *c, struct record *r)
{
	struct record made = { 0 };
	__u32 sec, fraction, first, second, snaplen = c->ifs[0].pub.snaplen;
	struct cur cur;
	int ret;

	ret = capfile_need(c, c->head_size);
	if (ret <= 0)
		return ret;
	cur = capfile_cur(c, c->head_size);
	sec = cur_u32(&cur);
	fraction = cur_u32(&cur);
	first = cur_u32(&cur);
	second = cur_u32(&cur);
	put_lengths(c, first, second, &made);
	ret = capfile_need(c, (size_t)c->head_size + made.cap_len);
	if (ret <= 0)
		return ret;
	c->block = c->head_size + made.cap_len;
	made.time_ns = sec * NSEC + (__u64)fraction * c->tick_ns;
	made.data = c->buf + c->at + c->head_size;
	if (snaplen && made.cap_len > snaplen)
		made.cap_len = snaplen; /* as libpcap has it */
	*r = made;
	return 1;
}

int capfile_open_pcap(struct capfile *c)
{
	const struct magic *magic = find_magic(c->buf, &c->swap);
	__u32 major, linktype, snaplen;
	struct cur cur;
	int err;

	if (!magic)
		return capfile_bad(c, EBADMSG, "it is no capture file");
	err = capfile_need(c, HEAD_SIZE);
	if (err < 0)
		return err;
	cur = capfile_cur(c, HEAD_SIZE);
	cur_u32(&cur);
	major = cur_u16(&cur);
	c->minor = cur_u16(&cur);
	cur_u64(&cur);
	snaplen = cur_u32(&cur);
	linktype = cur_u32(&cur) & LINKTYPE_BITS;
	if (!(major == 2 && c->minor <= 4) && !(major == 543 && c->minor == 0))
		return capfile_bad(c, EPROTONOSUPPORT, "its version is not known");
	err = capfile_add_if(c);
	if (err)
		return err;
	/* 0 and what is negative in 32 bits mean no limit: old files have them */
	c->ifs[0].pub.snaplen = snaplen > INT32_MAX ? 0 : snaplen;
	c->ifs[0].pub.linktype = linktype;
	c->tick_ns = magic->tick_ns;
	c->head_size = magic->head_size;
	c->block = HEAD_SIZE;
	c->next = next;
	return 0;
}

const char *capfile_format(const struct capfile *c)
{
	return c->next == next ? "pcap" : "pcapng";
}
