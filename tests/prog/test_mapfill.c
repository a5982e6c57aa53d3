// SPDX-License-Identifier: GPL-2.0
/* lib/mapfill: lines of files, and what then is in the kernel's maps; a million of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/load.h"
#include "lib/mapfill.h"
#include "lib/util.h"
#include "tests/rig.h"

#define MANY (getenv("TEST_EMULATED") ? 100000u : 1000000u)

static char path[64];

static struct bpf_object *open_fill(void)
{
	static unsigned char elf[1 << 20];
	size_t size = rig_object("fill", elf, sizeof(elf));
	struct bpf_object *obj;

	libbpf_set_print(NULL);
	assert_true(size > 0);
	obj = bpf_object__open_mem(elf, size, NULL);
	assert_non_null(obj);
	return obj;
}

static void write_file(const char *text, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static int read_map(const struct bpf_object *obj, const char *map, struct mapfill *m,
		    struct fail *f)
{
	const struct bpf_map *bm = bpf_object__find_map_by_name(obj, map);

	assert_non_null(bm);
	*f = (struct fail){ 0 };
	*m = (struct mapfill){ 0 };
	return mapfill_read(obj, bm, path, m, f);
}

/* Bytes from hex digits; how many. */
static size_t unhex(const char *text, unsigned char *out)
{
	size_t n = 0;
	unsigned int v;

	for (; sscanf(text, "%2x", &v) == 1; text += 2)
		out[n++] = v;
	return n;
}

/* --- what becomes of a line; hex as it is in memory, numbers little endian -------------------- */

#define ZEROS_10   "00000000000000000000"
#define ZEROS_50   ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10
#define RULE_ZEROS ZEROS_50 ZEROS_50 ZEROS_10 ZEROS_10 "0000000000000000"

static const struct {
	const char *name, *map, *text;
	__u32 count;
	const char *key, *value;
} good[] = {
	{ "prefix", "prefixes4", "203.0.113.0/24\n", 1, "18000000cb007100", "01000000" },
	{ "prefix and number", "prefixes4", "203.0.113.0/24 7", 1, "18000000cb007100", "07000000" },
	{ "address in a trie", "prefixes4", "192.0.2.1", 1, "20000000c0000201", "01000000" },
	{ "the whole", "prefixes4", "0.0.0.0/0", 1, "0000000000000000", "01000000" },
	{ "v6 prefix", "prefixes6", "2001:db8::/32", 1, "2000000020010db8000000000000000000000000",
	  "01" },
	{ "address", "addrs", "192.0.2.1\n", 1, "c0000201", "01000000" },
	{ "v6 address", "addrs6", "2001:db8::1 0x10", 1, "20010db8000000000000000000000001",
	  "10000000" },
	{ "port", "ports", "53", 1, "0035", "01" },
	{ "number", "numbers", "3 5000000000", 1, "03000000", "00f2052a01000000" },
	{ "scale", "numbers", "3 5G", 1, "03000000", "00f2052a01000000" },
	{ "signature", "bytes", "de ad be ef", 1, "deadbeef", "01000000" },
	{ "signature and number", "bytes", "deadbeef 2", 1, "deadbeef", "02000000" },
	{ "signature with colons", "bytes", "DE:AD:BE:EF\t3", 1, "deadbeef", "03000000" },
	{ "struct", "flows", "192.0.2.1 53", 1, "c000020100350000",
	  "00000000000000000000000000000000" },
	{ "struct and struct", "flows", "192.0.2.1 53 1k -2 true", 1, "c000020100350000",
	  "e803000000000000feff010000000000" },
	{ "text", "labels", "www", 1, "7777770000000000", RULE_ZEROS },
	{ "text to the end", "labels", "autodisc", 1, "6175746f64697363", RULE_ZEROS },
	{ "texts", "labels", "www 1 \"a word\"\twhy", 1, "7777770000000000",
	  "0100000000000000"
	  "6120776f7264" ZEROS_50 "776879" ZEROS_50 "0000000000"
	  "000000000000" },
	{ "comments and blanks", "addrs", "# bad ones\n\n  192.0.2.1\t# this\r\n\n#192.0.2.2", 1,
	  "c0000201", "01000000" },
	{ "the later of two", "addrs", "192.0.2.1 1\n192.0.2.1 2\n", 2, "c0000201", "02000000" },
	{ "nothing", "addrs", "# none\n", 0, NULL, NULL },
	{ "an empty file", "addrs", "", 0, NULL, NULL },
	{ "more than the map has", "addrs",
	  "0.0.0.1\n0.0.0.2\n0.0.0.3\n0.0.0.4\n0.0.0.5 9\n0.0.0.6", 6, "00000005", "09000000" },
	{ "more than the trie has", "prefixes4",
	  "0.0.0.1\n0.0.0.2\n0.0.0.3\n0.0.0.4\n0.0.0.5 9\n0.0.0.6", 6, "2000000000000005",
	  "09000000" },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		unsigned char key[64] = { 0 }, want[128] = { 0 }, got[128] = { 0 };
		struct bpf_object *obj = open_fill();
		struct mapfill m;
		struct fail f;
		size_t size;

		print_message("  %s\n", good[i].name);
		write_file(good[i].text, strlen(good[i].text));
		if (read_map(obj, good[i].map, &m, &f) || mapfill_size(&m, obj, &f) ||
		    load_object(obj, &f) || mapfill_fill(&m, obj, &f))
			fail_msg("%s %s", f.text, f.log);
		assert_int_equal(m.count, good[i].count);
		if (good[i].key) {
			int fd = bpf_object__find_map_fd_by_name(obj, good[i].map);

			assert_int_equal(unhex(good[i].key, key), m.key_size);
			size = unhex(good[i].value, want);
			assert_int_equal(size, m.value_size);
			assert_int_equal(bpf_map_lookup_elem(fd, key, got), 0);
			assert_memory_equal(got, want, size);
		}
		mapfill_free(&m);
		bpf_object__close(obj);
	}
}

