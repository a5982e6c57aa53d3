// SPDX-License-Identifier: GPL-2.0
/*
 * lib/print_seqs.c - initial sequence numbers by TCP connection, for relative numbers.
 *
 * A fixed table, so that a flood of forged ACKs costs no memory: a bucket holds WAYS connections,
 * and the one not seen for longest makes room. tcpdump's grows without end; the text is the same
 * until WAYS + 1 live connections meet in one bucket.
 */
#include <stdlib.h>

#include "lib/print_int.h"

#define WAYS	4
#define BUCKETS 16384

struct seq {
	struct print_conn conn;
	__u32 seq, ack; /* of the side that comes first in `conn` */
	__u64 used;	/* print_seqs.tick when last seen, 0: empty */
};

struct print_seqs {
	__u64 tick;
	struct seq bucket[BUCKETS][WAYS];
};

struct print_seqs *print_seqs_new(void)
{
	return calloc(1, sizeof(struct print_seqs));
}

void print_seqs_free(struct print_seqs *s)
{
	free(s);
}

size_t print_seqs_most(void)
{
	return sizeof(struct print_seqs);
}

_Static_assert(sizeof(struct print_conn) % sizeof(__u64) == 0, "hashed in words");

static __u32 hash(const struct print_conn *c)
{
	__u64 h = 0x9e3779b97f4a7c15ULL, w;
	const char *b = (const char *)c;

	for (size_t i = 0; i < sizeof(*c); i += sizeof(w)) {
		memcpy(&w, b + i, sizeof(w));
		h = (h ^ w) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	return (__u32)h % BUCKETS;
}

/* The entry of @c, or the one to be overwritten, which is then marked by *@found = false. */
static struct seq *find(struct print_seqs *s, const struct print_conn *c, bool *found)
{
	struct seq *b = s->bucket[hash(c)], *oldest = b;

	*found = true;
	for (int i = 0; i < WAYS; i++) {
		if (b[i].used && !memcmp(&b[i].conn, c, sizeof(*c)))
			return b + i;
		if (b[i].used < oldest->used)
			oldest = b + i;
	}
	*found = false;
	return oldest;
}

void print_seqs_relate(struct print_seqs *s, const struct print_conn *c, bool rev, bool syn,
		       struct print_rel *r)
{
	bool found;
	struct seq *e = find(s, c, &found);

	e->used = ++s->tick;
	if (!found || syn) {
		e->conn = *c;
		e->seq = rev ? r->ack - 1 : r->seq;
		e->ack = rev ? r->seq : r->ack - 1;
	} else {
		r->seq -= rev ? e->ack : e->seq;
		r->ack -= rev ? e->seq : e->ack;
	}
	r->sack_base = rev ? e->seq : e->ack;
}
