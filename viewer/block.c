// SPDX-License-Identifier: GPL-2.0
#include "viewer/block.h"

#include <errno.h>

#include "lib/control.h"

/* What went wrong on a chain is in the answer, beside what went well on others. */
static int judge(const json_t *answer, struct fail *f)
{
	const json_t *errors = json_object_get(answer, "errors");
	const char *why = json_string_value(json_array_get(errors, 0));

	if (!json_is_true(json_object_get(answer, "failed")))
		return 0;
	return fail_set(f, EREMOTEIO, "%s", why ? why : "droplet could not");
}

int block_source(const char *socket_path, const char *prefix, struct fail *f)
{
	json_t *answer = NULL,
	       *request = json_pack("{s:s, s:s, s:s, s:s}", "cmd", "block", "prefix", prefix, "for",
				    BLOCK_FOR, "note", "xdpview");
	int err = request ? control_call(socket_path, request, &answer, f) : -ENOMEM;

	json_decref(request);
	if (!err)
		err = judge(answer, f);
	json_decref(answer);
	if (err == -EREMOTEIO && !f->text[0])
		fail_set(f, EREMOTEIO, "droplet refuses");
	return err;
}
