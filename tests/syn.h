/* SPDX-License-Identifier: GPL-2.0 */
/* syn.h - SYNs for tests, and the answer to one. */
#ifndef TESTS_SYN_H
#define TESTS_SYN_H

#include "tests/frame.h"

/**
 * syn_make - a SYN with @options bytes of TCP options (of 4): an MSS of 1400, and what does
 * nothing.
 * @want: addresses, ports, tags, options of IP
 * Return: its length.
 */
__u32 syn_make(unsigned char buf[FRAME_MAX], const struct frame *want, int options, __u32 seq);

/**
 * syn_check_answer - fail the test unless @out is a SYN-ACK for the frame @syn, byte for byte, with
 * the MSS option and right checksums. Return: its sequence number.
 */
__u32 syn_check_answer(const unsigned char *syn, const unsigned char *out, __u32 len,
		       const struct frame *f, __u32 seq);

#endif