/* --- what is refused -------------------------------------------------------------------------- */

static const struct {
	const char *name, *map, *text, *why; /* why: after "FILE:", or the whole */
} bad[] = {
	{ "no prefix", "prefixes4", "\nhello\n", "2: hello: not an address or prefix" },
	{ "bits beyond", "prefixes4", "192.0.2.1/24",
	  "1: 192.0.2.1/24: bits beyond the length are set, the network is 192.0.2.0/24" },
	{ "the other family", "prefixes4", "2001:db8::/32",
	  "1: 2001:db8::/32: an IPv4 prefix is wanted" },
	{ "v4 where v6 is", "prefixes6", "192.0.2.0/24",
	  "1: 192.0.2.0/24: an IPv6 prefix is wanted" },
	{ "no address", "addrs", "192.0.2.256", "1: 192.0.2.256: an IPv4 address is wanted" },
	{ "no v6 address", "addrs6", "192.0.2.1", "1: 192.0.2.1: an IPv6 address is wanted" },
	{ "port too large", "ports", "1\n65536", "2: 65536: a number from 0 to 65535 is wanted" },
	{ "value too large", "ports", "1 256", "1: 256: a number from 0 to 255 is wanted" },
	{ "minus", "ports", "-1", "1: -1: a number from 0 to 65535 is wanted" },
	{ "plus", "ports", "+1", "1: +1: a number from 0 to 65535 is wanted" },
	{ "too low", "flows", "192.0.2.1 53 1 -32769 true",
	  "1: -32769: a number from -32768 to 32767 is wanted" },
	{ "no flag", "flows", "192.0.2.1 53 1 1 maybe", "1: maybe: true or false is wanted" },
	{ "half a key", "flows", "192.0.2.1", "1: 2 values are wanted, this is 1" },
	{ "half a value", "flows", "192.0.2.1 53 1", "1: 3 values are wanted, this is 1" },
	{ "more", "ports", "53 1 2", "1: 2: nothing more is wanted after the value" },
	{ "short signature", "bytes", "de ad be", "1: de ad be: 4 bytes in hex are wanted" },
	{ "long signature", "bytes", "deadbeef00",
	  "1: deadbeef00: 4 bytes in hex are wanted, this is more" },
	{ "no hex", "bytes", "dead beeg", "1: dead beeg: 4 bytes in hex are wanted" },
	{ "long text", "labels", "autodiscover",
	  "1: autodiscover: text of 1 to 8 bytes is wanted" },
	{ "half quoted", "labels", "\"a b", "1: \"a b: there is no second quote" },
	{ "no text", "labels", "\"\"", "1: \"\": text of 1 to 8 bytes is wanted" },
	{ "beyond the array", "numbers", "4 1", "1: 4: the array has 4 entries, 0 to 3" },
	{ "a long word", "addrs",
	  "1111111111111111111111111111111111111111111111111111111111111111111111111111111111",
	  "1: 111111111111111111111111111111111111111111111111111111111111: a value is wanted" },
	{ "LRU", "lru", "1",
	  "lru: a map that is filled from a file is a HASH, an ARRAY or an "
	  "LPM_TRIE" },
	{ "an odd trie", "odd", "1",
	  "odd: the key of a trie is a __u32 and an address of 4 or 16 bytes, this has 12 bytes" },
	{ "a union", "unions", "1", "unions: its value is of no type that can be written" },
};

