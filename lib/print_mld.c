// SPDX-License-Identifier: GPL-2.0
/* lib/print_mld.c - multicast groups: MLD (RFC 2710, 3810) and IGMP (RFC 2236, 3376). */
#include "lib/print_int.h"
#include "lib/util.h"

#define MLD1_LEN 24
#define MLD2_LEN 28

enum {
	IGMP_QUERY = 0x11,
	IGMP1_REPORT = 0x12,
	IGMP_DVMRP = 0x13,
	IGMP_PIM = 0x14,
	IGMP2_REPORT = 0x16,
	IGMP_LEAVE = 0x17,
	IGMP3_REPORT = 0x22,
	IGMP_MRESP = 0x1e,
	IGMP_MTRACE = 0x1f
};

static const struct print_tok record_types[] = {
	{ 1, "is_in" }, { 2, "is_ex" }, { 3, "to_in" }, { 4, "to_ex" },
	{ 5, "allow" }, { 6, "block" }, { 0, NULL },
};

/* Addresses of one family: a report and a query look alike in both. */
struct family {
	__u32 size;
	void (*put_at)(struct print *p, __u32 off);
	const char *unknown; /* before the number of an unknown record type */
};

static const struct family ip4 = { 4, put_ip4_at, " [v3-report-#" };
static const struct family ip6 = { 16, put_ip6_at, " [v2-report-#" };

static void put_sources(struct print *p, const struct family *f, __u32 off, __u32 n)
{
	put_str(p, " {");
	for (__u32 i = 0; i < n && !print_ended(p); i++, off += f->size) {
		if (!print_get(p, off, f->size))
			return;
		put_char(p, ' ');
		f->put_at(p, off);
	}
	put_str(p, " }");
}

/* One group record at @at of the message; its size, or 0 if it does not fit. */
static __u32 put_record(struct print *p, const struct family *f, __u32 off, __u32 left)
{
	__u32 head = 4 + f->size, n;
	const char *name;
	__u8 type;

	if (left < head) {
		put_str(p, " [invalid number of groups]");
		return 0;
	}
	if (!print_get(p, off + 4, f->size))
		return 0;
	put_str(p, " [gaddr ");
	f->put_at(p, off + 4);
	type = print_get8(p, off);
	name = print_tok(record_types, type);
	put_char(p, ' ');
	if (name)
		put_str(p, name);
	else
		put_num(p, f->unknown, type, "]");
	n = print_get16(p, off + 2);
	if (left < head + n * f->size) {
		put_num(p, " [invalid number of sources ", n, "]");
		return 0;
	}
	if (p->o.verbose == 1)
		put_num(p, ", ", n, " source(s)");
	else
		put_sources(p, f, off + head, n);
	put_char(p, ']');
	return head + n * f->size;
}

/* RFC 3376 4.2, RFC 3810 5.2; the records only with -v. */
static void put_report(struct print *p, const struct family *f, __u32 off, __u32 len)
{
	__u32 groups = print_get16(p, off + 6), at = 8;

	put_num(p, ", ", groups, " group record(s)");
	if (!p->o.verbose)
		return;
	while (groups-- && !print_ended(p)) {
		__u32 n = put_record(p, f, off + at, len - at);

		if (!n)
			return;
		at += n;
	}
}

/* The sources of a query, and the bracket that its group began. */
static void put_query_sources(struct print *p, const struct family *f, __u32 off, __u32 head,
			      __u32 len)
{
	__u32 n = print_get16(p, off + head - 2);

	if (n && len < head + n * f->size)
		put_str(p, " [invalid number of sources]");
	else if (n && p->o.verbose > 1)
		put_sources(p, f, off + head, n);
	else if (n)
		put_num(p, ", ", n, " source(s)");
	put_char(p, ']');
}

/* RFC 3376 4.1.1, RFC 3810 5.1.3: from the top bit on, an exponent and a mantissa. */
static __u32 code_value(__u32 code, int mant_bits)
{
	__u32 mant = code & ((1U << mant_bits) - 1), exp = code >> mant_bits & 7;

	if (code < 8U << mant_bits)
		return code;
	return (mant | 1U << mant_bits) << (exp + 3);
}

/* RFC 3810 5.1. */
static void put_mld2_query(struct print *p, __u32 off, __u32 len)
{
	__u32 delay = code_value(print_get16(p, off + 4), 12);

	if (p->o.verbose)
		put_num(p, " [max resp delay=", delay, "]");
	if (!print_get(p, off + 8, 16))
		return;
	put_str(p, " [gaddr ");
	put_ip6_at(p, off + 8);
	if (p->o.verbose) {
		__u8 flags = print_get8(p, off + 24), qqi;

		if (flags & 8)
			put_str(p, " sflag");
		if (flags & 7)
			put_num(p, " robustness=", flags & 7, "");
		qqi = print_get8(p, off + 25);
		put_num(p, " qqi=", code_value(qqi, 4), "");
	}
	put_query_sources(p, &ip6, off, MLD2_LEN, len);
}

