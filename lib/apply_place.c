// SPDX-License-Identifier: GPL-2.0
#include "lib/apply_place.h"

#include "xdpchain/chain.h"

#define LAST CHAIN_SLOT_POLICER_MAX
#define NONE 1000 /* more than any number of policers */

/*
 * best[i][s]: the fewest policers from the i-th on that have to be loaded again, when the i-th is
 * in slot s or a later one. Filled from the end; then the lowest slot that is as good is taken.
 */
void apply_place(const __u32 *at, size_t count, __u32 *slot)
{
	unsigned int best[LAST + 1][LAST + 2];
	__u32 next = CHAIN_SLOT_POLICER_MIN;

	for (__u32 s = 0; s <= LAST + 1; s++)
		best[count][s] = 0;
	for (size_t i = count; i-- > 0;) {
		best[i][LAST + 1] = NONE;
		for (__u32 s = LAST; s >= CHAIN_SLOT_POLICER_MIN; s--) {
			unsigned int here = (at[i] != s) + best[i + 1][s + 1];

			best[i][s] = here < best[i][s + 1] ? here : best[i][s + 1];
		}
	}
	for (size_t i = 0; i < count; i++) {
		while ((at[i] != next) + best[i + 1][next + 1] != best[i][next])
			next++;
		slot[i] = next++;
	}
}
