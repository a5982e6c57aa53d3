// SPDX-License-Identifier: GPL-2.0
/* opts_words - where the filter expression is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xdpdump/opts_int.h"

#define FILE_MAX (1 << 20) /* bytes; libpcap takes minutes for a tenth of it */

/* The words that are left are the filter, as tcpdump takes it. */
static char *join(int argc, char **argv)
{
	size_t len = 1;
	char *text, *p;

	for (int i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	text = p = malloc(len);
	for (int i = 0; text && i < argc; i++)
		p += sprintf(p, "%s%s", i ? " " : "", argv[i]);
	return text;
}

/* From # to the end of the line is a comment, in the file of -F. */
static void blank_comments(char *text)
{
	for (char *p = strchr(text, '#'); p; p = strchr(p, '#')) {
		size_t n = strcspn(p, "\n");

		memset(p, ' ', n);
		p += n;
	}
}

static char *slurp(FILE *in)
{
	char *text = malloc(FILE_MAX + 1);
	size_t n = text ? fread(text, 1, FILE_MAX + 1, in) : 0;

	if (!text || ferror(in) || n > FILE_MAX || memchr(text, 0, n)) {
		if (text && !ferror(in))
			errno = n > FILE_MAX ? EFBIG : EINVAL;
		free(text);
		return NULL;
	}
	text[n] = 0;
	return text;
}

int opts_words(struct opts *o, int argc, char **argv)
{
	FILE *in;

	if (!o->filter_file) {
		if (o->extcap.filter)
			o->filter = strdup(o->extcap.filter);
		else
			o->filter = argc ? join(argc, argv) : NULL;
		return -1;
	}
	in = strcmp(o->filter_file, "-") ? fopen(o->filter_file, "re") : stdin;
	o->filter = in ? slurp(in) : NULL;
	if (!o->filter)
		fprintf(stderr, "xdpdump: %s: %s\n", o->filter_file, strerror(errno));
	else
		blank_comments(o->filter);
	if (in && in != stdin)
		fclose(in);
	return o->filter ? -1 : CLI_FAILED;
}
