// SPDX-License-Identifier: GPL-2.0
/*
 * yaml_bind - structs from a file by a schema of libcyaml. What that finds wrong it logs, as a
 * sentence of its own and the way to the place, innermost first; its line numbers are often of the
 * value before. So the way is gone once more in the tree, which knows the line, and in the schema,
 * which knows what is wanted.
 */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/yaml_int.h"

#define STEP_MAX (YAML_DEPTH + 2)
#define KEY_MAX	 64

struct step {
	char key[KEY_MAX]; /* of a mapping; "": a mapping, none of its keys, or a list */
	unsigned int item; /* of a list, from 1; 0: no list */
};

struct trace {
	char problem[256];
	struct step steps[STEP_MAX]; /* innermost first */
	size_t count;
};

static void log_line(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	struct trace *t = ctx;
	struct step step = { .item = 0 };
	char line[512];

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(line, sizeof(line), fmt, args);
	if (!strncmp(line, "Load: Backtrace", 15))
		return;
	if (!strncmp(line, "Load: ", 6)) {
		snprintf(t->problem, sizeof(t->problem), "%.*s", (int)strcspn(line + 6, "\n"),
			 line + 6);
		return;
	}
	if (t->count == STEP_MAX)
		return;
	if (sscanf(line, "  in mapping field '%63[^']'", step.key) != 1)
		sscanf(line, "  in sequence entry '%u'", &step.item);
	t->steps[t->count++] = step;
}

/* Where in the file something is wrong, and what the schema says of that place. */
struct place {
	const struct yaml_node_s *node;
	const cyaml_schema_value_t *schema;
	const char *key; /* the last on the way there; NULL: none */
	unsigned int line;
};

static const cyaml_schema_value_t *field(const cyaml_schema_value_t *map, const char *key)
{
	const cyaml_schema_field_t *f = map->type == CYAML_MAPPING ? map->mapping.fields : NULL;

	for (; f && f->key; f++)
		if (!strcmp(f->key, key))
			return &f->value;
	return NULL;
}

static unsigned int key_line(const struct yaml_file *y, const struct yaml_node_s *map,
			     const char *key)
{
	struct yaml_pair p;

	for (size_t i = 0; !yaml_pair(y, map, i, &p); i++)
		if (!strcmp(p.key, key))
			return p.line;
	return yaml_line(map);
}

static void go(const struct yaml_file *y, const struct step *step, struct place *p)
{
	if (step->key[0] && p->schema) {
		p->line = key_line(y, p->node, step->key);
		p->node = yaml_get(y, p->node, step->key);
		p->schema = field(p->schema, step->key);
		p->key = step->key;
	} else if (step->item && p->schema && p->schema->type == CYAML_SEQUENCE) {
		p->node = yaml_item(y, p->node, step->item - 1);
		p->schema = p->schema->sequence.entry;
		p->line = p->node ? yaml_line(p->node) : p->line;
	}
}

/* @stop: how many of the innermost steps to leave out */
static struct place find(const struct yaml_file *y, const cyaml_schema_value_t *schema,
			 const struct trace *t, size_t stop)
{
	struct place p = { yaml_root(y), schema, NULL, yaml_line(yaml_root(y)) };

	for (size_t i = t->count; i > stop; i--)
		go(y, &t->steps[i - 1], &p);
	return p;
}

/* "a, b, c" of a mapping's keys or of an enum's words. */
static const char *choices(const cyaml_schema_value_t *schema, char *buf, size_t size)
{
	size_t len = 0;

	*buf = 0;
	if (schema && schema->type == CYAML_MAPPING)
		for (const cyaml_schema_field_t *f = schema->mapping.fields; f->key; f++) {
			len += snprintf(buf + len, size - len, "%s%s", len ? ", " : "", f->key);
			if (len >= size)
				break;
		}
	else if (schema && schema->type == CYAML_ENUM)
		for (unsigned int i = 0; i < schema->enumeration.count && len < size; i++)
			len += snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
					schema->enumeration.strings[i].str);
	return buf;
}