static void test_bad(void **state)
{
	struct bpf_object *obj = open_fill();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t len = strlen(path);
		struct mapfill m;
		struct fail f;
		int err;

		print_message("  %s\n", bad[i].name);
		write_file(bad[i].text, strlen(bad[i].text));
		err = read_map(obj, bad[i].map, &m, &f);
		assert_true(err == -EINVAL || err == -E2BIG);
		if (bad[i].why[0] < 'a' && bad[i].why[0] != 'L') {
			assert_memory_equal(f.text, path, len);
			assert_int_equal(f.text[len], ':');
			assert_string_equal(f.text + len + 1, bad[i].why);
		} else {
			assert_string_equal(f.text, bad[i].why);
		}
		assert_null(m.keys);
	}
	bpf_object__close(obj);
}

static void test_bad_files(void **state)
{
	struct bpf_object *obj = open_fill();
	struct mapfill m;
	struct fail f;

	(void)state;
	write_file("1.2.3.4\n1.2\0.3.4\n", 17);
	assert_int_equal(read_map(obj, "addrs", &m, &f), -EINVAL);
	assert_non_null(strstr(f.text, ":2: a byte 0: not a text file"));
	unlink(path);
	assert_int_equal(read_map(obj, "addrs", &m, &f), -ENOENT);
	assert_non_null(strstr(f.text, "No such file"));
	assert_int_equal(rig_sh("mkfifo %s", path), 0); /* that nobody writes to */
	assert_int_equal(read_map(obj, "addrs", &m, &f), -EINVAL);
	assert_non_null(strstr(f.text, "not a file"));
	unlink(path);
	bpf_object__close(obj);
}

static void write_many(const char *fmt)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	for (unsigned int i = 0, n = MANY; i < n; i++)
		fprintf(out, "%u.%u.%u.%u%s\n", 1 + i % 200, i >> 16, i >> 8 & 255, i & 255, fmt);
	assert_int_equal(fclose(out), 0);
}

/* A million lines each: from the file into the kernel. */
static void test_many(void **state)
{
	static const char *const maps[] = { "addrs", "prefixes4" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct bpf_object *obj = open_fill();
		__u64 start, read_ns, value = 0;
		unsigned char key[8] = { 32,
					 0,
					 0,
					 0,
					 1 + (MANY - 1) % 200,
					 (MANY - 1) >> 16,
					 (MANY - 1) >> 8 & 255,
					 (MANY - 1) & 255 };
		struct mapfill m;
		struct fail f;

		write_many(" 42");
		start = now_ns();
		assert_int_equal(read_map(obj, maps[i], &m, &f), 0);
		read_ns = now_ns() - start;
		assert_int_equal(m.count, MANY);
		assert_int_equal(mapfill_size(&m, obj, &f), 0);
		assert_int_equal(load_object(obj, &f), 0);
		start = now_ns();
		if (mapfill_fill(&m, obj, &f))
			fail_msg("%s", f.text);
		print_message("  %s: read in %llu ms, filled in %llu ms\n", maps[i],
			      read_ns / 1000000, (now_ns() - start) / 1000000);
		assert_int_equal(bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(obj, maps[i]),
						     key + (i ? 0 : 4), &value),
				 0);
		assert_int_equal(value, 42);
		mapfill_free(&m);
		bpf_object__close(obj);
	}
}

static int set_up(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/xdpchain-fill-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
