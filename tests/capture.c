// SPDX-License-Identifier: GPL-2.0
#include "tests/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/capfile_impl.h"
#include "lib/pcapng_impl.h"

struct capfile *capture_open(const void *data, size_t size, size_t max)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct capfile *c;
	struct fail f = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	if (!capfile_open(fd, max, &c, &f))
		return c;
	assert_true(*f.text);
	close(fd);
	return NULL;
}

void capture_close(struct capfile *c)
{
	if (c)
		close(c->fd);
	capfile_close(c);
}

static __u16 swap16(unsigned char *p)
{
	__u16 v;

	memcpy(&v, p, 2);
	memcpy(p, &(__u16){ __builtin_bswap16(v) }, 2);
	return v;
}

static __u32 swap32(unsigned char *p)
{
	__u32 v;

	memcpy(&v, p, 4);
	memcpy(p, &(__u32){ __builtin_bswap32(v) }, 4);
	return v;
}

static void swap64(unsigned char *p)
{
	__u64 v;

	memcpy(&v, p, 8);
	memcpy(p, &(__u64){ __builtin_bswap64(v) }, 8);
}

/* Values of options: numbers are swapped by what they are, text and single bytes are not. */
static void swap_options(unsigned char *p, unsigned char *end, __u32 type)
{
	while (p < end) {
		__u16 code = swap16(p), len = swap16(p + 2);
		unsigned char *v = p + 4;

		if (type == PCAPNG_EPB && code == PCAPNG_EPB_VERDICT)
			swap64(v + 1);
		else if (type == PCAPNG_EPB && code > PCAPNG_COMMENT && len == 4)
			swap32(v);
		else if (type == PCAPNG_EPB && code > PCAPNG_COMMENT && len == 8)
			swap64(v);
		else if (type == PCAPNG_ISB && code >= PCAPNG_ISB_IFRECV)
			swap64(v);
		else if (type == PCAPNG_ISB && code)
			swap32(v), swap32(v + 4);
		p = v + pcapng_pad(len);
	}
}

/* The fixed part of each block. Returns where its options start. */
static unsigned char *swap_fixed(unsigned char *p, __u32 type)
{
	__u32 cap_len;

	switch (type) {
	case PCAPNG_SHB:
		swap32(p);
		swap16(p + 4);
		swap16(p + 6);
		return p + 16; /* its length is -1 */
	case PCAPNG_IDB:
		swap16(p);
		swap32(p + 4);
		return p + 8;
	case PCAPNG_EPB:
		swap32(p);
		swap32(p + 4);
		swap32(p + 8);
		cap_len = swap32(p + 12);
		swap32(p + 16);
		return p + 20 + pcapng_pad(cap_len);
	default:
		assert_int_equal(type, PCAPNG_ISB);
		swap32(p);
		swap32(p + 4);
		swap32(p + 8);
		return p + 12;
	}
}

void capture_swap(void *data, size_t size)
{
	unsigned char *p = data, *end = p + size;

	while (p < end) {
		__u32 type = swap32(p), len = swap32(p + 4);

		swap32(p + len - 4);
		swap_options(swap_fixed(p + 8, type), p + len - 4, type);
		p += len;
	}
}
