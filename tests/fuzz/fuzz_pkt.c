// SPDX-License-Identifier: GPL-2.0
/* fuzz_pkt - whatever the packet is, no byte outside is read, and what is said of it holds. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "tests/pkts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pkt whole, cut;
	__u32 linear;

	if (len < 2)
		return 0;
	linear = (data[0] | data[1] << 8) % (len - 1); /* of len - 2 bytes, or all of them */
	data += 2;
	len -= 2;
	pkts_parse(data, len, len, &whole);
	assert(!pkts_insane(&whole, len));
	pkts_parse(data, len, linear, &cut);
	assert(!pkts_insane(&cut, linear));
	assert(pkts_common(data, len, len) >= 0 && pkts_common(data, len, linear) >= 0);
	/* A shorter first buffer may hide things, but never change them. */
	if (cut.flags & PKT_L4)
		assert(cut.l4 == whole.l4 && cut.sport == whole.sport && cut.dport == whole.dport &&
		       cut.ipproto == whole.ipproto && whole.flags & PKT_L4);
	if (cut.l3)
		assert(cut.l3 == whole.l3 && !memcmp(cut.saddr, whole.saddr, 32));
	return 0;
}
