// SPDX-License-Identifier: GPL-2.0
#include "droplet/act.h"

#include <errno.h>
#include <string.h>

json_t *act_done(struct targets *t, int failed, json_t *chains)
{
	json_t *o = json_pack("{s:o, s:o, s:b}", "chains", chains, "errors",
			      t->errors ? t->errors : json_array(), "failed", failed);

	t->errors = NULL;
	return o;
}

int act_note(const char *note, struct fail *f)
{
	const size_t max = sizeof(((struct chain_rule *)0)->note) - 1;
	json_t *json;

	for (const char *p = note; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return fail_set(f, EINVAL, "--note: control characters in it");
	json = json_string(note); /* `--json` has no way to show anything else */
	if (!json)
		return fail_set(f, EINVAL, "--note: not in UTF-8");
	json_decref(json);
	if (strlen(note) > max)
		return fail_set(f, EINVAL, "--note: longer than %zu bytes", max);
	return 0;
}
