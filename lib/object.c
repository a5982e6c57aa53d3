// SPDX-License-Identifier: GPL-2.0
#include "lib/object.h"

#include <string.h>

const struct object *object_find(const char *name)
{
	for (const struct object *o = object_table; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}
