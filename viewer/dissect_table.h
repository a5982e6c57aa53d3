/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/dissect_table.h - headers as data: for dissect.c alone. */
#ifndef VIEWER_DISSECT_TABLE_H
#define VIEWER_DISSECT_TABLE_H

#include <stddef.h>

#include <linux/types.h>

enum dissect_form {
	DISSECT_DEC,   /* with its word, if it has one */
	DISSECT_HEX,   /* the same */
	DISSECT_FLAGS, /* the word of each bit that is set */
	DISSECT_MAC,
	DISSECT_IP4,
	DISSECT_IP6,
};

struct dissect_word {
	__u32 value;
	const char *name; /* NULL ends a table */
};

struct dissect_def {
	const char *name; /* NULL ends a table */
	__u8 off, len;	  /* bytes of the header, within its fixed part */
	__u8 form;	  /* enum dissect_form */
	__u8 shift;	  /* of the number, to the right, then */
	__u32 mask;	  /* 0: all, then */
	__u32 times;	  /* 0: once */
	const struct dissect_word *words;
};

struct dissect_layer {
	const char *name;
	__u8 len; /* of the fixed part */
	/* The whole header, where it says so itself: (byte >> shift & mask) * times + plus */
	__u8 len_at, len_shift, len_mask, len_times, len_plus;
	const struct dissect_def *defs;
	/* What follows the header @p of @len bytes; NULL: nothing that is known. */
	const struct dissect_layer *(*next)(const unsigned char *p, size_t len);
};

extern const struct dissect_layer dissect_ethernet;

#endif
