// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_print - any bytes as a packet, with any options: nothing beyond cap_len is read, nothing
 * beyond the buffer written, and the text is terminated. tests/fuzz/fuzz_print.seed makes seeds.
 *
 * Input: which options, how large a buffer, then the packet.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/print.h"
#include "lib/util.h"

#define HEAD 2

/* A printer of each is kept: to make one takes longer than to print a packet. */
static const struct print_opts sets[] = {
	{ 0 },
	{ .flags = PRINT_LINK },
	{ .flags = PRINT_QUIET, .dump = PRINT_DUMP_HEX },
	{ .flags = PRINT_ABS_SEQ | PRINT_NUMBER, .time = PRINT_TIME_EPOCH },
	{ .verbose = 1 },
	{ .verbose = 2, .flags = PRINT_LINK, .dump = PRINT_DUMP_BOTH_LINK },
	{ .verbose = 3, .dump = PRINT_DUMP_BOTH, .time = PRINT_TIME_DATE },
	{ .verbose = 1, .flags = PRINT_LINK | PRINT_QUIET, .dump = PRINT_DUMP_ASCII },
	{ .verbose = 2, .flags = PRINT_NANO, .time = PRINT_TIME_DELTA },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_one(struct print *p, const uint8_t *data, size_t len, size_t room)
{
	static const char suffix[] = " | DROP droplet/blocklist: prefix";
	struct print_pkt pkt = {
		.cap_len = (__u32)len,
		.len = (__u32)len + (len % 3 ? 0 : 100),
		.time_ns = 1700000000000000000ULL + len * 123456789,
		.suffix = len & 1 ? suffix : NULL,
	};
	uint8_t *copy = malloc(len); /* of the very size, so that the sanitizer sees the end */
	char *buf = malloc(room);
	size_t n;

	assert(copy && buf);
	memcpy(copy, data, len);
	pkt.data = copy;
	n = print_packet(p, &pkt, buf, room);
	assert(n < room && !buf[n] && !memchr(buf, 0, n));
	assert(!pkt.suffix || room <= sizeof(suffix) || strstr(buf, suffix));
	free(buf);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct print *printers[ARRAY_SIZE(sets)];
	size_t len = size - HEAD, set;

	if (size <= HEAD)
		return 0;
	set = data[0] % ARRAY_SIZE(sets);
	if (!printers[set])
		printers[set] = print_new(&sets[set]);
	assert(printers[set]);
	print_one(printers[set], data + HEAD, len, PRINT_SIZE(len));
	/* The rear half, into a buffer that may be too small. */
	print_one(printers[set], data + HEAD + len / 2, len - len / 2, 1 + data[1] * 8U);
	return 0;
}
