// SPDX-License-Identifier: GPL-2.0
#include "lib/format.h"

#include <string.h>

#include "lib/json_event.h"
#include "lib/pcapfile.h"
#include "lib/pcapng.h"
#include "lib/util.h"

static const struct format_ops *const formats[] = {
	&pcapng_ops, /* the first is what a file is that asks for nothing */
	&pcapfile_ops,
	&json_event_ops,
};

const struct format_ops *format_at(unsigned int i)
{
	return i < ARRAY_SIZE(formats) ? formats[i] : NULL;
}

const struct format_ops *format_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const struct format_ops *format_for_path(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		size_t n = strlen(formats[i]->suffix);

		if (len > n && !strcmp(path + len - n, formats[i]->suffix))
			return formats[i];
	}
	return formats[0];
}
