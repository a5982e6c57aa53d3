// SPDX-License-Identifier: GPL-2.0
/* control_open - the listening socket, and who comes in. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/control_int.h"
#include "lib/util.h"

#define GROUPS_MAX 1024 /* of a peer that are looked at */

/* Does somebody answer at @to? His pid, 0, or -errno. */
static pid_t who_answers(const struct sockaddr_un *to)
{
	struct ucred cred = { 0 };
	socklen_t len = sizeof(cred);
	int err = 0, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		err = errno == EAGAIN ? 0 : errno; /* EAGAIN: its queue is full */
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	close(fd);
	if (err == ENOENT || err == ECONNREFUSED)
		return 0;
	return err ? -err : cred.pid ? cred.pid : 1;
}

/* What is at the path is a socket that nobody answers at: what a daemon that was killed has left.
 */
static int clear_path(const struct sockaddr_un *at, struct fail *f)
{
	pid_t pid = who_answers(at);
	struct stat st;

	if (pid > 0)
		return fail_set(f, EADDRINUSE,
				"%s: another daemon runs (pid %d): stop it first, or tell this "
				"one another control.socket",
				at->sun_path, pid);
	if (lstat(at->sun_path, &st))
		return errno == ENOENT ? 0 : fail_errno(f, errno, at->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return fail_set(f, EEXIST, "%s: is there, and is no socket: move it away",
				at->sun_path);
	return unlink(at->sun_path) ? fail_errno(f, errno, at->sun_path) : 0;
}

static int make_folder(const char *path, struct fail *f)
{
	char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
	int err = 0;

	if (!dir)
		return fail_errno(f, ENOMEM, path);
	if (slash && slash != dir) {
		*slash = 0;
		if (mkdir(dir, 0755) && errno != EEXIST)
			err = fail_set(f, errno, "%s: %s", dir, strerror(errno));
	}
	free(dir);
	return err;
}

static int find_group(struct control *c, const char *name, struct fail *f)
{
	char buf[65536];
	struct group group, *found = NULL;

	if (!name)
		return 0;
	if (getgrnam_r(name, &group, buf, sizeof(buf), &found) || !found)
		return fail_set(f, EINVAL, "control.group: %s: no such group: groupadd --system %s",
				name, name);
	c->group = found->gr_gid;
	return 0;
}

/* Nobody can connect before group and mode are right: it listens only then. */
static int bind_to(struct control *c, const struct sockaddr_un *at, struct fail *f)
{
	if (bind(c->listener, (const struct sockaddr *)at, sizeof(*at)))
		return fail_set(f, errno, "%s: %s", c->path, strerror(errno));
	c->bound = 1;
	if ((c->group != (gid_t)-1 && chown(c->path, -1, c->group)) || chmod(c->path, 0660) ||
	    listen(c->listener, CONTROL_CLIENTS))
		return fail_set(f, errno, "%s: %s", c->path, strerror(errno));
	return 0;
}

static int watch(struct control *c, int fd, uint32_t which)
{
	struct epoll_event e = { .events = EPOLLIN };

	e.data.u32 = which;
	return epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static int start(struct control *c, const char *group, struct fail *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int err;

	if (strlen(c->path) >= sizeof(at.sun_path))
		return fail_set(f, ENAMETOOLONG, "%.40s...: too long for a socket", c->path);
	strcpy(at.sun_path, c->path);
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->epoll < 0 || c->timer < 0 || c->listener < 0 || watch(c, c->timer, CONTROL_TIMER) ||
	    watch(c, c->listener, CONTROL_LISTENER))
		return fail_errno(f, errno, c->path);
	err = find_group(c, group, f);
	if (!err)
		err = make_folder(c->path, f);
	if (!err)
		err = clear_path(&at, f);
	return err ? err : bind_to(c, &at, f);
}

int control_open(const char *path, const char *group, struct control **out, struct fail *f)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return fail_errno(f, ENOMEM, path);
	c->epoll = c->listener = c->timer = -1;
	c->group = -1;
	for (size_t i = 0; i < ARRAY_SIZE(c->clients); i++)
		c->clients[i].fd = -1;
	c->path = strdup(path);
	err = c->path ? start(c, group, f) : fail_errno(f, ENOMEM, path);
	if (err) {
		control_close(c);
		return err;
	}
	*out = c;
	return 0;
}

void control_arm(struct control *c)
{
	struct itimerspec every = { .it_value.tv_sec = c->count ? 1 : 0,
				    .it_interval.tv_sec = c->count ? 1 : 0 };

	timerfd_settime(c->timer, 0, &every, NULL);
}

/* The socket's mode says the same; this holds too where somebody has changed that. */
static int may(const struct control *c, int fd, const struct control_peer *p)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (!p->uid || p->uid == geteuid())
		return 1;
	if (c->group == (gid_t)-1)
		return 0;
	if (p->gid == c->group)
		return 1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return 0;
	for (size_t i = 0; i < len / sizeof(*groups); i++)
		if (groups[i] == c->group)
			return 1;
	return 0;
}

static void send_away(int fd, const char *why)
{
	struct fail f = { 0 };
	json_t *o;
	char *line;

	fail_set(&f, EPERM, "%s", why);
	o = control_refuse(&f);
	line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (line) { /* what does not fit into the socket's buffer is not waited for */
		line[strlen(line)] = '\n';
		send(fd, line, strcspn(line, "\n") + 1, MSG_NOSIGNAL);
	}
	free(line);
	close(fd);
}

static void take_in(struct control *c, int fd, const struct control_peer *peer)
{
	size_t i = 0;

	while (i < CONTROL_CLIENTS && c->clients[i].fd >= 0)
		i++;
	if (i == CONTROL_CLIENTS) {
		send_away(fd, "the daemon has as many clients as it takes: try again");
		return;
	}
	if (watch(c, fd, i)) {
		close(fd);
		return;
	}
	c->clients[i] = (struct client){ .fd = fd, .peer = *peer, .last_ns = now_ns() };
	c->clients[i].peer.id = ++c->last_id;
	c->count++;
	if (c->count == 1)
		control_arm(c);
}

void control_accept(struct control *c)
{
	struct ucred cred = { 0 };
	struct control_peer peer;
	socklen_t len;
	int fd;

	for (;;) {
		fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		len = sizeof(cred);
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
			close(fd);
			continue;
		}
		peer = (struct control_peer){ cred.pid, cred.uid, cred.gid, 0 };
		if (may(c, fd, &peer))
			take_in(c, fd, &peer);
		else
			send_away(fd, "not permitted");
	}
}
