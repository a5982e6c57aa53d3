// SPDX-License-Identifier: GPL-2.0
#include "lib/ratelimit.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/prefix.h"
#include "lib/stage.h"
#include "lib/util.h"

#define CONF	    "ratelimit_conf"
#define BURST_MIN   10
#define BURST_BYTES 65535 /* the largest packet */
#define SLACK	    (125000000ULL * RATELIMIT_UNIT)
#define TICK_SHARE  8 /* a burst is at least that many ticks' packets, or the clock is exact */

static const struct {
	char name;
	__u32 times;
} factors[] = { { 'k', 1000 }, { 'M', 1000000 } };

int ratelimit_rate(const char *text, __u32 *rate_pps, struct fail *f)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text))
		goto invalid;
	for (size_t i = 0; i < ARRAY_SIZE(factors); i++)
		if (*end == factors[i].name) {
			if (n > RATELIMIT_RATE_MAX)
				goto range;
			n *= factors[i].times;
			end++;
			break;
		}
	if (*end && strcmp(end, "/s"))
		goto invalid;
	if (errno || !n || n > RATELIMIT_RATE_MAX)
		goto range;
	*rate_pps = n;
	return 0;
invalid:
	return fail_set(f, EINVAL, "%.40s: not a rate like 1000, 1000/s or 20k/s", text);
range:
	return fail_set(f, ERANGE, "%.40s: a rate is 1 to %d packets/s", text, RATELIMIT_RATE_MAX);
}

static const char *const by_names[] = { "source", "destination", "all" };

int ratelimit_by(const char *text, __u32 *by, struct fail *f)
{
	for (__u32 i = 0; i < ARRAY_SIZE(by_names); i++)
		if (!strcmp(by_names[i], text)) {
			*by = i;
			return 0;
		}
	return fail_set(f, EINVAL, "%.40s: source, destination or all is wanted", text);
}

const char *ratelimit_by_name(__u32 by)
{
	return by < ARRAY_SIZE(by_names) ? by_names[by] : "?";
}

/* RATE[k|M|G] in bytes or bits, up to @unit. */
static int parse_bytes(const char *text, const char *unit, __u64 *rate, struct fail *f)
{
	static const char scales[] = "kMG";
	unsigned long long n;
	const char *scale;
	__u64 by = 1;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	scale = *end ? strchr(scales, *end) : NULL;
	for (const char *s = scales; scale && s <= scale; s++)
		by *= 1000;
	if (!isdigit((unsigned char)*text) || end + !!scale != unit)
		return fail_set(f, EINVAL, "%.40s: not a rate like 10Mbit/s or 20MB/s", text);
	if (errno || __builtin_mul_overflow(n, by, rate))
		*rate = UINT64_MAX;
	return 0;
}

int ratelimit_parse(const char *text, struct ratelimit *r, struct fail *f)
{
	const char *end = text + strlen(text), *bit = strstr(text, "bit/s"), *unit = bit;
	__u64 rate = 0;
	__u32 pps = 0;
	int err;

	if (!unit)
		unit = strstr(text, "B/s");
	if (!unit && r->unit == RATELIMIT_PACKETS) {
		err = ratelimit_rate(text, &pps, f);
		r->rate = err ? r->rate : pps;
		return err;
	}
	if (unit && strcmp(unit, bit ? "bit/s" : "B/s"))
		return fail_set(f, EINVAL, "%.40s: not a rate like 10Mbit/s or 20MB/s", text);
	if (!unit)
		unit = strstr(text, "/s") ? strstr(text, "/s") : end;
	err = parse_bytes(text, unit, &rate, f);
	if (err)
		return err;
	rate = bit ? rate / 8 : rate;
	if (!rate || rate > RATELIMIT_BYTES_MAX)
		return fail_set(f, ERANGE, "%.40s: a rate is 1 byte/s to 400 Gbit/s", text);
	r->rate = rate;
	r->unit = RATELIMIT_BYTES;
	return 0;
}

__u64 ratelimit_burst(const struct ratelimit *r)
{
	__u64 least = r->unit == RATELIMIT_BYTES ? BURST_BYTES : BURST_MIN;

	return r->rate / 10 > least ? r->rate / 10 : least;
}

