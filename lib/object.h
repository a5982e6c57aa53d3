/* SPDX-License-Identifier: GPL-2.0 */
/* lib/object.h - the BPF objects, which are part of the library: no files at run time. */
#ifndef LIB_OBJECT_H
#define LIB_OBJECT_H

#include <stddef.h>

struct object {
	const char *name; /* of its file in bpf/, without .bpf.c */
	const void *data; /* ELF */
	size_t size;	  /* bytes */
};

/* Made by the Makefile; ends with a NULL name. */
extern const struct object object_table[];

/** object_find - the object @name, or NULL. Static, never freed. */
const struct object *object_find(const char *name);

#endif
