// SPDX-License-Identifier: GPL-2.0
/* The control socket: who may ask, what is a request, and what a client cannot do to the daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/control.h"
#include "lib/util.h"

#define NOBODY 65534

static char dir[] = "/tmp/xdpchain-control-XXXXXX";
static char path[80];
static pid_t server;
static struct control *served; /* in the server, as is who waits there */
static uint64_t waiting[2];

/* "later" has its answer with the next "now", "at once" within the call. */
static json_t *answer_later(const char *cmd, const struct control_peer *peer)
{
	if (!strcmp(cmd, "now")) {
		for (size_t i = 0; i < ARRAY_SIZE(waiting); i++)
			control_reply(served, waiting[i], json_pack("{s:i}", "late", (int)i));
		return control_answer();
	}
	if (!strcmp(cmd, "at once"))
		control_reply(served, peer->id, control_answer());
	else
		waiting[waiting[0] && control_waits(served, waiting[0])] = peer->id;
	return NULL;
}

/* "echo" gives the request back and who asks, "large" an answer of that many bytes, "no" none. */
static json_t *handle(const json_t *request, const struct control_peer *peer, void *arg)
{
	const char *cmd = json_string_value(json_object_get(request, "cmd"));
	size_t size = json_integer_value(json_object_get(request, "size"));
	struct fail f = { .text = "refused: why not", .log = "first\nsecond" };
	json_t *o;

	(void)arg;
	if (!strcmp(cmd, "later") || !strcmp(cmd, "now") || !strcmp(cmd, "at once"))
		return answer_later(cmd, peer);
	o = control_answer();
	if (!strcmp(cmd, "no")) {
		json_decref(o);
		return control_refuse(&f);
	}
	if (!strcmp(cmd, "large")) {
		char *text = calloc(1, size + 1);

		memset(text, 'x', size);
		json_object_set_new(o, "text", json_string(text));
		free(text);
		return o;
	}
	json_object_set_new(o, "pid", json_integer(peer->pid));
	json_object_set_new(o, "uid", json_integer(peer->uid));
	json_object_set_new(o, "request", json_deep_copy(request));
	return o;
}

static void run_server(const char *group, int ready)
{
	struct fail f = { 0 };
	struct control *c;
	struct pollfd p;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (control_open(path, group, &c, &f)) {
		fprintf(stderr, "%s\n", f.text);
		_exit(1);
	}
	close(ready);
	served = c;
	p = (struct pollfd){ .fd = control_fd(c), .events = POLLIN };
	while (poll(&p, 1, -1) > 0)
		control_serve(c, handle, NULL);
	_exit(0);
}

static void start(const char *group)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	server = fork();
	if (!server) {
		close(ready[0]);
		run_server(group, ready[1]);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
}

