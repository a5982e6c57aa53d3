// SPDX-License-Identifier: GPL-2.0
/* params - a stage for tests, with a parameter of every type, and variables that are none. */
#include "xdpchain/stage.bpf.h"

enum params_reason { PARAMS_ALL = 1 };
enum params_mode { PARAMS_SOFT, PARAMS_HARD };

typedef __u32 params_number;

const volatile __u8 small = 1;
const volatile __u16 medium = 2;
const volatile params_number number = 3;
const volatile __u64 large = 4;
const volatile __s8 tiny = -1;
const volatile __s64 wide = -1;
const volatile _Bool flag = 1;
const volatile __be16 port = pkt_be16(53);
const volatile __be32 addr = pkt_be32(0xc0000201);
const volatile __be32 addr6[4];
const volatile __u16 list[4] = { 1, 2, 3, 4 };
const volatile __be16 ports[3];
const volatile __u8 signature[4];
const volatile enum params_mode mode;

const __u32 constant = 7;
static const volatile __u32 hidden = 8;

STAGE(params)
{
	__u64 sum = small + medium + number + large + tiny + wide + flag + port + addr + addr6[1] +
		    list[1] + ports[1] + signature[1] + mode + constant + hidden;

	return pkt->len == sum ? DROP(PARAMS_ALL) : NEXT;
}
