// SPDX-License-Identifier: GPL-2.0
#include "lib/btf_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#define DEPTH	 8  /* of structs in structs */
#define WORD_MAX 64 /* bytes of a number or an address */

/* --- what a type is made of ------------------------------------------------------------------- */

/* Past typedefs and qualifiers; *be: one of the names of network order was among them. */
static const struct btf_type *resolve(const struct btf *btf, __u32 type, int *be)
{
	const struct btf_type *t = btf__type_by_id(btf, type);

	while (t && (btf_is_typedef(t) || btf_is_mod(t))) {
		const char *name = btf__name_by_offset(btf, t->name_off);

		if (btf_is_typedef(t) && name && !strncmp(name, "__be", 4))
			*be = 1;
		t = btf__type_by_id(btf, t->type);
	}
	return t;
}

static int add(struct btf_value *v, enum btf_value_kind kind, __u32 off, __u32 size)
{
	if (v->count == BTF_VALUE_FIELDS)
		return -ENOTSUP;
	v->fields[v->count++] = (struct btf_value_field){ kind, off, size };
	return 0;
}

static int add_int(struct btf_value *v, const struct btf_type *t, int be, __u32 off)
{
	__u32 enc = btf_is_int(t) ? btf_int_encoding(t) : 0;

	if (btf_is_int(t) && (btf_int_offset(t) || btf_int_bits(t) != t->size * 8))
		return -ENOTSUP;
	if (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8)
		return -ENOTSUP;
	if (be)
		return add(v, BTF_VALUE_BE, off, t->size);
	if (enc & BTF_INT_BOOL)
		return add(v, BTF_VALUE_BOOL, off, t->size);
	/* an enum: -1 is written for ~0 */
	return add(v, enc & BTF_INT_SIGNED ? BTF_VALUE_SIGNED : BTF_VALUE_UNSIGNED, off, t->size);
}

static int add_type(const struct btf *btf, __u32 type, __u32 off, int depth, struct btf_value *v);

/* By its name: __u8 is an unsigned char. */
static int is_char(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	return name && !strcmp(name, "char");
}

static int add_array(const struct btf *btf, const struct btf_type *t, __u32 off, int depth,
		     struct btf_value *v)
{
	const struct btf_array *a = btf_array(t);
	int be = 0, err = 0;
	const struct btf_type *e = resolve(btf, a->type, &be);

	if (!e || !a->nelems)
		return -ENOTSUP;
	if (btf_is_int(e) && e->size == 1 && !(btf_int_encoding(e) & BTF_INT_BOOL))
		return add(v, is_char(btf, e) ? BTF_VALUE_TEXT : BTF_VALUE_BYTES, off, a->nelems);
	if (be && e->size == 4 && a->nelems == 4)
		return add(v, BTF_VALUE_ADDR6, off, 16);
	for (__u32 i = 0; !err && i < a->nelems; i++)
		err = add_type(btf, a->type, off + i * e->size, depth + 1, v);
	return err;
}

static int add_struct(const struct btf *btf, const struct btf_type *t, __u32 off, int depth,
		      struct btf_value *v)
{
	const struct btf_member *m = btf_members(t);
	const char *name = btf__name_by_offset(btf, t->name_off);
	int err = 0;

	if (t->size == 16 && name && !strcmp(name, "in6_addr"))
		return add(v, BTF_VALUE_ADDR6, off, 16);
	for (int i = 0; !err && i < btf_vlen(t); i++) {
		const char *member = btf__name_by_offset(btf, m[i].name_off);

		if (btf_member_bitfield_size(t, i))
			return -ENOTSUP;
		if (*member == '_' || !strncmp(member, "pad", 3))
			continue;
		err = add_type(btf, m[i].type, off + btf_member_bit_offset(t, i) / 8, depth + 1, v);
	}
	return err;
}

static int add_type(const struct btf *btf, __u32 type, __u32 off, int depth, struct btf_value *v)
{
	int be = 0;
	const struct btf_type *t = resolve(btf, type, &be);

	if (!t || depth > DEPTH)
		return -ENOTSUP;
	if (btf_is_int(t) || btf_is_any_enum(t))
		return add_int(v, t, be, off);
	if (btf_is_array(t))
		return add_array(btf, t, off, depth, v);
	if (btf_is_struct(t))
		return add_struct(btf, t, off, depth, v);
	return -ENOTSUP;
}

int btf_value_of(const struct btf *btf, __u32 type, struct btf_value *v)
{
	struct btf_value made = { 0 };
	__s64 size = btf__resolve_size(btf, type);
	int err = size < 0 ? -ENOTSUP : add_type(btf, type, 0, 0, &made);

	if (err)
		return err;
	made.size = size;
	*v = made;
	return 0;
}

/* --- a field from text ------------------------------------------------------------------------ */

