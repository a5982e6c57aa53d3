/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/sdk.h - the SDK of a stage as text: the headers of include/xdpchain, for a compiler that is
 * started at run time, and the skeleton of `droplet new`. They are part of the library: no files.
 */
#ifndef LIB_SDK_H
#define LIB_SDK_H

#include <stddef.h>

struct sdk_file {
	const char *name; /* without folder: "stage.bpf.h" */
	const void *data; /* text, without a NUL at its end */
	size_t size;	  /* bytes */
};

/* include/xdpchain/; made by the Makefile, ends with a NULL name. */
extern const struct sdk_file sdk_headers[];

#define SDK_NAME "@NAME@" /* in the skeleton: the name of the stage */
#define SDK_CAPS "@CAP@"  /* the same in capitals */

/* droplet/skeleton.in; one entry, then a NULL name. */
extern const struct sdk_file sdk_skeleton[];

#endif