/* RFC 2710 section 3; nothing if it is cut short. */
static void put_mld1(struct print *p, __u32 off)
{
	if (!print_has(p, off, MLD1_LEN))
		return;
	put_num(p, "max resp delay: ", print_get16(p, off + 4), " addr: ");
	put_ip6_at(p, off + 8);
}

void print_mld(struct print *p, __u8 type, __u32 off, __u32 len)
{
	if (type == PRINT_MLD2_REPORT) {
		if (len < 8)
			put_num(p, " [invalid len ", len, "]");
		else
			put_report(p, &ip6, off, len);
	} else if (type != PRINT_MLD_QUERY || len == MLD1_LEN) {
		put_mld1(p, off);
	} else if (len >= MLD2_LEN) {
		put_str(p, " v2");
		put_mld2_query(p, off, len);
	} else {
		put_num(p, " unknown-version (len ", len, ") ");
	}
}

/* Tenths of a second: "12.5s" below a minute, "1m2s" above. */
static void put_tenths(struct print *p, __u32 t)
{
	static const struct {
		__u32 s;
		char unit;
	} units[] = { { 31536000, 'y' }, { 604800, 'w' }, { 86400, 'd' },
		      { 3600, 'h' },	 { 60, 'm' },	  { 1, 's' } };
	__u32 s = t / 10;

	if (t < 600) {
		put_num(p, "", s, ".");
		put_num(p, "", t % 10, "s");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (s < units[i].s)
			continue;
		put_u32(p, s / units[i].s);
		put_char(p, units[i].unit);
		s %= units[i].s;
	}
}

static void put_group(struct print *p, const char *before, __u32 off)
{
	if (!print_get(p, off + 4, 4))
		return;
	put_str(p, before);
	put_ip4_at(p, off + 4);
}

/* RFC 3376 4.1; 10 s is the default of every version and not shown. */
static void put_igmp3_query(struct print *p, __u32 off, __u32 len)
{
	__u8 code;

	put_str(p, " v3");
	if (len < 12 || len & 3) {
		put_num(p, " [invalid len ", len, "]");
		return;
	}
	code = print_get8(p, off + 1);
	if (code != 100) {
		put_str(p, " [max resp time ");
		put_tenths(p, code_value(code, 4));
		put_char(p, ']');
	}
	if (!print_get32(p, off + 4))
		return;
	put_group(p, " [gaddr ", off);
	put_query_sources(p, &ip4, off, 12, len);
}

/* The version of a query shows in its length, and in whether it has a response time. */
static void put_igmp_query(struct print *p, __u32 off, __u32 len)
{
	__u8 code;

	put_str(p, "igmp query");
	if (len >= 12) {
		put_igmp3_query(p, off, len);
		return;
	}
	code = print_get8(p, off + 1);
	put_str(p, code ? " v2" : " v1");
	if (code && code != 100)
		put_num(p, " [max resp time ", code, "]");
	if (print_get32(p, off + 4)) {
		put_group(p, " [gaddr ", off);
		put_char(p, ']');
	}
	if (len != 8)
		put_num(p, " [len ", len, "]");
}

static void put_igmp(struct print *p, __u8 type, __u32 off, __u32 len)
{
	switch (type) {
	case IGMP_QUERY:
		put_igmp_query(p, off, len);
		break;
	case IGMP1_REPORT:
		put_group(p, "igmp v1 report ", off);
		if (len != 8)
			put_num(p, " [len ", len, "]");
		break;
	case IGMP2_REPORT:
		put_group(p, "igmp v2 report ", off);
		break;
	case IGMP_LEAVE:
		put_group(p, "igmp leave ", off);
		break;
	case IGMP3_REPORT:
		put_str(p, "igmp v3 report");
		if (len < 16 || len & 3)
			put_num(p, " [invalid len ", len, "]");
		else
			put_report(p, &ip4, off, len);
		break;
	case IGMP_DVMRP:
	case IGMP_PIM:
	case IGMP_MRESP:
	case IGMP_MTRACE:
		print_upper(p);
		put_num(p, "igmp, length ", len, "");
		break;
	default:
		put_num(p, "igmp-", type, "");
	}
}

void print_igmp(struct print *p, __u32 off, __u32 len)
{
	__u8 type;

	p->proto = "igmp";
	if (p->o.flags & PRINT_QUIET) {
		put_str(p, "igmp");
		return;
	}
	type = print_get8(p, off);
	put_igmp(p, type, off, len);
	if (p->o.verbose && len >= 4 && print_sum(p, off, len)) {
		put_str(p, " bad igmp cksum ");
		put_hex(p, print_get16(p, off + 2));
		put_char(p, '!');
	}
}
