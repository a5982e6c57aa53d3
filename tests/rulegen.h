/* SPDX-License-Identifier: GPL-2.0 */
/* rulegen.h - random filter rules as people write them, and packets that some of them match. */
#ifndef TESTS_RULEGEN_H
#define TESTS_RULEGEN_H

#include "tests/randprog.h"

#define RULEGEN_LEN	256 /* of an expression */
#define RULEGEN_PKT	160 /* bytes of a packet, at most */
#define RULEGEN_SENDERS 200 /* values of the last byte of the source MAC address */

/** rulegen_text - a pcap-filter expression; out of few ports and addresses, so that packets hit. */
void rulegen_text(struct dice *d, char text[RULEGEN_LEN]);

/** rulegen_packet - a frame; often cut, with options, a fragment, tagged. Return: its length. */
__u32 rulegen_packet(struct dice *d, unsigned char pkt[RULEGEN_PKT]);

#endif
