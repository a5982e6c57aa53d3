/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/btf_value.h - a value of a C type, as its BTF describes it, from text that a person wrote.
 *
 * What can be written is a row of fields: integers, bool, network order (__be16, __be32, __be64 by
 * name), IPv4 and IPv6 addresses, bytes in hex, text; a struct is its members in order, an array of
 * integers its elements. Members called pad or _..., and what nobody wrote, are zero.
 */
#ifndef LIB_BTF_VALUE_H
#define LIB_BTF_VALUE_H

#include <linux/types.h>

#include "lib/fail.h"

struct btf;

#define BTF_VALUE_FIELDS 128

enum btf_value_kind {
	BTF_VALUE_UNSIGNED,
	BTF_VALUE_SIGNED,
	BTF_VALUE_BOOL,
	BTF_VALUE_BE,	 /* a number in network order; with 4 bytes, an IPv4 address too */
	BTF_VALUE_ADDR6, /* 16 bytes: __be32[4], or struct in6_addr */
	BTF_VALUE_TEXT,	 /* of char[]: a word, or "some words"; zeros behind */
	BTF_VALUE_BYTES, /* of __u8[]: hex digits, "de ad be ef" or "deadbeef" or "de:ad:be:ef" */
};

struct btf_value_field {
	enum btf_value_kind kind;
	__u32 off, size; /* bytes */
};

struct btf_value {
	struct btf_value_field fields[BTF_VALUE_FIELDS];
	__u32 count, size; /* size: of the whole, bytes */
};

/**
 * btf_value_of - what @type is made of.
 * Return: 0; -ENOTSUP something that cannot be written: a pointer, a bit field, a union, a float,
 * or more than BTF_VALUE_FIELDS fields.
 */
int btf_value_of(const struct btf *btf, __u32 type, struct btf_value *v);

/**
 * btf_value_put - read the field @field at @text, and put it into @out, the whole value.
 * @end: set to what follows it in @text
 *
 * Return: 0; -EINVAL, and @f says what is wanted.
 */
int btf_value_put(const struct btf_value_field *field, const char *text, const char **end,
		  void *out, struct fail *f);

#endif