static void stop(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static int dial(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = 15 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(to.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

/* The next line from @fd; "" when it was hung up. */
static char *line_of(int fd)
{
	static char buf[4096];
	size_t n = 0;

	while (n < sizeof(buf) - 1 && recv(fd, buf + n, 1, 0) == 1 && buf[n] != '\n')
		n++;
	buf[n] = 0;
	return buf;
}

static void test_call(void **state)
{
	json_t *request = json_pack("{s:s, s:s}", "cmd", "echo", "x", "y\n"), *answer, *back;
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(control_call(path, request, &answer, &f), 0);
	back = json_object_get(answer, "request");
	assert_true(json_equal(request, back));
	assert_int_equal(json_integer_value(json_object_get(answer, "pid")), getpid());
	assert_int_equal(json_integer_value(json_object_get(answer, "uid")), getuid());
	json_decref(answer);
	json_object_set_new(request, "cmd", json_string("no"));
	assert_int_equal(control_call(path, request, &answer, &f), -EREMOTEIO);
	assert_string_equal(f.text, "refused: why not");
	assert_string_equal(f.log, "first\nsecond");
	json_decref(request);
}

static const struct {
	const char *name, *line, *answer;
} lines[] = {
	{ "not json", "hello\n", "\"ok\":false,\"error\":\"request: not JSON: " },
	{ "nothing", "\n", "request: not JSON" },
	{ "a list", "[1]\n", "request: no \\\"cmd\\\" in it" },
	{ "cmd a number", "{\"cmd\":1}\n", "request: no \\\"cmd\\\" in it" },
	{ "a key twice", "{\"cmd\":\"echo\",\"cmd\":\"no\"}\n", "not JSON: duplicate object key" },
	{ "bad utf-8", "{\"cmd\":\"\xff\"}\n", "request: not JSON" },
	{ "deep", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
	  "nested more than 16 deep" },
	{ "brackets in text", "{\"cmd\":\"no\",\"x\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[\"}\n",
	  "why not" },
	{ "good", "{\"cmd\":\"echo\"}\n", "\"ok\":true" },
};

static void test_lines(void **state)
{
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *got;

		print_message("  %s\n", lines[i].name);
		send(fd, lines[i].line, strlen(lines[i].line), 0);
		got = line_of(fd);
		if (!strstr(got, lines[i].answer))
			assert_string_equal(got, lines[i].answer);
	}
	close(fd);
}

/* Two requests in one piece, one in three pieces, and one whose sender closes its side at once. */
static void test_pieces(void **state)
{
	static const char two[] = "{\"cmd\":\"echo\"}\n{\"cmd\":\"no\"}\n{\"cm";
	int fd = dial();

	(void)state;
	send(fd, two, strlen(two), 0);
	assert_non_null(strstr(line_of(fd), "\"ok\":true"));
	assert_non_null(strstr(line_of(fd), "\"ok\":false"));
	send(fd, "d\":\"ec", 6, 0);
	send(fd, "ho\"}\n", 5, 0);
	shutdown(fd, SHUT_WR);
	assert_non_null(strstr(line_of(fd), "\"ok\":true"));
	assert_string_equal(line_of(fd), "");
	close(fd);
}

static void test_sizes(void **state)
{
	json_t *request = json_pack("{s:s, s:i}", "cmd", "large", "size", 1000000), *answer;
	struct fail f = { 0 };
	char *big = malloc(CONTROL_LINE + 1);
	int fd;

	(void)state;
	assert_int_equal(control_call(path, request, &answer, &f), 0);
	assert_int_equal(json_string_length(json_object_get(answer, "text")), 1000000);
	json_decref(answer);
	json_object_set_new(request, "size", json_integer(CONTROL_LINE));
	assert_int_equal(control_call(path, request, &answer, &f), -EREMOTEIO);
	assert_non_null(strstr(f.text, "the answer has more than"));
	json_decref(request);
	memset(big, ' ', CONTROL_LINE + 1);
	fd = dial();
	send(fd, big, CONTROL_LINE + 1, MSG_NOSIGNAL);
	assert_non_null(strstr(line_of(fd), "request: longer than 1048576 bytes"));
	assert_string_equal(line_of(fd), "");
	close(fd);
	free(big);
}

/* Who does not read his answers is left alone with them; others are served. */
static void test_deaf(void **state)
{
	static const char ask[] = "{\"cmd\":\"large\",\"size\":1000000}\n";
	int fd = dial();

	for (int i = 0; i < 8; i++)
		send(fd, ask, strlen(ask), 0);
	test_call(state);
	close(fd);
	test_call(state);
}

/* Who waits is not asked further, and what he has asked meanwhile is answered after it. */
static void test_later(void **state)
{
	static const char two[] = "{\"cmd\":\"later\"}\n{\"cmd\":\"no\"}\n",
			  one[] = "{\"cmd\":\"later\"}\n", now[] = "{\"cmd\":\"now\"}\n",
			  once[] = "{\"cmd\":\"at once\"}\n";
	int patient = dial(), gone = dial(), other = dial();
	char byte;

	(void)state;
	assert_int_equal(send(patient, two, strlen(two), 0), strlen(two));
	test_call(state); /* all others are answered */
	assert_int_equal(recv(patient, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(send(gone, one, strlen(one), 0), strlen(one));
	test_call(state);
	close(gone);
	assert_int_equal(send(other, now, strlen(now), 0), strlen(now));
	assert_string_equal(line_of(other), "{\"ok\":true}");
	assert_string_equal(line_of(patient), "{\"late\":0}");
	assert_non_null(strstr(line_of(patient), "refused: why not"));
	assert_int_equal(send(other, once, strlen(once), 0), strlen(once));
	assert_string_equal(line_of(other), "{\"ok\":true}");
	close(patient);
	close(other);
	test_call(state);
}

static void test_clients(void **state)
{
	int fds[CONTROL_CLIENTS + 1];

	for (int i = 0; i < CONTROL_CLIENTS + 1; i++)
		fds[i] = dial();
	assert_non_null(strstr(line_of(fds[CONTROL_CLIENTS]), "as many clients as it takes"));
	/* And they are hung up on when they say nothing: within two ticks of the timer. */
	assert_string_equal(line_of(fds[0]), "");
	for (int i = 0; i < CONTROL_CLIENTS + 1; i++)
		close(fds[i]);
	test_call(state);
}

/* In a child of that user and group: what control_call() returns, as an exit status. */
static int call_as(uid_t uid, gid_t gid, gid_t also)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		json_t *request = json_pack("{s:s}", "cmd", "echo"), *answer;
		struct fail f = { 0 };

		if (setgroups(1, &also) || setgid(gid) || setuid(uid))
			_exit(99);
		_exit(-control_call(path, request, &answer, &f));
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void test_who(void **state)
{
	struct group *adm = getgrnam("adm");
	struct stat st;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_gid, adm->gr_gid);
	chmod(dir, 0755);
	assert_int_equal(call_as(0, 0, 0), 0);
	assert_int_equal(call_as(NOBODY, NOBODY, NOBODY), EACCES);
	assert_int_equal(call_as(NOBODY, adm->gr_gid, NOBODY), 0);
	assert_int_equal(call_as(NOBODY, NOBODY, adm->gr_gid), 0);
	chmod(path, 0666); /* the mode is not all that there is */
	assert_int_equal(call_as(NOBODY, NOBODY, NOBODY), EREMOTEIO);
}

static void test_open(void **state)
{
	char deep[128], want[200];
	struct control *c;
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(control_open(path, NULL, &c, &f), -EADDRINUSE);
	snprintf(want, sizeof(want), "%s: another daemon runs (pid %d)", path, server);
	assert_memory_equal(f.text, want, strlen(want));
	assert_int_equal(control_open(path, "no-such-group", &c, &f), -EINVAL);
	assert_non_null(strstr(f.text, "no-such-group: no such group"));
	test_call(state);
	snprintf(deep, sizeof(deep), "%s/a/b", dir);
	assert_int_equal(control_open("/tmp", NULL, &c, &f), -EEXIST);
	snprintf(deep, sizeof(deep), "%s/sub/sock", dir);
	assert_int_equal(control_open(deep, NULL, &c, &f), 0);
	control_close(c);
	assert_int_equal(access(deep, F_OK), -1);
	snprintf(deep, sizeof(deep), "%s/sub", dir);
	assert_int_equal(rmdir(deep), 0);
}

/* One that was killed leaves its socket; the next takes its place. */
static void test_killed(void **state)
{
	json_t *request = json_pack("{s:s}", "cmd", "echo"), *answer;
	struct fail f = { 0 };

	stop();
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(control_call(path, request, &answer, &f), -ECONNREFUSED);
	assert_non_null(strstr(f.text, "no daemon is there, start one: droplet run"));
	json_decref(request);
	start("adm");
	test_call(state);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	start("adm");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stop();
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),   cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pieces), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_deaf),   cmocka_unit_test(test_clients),
		cmocka_unit_test(test_who),    cmocka_unit_test(test_open),
		cmocka_unit_test(test_killed), cmocka_unit_test(test_later),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
