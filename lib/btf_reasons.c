// SPDX-License-Identifier: GPL-2.0
#include "lib/btf_reasons.h"

#include <ctype.h>
#include <string.h>

#include <bpf/btf.h>

#define SUFFIX "_reason"

/* enum <stage>_reason: its type, and how long <stage> is. */
static const struct btf_type *reason_enum(const struct btf *btf, const char **name, size_t *len)
{
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *s;

		if (!btf_is_enum(t))
			continue;
		s = btf__name_by_offset(btf, t->name_off);
		*len = strlen(s);
		if (*len <= strlen(SUFFIX) || strcmp(s + *len - strlen(SUFFIX), SUFFIX))
			continue;
		*len -= strlen(SUFFIX);
		*name = s;
		return t;
	}
	return NULL;
}

/* BLOCKLIST_PREFIX of stage blocklist: "prefix". */
static void short_name(const char *enumerator, const char *stage, size_t len,
		       char out[CHAIN_REASON_LEN])
{
	size_t i;

	if (!strncasecmp(enumerator, stage, len) && enumerator[len] == '_' && enumerator[len + 1])
		enumerator += len + 1;
	for (i = 0; enumerator[i] && i < CHAIN_REASON_LEN - 1; i++)
		out[i] = tolower((unsigned char)enumerator[i]);
	out[i] = 0;
}

void btf_reasons(const struct btf *btf, char out[CHAIN_REASONS][CHAIN_REASON_LEN])
{
	const char *stage = NULL;
	size_t len = 0;
	const struct btf_type *t = reason_enum(btf, &stage, &len);
	const struct btf_enum *e = t ? btf_enum(t) : NULL;

	memset(out, 0, CHAIN_REASONS * CHAIN_REASON_LEN);
	for (int i = 0; t && i < btf_vlen(t); i++) {
		__u32 v = e[i].val;

		if (v && v < CHAIN_REASONS && !out[v][0])
			short_name(btf__name_by_offset(btf, e[i].name_off), stage, len, out[v]);
	}
}
