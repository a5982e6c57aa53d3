// SPDX-License-Identifier: GPL-2.0
/* fuzz_lbconf - the balancer's configuration is read, or refused with one line that names the
 * place. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/lbconf_int.h"

#define NAME "/fuzz.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct lbconf *conf)
{
	assert(conf->interface_count && conf->socket[0] == '/');
	for (size_t i = 0; i < conf->vip_count; i++) {
		const struct lbconf_vip *v = &conf->vips[i];

		assert(v->line && (v->service.proto == PKT_TCP || v->service.proto == PKT_UDP));
		for (size_t j = 0; j < v->real_count; j++) {
			assert(v->reals[j].line >= v->line);
			assert(v->reals[j].weight <= LB_WEIGHT_MAX);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fail f = { 0 };
	struct yaml_file *y;
	struct lbconf *conf;
	int err = yaml_text(NAME, data, len, &y, &f);

	if (!err) {
		err = lbconf_read(y, NAME, &conf, &f);
		yaml_close(y);
		if (!err) {
			check(conf);
			lbconf_free(conf);
			return 0;
		}
	}
	assert(!strncmp(f.text, NAME ":", strlen(NAME ":")));
	return 0;
}
