// SPDX-License-Identifier: GPL-2.0
/* What a person writes for a value of a C type: any text, for each kind and size of a field. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf_value.h"
#include "lib/util.h"

static const struct btf_value_field fields[] = {
	{ BTF_VALUE_UNSIGNED, 0, 1 }, { BTF_VALUE_UNSIGNED, 0, 8 }, { BTF_VALUE_SIGNED, 0, 2 },
	{ BTF_VALUE_SIGNED, 0, 8 },   { BTF_VALUE_BOOL, 0, 1 },	    { BTF_VALUE_BE, 0, 2 },
	{ BTF_VALUE_BE, 0, 4 },	      { BTF_VALUE_ADDR6, 0, 16 },   { BTF_VALUE_TEXT, 0, 7 },
	{ BTF_VALUE_BYTES, 0, 5 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = strndup((const char *)data, len);
	const char *last = text + strlen(text);

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		char *out = calloc(1, fields[i].size);
		const char *end = NULL;
		struct fail f = { 0 };
		int err = btf_value_put(&fields[i], text, &end, out, &f);

		if (err)
			assert(f.text[0]);
		else
			assert(end > text && end <= last);
		free(out);
	}
	free(text);
	return 0;
}
