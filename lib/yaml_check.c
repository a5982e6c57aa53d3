// SPDX-License-Identifier: GPL-2.0
/* yaml_check - what a configuration may not do, before anything is made of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/yaml_int.h"

struct seen {
	unsigned int depth, documents;
};

static int check_event(const struct yaml_file *y, const yaml_event_t *e, struct seen *seen,
		       struct fail *f)
{
	unsigned int line = e->start_mark.line + 1;

	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return yaml_fail(y, f, EINVAL, line, NULL,
				 "an alias (*%s): write out what it stands for",
				 e->data.alias.anchor);
	case YAML_DOCUMENT_START_EVENT:
		if (seen->documents++)
			return yaml_fail(y, f, EINVAL, line, NULL,
					 "a second document: one is wanted");
		return 0;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (++seen->depth > YAML_DEPTH)
			return yaml_fail(y, f, EINVAL, line, NULL,
					 "lists and mappings nested more than %d deep", YAML_DEPTH);
		return 0;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		seen->depth--;
		return 0;
	default:
		return 0;
	}
}

static int bad_syntax(const struct yaml_file *y, const yaml_parser_t *parser, struct fail *f)
{
	unsigned int line = parser->problem_mark.line + 1;

	if (parser->error == YAML_READER_ERROR) { /* it knows the offset alone */
		line = 1;
		for (size_t i = 0; i < parser->problem_offset && i < y->size; i++)
			line += y->text[i] == '\n';
	}
	return yaml_fail(y, f, EINVAL, line, NULL, "%s",
			 parser->problem ? parser->problem : "out of memory");
}

int yaml_check(const struct yaml_file *y, struct fail *f)
{
	struct seen seen = { 0 };
	yaml_parser_t parser;
	yaml_event_t e;
	int err = 0, end = 0;

	if (!yaml_parser_initialize(&parser))
		return fail_errno(f, ENOMEM, y->path);
	yaml_parser_set_input_string(&parser, y->text, y->size);
	while (!err && !end) {
		if (!yaml_parser_parse(&parser, &e)) {
			err = bad_syntax(y, &parser, f);
			break;
		}
		err = check_event(y, &e, &seen, f);
		end = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
	return err;
}

static int key_cmp(const void *a, const void *b)
{
	const struct yaml_pair *p = a, *q = b;
	int order = strcmp(p->key, q->key);

	return order ? order : (p->line > q->line) - (p->line < q->line);
}

/* Sorted, so that a mapping of a megabyte does not take a minute. */
static int check_map(const struct yaml_file *y, const yaml_node_t *map, struct fail *f)
{
	size_t n = map->data.mapping.pairs.top - map->data.mapping.pairs.start;
	struct yaml_pair *pairs = calloc(n + 1, sizeof(*pairs));
	int err = 0;

	if (!pairs)
		return fail_errno(f, ENOMEM, y->path);
	for (size_t i = 0; !err && i < n; i++) {
		yaml_pair(y, map, i, &pairs[i]);
		if (!pairs[i].key)
			err = yaml_fail(y, f, EINVAL, pairs[i].line, NULL,
					"a list or a mapping where a key is wanted");
	}
	if (!err)
		qsort(pairs, n, sizeof(*pairs), key_cmp);
	for (size_t i = 1; !err && i < n; i++)
		if (!strcmp(pairs[i].key, pairs[i - 1].key))
			err = yaml_fail(y, f, EINVAL, pairs[i].line, pairs[i].key,
					"is there already, in line %u", pairs[i - 1].line);
	free(pairs);
	return err;
}

int yaml_check_keys(struct yaml_file *y, struct fail *f)
{
	int err = 0;

	for (yaml_node_t *n = y->doc.nodes.start; !err && n < y->doc.nodes.top; n++) {
		if (n->type == YAML_MAPPING_NODE)
			err = check_map(y, n, f);
		else if (n->type == YAML_SCALAR_NODE &&
			 strlen((char *)n->data.scalar.value) != n->data.scalar.length)
			err = yaml_fail(y, f, EINVAL, yaml_line(n), NULL, "a NUL in the text");
	}
	return err;
}
