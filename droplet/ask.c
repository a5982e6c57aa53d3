// SPDX-License-Identifier: GPL-2.0
#include "droplet/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/conf.h"
#include "lib/control.h"

/* A socket is a file, and seen from every network namespace; the daemon is of one. */
static int greet(const char *socket, struct fail *f)
{
	json_t *request = json_pack("{s:s}", "cmd", "hello"), *answer;
	int err = control_call(socket, request, &answer, f);

	json_decref(request);
	if (err)
		return err == -ECONNREFUSED ? -ENOENT : err;
	if (json_integer_value(json_object_get(answer, "netns")) != control_netns())
		err = fail_set(f, ENOENT, "%s: its daemon is of another network namespace", socket);
	json_decref(answer);
	return err;
}

/* Where the configuration has it, unless we are told; the receiver's, or NULL. */
static char *find_socket(const char *socket)
{
	struct conf *conf;
	char *path;

	if (socket || !access(CONF_SOCKET, F_OK) || conf_load(CONF_PATH, &conf, NULL))
		return strdup(socket ? socket : CONF_SOCKET);
	path = strdup(conf->control.socket);
	conf_free(conf);
	return path;
}

int ask(const char *socket, json_t *request, json_t **answer, struct fail *f)
{
	char *path = find_socket(socket);
	int err = path ? greet(path, f) : fail_errno(f, ENOMEM, "ask");

	if (!err)
		err = control_call(path, request, answer, f);
	json_decref(request);
	free(path);
	return err;
}

void ask_nobody(const char *socket, json_t *request)
{
	char *path = find_socket(socket);

	json_object_set_new(request, "netns", json_integer(control_netns()));
	json_object_set_new(request, "done", json_true());
	if (path)
		control_tell(path, request);
	json_decref(request);
	free(path);
}