char *ratelimit_text(const struct ratelimit *r, char buf[RATELIMIT_TEXT])
{
	const char *bytes = r->unit == RATELIMIT_BYTES ? " bytes" : "";
	int n = snprintf(buf, RATELIMIT_TEXT, "%llu%s/s, burst %llu", r->rate, bytes, r->burst);

	if (r->by == RATELIMIT_ALL)
		snprintf(buf + n, RATELIMIT_TEXT - n, ", in all");
	else
		snprintf(buf + n, RATELIMIT_TEXT - n, ", per %sIPv4 /%u and IPv6 /%u",
			 r->by == RATELIMIT_DESTINATION ? "destination " : "", r->len4, r->len6);
	return buf;
}

int ratelimit_check(const struct ratelimit *r, struct fail *f)
{
	__u64 least = r->unit == RATELIMIT_BYTES ? BURST_BYTES : 0;

	if (r->unit == RATELIMIT_PACKETS && r->rate > RATELIMIT_RATE_MAX)
		return fail_set(f, ERANGE, "ratelimit: a rate is at most %d packets/s",
				RATELIMIT_RATE_MAX);
	if (r->rate > RATELIMIT_BYTES_MAX)
		return fail_set(f, ERANGE, "ratelimit: a rate is at most 400 Gbit/s");
	if (r->burst > r->rate * RATELIMIT_BURST_SEC && r->burst > least)
		return fail_set(f, ERANGE,
				"ratelimit: a burst is at most what comes in %d s at the rate",
				RATELIMIT_BURST_SEC);
	if (r->len4 > 32 || r->len6 > 128)
		return fail_set(f, ERANGE,
				"ratelimit: a prefix length is at most 32 for IPv4, 128 for IPv6");
	return 0;
}

/* CLOCK_MONOTONIC_COARSE moves once a jiffy; so its resolution is that. */
static __u64 tick_units(void)
{
	struct timespec t = { 0 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &t);
	return (t.tv_sec * NSEC + t.tv_nsec) * RATELIMIT_UNIT;
}

/* Units of a packet and of a burst. @return the units of the largest packet. */
static __u64 fill_costs(struct ratelimit_conf *conf)
{
	const __u64 second = NSEC * RATELIMIT_UNIT;

	if (conf->unit == RATELIMIT_PACKETS) {
		conf->cost = second / conf->rate;
		conf->depth = conf->cost * (conf->burst - 1);
		return conf->cost;
	}
	conf->byte_shift = 16;
	while (((unsigned __int128)second << conf->byte_shift) / conf->rate >= 1ULL << 47)
		conf->byte_shift--;
	conf->cost = (second << conf->byte_shift) / conf->rate;
	conf->depth = (unsigned __int128)conf->cost * conf->burst >> conf->byte_shift;
	return conf->cost * 65535 >> conf->byte_shift;
}

static void fill_conf(struct ratelimit_conf *conf, const struct ratelimit *r)
{
	__be32 mask[4];
	__u64 most;

	conf->rate = r->rate;
	conf->burst = r->burst ? r->burst : ratelimit_burst(r);
	conf->unit = r->unit;
	conf->by = r->by;
	conf->len4 = r->len4;
	conf->len6 = r->len6;
	prefix_mask(r->len4, mask);
	conf->mask4 = mask[0];
	prefix_mask(r->len6, conf->mask6);
	if (!r->rate)
		return;
	most = fill_costs(conf);
	conf->tick = tick_units();
	if (conf->depth < conf->tick * TICK_SHARE)
		conf->tick = 0;
	/* A clock that lags by up to a tick must not take from the burst. */
	conf->depth += conf->tick;
	conf->deepest = conf->depth + most + SLACK;
}