static int word(const char *text, char out[WORD_MAX], const char **end)
{
	size_t len = 0;

	while (text[len] && !isspace((unsigned char)text[len]))
		len++;
	if (!len || len >= WORD_MAX)
		return -EINVAL;
	memcpy(out, text, len);
	out[len] = 0;
	*end = text + len;
	return 0;
}

/* Decimal, or hex after 0x, with k, M, G behind. No sign, no spaces: strtoull() takes both. */
static int parse_unsigned(const char *text, __u64 *out)
{
	static const char scales[] = "kMG";
	int hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *scale;
	__u64 value, by = 1;
	char *end;

	if (hex ? !isxdigit((unsigned char)text[2]) : !isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, hex ? 16 : 10);
	if (errno)
		return -ERANGE;
	scale = *end ? strchr(scales, *end) : NULL;
	for (const char *s = scales; scale && s <= scale; s++)
		by *= 1000;
	if (end[scale != NULL])
		return -EINVAL;
	return __builtin_mul_overflow(value, by, out) ? -ERANGE : 0;
}

static int put_number(const struct btf_value_field *field, const char *text, char *to,
		      struct fail *f)
{
	int is_signed = field->kind == BTF_VALUE_SIGNED, minus = is_signed && *text == '-';
	int big = field->kind == BTF_VALUE_BE || __BYTE_ORDER == __BIG_ENDIAN;
	__u64 all = ~0ULL >> (64 - 8 * field->size), most = is_signed ? all >> 1 : all, value;
	int err = parse_unsigned(text + minus, &value);

	if ((err || value > most + minus) && is_signed)
		return fail_set(f, EINVAL, "%s: a number from -%llu to %llu is wanted", text,
				most + 1, most);
	if (err || value > most + minus)
		return fail_set(f, EINVAL, "%s: a number from 0 to %llu is wanted", text, most);
	value = minus ? -value : value;
	for (__u32 i = 0; i < field->size; i++)
		to[i] = value >> 8 * (big ? field->size - 1 - i : i);
	return 0;
}

static int put_address(int family, const char *text, char *to, struct fail *f)
{
	if (inet_pton(family, text, to) == 1)
		return 0;
	return fail_set(f, EINVAL, "%s: an IPv%d address is wanted", text,
			family == AF_INET ? 4 : 6);
}

static int put_bool(const char *text, char *to, struct fail *f)
{
	int yes = !strcmp(text, "true") || !strcmp(text, "1");

	if (!yes && strcmp(text, "false") && strcmp(text, "0"))
		return fail_set(f, EINVAL, "%s: true or false is wanted", text);
	*to = yes;
	return 0;
}

static int put_bytes(const struct btf_value_field *field, const char *text, const char **end,
		     char *to, struct fail *f)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = text;

	for (__u32 i = 0; i < field->size; i++) {
		const char *hi, *lo;

		if (i && (*p == ':' || *p == ' ' || *p == '\t'))
			p++;
		hi = *p ? strchr(digits, tolower((unsigned char)p[0])) : NULL;
		lo = hi && p[1] ? strchr(digits, tolower((unsigned char)p[1])) : NULL;
		if (!lo)
			return fail_set(f, EINVAL, "%.60s: %u bytes in hex are wanted", text,
					field->size);
		to[i] = (hi - digits) << 4 | (lo - digits);
		p += 2;
	}
	if (*p && !isspace((unsigned char)*p))
		return fail_set(f, EINVAL, "%.60s: %u bytes in hex are wanted, this is more", text,
				field->size);
	*end = p;
	return 0;
}

/* A word, or what is between double quotes. */
static int put_text(const struct btf_value_field *field, const char *text, const char **end,
		    char *to, struct fail *f)
{
	int quoted = *text == '"';
	const char *start = text + quoted;
	size_t len = strcspn(start, quoted ? "\"" : " \t\r\n");

	if (quoted && !start[len])
		return fail_set(f, EINVAL, "%.60s: there is no second quote", text);
	if (!len || len > field->size)
		return fail_set(f, EINVAL, "%.60s: text of 1 to %u bytes is wanted", text,
				field->size);
	memcpy(to, start, len);
	*end = start + len + quoted;
	return 0;
}

int btf_value_put(const struct btf_value_field *field, const char *text, const char **end,
		  void *out, struct fail *f)
{
	char *to = (char *)out + field->off, one[WORD_MAX];

	if (field->kind == BTF_VALUE_BYTES)
		return put_bytes(field, text, end, to, f);
	if (field->kind == BTF_VALUE_TEXT)
		return put_text(field, text, end, to, f);
	if (word(text, one, end))
		return fail_set(f, EINVAL, "%.60s: a value is wanted", text);
	if (field->kind == BTF_VALUE_BOOL)
		return put_bool(one, to, f);
	if (field->kind == BTF_VALUE_ADDR6)
		return put_address(AF_INET6, one, to, f);
	if (field->size == 4 && field->kind != BTF_VALUE_SIGNED && strchr(one, '.'))
		return put_address(AF_INET, one, to, f);
	return put_number(field, one, to, f);
}
