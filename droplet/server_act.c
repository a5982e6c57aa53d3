// SPDX-License-Identifier: GPL-2.0
/* server_act - requests that change what is in the chains: from JSON, and into the log. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "droplet/act.h"
#include "droplet/server.h"
#include "lib/duration.h"
#include "lib/util.h"

static const char *text(const struct server_call *call, const char *key)
{
	return json_string_value(json_object_get(call->request, key));
}

/* Nothing was done at all: then the request is refused, with the first of the reasons. */
static json_t *judge(struct server_call *call, json_t *answer)
{
	const json_t *why = json_array_get(json_object_get(answer, "errors"), 0);

	if (!why || json_array_size(json_object_get(answer, "chains")) ||
	    json_integer_value(json_object_get(answer, "unblocked")))
		return answer;
	fail_set(call->f, EINVAL, "%s", json_string_value(json_object_get(why, "error")));
	json_decref(answer);
	return NULL;
}

/* The action, by whom, and how it went. */
static json_t *logged(struct server_call *call, json_t *answer, const char *fmt, ...)
{
	const json_t *e;
	char action[512];
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	vsnprintf(action, sizeof(action), fmt, ap);
	va_end(ap);
	if (!answer) {
		fail_set(call->f, ENOMEM, "out of memory");
		return NULL;
	}
	daemon_log(call->server->daemon, LOG_NOTICE, "%s, by %s%s", action, call->who,
		   json_is_true(json_object_get(answer, "failed")) ? ": failed" : "");
	json_array_foreach(json_object_get(answer, "errors"), i, e)
		daemon_log(call->server->daemon, LOG_ERR, "  %s",
			   json_string_value(json_object_get(e, "error")));
	return judge(call, answer);
}

json_t *server_panic(struct server_call *call)
{
	int on = !json_is_true(json_object_get(call->request, "back"));
	/* Who could do it himself has: it is for the log. */
	int done = !call->uid && json_is_true(json_object_get(call->request, "done"));
	const char *ifname = text(call, "interface");

	return logged(call, done ? json_object() : act_panic(ifname, on), "panic%s%s%s",
		      on ? "" : " --back", ifname ? " on " : "", ifname ? ifname : "");
}

static int add_prefix(struct server_call *call, const json_t *v, struct prefixes *list)
{
	struct prefix p;
	int err = json_is_string(v) ? prefix_parse(json_string_value(v), &p, call->f)
				    : fail_set(call->f, EINVAL, "a prefix is text");

	if (!err && prefixes_add(list, &p))
		err = fail_set(call->f, ENOMEM, "out of memory");
	return err;
}

/* `prefixes`, a list, or one `prefix`. */
static int read_prefixes(struct server_call *call, struct prefixes *list)
{
	const json_t *all = json_object_get(call->request, "prefixes"), *v;
	const json_t *one = json_object_get(call->request, "prefix");
	size_t i;
	int err;

	if (one)
		return add_prefix(call, one, list);
	if (!json_array_size(all))
		return fail_set(call->f, EINVAL, "no prefix: name one");
	json_array_foreach(all, i, v) {
		err = add_prefix(call, v, list);
		if (err)
			return err;
	}
	if (list->count > ACT_RULES_MAX)
		prefixes_sort(list);
	return 0;
}

/* `for_ns`, a number, or `for`, as a person writes it; neither: for good. */
static int read_duration(struct server_call *call, __u64 *ns)
{
	json_int_t lasts = json_integer_value(json_object_get(call->request, "for_ns"));

	if (text(call, "for"))
		return duration_parse(text(call, "for"), ns, call->f);
	if (lasts < 0 || (__u64)lasts > DURATION_DAYS_MAX * 86400ULL * NSEC)
		return fail_set(call->f, EINVAL, "for_ns: not a duration");
	*ns = lasts;
	return 0;
}

/* "192.0.2.0/24, 198.51.100.7/32 and 3 more" */
static const char *some(const struct prefixes *list, char *buf, size_t size)
{
	char prefix[PREFIX_TEXT];
	size_t len = 0, shown = 0;

	for (; shown < list->count && shown < 3; shown++)
		len += snprintf(buf + len, size - len, "%s%s", shown ? ", " : "",
				prefix_text(&list->v[shown], prefix));
	if (shown < list->count)
		snprintf(buf + len, size - len, " and %zu more", list->count - shown);
	return buf;
}

json_t *server_block(struct server_call *call)
{
	struct act_block b = { .ifname = text(call, "interface"), .note = text(call, "note") };
	char names[256], words[DURATION_TEXT];
	json_t *answer = NULL;

	if (read_duration(call, &b.lasts_ns))
		return NULL;
	if ((!b.note || !act_note(b.note, call->f)) && !read_prefixes(call, &b.prefixes))
		answer = logged(call, act_block(&b), "block %s%s%s%s%s",
				some(&b.prefixes, names, sizeof(names)), b.lasts_ns ? " for " : "",
				b.lasts_ns ? duration_text(b.lasts_ns, words) : "",
				b.note ? ": " : "", b.note ? b.note : "");
	prefixes_free(&b.prefixes);
	return answer;
}

json_t *server_unblock(struct server_call *call)
{
	struct prefixes list = { 0 };
	json_t *answer = NULL;
	char names[256];

	if (!read_prefixes(call, &list))
		answer = logged(call, act_unblock(text(call, "interface"), &list), "unblock %s",
				some(&list, names, sizeof(names)));
	prefixes_free(&list);
	return answer;
}

json_t *server_limit(struct server_call *call)
{
	char words[RATELIMIT_TEXT];
	struct ratelimit r;

	if (act_limit_read(call->request, &r, call->f))
		return NULL;
	return logged(call, act_limit(text(call, "interface"), &r), "limit %s",
		      r.rate ? ratelimit_text(&r, words) : "off");
}
