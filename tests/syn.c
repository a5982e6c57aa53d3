// SPDX-License-Identifier: GPL-2.0
#include "tests/syn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include <cmocka.h>

__u32 syn_make(unsigned char buf[FRAME_MAX], const struct frame *want, int options, __u32 seq)
{
	static const unsigned char mss[] = { 2, 4, 0x05, 0x78 };
	struct frame f = *want;
	__u32 len, l4;

	f.payload = options;
	len = frame_make(buf, &f, NULL);
	l4 = len - options - 20;
	memset(buf + l4 + 20, 1, options);
	if (options)
		memcpy(buf + l4 + 20, mss, sizeof(mss));
	buf[l4 + 12] = (20 + options) << 2;
	seq = htonl(seq);
	memcpy(buf + l4 + 4, &seq, 4);
	return len;
}

static __u16 sum16(const unsigned char *p, __u32 len, __u32 sum)
{
	for (__u32 i = 0; i < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

__u32 syn_check_answer(const unsigned char *syn, const unsigned char *out, __u32 len,
		       const struct frame *f, __u32 seq)
{
	int six = !!strchr(f->src, ':');
	__u32 l3 = 14 + 4 * f->tags, hlen = six ? 40 : 20, l4 = l3 + hlen, alen = six ? 16 : 4;
	const unsigned char *ip = out + l3, *tcp = out + l4, *from = syn + l3 + (six ? 8 : 12);
	const unsigned char *ports = syn + l3 + hlen + f->options;
	__u32 word;

	assert_int_equal(len, l4 + 24 < 60 ? 60 : l4 + 24);
	assert_memory_equal(out, syn + 6, 6);
	assert_memory_equal(out + 6, syn, 6);
	assert_memory_equal(out + 12, syn + 12, l3 - 12);
	assert_memory_equal(ip + hlen - alen, from, alen);
	assert_memory_equal(ip + hlen - 2 * alen, from + alen, alen);
	if (six) {
		assert_int_equal(ip[0] >> 4, 6);
		assert_int_equal(ip[4] << 8 | ip[5], 24);
		assert_int_equal(ip[6], IPPROTO_TCP);
	} else {
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(ip[2] << 8 | ip[3], 44);
		assert_int_equal(ip[9], IPPROTO_TCP);
		assert_int_equal(sum16(ip, 20, 0), 0xffff);
	}
	assert_memory_equal(tcp, ports + 2, 2);
	assert_memory_equal(tcp + 2, ports, 2);
	memcpy(&word, tcp + 8, 4);
	assert_int_equal(ntohl(word), seq + 1);
	assert_int_equal(tcp[12], 0x60);
	assert_int_equal(tcp[13], 0x12);
	assert_int_equal(tcp[20] << 24 | tcp[21] << 16 | tcp[22] << 8 | tcp[23],
			 0x02040000 | (six ? 1440 : 1460));
	assert_int_equal(sum16(ip + hlen - 2 * alen, 2 * alen + 24, IPPROTO_TCP + 24), 0xffff);
	for (__u32 i = l4 + 24; i < len; i++)
		assert_int_equal(out[i], 0);
	memcpy(&word, tcp + 4, 4);
	return ntohl(word);
}
