// SPDX-License-Identifier: GPL-2.0
#include "tests/matcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

struct matcher {
	struct bpf_program prog;
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

struct matcher *matcher_new(const struct classic_prog *prog)
{
	__u32 count = prog->count ? prog->count : 1;
	struct bpf_insn *insns = need(calloc(CLASSIC_MEM + count, sizeof(*insns)));
	struct matcher *j = need(calloc(1, sizeof(*j)));

	for (__u32 i = 0; i < CLASSIC_MEM; i++)
		insns[i] = (struct bpf_insn){ .code = BPF_ST, .k = i };
	insns[CLASSIC_MEM] = (struct bpf_insn){ .code = BPF_RET | BPF_K, .k = 1 };
	if (prog->count)
		memcpy(insns + CLASSIC_MEM, prog->insns, prog->count * sizeof(*insns));
	j->prog.bf_insns = insns;
	j->prog.bf_len = CLASSIC_MEM + count;
	return j;
}

bool matcher_match(const struct matcher *j, const void *pkt, __u32 len)
{
	const struct pcap_pkthdr h = { .caplen = len, .len = len };

	return pcap_offline_filter(&j->prog, &h, pkt);
}

void matcher_free(struct matcher *j)
{
	free(j->prog.bf_insns);
	free(j);
}

void matcher_add(struct matcher_pkts *p, const void *data, __u32 len)
{
	struct matcher_pkt *pkt;

	if (!(p->count & (p->count - 1)))
		p->pkts = need(realloc(p->pkts, (p->count ? 2 * p->count : 1) * sizeof(*p->pkts)));
	pkt = &p->pkts[p->count++];
	pkt->len = len;
	pkt->data = need(malloc(len + 1));
	memcpy(pkt->data, data, len);
}

int matcher_read(const char *path, struct matcher_pkts *p)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *in = pcap_open_offline(path, why);
	struct pcap_pkthdr *h;
	const unsigned char *data;
	int err = -EINVAL;

	if (!in)
		return err;
	if (pcap_datalink(in) == DLT_EN10MB) {
		err = 0;
		while (pcap_next_ex(in, &h, &data) == 1)
			matcher_add(p, data, h->caplen);
	}
	pcap_close(in);
	return err;
}

void matcher_pkts_free(struct matcher_pkts *p)
{
	for (__u32 i = 0; i < p->count; i++)
		free(p->pkts[i].data);
	free(p->pkts);
	*p = (struct matcher_pkts){ 0 };
}
