/* SPDX-License-Identifier: GPL-2.0 */
/* lib/filter.h - pcap-filter(7) expressions to classic BPF, by libpcap. */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/classic.h"
#include "lib/fail.h"

#define FILTER_TIMEOUT_MS      4000
#define FILTER_NETMASK_UNKNOWN 0xffffffff

struct filter_spec {
	const char *text;  /* the expression; "" matches every packet */
	__be32 netmask;	   /* for `ip broadcast`; FILTER_NETMASK_UNKNOWN */
	__u32 optimize_ms; /* time for libpcap with its optimizer; 0: FILTER_TIMEOUT_MS */
	__u32 plain_ms;	   /* time for the second try, without; 0: FILTER_TIMEOUT_MS */
	struct pcap *live; /* NULL, or compile for this live capture of libpcap and no other */
};

struct filter {
	struct classic_insn *insns;
	__u32 count;
	bool unoptimized; /* libpcap's optimizer did not end in time: right, but longer */
};

/**
 * filter_compile - compile an expression for Ethernet packets.
 * @spec:   what to compile, and within what time
 * @filter: set on success; give back with filter_free()
 * @f:      on error the reason; libpcap's own words where it refuses
 *
 * Forks: libpcap's compiler takes minutes for some expressions and waits for name servers, and
 * only a process can be stopped. Blocks for as long as both tries may take. What is compiled for
 * a live capture may look at what only a socket knows (a VLAN tag that the card took off), and is
 * not checked: libpcap sees to it itself.
 *
 * Return: 0; -EINVAL if it is no expression; -EOPNOTSUPP if no BPF program can decide it; -E2BIG
 * if the program has more than CLASSIC_INSNS_MAX instructions; -ETIMEDOUT; -ENOMEM, or what fork()
 * and pipe() say.
 */
int filter_compile(const struct filter_spec *spec, struct filter *filter, struct fail *f);

/**
 * filter_compile_many - filter_compile() of many expressions, in one child process for as long as
 * none of them takes it too long.
 * @texts:   @count expressions
 * @filters: @count, set on success; each given back with filter_free()
 * @failed:  set on an error: which of them
 *
 * Return: as filter_compile(), of the first that fails; then none is left.
 */
int filter_compile_many(const char *const *texts, size_t count, struct filter *filters,
			size_t *failed, struct fail *f);

/** filter_free - release what filter_compile() gave. Fine on a zeroed one. */
void filter_free(struct filter *filter);

/**
 * filter_match - does a packet in memory pass, by libpcap's own matcher.
 * @len: bytes of the packet on the wire; @cap_len of them are at @data
 *
 * A filter that was never compiled passes every packet.
 */
bool filter_match(const struct filter *filter, const void *data, __u32 cap_len, __u32 len);

enum filter_form {
	FILTER_ASM,	/* as `tcpdump -d` */
	FILTER_C,	/* as `tcpdump -dd` */
	FILTER_NUMBERS, /* as `tcpdump -ddd` */
};

/**
 * filter_text - the program of a filter as text, a line an instruction.
 *
 * Return: to be freed by the caller; NULL and errno ENOMEM.
 */
char *filter_text(const struct filter *filter, enum filter_form form);

#endif
