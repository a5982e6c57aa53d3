// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/expr.h"

#include <stdio.h>

int expr_compile(const struct opts *o, struct filter *filter)
{
	struct filter_spec spec = { .text = o->filter, .netmask = FILTER_NETMASK_UNKNOWN };
	struct fail f = { 0 };
	int err = o->filter ? filter_compile(&spec, filter, &f) : 0;

	if (err)
		fprintf(stderr, "xdpdump: %s\n", f.text);
	else if (filter->unoptimized && !o->quiet)
		fprintf(stderr, "xdpdump: libpcap's optimizer gave up on this filter: it is right, "
				"but slower\n");
	return err;
}
