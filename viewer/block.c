// SPDX-License-Identifier: GPL-2.0
#include "viewer/block.h"

#include <errno.h>

#include "lib/control.h"

int block_source(const char *socket_path, const char *prefix, struct fail *f)
{
	json_t *answer = NULL,
	       *request = json_pack("{s:s, s:s, s:s, s:s}", "cmd", "block", "prefix", prefix, "for",
				    BLOCK_FOR, "note", "xdpview");
	int err = request ? control_call(socket_path, request, &answer, f) : -ENOMEM;

	json_decref(request);
	json_decref(answer);
	if (err == -EREMOTEIO && !f->text[0])
		fail_set(f, EREMOTEIO, "droplet refuses");
	return err;
}
