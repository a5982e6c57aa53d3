// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_print - any bytes as a packet, with any options: nothing beyond cap_len is read, nothing
 * beyond the buffer written, and the text is terminated. tests/fuzz/fuzz_print.seed makes seeds.
 *
 * Input: 4 bytes of options, then the packet. Two packets go through one printer, for its state.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/print.h"

#define HEAD 4

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
	uint8_t *copy = malloc(len);	/* of the very size, so that the sanitizer sees the end */
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
	struct print_opts o;
	struct print *p;
	size_t len;

	if (size <= HEAD)
		return 0;
	o = (struct print_opts){
		.flags = data[0] & 31,
		.verbose = data[1] & 3,
		.time = (data[1] >> 2) % 6,
		.dump = data[2] % 7,
	};
	p = print_new(&o);
	assert(p);
	data += HEAD;
	len = size - HEAD;
	print_one(p, data, len, PRINT_SIZE(len));
	print_one(p, data + len / 2, len - len / 2, 1 + data[-1] * 8U);
	print_free(p);
	return 0;
}
