// SPDX-License-Identifier: GPL-2.0
/* control_call - the side that asks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/util.h"

static int no_daemon(const char *path, int err, struct fail *f)
{
	if (err == EACCES || err == EPERM)
		return fail_set(f, EACCES,
				"%s: not permitted: run as root, or as a member of the "
				"group that control.group of the configuration names",
				path);
	if (err == ENOENT || err == ECONNREFUSED)
		return fail_set(f, err, "%s: no daemon is there, start one: droplet run", path);
	return fail_set(f, err, "%s: %s", path, strerror(err));
}

/* @flags: of socket() */
static int dial(const char *path, int flags, struct fail *f)
{
	const struct timeval wait = { .tv_sec = CONTROL_WAIT_MS / 1000 };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return fail_set(f, ENAMETOOLONG, "%.40s...: too long for a socket", path);
	strcpy(to.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return fail_errno(f, errno, path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	no_daemon(path, errno, f);
	close(fd);
	return errno == EPERM ? -EACCES : -errno;
}

static int send_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = send(fd, text, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		text += n;
		size -= n;
	}
	return 0;
}

/* A line without its end in @buf, which has room for CONTROL_LINE. Its size, or -errno. */
static ssize_t read_line(int fd, char *buf)
{
	size_t have = 0;

	while (have < CONTROL_LINE) {
		ssize_t n = recv(fd, buf + have, CONTROL_LINE - have, 0);
		char *end;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (!n)
			return -EPROTO;
		end = memchr(buf + have, '\n', n);
		if (end)
			return end - buf;
		have += n;
	}
	return -EPROTO;
}

static void copy(char *to, size_t size, const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	size_t n = text ? strnlen(text, size - 1) : 0;

	memcpy(to, text ? text : "", n);
	to[n] = 0;
}

static int judge(json_t *o, json_t **answer, struct fail *f)
{
	if (json_is_true(json_object_get(o, "ok"))) {
		*answer = o;
		return 0;
	}
	if (f) {
		copy(f->text, sizeof(f->text), o, "error");
		copy(f->log, sizeof(f->log), o, "log");
	}
	json_decref(o);
	return -EREMOTEIO;
}

static int talk(int fd, const char *path, const char *line, json_t **answer, struct fail *f)
{
	char *buf = malloc(CONTROL_LINE);
	json_t *o = NULL;
	ssize_t n = buf ? send_all(fd, line, strlen(line)) : -ENOMEM;

	if (!n)
		n = send_all(fd, "\n", 1);
	if (!n || n == -EPIPE) /* who hangs up at once may have said why */
		n = read_line(fd, buf);
	if (n >= 0)
		o = json_loadb(buf, n, 0, NULL);
	free(buf);
	if (o)
		return judge(o, answer, f);
	if (n == -ETIMEDOUT)
		return fail_set(f, ETIMEDOUT, "%s: the daemon did not answer in %d s", path,
				CONTROL_WAIT_MS / 1000);
	return fail_set(f, EPROTO, "%s: the daemon hung up", path);
}

int control_call(const char *path, const json_t *request, json_t **answer, struct fail *f)
{
	char *line;
	int err, fd = dial(path, 0, f);

	if (fd < 0)
		return fd;
	line = json_dumps(request, JSON_COMPACT);
	err = line ? talk(fd, path, line, answer, f) : fail_errno(f, ENOMEM, path);
	free(line);
	close(fd);
	return err;
}

void control_tell(const char *path, const json_t *request)
{
	int fd = dial(path, SOCK_NONBLOCK, NULL);
	char *line = json_dumps(request, JSON_COMPACT);

	if (fd >= 0 && line && !send_all(fd, line, strlen(line)))
		send_all(fd, "\n", 1);
	free(line);
	fd_close(fd);
}
