/* SPDX-License-Identifier: GPL-2.0 */
/* ebpf.h - run what translate() wrote, without a kernel: for tests without root, and to fuzz. */
#ifndef TESTS_EBPF_H
#define TESTS_EBPF_H

#include "lib/translate.h"

/**
 * ebpf_run - run the function over a packet.
 * @linear: how many bytes of @pkt are directly accessible; the rest is behind the helper
 *
 * Does at run time what the verifier does before: aborts on a jump or an access out of bounds, an
 * unknown opcode, a register or stack word that was never written.
 *
 * Return: its result.
 */
__u32 ebpf_run(const struct translate_code *code, const void *pkt, __u32 len, __u32 linear);

/** ebpf_run_view - the same for what translate_view() wrote. */
__u32 ebpf_run_view(const struct translate_code *code, const void *pkt, __u32 len);

#endif