static int bad_key(const struct yaml_file *y, const cyaml_schema_value_t *schema,
		   const struct trace *t, struct fail *f)
{
	static const char unexpected[] = "Unexpected key: ";
	static const char missing[] = "Missing required mapping field: ";
	/* The trace begins with the mapping that it is about, or the last key seen there. */
	struct place p = find(y, schema, t, 1);
	char words[512];
	const char *key;

	if (!strncmp(t->problem, missing, strlen(missing)))
		return yaml_fail(y, f, EINVAL, p.line, t->problem + strlen(missing),
				 "is missing here");
	key = t->problem + strlen(unexpected);
	if (strncmp(t->problem, unexpected, strlen(unexpected)))
		return yaml_fail(y, f, EINVAL, p.line, p.key, "%s", t->problem);
	return yaml_fail(y, f, EINVAL, key_line(y, p.node, key), key,
			 "no such key here, there are %s", choices(p.schema, words, sizeof(words)));
}

static int bad_text(const struct yaml_file *y, const struct place *p, cyaml_err_t why,
		    struct fail *f)
{
	if (why == CYAML_ERR_STRING_LENGTH_MIN)
		return yaml_fail(y, f, EINVAL, p->line, p->key, "nothing is written there");
	if (why == CYAML_ERR_STRING_LENGTH_MAX)
		return yaml_fail(y, f, EINVAL, p->line, p->key, "%.40s...: longer than %u bytes",
				 yaml_scalar(p->node), p->schema->string.max);
	return yaml_fail(y, f, EINVAL, p->line, p->key, "text is wanted");
}

static int bad_value(const struct yaml_file *y, const struct place *p, cyaml_err_t why,
		     struct fail *f)
{
	const char *text = yaml_scalar(p->node);
	char words[512];

	if (!text)
		text = yaml_is_list(p->node) ? "a list" : "a mapping";
	switch (p->schema->type) {
	case CYAML_STRING:
		return bad_text(y, p, why, f);
	case CYAML_ENUM:
		return yaml_fail(y, f, EINVAL, p->line, p->key, "%.40s: wanted is one of %s", text,
				 choices(p->schema, words, sizeof(words)));
	case CYAML_INT:
	case CYAML_UINT:
		return yaml_fail(y, f, EINVAL, p->line, p->key, "%.40s: a number is wanted", text);
	case CYAML_SEQUENCE:
		return yaml_fail(y, f, EINVAL, p->line, p->key, "a list is wanted");
	case CYAML_MAPPING:
		return yaml_fail(y, f, EINVAL, p->line, p->key, "keys and values are wanted");
	default:
		return yaml_fail(y, f, EINVAL, p->line, p->key, "%s", cyaml_strerror(why));
	}
}

static int explain(const struct yaml_file *y, const cyaml_schema_value_t *schema,
		   const struct trace *t, cyaml_err_t why, struct fail *f)
{
	struct place p = find(y, schema, t, 0);

	if (why == CYAML_ERR_OOM)
		return fail_errno(f, ENOMEM, y->path);
	if (why == CYAML_ERR_INVALID_KEY || why == CYAML_ERR_MAPPING_FIELD_MISSING)
		return bad_key(y, schema, t, f);
	if (p.schema)
		return bad_value(y, &p, why, f);
	return yaml_fail(y, f, EINVAL, p.line, p.key, "%s",
			 t->problem[0] ? t->problem : cyaml_strerror(why));
}

static const cyaml_config_t *config(cyaml_config_t *c, struct trace *t)
{
	*c = (cyaml_config_t){
		.log_fn = log_line,
		.log_ctx = t,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	return c;
}

int yaml_bind(const struct yaml_file *y, const struct cyaml_schema_value *schema, void **out,
	      struct fail *f)
{
	struct trace t = { .count = 0 };
	cyaml_config_t c;
	void *data = NULL;
	cyaml_err_t why = cyaml_load_data(y->text, y->size, config(&c, &t), schema, &data, NULL);

	if (why != CYAML_OK)
		return explain(y, schema, &t, why, f);
	if (!data)
		return fail_set(f, EINVAL, "%s: it is empty", y->path);
	*out = data;
	return 0;
}

void yaml_unbind(const struct cyaml_schema_value *schema, void *data)
{
	struct trace t = { .count = 0 };
	cyaml_config_t c;

	if (data)
		cyaml_free(config(&c, &t), schema, data, 0);
}
