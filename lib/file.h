/* SPDX-License-Identifier: GPL-2.0 */
/* lib/file.h - a file as a whole. */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <stddef.h>

#include "lib/fail.h"

/**
 * file_read - read the regular file @path. A NUL stands behind its bytes.
 * @max: bytes; a larger one is refused
 * @data: set on success, the caller's to free
 *
 * Return: 0; -EINVAL not a regular file; -EFBIG; -errno.
 */
int file_read(const char *path, size_t max, char **data, size_t *size, struct fail *f);

#endif
