// SPDX-License-Identifier: GPL-2.0
/* A VIP as text: what is taken comes back as text that means the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/lb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct lb_service s = { 0 }, again = { 0 };
	char text[128], back[LB_TEXT];
	struct fail f = { 0 };

	if (len >= sizeof(text))
		return 0;
	memcpy(text, data, len);
	text[len] = 0;
	if (lb_service_parse(text, &s, &f)) {
		assert(f.text[0]);
		return 0;
	}
	lb_service_text(back, &s);
	assert(!lb_service_parse(back, &again, &f));
	assert(!memcmp(&s, &again, sizeof(s)));
	return 0;
}
