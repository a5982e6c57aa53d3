// SPDX-License-Identifier: GPL-2.0
/* args - numbers and prefixes from the command line. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "droplet/droplet.h"

int arg_number(const char *what, const char *text, __u32 min, __u32 max, __u32 *out, struct fail *f)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || n < min || n > max)
		return fail_set(f, EINVAL, "%s: %.40s: not a number from %u to %u", what, text, min,
				max);
	*out = n;
	return 0;
}

int prefixes_args(struct prefixes *list, int argc, char **argv, struct fail *f)
{
	struct prefix p;
	int err = 0;

	for (int i = optind; !err && i < argc; i++) {
		err = prefix_parse(argv[i], &p, f);
		if (!err && prefixes_add(list, &p))
			err = fail_set(f, ENOMEM, "out of memory");
	}
	return err;
}
