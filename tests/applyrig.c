// SPDX-License-Identifier: GPL-2.0
#include "tests/applyrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>

#include "lib/stage.h"
#include "tests/pkts.h"
#include "tests/rig.h"

const char *const applyrig_ifnames[2] = { "xap0", "xap1" };
char applyrig_dir[] = "/tmp/xapXXXXXX";
struct apply_result applyrig_result;

static unsigned char udp[PKTS_MAX];
static __u32 udp_len;

int applyrig_apply(const char *yaml, struct fail *f)
{
	struct conf *conf;
	char path[64];
	FILE *out;
	int err;

	snprintf(path, sizeof(path), "%s/droplet.yaml", applyrig_dir);
	out = fopen(path, "w");
	fputs(yaml, out);
	fclose(out);
	memset(f, 0, sizeof(*f));
	apply_result_free(&applyrig_result);
	err = conf_load(path, &conf, f);
	if (err)
		return err;
	err = apply_conf(conf, &applyrig_result, f);
	conf_free(conf);
	return err;
}

void applyrig_ok(const char *yaml)
{
	struct fail f;
	int err = applyrig_apply(yaml, &f);

	if (err)
		print_message("%s\n%s\n", f.text, f.log);
	assert_int_equal(err, 0);
}

void applyrig_chain(const char *ifname, const char *want)
{
	struct chain_stage st;
	char got[1024] = "";
	struct chain *c;
	size_t n = 0;

	assert_int_equal(chain_open(ifname, CHAIN_READ, &c, NULL), 0);
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st))
			n += snprintf(got + n, sizeof(got) - n, "%s%s@%u", n ? " " : "", st.name,
				      slot);
	chain_close(c);
	assert_string_equal(got, want);
}

int applyrig_run(const char *ifname)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = udp, .data_size_in = udp_len, .repeat = 1);
	int root = rig_root(ifname), err;

	assert_true(root > 0);
	err = bpf_prog_test_run_opts(root, &opts);
	close(root);
	assert_int_equal(err, 0);
	return opts.retval;
}

struct chain_stage applyrig_stage(const char *ifname, const char *name, __u64 *packets)
{
	struct chain_totals t;
	struct chain_stage st;
	struct chain *c;
	int slot;

	assert_int_equal(chain_open(ifname, CHAIN_READ, &c, NULL), 0);
	slot = chain_find(c, name);
	assert_true(slot > 0);
	assert_int_equal(chain_stage(c, slot, &st), 0);
	assert_int_equal(chain_totals(c, &t), 0);
	*packets = 0;
	for (int v = 0; v < CHAIN_VERDICTS; v++)
		*packets += t.verdicts[slot][v].packets;
	chain_close(c);
	return st;
}

static int object(const char *name)
{
	static char elf[1 << 20];
	size_t size = rig_object(name, elf, sizeof(elf));
	char path[96];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s.bpf.o", applyrig_dir, name);
	out = fopen(path, "w");
	if (!out || !size || fwrite(elf, 1, size, out) != size)
		return -1;
	return fclose(out);
}

int applyrig_group_up(void **state)
{
	(void)state;
	udp_len = pkts_bytes(pkts_find("ip4 udp"), udp);
	return !mkdtemp(applyrig_dir) || object("probe") || object("bad");
}

int applyrig_group_down(void **state)
{
	(void)state;
	apply_result_free(&applyrig_result);
	return rig_sh("rm -rf %s", applyrig_dir);
}

int applyrig_up(void **state)
{
	(void)state;
	return rig_sh("ip link add xap0 type veth peer name xap0p; ip link add xap1 type veth peer "
		      "name xap1p; for i in xap0 xap0p xap1 xap1p; do ip link set $i up; done");
}

int applyrig_down(void **state)
{
	(void)state;
	for (int k = 0; k < 2; k++)
		chain_remove(applyrig_ifnames[k], NULL);
	return rig_sh("ip link del xap0; ip link del xap1");
}
