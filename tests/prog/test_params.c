// SPDX-License-Identifier: GPL-2.0
/* lib/rodata: parameters of a stage by their C type, from text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/libbpf.h>

#include "lib/rodata.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/rig.h"

#define VALUES 6

static struct bpf_object *obj;

static const struct {
	const char *name, *param;
	const char *texts[VALUES];
	const char *bytes; /* hex, as in memory, numbers little endian */
} good[] = {
	{ "u8", "small", { "255" }, "ff" },
	{ "u16", "medium", { "0x1234" }, "3412" },
	{ "u32", "number", { "4294967295" }, "ffffffff" },
	{ "u32 in thousands", "number", { "20k" }, "204e0000" },
	{ "u64", "large", { "18446744073709551615" }, "ffffffffffffffff" },
	{ "u64, G", "large", { "1G" }, "00ca9a3b00000000" },
	{ "s8", "tiny", { "-128" }, "80" },
	{ "s8 above 0", "tiny", { "127" }, "7f" },
	{ "s64", "wide", { "-9223372036854775808" }, "0000000000000080" },
	{ "true", "flag", { "true" }, "01" },
	{ "false", "flag", { "false" }, "00" },
	{ "be16", "port", { "123" }, "007b" },
	{ "be32 as an address", "addr", { "203.0.113.9" }, "cb007109" },
	{ "be32 as a number", "addr", { "1" }, "00000001" },
	{ "v6", "addr6", { "2001:db8::1" }, "20010db8000000000000000000000001" },
	{ "list", "list", { "10", "20", "30", "40" }, "0a0014001e002800" },
	{ "a short list", "list", { "10" }, "0a00000000000000" },
	{ "list of be16", "ports", { "53", "123" }, "0035007b0000" },
	{ "bytes", "signature", { "de ad be ef" }, "deadbeef" },
	{ "enum", "mode", { "1" }, "01000000" },
};

static size_t count_of(const char *const texts[VALUES])
{
	size_t n = 0;

	while (n < VALUES && texts[n])
		n++;
	return n;
}

static int parse(const char *param, const char *const texts[VALUES], struct rodata_value *v,
		 struct fail *f)
{
	*f = (struct fail){ 0 };
	*v = (struct rodata_value){ 0 };
	return rodata_parse(obj, param, (char *const *)texts, count_of(texts), v, f);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		unsigned char now[64];
		struct rodata_value v;
		char hex[64] = "";
		struct fail f;

		print_message("  %s\n", good[i].name);
		if (parse(good[i].param, good[i].texts, &v, &f))
			fail_msg("%s", f.text);
		for (size_t b = 0; b < v.size; b++)
			sprintf(hex + 2 * b, "%02x", ((unsigned char *)v.bytes)[b]);
		assert_string_equal(hex, good[i].bytes);
		assert_int_equal(stage_rodata(obj, v.name, v.bytes, v.size), 0);
		assert_int_equal(rodata_get(obj, good[i].param, now, v.size), 0);
		assert_memory_equal(now, v.bytes, v.size);
		rodata_value_free(&v);
	}
}

#define ALL                                                                                        \
	"small, medium, number, large, tiny, wide, flag, port, addr, addr6, list, ports, "         \
	"signature, mode"

static const struct {
	const char *name, *param;
	const char *texts[VALUES];
	const char *why;
} bad[] = {
	{ "u8", "small", { "256" }, "small: 256: a number from 0 to 255 is wanted" },
	{ "u32", "number", { "5G" }, "number: 5G: a number from 0 to 4294967295 is wanted" },
	{ "u64",
	  "large",
	  { "18446744073709551616" },
	  "large: 18446744073709551616: a number from 0 to 18446744073709551615 is wanted" },
	{ "u64, scaled over",
	  "large",
	  { "18446744073709551615k" },
	  "large: 18446744073709551615k: a number from 0 to 18446744073709551615 is wanted" },
	{ "s8", "tiny", { "128" }, "tiny: 128: a number from -128 to 127 is wanted" },
	{ "s8 below", "tiny", { "-129" }, "tiny: -129: a number from -128 to 127 is wanted" },
	{ "flag", "flag", { "yes" }, "flag: yes: true or false is wanted" },
	{ "port", "port", { "http" }, "port: http: a number from 0 to 65535 is wanted" },
	{ "address", "addr", { "1.2.3" }, "addr: 1.2.3: an IPv4 address is wanted" },
	{ "v6", "addr6", { "1.2.3.4" }, "addr6: 1.2.3.4: an IPv6 address is wanted" },
	{ "a list for one",
	  "number",
	  { "1", "2" },
	  "number: 2 values are too many, it has room "
	  "for 1" },
	{ "too long a list",
	  "list",
	  { "1", "2", "3", "4", "5" },
	  "list: 5 values are too many, it has room for 4" },
	{ "two words", "number", { "1 2" }, "number: 1 2: one value is wanted" },
	{ "nothing", "number", { "" }, "number: : a value is wanted" },
	{ "bytes", "signature", { "de ad" }, "signature: de ad: 4 bytes in hex are wanted" },
	{ "unknown", "burst", { "1" }, "burst: no such parameter: " },
	{ "a constant", "constant", { "1" }, "constant: no such parameter: " },
	{ "static", "hidden", { "1" }, "hidden: no such parameter: " },
	{ "the SDK's", "stage_slot", { "1" }, "stage_slot: no such parameter: " },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct rodata_value v;
		struct fail f;

		print_message("  %s\n", bad[i].name);
		assert_int_equal(parse(bad[i].param, bad[i].texts, &v, &f), -EINVAL);
		assert_memory_equal(f.text, bad[i].why, strlen(bad[i].why));
		assert_null(v.bytes);
	}
}

/* An unknown name is answered with those that there are; in what order is the compiler's. */
static void test_names(void **state)
{
	char all[] = ALL, *at = all, *one;
	struct rodata_value v;
	struct fail f;
	size_t len = 0;

	(void)state;
	assert_int_equal(parse("nope", (const char *const[VALUES]){ "1" }, &v, &f), -EINVAL);
	while ((one = strsep(&at, ", "))) {
		if (*one && !strstr(f.text, one))
			fail_msg("no %s in %s", one, f.text);
		len += *one ? strlen(one) + 2 : 0;
	}
	assert_int_equal(strlen(f.text), strlen("nope: no such parameter: ") + len - 2);
}

static int set_up(void **state)
{
	static unsigned char elf[1 << 20];
	size_t size = rig_object("params", elf, sizeof(elf));

	(void)state;
	libbpf_set_print(NULL);
	obj = size ? bpf_object__open_mem(elf, size, NULL) : NULL;
	return obj ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	bpf_object__close(obj);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
