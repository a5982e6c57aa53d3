// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/extcap.h"

#include <stdio.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/cli.h"
#include "lib/filter.h"
#include "xdpdump/stages.h"

bool extcap_asked(const struct opts *o)
{
	const struct opts_extcap *x = &o->extcap;

	return x->version || x->interfaces || x->dlts || x->config || (x->filter && !x->capture);
}

void extcap_text(const char *text)
{
	for (; *text; text++)
		putchar(*text < ' ' || *text > '~' || strchr("{}", *text) ? '?' : *text);
}

/* Without their groups: Wireshark makes names of files out of it, and minds a slash. */
static void names(const struct chain *c)
{
	const char *between = ": ";
	struct chain_stage st;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		if (chain_stage(c, slot, &st))
			continue;
		printf("%s", between);
		extcap_text(st.name);
		between = ", ";
	}
}

/* One that cannot be opened cannot be captured from either. */
static int interface(const char *ifname, void *arg)
{
	unsigned int *n = arg;
	struct fail f = { 0 };
	struct chain *c;

	if (chain_open(ifname, CHAIN_READ, &c, &f))
		return 0;
	++*n;
	printf("interface {value=" EXTCAP_PREFIX "%s}{display=XDP chain of ", ifname);
	extcap_text(ifname);
	printf(" (%s", c->info.generic ? "generic" : "native");
	names(c);
	printf(")}\n");
	chain_close(c);
	return 0;
}

/* Wireshark asks whenever it starts, whoever runs it: who may see no chain has none. */
static void interfaces(void)
{
	struct fail f = { 0 };
	unsigned int n = 0;

	chain_each(interface, &n, &f);
	if (n > 1)
		printf("interface {value=" EXTCAP_PREFIX "any-chain}"
		       "{display=XDP chains of all interfaces}\n");
}

static bool offered(const struct extcap_stages *stages, const char *label)
{
	for (unsigned int i = 0; i < stages->n; i++)
		if (!strcmp(stages->label[i], label))
			return true;
	return false;
}

/* A name that a sentence or a list would break at is left out: its slot can be typed elsewhere. */
static int stages_of(const char *ifname, struct extcap_stages *stages, struct fail *f)
{
	char label[TRAIL_LABEL];
	struct chain *c;
	int err = chain_open(ifname, CHAIN_READ, &c, f);

	if (err)
		return err;
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		if (stages->n == EXTCAP_STAGES || stages_label(c, slot, label) ||
		    strpbrk(label, "{},") || offered(stages, label))
			continue;
		memcpy(stages->label[stages->n++], label, sizeof(label));
	}
	chain_close(c);
	return 0;
}

static int add(const char *ifname, void *arg)
{
	struct fail f = { 0 };

	stages_of(ifname, arg, &f);
	return 0;
}

static int config(const struct opts *o)
{
	struct extcap_stages stages = { .n = 0 };
	struct fail f = { 0 };
	int err;

	if (o->any_chain)
		err = chain_each(add, &stages, &f);
	else
		err = stages_of(o->ifnames[0], &stages, &f);
	if (err) {
		fprintf(stderr, "xdpdump: %s\n", f.text);
		return CLI_FAILED;
	}
	extcap_config(&stages, o->extcap.reload);
	return CLI_OK;
}

/* No word is a good one; and the status is that of the answer, not of the filter. */
static void judge(const char *text)
{
	struct filter_spec spec = { .text = text, .netmask = FILTER_NETMASK_UNKNOWN };
	struct filter filter = { 0 };
	struct fail f = { 0 };

	if (filter_compile(&spec, &filter, &f))
		printf("%s\n", f.text);
	filter_free(&filter);
}

int extcap_answer(const struct opts *o)
{
	const struct opts_extcap *x = &o->extcap;

	if (x->version || x->interfaces)
		printf("extcap {version=%s}{display=xdpdump}\n", VERSION);
	if (x->interfaces)
		interfaces();
	else if (x->dlts)
		printf("dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
	else if (x->config)
		return config(o);
	else if (x->filter)
		judge(x->filter);
	return CLI_OK;
}
