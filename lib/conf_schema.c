// SPDX-License-Identifier: GPL-2.0
/* conf_schema - droplet.yaml(5) as libcyaml reads it. What is ignored here conf*.c reads. */
#include <cyaml/cyaml.h>

#include "lib/conf_int.h"
#include "lib/util.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_strval_t modes[] = {
	{ "enforce", POLICER_ENFORCE },
	{ "shadow", POLICER_SHADOW },
};

static const cyaml_strval_t flags[] = {
	{ "true", 1 },
	{ "false", 0 },
};

static const cyaml_schema_field_t rule_fields[] = {
	CYAML_FIELD_UINT("id", OPTIONAL, struct policer_rule, id),
	CYAML_FIELD_STRING_PTR("match", OPTIONAL, struct policer_rule, match, 1, 65536),
	CYAML_FIELD_STRING_PTR("action", OPTIONAL, struct policer_rule, action, 1, 128),
	CYAML_FIELD_STRING_PTR("note", OPTIONAL, struct policer_rule, note, 0,
			       sizeof(((struct chain_rule *)0)->note) - 1),
	CYAML_FIELD_STRING_PTR("expires", OPTIONAL, struct policer_rule, expires, 1, 64),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t rule = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct policer_rule, rule_fields),
};

static const cyaml_schema_field_t policer_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_DEFAULT, struct policer_conf, name, 1,
			       CHAIN_NAME_LEN - 1),
	CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_DEFAULT, struct policer_conf, kind, 1, 64),
	CYAML_FIELD_ENUM("mode", OPTIONAL | CYAML_FLAG_STRICT, struct policer_conf, mode, modes,
			 ARRAY_SIZE(modes)),
	CYAML_FIELD_ENUM("disabled", OPTIONAL | CYAML_FLAG_STRICT, struct policer_conf, disabled,
			 flags, ARRAY_SIZE(flags)),
	CYAML_FIELD_STRING_PTR("file", OPTIONAL, struct policer_conf, file, 1, 4095),
	CYAML_FIELD_IGNORE("params", OPTIONAL),
	CYAML_FIELD_IGNORE("maps", OPTIONAL),
	CYAML_FIELD_SEQUENCE_COUNT("rules", OPTIONAL | CYAML_FLAG_POINTER, struct policer_conf,
				   rules, rule_count, &rule, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t policer = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct policer_conf, policer_fields),
};

static const cyaml_schema_field_t control_fields[] = {
	CYAML_FIELD_STRING_PTR("socket", OPTIONAL, struct conf_control, socket, 1, 4095),
	CYAML_FIELD_STRING_PTR("group", OPTIONAL, struct conf_control, group, 1, 255),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t metrics_fields[] = {
	CYAML_FIELD_STRING_PTR("listen", OPTIONAL, struct conf_metrics, listen, 1, 255),
	CYAML_FIELD_STRING_PTR("textfile", OPTIONAL, struct conf_metrics, textfile, 1, 4095),
	CYAML_FIELD_IGNORE("every", OPTIONAL),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t conf_fields[] = {
	CYAML_FIELD_IGNORE("interfaces", CYAML_FLAG_DEFAULT),
	CYAML_FIELD_SEQUENCE_COUNT("policers", OPTIONAL | CYAML_FLAG_POINTER, struct conf, policers,
				   policer_count, &policer, 0, CYAML_UNLIMITED),
	CYAML_FIELD_IGNORE("sets", OPTIONAL),
	CYAML_FIELD_MAPPING("control", OPTIONAL, struct conf, control, control_fields),
	CYAML_FIELD_MAPPING("metrics", OPTIONAL, struct conf, metrics, metrics_fields),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t conf_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct conf, conf_fields),
};
