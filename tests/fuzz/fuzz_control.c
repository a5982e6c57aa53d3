// SPDX-License-Identifier: GPL-2.0
/* fuzz_control - a line is a request, or is refused in words; an answer can be made of either. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fail f = { 0 };
	json_t *o = control_parse((const char *)data, len, &f);
	char *line;

	assert(!o == !!f.text[0]);
	if (o)
		assert(json_is_string(json_object_get(o, "cmd")));
	else
		o = control_refuse(&f);
	line = json_dumps(o, JSON_COMPACT);
	assert(line && !strchr(line, '\n'));
	free(line);
	json_decref(o);
	return 0;
}
