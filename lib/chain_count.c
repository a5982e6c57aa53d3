// SPDX-License-Identifier: GPL-2.0
/* chain_count - the counters, and what those of a slot are counted from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/chain_int.h"

static void count_add(struct chain_count *to, const struct chain_count *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i].packets += from[i].packets;
		to[i].bytes += from[i].bytes;
	}
}

static void count_sub(struct chain_count *to, const struct chain_count *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i].packets -= from[i].packets;
		to[i].bytes -= from[i].bytes;
	}
}

static void totals_add(struct chain_totals *t, const struct chain_cpu *cpu)
{
	count_add(t->verdicts[0], cpu->verdicts[0], CHAIN_COUNTED * CHAIN_VERDICTS);
	count_add(t->reasons[0], cpu->reasons[0], CHAIN_COUNTED * CHAIN_REASONS);
	for (int i = 0; i < CHAIN_SLOTS; i++)
		t->asked[i] += cpu->asked[i];
	for (int i = 0; i < SESSIONS; i++) {
		t->sessions[i].offered += cpu->sessions[i].offered;
		t->sessions[i].filtered += cpu->sessions[i].filtered;
		t->sessions[i].captured += cpu->sessions[i].captured;
		t->sessions[i].lost += cpu->sessions[i].lost;
		t->sessions[i].capped += cpu->sessions[i].capped;
		t->sessions[i].matched += cpu->sessions[i].matched;
		t->sessions[i].entry_captured += cpu->sessions[i].entry_captured;
		t->sessions[i].entry_lost += cpu->sessions[i].entry_lost;
	}
}

/* All that was ever counted, by slot. */
static int read_raw(const struct chain *c, struct chain_totals *t)
{
	struct chain_cpu *cpus = calloc(c->ncpus, sizeof(*cpus));
	__u32 zero = 0;
	int err = 0;

	if (!cpus)
		return -ENOMEM;
	if (bpf_map_lookup_elem(c->cpus, &zero, cpus))
		err = -errno;
	memset(t, 0, sizeof(*t));
	for (int i = 0; !err && i < c->ncpus; i++)
		totals_add(t, &cpus[i]);
	free(cpus);
	return err;
}

static int from_base(const struct chain *c, __u32 bank, struct chain_totals *t)
{
	struct chain_base base;

	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		__u32 at = chain_at(bank, slot);

		if (bpf_map_lookup_elem(c->bases, &at, &base))
			return -errno;
		count_sub(t->verdicts[slot], base.verdicts, CHAIN_VERDICTS);
		count_sub(t->reasons[slot], base.reasons, CHAIN_REASONS);
		count_add(t->gone, base.verdicts, CHAIN_VERDICTS);
	}
	return 0;
}

int chain_totals(const struct chain *c, struct chain_totals *t)
{
	int bank, now = chain_bank(c), err;

	do { /* the chain may be switched while we read */
		bank = now;
		err = bank < 0 ? bank : read_raw(c, t);
		if (!err)
			err = from_base(c, bank, t);
		if (err)
			return err;
		now = chain_bank(c);
	} while (now != bank);
	return 0;
}

/* Right before the switch: packets that come between the read and it are told of the stage to come.
 */
int chain_bases(const struct chain *c, __u32 bank, const struct chain_layout *l)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	struct chain_totals *raw = calloc(2, sizeof(*raw)), *own = raw + 1;
	struct chain_base *bases = calloc(CHAIN_SLOTS, sizeof(*bases));
	__u32 at[CHAIN_SLOTS], count = CHAIN_SLOTS;
	int err = raw && bases ? read_raw(c, raw) : -ENOMEM;

	if (!err) {
		*own = *raw;
		err = from_base(c, !bank, own);
	}
	for (__u32 slot = 0; !err && slot < CHAIN_SLOTS; slot++) {
		struct chain_base *base = &bases[slot];
		int from = l->progs[slot] < 0 ? -1 : l->from[slot];

		at[slot] = chain_at(bank, slot);
		memcpy(base->verdicts, raw->verdicts[slot], sizeof(base->verdicts));
		memcpy(base->reasons, raw->reasons[slot], sizeof(base->reasons));
		if (from >= 0) {
			count_sub(base->verdicts, own->verdicts[from], CHAIN_VERDICTS);
			count_sub(base->reasons, own->reasons[from], CHAIN_REASONS);
		}
	}
	if (!err && bpf_map_update_batch(c->bases, at, bases, &count, &opts))
		err = -errno;
	free(bases);
	free(raw);
	return err;
}