/* The hash goes on as it was, so that sources are found in their buckets again. */
static int adopt(const struct chain *c, __u32 from, void *arg, struct fail *f)
{
	struct ratelimit_stage *s = arg;
	struct ratelimit_conf old;

	(void)f;
	s->fresh[0] = NULL;
	if (stage_rodata_get(c, from, CONF, &old, sizeof(old)))
		return 0;
	s->conf.secret = old.secret;
	/* Buckets of nobody are of anybody: a limit that was off has left none. */
	if (old.rate && (old.by != s->conf.by || old.unit != s->conf.unit)) {
		s->fresh[0] = "buckets4";
		s->fresh[1] = "buckets6";
	}
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	static const char *const names[] = { "buckets4", "buckets6" };
	struct ratelimit_stage *s = arg;
	__u32 sets = 2; /* a hash is shifted by less than 64 */
	int err = 0;

	while (sets * RATELIMIT_WAYS < s->sources)
		sets *= 2;
	for (size_t i = 0; !err && i < ARRAY_SIZE(names); i++)
		err = bpf_map__set_max_entries(bpf_object__find_map_by_name(obj, names[i]), sets);
	s->conf.shift = 64 - __builtin_ctz(sets);
	if (!s->conf.secret && getrandom(&s->conf.secret, sizeof(__u64), 0) != sizeof(__u64))
		s->conf.secret = now_ns();
	s->conf.secret |= 1;
	if (!err)
		err = stage_rodata(obj, CONF, &s->conf, sizeof(s->conf));
	return err ? fail_set(f, -err, "ratelimit: %s", strerror(-err)) : 0;
}

static void of_conf(struct ratelimit *r, const struct ratelimit_conf *conf)
{
	*r = (struct ratelimit){ conf->rate, conf->burst, conf->len4,
				 conf->len6, conf->unit,  conf->by };
}

/* Short: it is a line of many. */
static void rule_text(char *buf, size_t size, const struct ratelimit_conf *conf)
{
	int n = snprintf(buf, size, "%llu%s/s burst %llu", conf->rate,
			 conf->unit == RATELIMIT_BYTES ? " bytes" : "", conf->burst);

	if (conf->by == RATELIMIT_ALL)
		snprintf(buf + n, size - n, " in all");
	else
		snprintf(buf + n, size - n, " %s /%u, /%u",
			 conf->by == RATELIMIT_DESTINATION ? "to each" : "per", conf->len4,
			 conf->len6);
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	int fd = bpf_object__find_map_fd_by_name(obj, "rules");
	struct chain_rule rule = { .since_ns = now_ns() };
	const struct ratelimit_stage *s = arg;
	__u32 id = RATELIMIT_RULE;

	if (!s->conf.rate) {
		bpf_map_delete_elem(fd, &id);
		return 0;
	}
	rule_text(rule.text, sizeof(rule.text), &s->conf);
	if (bpf_map_update_elem(fd, &id, &rule, BPF_ANY))
		return fail_set(f, errno, "ratelimit: rules: %s", strerror(errno));
	return 0;
}

void ratelimit_spec(struct stage_spec *spec, struct ratelimit_stage *s, const struct ratelimit *r,
		    __u32 sources)
{
	*s = (struct ratelimit_stage){ .sources = sources };
	fill_conf(&s->conf, r);
	spec->object = RATELIMIT_NAME;
	spec->adopt = adopt;
	spec->setup = setup;
	spec->fill = fill;
	spec->fresh = s->fresh;
	spec->arg = s;
}

/* How many have a bucket in the stage that is there, so that they keep it. */
static __u32 sources_of(const struct chain *c, __u32 slot)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = stage_map(c, slot, "buckets4");

	if (fd >= 0)
		bpf_obj_get_info_by_fd(fd, &info, &len);
	fd_close(fd);
	return info.max_entries ? info.max_entries * RATELIMIT_WAYS : RATELIMIT_SOURCES;
}

int ratelimit_load(struct chain *c, __u32 slot, const struct ratelimit *r, struct fail *f)
{
	struct chain_stage st = { 0 };
	struct stage_spec spec = { .kind = RATELIMIT_NAME, .slot = slot };
	struct ratelimit_stage s;
	int err = ratelimit_check(r, f);

	if (err)
		return err;
	/* It stays the operator's: by its name, in its mode, and next time as it is configured. */
	if (!chain_stage(c, slot, &st) && !strcmp(st.kind, RATELIMIT_NAME)) {
		spec.name = st.name;
		spec.flags = st.flags;
	}
	ratelimit_spec(&spec, &s, r, sources_of(c, slot));
	return stage_load(c, &spec, NULL, f);
}

int ratelimit_get(const struct chain *c, __u32 slot, struct ratelimit *r)
{
	struct ratelimit_conf conf;

	if (stage_rodata_get(c, slot, CONF, &conf, sizeof(conf)))
		return -ENOENT;
	of_conf(r, &conf);
	return 0;
}
