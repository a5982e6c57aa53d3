// SPDX-License-Identifier: GPL-2.0
/* fuzz_conf - a configuration is read, or refused with one line that names its file and line. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/conf_int.h"

#define NAME "/fuzz.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct conf *conf)
{
	assert(conf->interface_count && conf->policer_count <= CHAIN_SLOT_POLICER_MAX);
	for (size_t i = 0; i < conf->policer_count; i++) {
		const struct policer_conf *p = &conf->policers[i];

		assert(p->line && strlen(p->name) < CHAIN_NAME_LEN && policer_kind(p->kind));
		assert(!p->file || *p->file == '/');
		for (size_t j = 0; j < p->param_count; j++)
			assert(p->params[j].count && p->params[j].key);
		for (size_t j = 0; j < p->rule_count; j++)
			assert(p->rules[j].line >= p->line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fail f = { 0 };
	struct yaml_file *y;
	struct conf *conf;
	int err = yaml_text(NAME, data, len, &y, &f);

	if (!err) {
		err = conf_read(y, NAME, &conf, &f);
		yaml_close(y);
		if (!err) {
			check(conf);
			conf_free(conf);
			return 0;
		}
	}
	assert(!strncmp(f.text, NAME ":", strlen(NAME ":")));
	return 0;
}
