/* SPDX-License-Identifier: GPL-2.0 */
/* bench.h - what the benchmarks share. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>

#include <linux/types.h>

#define BENCH_FRAME 1500 /* bytes of room for a segment */

/**
 * bench_segment - a sound TCP frame of @len bytes from 10.1.2.3:40000 to the VIP 192.0.2.10:80.
 * @buf:   BENCH_FRAME bytes
 * @flags: of the TCP header, enum pkt_tcp_flag
 */
void bench_segment(unsigned char *buf, __u32 len, __u8 flags);

/** bench_elf - read tests/bench/<name>.bpf.o, at most @size bytes. How many; exits on failure. */
size_t bench_elf(const char *name, void *elf, size_t size);

struct bpf_object;
struct chain;

/** bench_open - tests/bench/<name>.bpf.o, not loaded yet; exits on failure. */
struct bpf_object *bench_open(const char *name);

/** bench_object - descriptor of the one program of tests/bench/<name>.bpf.o; exits on failure. */
int bench_object(const char *name);

/** bench_object_with - the same with its .rodata variable @var at @value. */
int bench_object_with(const char *name, const char *var, __u32 value);

/**
 * bench_restore - a program that puts a segment of @len bytes back as it was before the load
 * balancer took it, and goes on with program @next. Exits on failure.
 */
int bench_restore(int next, __u32 len);

/** bench_push - restore_push, that makes room for @bytes. Exits on failure. */
int bench_push(__u32 bytes);

struct bench_var {
	const char *name;
	__u32 value;
};

/** bench_restore_flow - restore_flow with these of its variables, before @next. Exits on failure.
 */
int bench_restore_flow(int next, const struct bench_var *vars, size_t count);

/**
 * bench_run - ns a packet of @repeat runs of @fd with the frame @buf, as the kernel counts. Exits
 * when the last run ended in XDP_ABORTED, as where a program has nothing behind it.
 */
__u32 bench_run(int fd, const unsigned char *buf, __u32 len, __u32 repeat);

/** bench_counted - packets that got @verdict (enum chain_verdict) in @slot of @c so far. */
__u64 bench_counted(const struct chain *c, __u32 slot, __u32 verdict);

/** bench_reason - packets with the reason called @name in @slot of @c so far. */
__u64 bench_reason(const struct chain *c, __u32 slot, const char *name);

/** bench_ran - exits, and says so, unless @ran is at least @least: the row is of something else. */
void bench_ran(const char *what, __u64 ran, __u64 least);

/**
 * bench_live - run @fd on @repeat frames as if they had come in on the interface @ifindex: what
 * the program passes goes on to the network stack.
 */
void bench_live(int fd, __u32 ifindex, const unsigned char *buf, __u32 len, __u32 repeat);

/** bench_die - say what failed and why, and exit. */
struct fail;
void bench_die(const char *what, const struct fail *f) __attribute__((noreturn));

#endif
