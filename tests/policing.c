// SPDX-License-Identifier: GPL-2.0
#include "tests/policing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/stage.h"

#define WORDS 32

static size_t count_of(const char *s, char c)
{
	size_t n = 0;

	while ((s = strchr(s, c))) {
		n++;
		s++;
	}
	return n;
}

static void add_param(struct policer_conf *conf, char *key, char *value)
{
	struct policer_pair *pair = &conf->params[conf->param_count++];
	char *save = NULL;

	*pair = (struct policer_pair){ .key = key, .line = conf->line };
	pair->values = calloc(count_of(value, ',') + 1, sizeof(char *));
	for (char *v = strtok_r(value, ",", &save); v; v = strtok_r(NULL, ",", &save))
		pair->values[pair->count++] = v;
}

static void add_rule(struct policer_conf *conf, char *match)
{
	struct policer_rule *rule = &conf->rules[conf->rule_count++];
	char *at = strchr(match, '@');

	*rule = (struct policer_rule){ .match = match, .line = conf->line };
	if (at) {
		*at = 0;
		rule->action = at + 1;
	}
}

int policing_make(struct policing *p, const char *kind, const char *text, struct fail *f)
{
	return policing_make_sets(p, kind, text, NULL, 0, f);
}

int policing_make_sets(struct policing *p, const char *kind, const char *text,
		       const struct policer_set *sets, size_t count, struct fail *f)
{
	struct policer_conf *conf = &p->conf;
	char *save = NULL, *value;

	*p = (struct policing){ .text = strdup(text) };
	conf->sets = sets;
	conf->set_count = count;
	conf->name = conf->kind = (char *)kind;
	conf->line = 7;
	conf->params = calloc(WORDS, sizeof(*conf->params));
	conf->rules = calloc(WORDS, sizeof(*conf->rules));
	for (char *w = strtok_r(p->text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		value = strchr(w, '=');
		if (!value) {
			conf->mode = POLICER_SHADOW;
			continue;
		}
		*value++ = 0;
		if (!strcmp(w, "rule"))
			add_rule(conf, value);
		else
			add_param(conf, w, value);
	}
	return policer_make(conf, &p->policer, f);
}

void policing_free(struct policing *p)
{
	policer_free(&p->policer);
	for (size_t i = 0; i < p->conf.param_count; i++)
		free(p->conf.params[i].values);
	free(p->conf.params);
	free(p->conf.rules);
	free(p->text);
}

int policing_load(struct chain *c, __u32 slot, const char *kind, const char *text,
		  unsigned int *lost, struct fail *f)
{
	struct policing p;
	int err = policing_make(&p, kind, text, f);

	if (!err) {
		p.policer.spec.slot = slot;
		err = stage_load(c, &p.policer.spec, lost, f);
	}
	policing_free(&p);
	return err;
}

int policing_load_sets(struct chain *c, __u32 slot, const char *kind, const char *text,
		       const struct policer_set *sets, size_t count, struct fail *f)
{
	struct policing p;
	int err = policing_make_sets(&p, kind, text, sets, count, f);

	if (!err) {
		p.policer.spec.slot = slot;
		err = stage_load(c, &p.policer.spec, NULL, f);
	}
	policing_free(&p);
	return err;
}

void policing_put(struct chain *c, __u32 slot, const char *kind, const char *text)
{
	struct fail f = { 0 };

	stage_unload(c, slot, NULL);
	if (policing_load(c, slot, kind, text, NULL, &f))
		fail_msg("%s %s: %s\n%s", kind, text, f.text, f.log);
}

static void program(const struct chain *c, __u32 slot, struct chain_program *p)
{
	struct chain_stage st;

	assert_int_equal(chain_stage(c, slot, &st), 0);
	assert_int_equal(chain_program(c, st.instance, p), 0);
}

int policing_run(const struct rig *r, __u32 slot, const void *pkt, __u32 len,
		 char reason[CHAIN_REASON_LEN])
{
	static struct chain_totals before, after;
	static struct chain_program p;
	int verdict;

	program(r->chain, slot, &p);
	assert_int_equal(chain_totals(r->chain, &before), 0);
	verdict = rig_run(r, pkt, len, NULL, 0, NULL);
	assert_int_equal(chain_totals(r->chain, &after), 0);
	reason[0] = 0;
	for (int i = 1; i < CHAIN_REASONS; i++)
		if (after.reasons[slot][i].packets != before.reasons[slot][i].packets)
			memcpy(reason, p.reasons[i], CHAIN_REASON_LEN);
	return verdict;
}

void policing_expect(const struct rig *r, __u32 slot, const void *pkt, __u32 len, int verdict,
		     const char *reason)
{
	char got[CHAIN_REASON_LEN];
	int v = policing_run(r, slot, pkt, len, got);

	assert_string_equal(got, reason);
	assert_int_equal(v, verdict);
}

void policing_refuse(struct chain *c, __u32 slot, const char *kind, const struct policing_bad *bad,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct fail f = { 0 };

		assert_true(policing_load(c, slot, kind, bad[i].words, NULL, &f) < 0);
		print_message("  %s\n", f.text);
		assert_int_equal(strncmp(f.text, bad[i].why, strlen(bad[i].why)), 0);
	}
}

__u64 policing_hits(const struct chain *c, __u32 slot, const char *name)
{
	static struct chain_totals t;
	static struct chain_program p;

	program(c, slot, &p);
	assert_int_equal(chain_totals(c, &t), 0);
	for (int i = 1; i < CHAIN_REASONS; i++)
		if (!strcmp(p.reasons[i], name))
			return t.reasons[slot][i].packets;
	fail_msg("%s: no such reason", name);
	return 0;
}
