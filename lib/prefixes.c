// SPDX-License-Identifier: GPL-2.0
#include "lib/prefixes.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int prefixes_add(struct prefixes *list, const struct prefix *p)
{
	struct prefix *v;

	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;

		v = realloc(list->v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		list->v = v;
		list->room = room;
	}
	list->v[list->count++] = *p;
	return 0;
}

void prefixes_sort(struct prefixes *list)
{
	size_t n = 0;

	qsort(list->v, list->count, sizeof(*list->v), prefix_cmp);
	for (size_t i = 0; i < list->count; i++)
		if (!n || prefix_cmp(&list->v[i], &list->v[n - 1]))
			list->v[n++] = list->v[i];
	list->count = n;
}

void prefixes_free(struct prefixes *list)
{
	free(list->v);
	*list = (struct prefixes){ 0 };
}

/* Cut comment and white space off; what is left, maybe "". */
static char *strip(char *line)
{
	char *end = line + strcspn(line, "#\r\n");

	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*end = 0;
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

static int read_lines(struct prefixes *list, FILE *file, const char *path, struct fail *f)
{
	unsigned long n = 0;
	char *line = NULL;
	size_t room = 0;
	struct prefix p;
	int err = 0;

	while (!err && getline(&line, &room, file) >= 0) {
		const char *text = strip(line);
		struct fail why;

		n++;
		if (!*text)
			continue;
		if (prefix_parse(text, &p, &why))
			err = fail_set(f, EINVAL, "%s:%lu: %s", path, n, why.text);
		else if (prefixes_add(list, &p))
			err = fail_set(f, ENOMEM, "%s: out of memory", path);
	}
	if (!err && ferror(file))
		err = fail_set(f, errno, "%s: %s", path, strerror(errno));
	free(line);
	return err;
}

int prefixes_read(struct prefixes *list, const char *path, struct fail *f)
{
	FILE *file;
	int err;

	if (!strcmp(path, "-"))
		return read_lines(list, stdin, "standard input", f);
	file = fopen(path, "re");
	if (!file)
		return fail_set(f, errno, "%s: %s", path, strerror(errno));
	err = read_lines(list, file, path, f);
	fclose(file);
	return err;
}
