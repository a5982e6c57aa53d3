// SPDX-License-Identifier: GPL-2.0
/* A check: does the real answer a request with the wanted status? By libcurl's multi interface. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <curl/curl.h>

#include "lib/health_int.h"
#include "lib/util.h"

#define URL (2 * HEALTH_WORD + 64)

struct health_curl {
	CURLM *multi;
	int epoll;
	__u64 wake_ns;
	health_curl_fn fn;
	void *arg;
};

/* One request. */
struct http {
	CURL *easy;
	struct curl_slist *to;
};

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct health_curl *c = arg;
	struct epoll_event ev = { .data.u64 = HEALTH_CURL_TAG(fd) };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	ev.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
	if (epoll_ctl(c->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev))
		return -1;
	curl_multi_assign(c->multi, fd, c);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct health_curl *c = arg;

	(void)multi;
	c->wake_ns = ms < 0 ? 0 : now_ns() + ms * (NSEC / 1000);
	return 0;
}

struct health_curl *health_curl_open(int epoll, health_curl_fn fn, void *arg)
{
	struct health_curl *c = calloc(1, sizeof(*c));

	if (!c || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(c);
		errno = ENOMEM;
		return NULL;
	}
	c->epoll = epoll;
	c->fn = fn;
	c->arg = arg;
	c->multi = curl_multi_init();
	if (!c->multi) {
		health_curl_close(c);
		errno = ENOMEM;
		return NULL;
	}
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	return c;
}

void health_curl_close(struct health_curl *c)
{
	if (!c)
		return;
	curl_multi_cleanup(c->multi);
	curl_global_cleanup();
	free(c);
}

__u64 health_curl_wake(const struct health_curl *c)
{
	return c->wake_ns;
}

/* 1, or -errno with words. */
static int judge(struct health_probe *p, CURL *easy, CURLcode code)
{
	__u16 want = p->target->spec.status;
	long status = 0, why = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_COULDNT_CONNECT && *p->why)
		return -EIO; /* there was no socket */
	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &why);
	if (code == CURLE_COULDNT_CONNECT && why)
		return -why;
	if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
		return health_why(p, EIO, "%s", curl_easy_strerror(code));
	if (want ? status == want : status >= 200 && status < 400)
		return 1;
	return health_why(p, EPROTO, "status %ld", status);
}

void health_curl_serve(struct health_curl *c, int fd, __u32 events)
{
	int mask = (events & EPOLLIN ? CURL_CSELECT_IN : 0) |
		   (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		   (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
	int left;
	CURLMsg *m;

	if (fd < 0)
		c->wake_ns = 0;
	curl_multi_socket_action(c->multi, fd < 0 ? CURL_SOCKET_TIMEOUT : fd, mask, &left);
	while ((m = curl_multi_info_read(c->multi, &left))) {
		CURLcode code = m->data.result;
		CURL *easy = m->easy_handle;
		struct health_probe *p;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &p);
		c->fn(p, judge(p, easy, code), c->arg);
	}
}

/* The status is what counts: the body is not read. */
static size_t no_body(char *bytes, size_t size, size_t count, void *arg)
{
	(void)bytes;
	(void)arg;
	(void)size;
	(void)count;
	return CURL_WRITEFUNC_ERROR;
}

static void stop(struct health_probe *p)
{
	struct http *http = p->state;

	if (!http)
		return;
	if (http->easy)
		curl_multi_remove_handle(p->curl->multi, http->easy);
	curl_easy_cleanup(http->easy);
	curl_slist_free_all(http->to);
	free(http);
	p->state = NULL;
}

static void say(const struct health_target *t, char url[URL], char to[LB_TEXT + 32])
{
	const struct lb_addr *asked = health_asked(t);
	const char *open = asked->family == AF_INET6 ? "[" : "", *end = *open ? "]" : "";
	const struct health_spec *s = &t->spec;
	char addr[LB_TEXT];

	lb_addr_text(addr, asked);
	if (*s->host)
		snprintf(url, URL, "%s://%s:%u%s", health_name(s->type), s->host, s->port, s->path);
	else
		snprintf(url, URL, "%s://%s%s%s:%u%s", health_name(s->type), open, addr, end,
			 s->port, s->path);
	snprintf(to, LB_TEXT + 32, "::%s%s%s:%u", open, addr, end, s->port);
}

/* The descriptor is libcurl's from here on. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct health_probe *p = arg;
	int err = health_socket(p, to->socktype, to->protocol), fd = p->fd;

	(void)purpose;
	p->fd = -1;
	if (!err)
		return fd;
	health_why(p, -err, "%s", strerror(-err));
	fd_close(fd);
	return CURL_SOCKET_BAD;
}

static int start(struct health_probe *p)
{
	struct http *http = calloc(1, sizeof(*http));
	char url[URL], to[LB_TEXT + 32];

	p->state = http;
	if (!http)
		return -ENOMEM;
	say(p->target, url, to);
	http->easy = curl_easy_init();
	http->to = curl_slist_append(NULL, to);
	if (!http->easy || !http->to)
		return -ENOMEM;
	curl_easy_setopt(http->easy, CURLOPT_URL, url);
	curl_easy_setopt(http->easy, CURLOPT_CONNECT_TO, http->to);
	curl_easy_setopt(http->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(http->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(http->easy, CURLOPT_USERAGENT, "xdplb/" VERSION);
	curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, no_body);
	curl_easy_setopt(http->easy, CURLOPT_NOSIGNAL, 1L);
	/* a connection of its own: to accept one is what is checked, too */
	curl_easy_setopt(http->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(http->easy, CURLOPT_FORBID_REUSE, 1L);
	/* whom the certificate is for is the clients' business */
	curl_easy_setopt(http->easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(http->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(http->easy, CURLOPT_OPENSOCKETDATA, p);
	curl_easy_setopt(http->easy, CURLOPT_PRIVATE, p);
	return curl_multi_add_handle(p->curl->multi, http->easy) == CURLM_OK ? 0 : -ENOMEM;
}

const struct health_kind health_http = { .start = start, .stop = stop };
