// SPDX-License-Identifier: GPL-2.0
#include "tests/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *read_all(const char *cmd, int *status)
{
	FILE *f = popen(cmd, "r");
	size_t room = 1 << 20, len = 0;
	char *out = malloc(room + 1);

	assert_non_null(f);
	while (!feof(f) && !ferror(f)) {
		if (len == room)
			out = realloc(out, (room *= 2) + 1);
		len += fread(out + len, 1, room - len, f);
	}
	out[len] = 0;
	*status = pclose(f);
	return out;
}

char *judge(const char *cmd, ...)
{
	char *line, *whole, *complaint, *out, *err = judge_file("", 0);
	int status;
	va_list ap;

	va_start(ap, cmd);
	assert_true(vasprintf(&line, cmd, ap) > 0);
	va_end(ap);
	assert_true(asprintf(&whole, "LC_ALL=C TZ=UTC %s 2>%s", line, err) > 0);
	out = read_all(whole, &status);
	free(whole);
	assert_true(asprintf(&whole, "grep -v -e '^Running as user' -e '^reading from file' %s",
			     err) > 0);
	if (status)
		print_error("%s: exit status %d\n", line, status);
	assert_int_equal(status, 0);
	complaint = read_all(whole, &status);
	if (*complaint)
		print_error("%s: %s", line, complaint);
	assert_string_equal(complaint, "");
	unlink(err);
	free(whole);
	free(complaint);
	free(line);
	free(err);
	return out;
}

char *judge_file(const void *data, size_t size)
{
	const char *dir = getenv("TMPDIR");
	char *path;
	int fd;

	assert_true(asprintf(&path, "%s/xdpchain-test-XXXXXX", dir ? dir : P_tmpdir) > 0);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
	return path;
}
