/* SPDX-License-Identifier: GPL-2.0 */
/* lib/pcapng_impl.h - the numbers of pcapng, for its writer and its reader. */
#ifndef LIB_PCAPNG_IMPL_H
#define LIB_PCAPNG_IMPL_H

#include <stddef.h>

#define PCAPNG_MAGIC	  0x1a2b3c4d
#define PCAPNG_TRIGGER	  "xdpchain trigger: " /* how a comment begins that is record.trigger */
#define PCAPNG_OPTION_MAX 65528 /* bytes of a string we write; the length has 16 bits */

enum pcapng_block {
	PCAPNG_IDB = 1,
	PCAPNG_PB = 2, /* obsolete packet block */
	PCAPNG_SPB = 3,
	PCAPNG_ISB = 5,
	PCAPNG_EPB = 6,
	PCAPNG_SHB = 0x0a0d0d0a,
};

enum pcapng_option {
	PCAPNG_END = 0,
	PCAPNG_COMMENT = 1,
	PCAPNG_SHB_HARDWARE = 2,
	PCAPNG_SHB_OS = 3,
	PCAPNG_SHB_APPLICATION = 4,
	PCAPNG_IF_NAME = 2,
	PCAPNG_IF_DESCRIPTION = 3,
	PCAPNG_IF_TSRESOL = 9,
	PCAPNG_IF_FILTER = 11,
	PCAPNG_IF_TSOFFSET = 14,
	PCAPNG_EPB_FLAGS = 2,
	PCAPNG_EPB_DROPCOUNT = 4,
	PCAPNG_EPB_PACKETID = 5,
	PCAPNG_EPB_QUEUE = 6,
	PCAPNG_EPB_VERDICT = 7,
	PCAPNG_ISB_START = 2,
	PCAPNG_ISB_END = 3,
	PCAPNG_ISB_IFRECV = 4,
	PCAPNG_ISB_IFDROP = 5,
	PCAPNG_ISB_FILTERACCEPT = 6,
	PCAPNG_ISB_OSDROP = 7,
	PCAPNG_ISB_USRDELIV = 8,
};

enum pcapng_verdict { PCAPNG_VERDICT_XDP = 2 };

static inline size_t pcapng_pad(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

#endif
