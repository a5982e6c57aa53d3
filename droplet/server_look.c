// SPDX-License-Identifier: GPL-2.0
/* server_look - what chains hold, for those who may not read the pins. */
#include "droplet/look.h"
#include "droplet/server.h"

static const char *text(const struct server_call *call, const char *key)
{
	return json_string_value(json_object_get(call->request, key));
}

json_t *server_status(struct server_call *call)
{
	return look_status(text(call, "interface"));
}

json_t *server_policers(struct server_call *call)
{
	return look_policers(text(call, "interface"));
}

json_t *server_rules(struct server_call *call)
{
	return look_rules(text(call, "interface"), text(call, "policer"));
}

json_t *server_top(struct server_call *call)
{
	json_int_t n = json_integer_value(json_object_get(call->request, "count"));

	return look_top(text(call, "interface"), n > 0 && n <= LOOK_TOP ? n : 10);
}
