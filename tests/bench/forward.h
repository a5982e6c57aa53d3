/* SPDX-License-Identifier: GPL-2.0 */
/* forward.h - what forward.bpf.c and bench_forward.c agree on. */
#ifndef TESTS_BENCH_FORWARD_H
#define TESTS_BENCH_FORWARD_H

#include <linux/types.h>

#define FORWARD_WORDS  10	  /* of 8 bytes: a frame */
#define FORWARD_PORT   0x8000	  /* of the first client; IPVS takes 20 for data of FTP */
#define FORWARD_REALS4 0x0a140100 /* 10.20.1.0/24 */
#define FORWARD_REALS6 0xfc000000 /* fc00::/32 */

struct forward_count {
	__u64 sent;
	__u64 back;	 /* came back, whatever it is now */
	__u64 tunnelled; /* ... and is on its way to a server */
};

#endif
