/* SPDX-License-Identifier: GPL-2.0 */
/* tests/judge.h - ask another program what it thinks of a file that we wrote. */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

#include <stddef.h>

/**
 * judge - run @cmd by the shell.
 * @cmd: printf format
 *
 * Fails the test if the command exits nonzero, or says anything on stderr besides tcpdump's
 * "reading from file" and that root runs tshark.
 * Return: its standard output; freed by the caller.
 */
char *judge(const char *cmd, ...) __attribute__((format(printf, 1, 2)));

/** judge_file - a new temporary file with @size bytes of @data. The caller unlinks and frees. */
char *judge_file(const void *data, size_t size);

#endif
