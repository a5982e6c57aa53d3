// SPDX-License-Identifier: GPL-2.0
#include "droplet/ask.h"

#include <errno.h>
#include <sys/stat.h>

#include "lib/conf.h"
#include "lib/control.h"

json_int_t ask_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : (json_int_t)st.st_ino;
}

/* A socket is a file, and seen from every network namespace; the daemon is of one. */
static int greet(const char *socket, struct fail *f)
{
	json_t *request = json_pack("{s:s}", "cmd", "hello"), *answer;
	int err = control_call(socket, request, &answer, f);

	json_decref(request);
	if (err)
		return err == -ECONNREFUSED ? -ENOENT : err;
	if (json_integer_value(json_object_get(answer, "netns")) != ask_netns())
		err = fail_set(f, ENOENT, "%s: its daemon is of another network namespace", socket);
	json_decref(answer);
	return err;
}

int ask(const char *socket, json_t *request, json_t **answer, struct fail *f)
{
	const char *path = socket ? socket : CONF_SOCKET;
	int err = greet(path, f);

	if (!err)
		err = control_call(path, request, answer, f);
	json_decref(request);
	return err;
}

void ask_nobody(const char *socket, json_t *request)
{
	json_object_set_new(request, "netns", json_integer(ask_netns()));
	json_object_set_new(request, "done", json_true());
	control_tell(socket ? socket : CONF_SOCKET, request);
	json_decref(request);
}
