// SPDX-License-Identifier: GPL-2.0
/* fuzz_view_dissect - whatever the packet is, no field lies outside of it, and none is read there.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/dissect.h"
#include "viewer/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct dissect_field f[DISSECT_FIELDS];
	unsigned char *copy = malloc(len + !len), *came = malloc(len + !len);
	struct source_of s;
	size_t n;

	memcpy(copy, data, len);
	n = dissect(copy, len, f);
	assert(n <= DISSECT_FIELDS);
	for (size_t i = 0; i < n; i++)
		assert(f[i].off + f[i].len <= len && memchr(f[i].value, 0, sizeof(f[i].value)));
	source_find(copy, len, true, &s);
	assert(source_came(copy, len, came) <= len);
	free(copy);
	free(came);
	return 0;
}
