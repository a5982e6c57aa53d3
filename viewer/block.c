// SPDX-License-Identifier: GPL-2.0
#include "viewer/block.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/util.h"

#define PATIENCE_S 5
#define LINE	   4096

static int dial(const char *path, struct fail *f)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return fail_set(f, ENAMETOOLONG, "%s: the name is too long for a socket", path);
	strcpy(to.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_set(f, errno, "%s: %s", path, strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	fail_set(f, errno, "%s: %s: does droplet's daemon run?", path, strerror(errno));
	close(fd);
	return -errno;
}

/* One line, without its end; what comes behind it is not heeded. */
static int read_line(int fd, char line[LINE])
{
	size_t n = 0;

	while (n < LINE - 1) {
		ssize_t got = read(fd, line + n, LINE - 1 - n);
		char *end;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (!got)
			return -EPROTO;
		line[n + got] = 0;
		end = strchr(line + n, '\n');
		n += got;
		if (end) {
			*end = 0;
			return 0;
		}
	}
	return -EPROTO;
}

static int understand(const char *line, struct fail *f)
{
	json_t *answer = json_loads(line, 0, NULL);
	const char *error = json_string_value(json_object_get(answer, "error"));
	int err = 0;

	if (!json_is_boolean(json_object_get(answer, "ok")))
		err = fail_set(f, EPROTO, "what droplet answers is not understood");
	else if (!json_is_true(json_object_get(answer, "ok")))
		err = fail_set(f, EREMOTEIO, "%s", error ? error : "droplet refuses");
	json_decref(answer);
	return err;
}

static int ask(int fd, const char *request, struct fail *f)
{
	char line[LINE];
	size_t len = strlen(request);
	int err = send(fd, request, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -EPIPE;

	if (!err)
		err = read_line(fd, line);
	return err ? fail_set(f, -err, "droplet: %s", strerror(-err)) : understand(line, f);
}

int block_source(const char *socket_path, const char *prefix, struct fail *f)
{
	char request[256];
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "cmd", "block", "prefix", prefix, "for",
			      BLOCK_FOR, "note", "xdpview");
	size_t n = o ? json_dumpb(o, request, sizeof(request) - 2, JSON_COMPACT) : 0;
	int fd, err;

	json_decref(o);
	if (!n || n > sizeof(request) - 2)
		return fail_set(f, ENOMEM, "no memory to ask with");
	request[n++] = '\n';
	request[n] = 0;
	fd = dial(socket_path, f);
	if (fd < 0)
		return fd;
	err = ask(fd, request, f);
	close(fd);
	return err;
}
