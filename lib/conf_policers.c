// SPDX-License-Identifier: GPL-2.0
/* conf_policers - what only the tree knows of the policers, and what the schema cannot refuse. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conf_int.h"

#define SLOTS CHAIN_SLOT_POLICER_MAX /* they begin at 1 */

static void free_pairs(struct policer_pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t v = 0; v < pairs[i].count; v++)
			free(pairs[i].values[v]);
		free(pairs[i].values);
		free(pairs[i].key);
	}
	free(pairs);
}

void conf_policers_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->policer_count; i++) {
		struct policer_conf *p = &conf->policers[i];

		free_pairs(p->params, p->param_count);
		free_pairs(p->maps, p->map_count);
		p->params = p->maps = NULL;
	}
}

static int add_value(struct policer_pair *pair, const char *text)
{
	char **values = realloc(pair->values, (pair->count + 1) * sizeof(*values));

	if (!values)
		return -ENOMEM;
	pair->values = values;
	values[pair->count] = strdup(text);
	if (!values[pair->count])
		return -ENOMEM;
	pair->count++;
	return 0;
}

/* `key: value` or `key: [value, value]` */
static int read_pair(const struct yaml_file *y, const struct yaml_pair *from,
		     struct policer_pair *pair, struct fail *f)
{
	const struct yaml_node_s *item = from->value;

	pair->line = from->line;
	pair->key = strdup(from->key);
	if (!pair->key)
		return fail_errno(f, ENOMEM, from->key);
	if (yaml_is_list(item) && !yaml_item(y, item, 0))
		return yaml_fail(y, f, EINVAL, from->line, from->key, "an empty list");
	for (size_t i = 0; item; i++) {
		const struct yaml_node_s *node = yaml_is_list(from->value) ? yaml_item(y, item, i)
						 : i			   ? NULL
									   : item;

		if (!node)
			break;
		if (!yaml_scalar(node) || !*yaml_scalar(node))
			return yaml_fail(y, f, EINVAL, from->line, from->key,
					 "a value or a list of values is wanted");
		if (add_value(pair, yaml_scalar(node)))
			return fail_errno(f, ENOMEM, from->key);
	}
	return 0;
}

static int read_pairs(const struct yaml_file *y, const struct yaml_node_s *policer, const char *key,
		      struct policer_pair **out, size_t *count, struct fail *f)
{
	const struct yaml_node_s *map = yaml_get(y, policer, key);
	struct yaml_pair p;
	size_t n = 0;
	int err = 0;

	if (map && !yaml_is_map(map))
		return yaml_fail(y, f, EINVAL, yaml_line(map), key, "keys and values are wanted");
	while (!yaml_pair(y, map, n, &p))
		n++;
	*out = calloc(n + 1, sizeof(**out));
	if (!*out)
		return fail_errno(f, ENOMEM, key);
	for (size_t i = 0; !err && !yaml_pair(y, map, i, &p); i++)
		err = read_pair(y, &p, &(*out)[(*count)++], f);
	return err;
}

/* The parameter `files`, of whatever kind. */
static int resolve_values(struct conf *conf, struct policer_pair *pair)
{
	for (size_t i = 0; i < pair->count; i++) {
		char *path = conf_path(conf, pair->values[i]);

		if (!path)
			return -ENOMEM;
		free(pair->values[i]);
		pair->values[i] = path;
	}
	return 0;
}

/* Names of files are from the configuration's folder, whoever reads them and from where. */
static int resolve_files(const struct yaml_file *y, struct conf *conf, struct policer_conf *p,
			 struct fail *f)
{
	char *path;

	for (size_t i = 0; i < p->map_count; i++) {
		struct policer_pair *map = &p->maps[i];

		if (map->count != 1)
			return yaml_fail(y, f, EINVAL, map->line, map->key,
					 "one file is wanted, not a list");
		path = conf_path(conf, map->values[0]);
		if (!path)
			return fail_errno(f, ENOMEM, conf->path);
		free(map->values[0]);
		map->values[0] = path;
	}
	for (size_t i = 0; i < p->param_count; i++)
		if (!strcmp(p->params[i].key, "files") && resolve_values(conf, &p->params[i]))
			return fail_errno(f, ENOMEM, conf->path);
	if (!p->file)
		return 0;
	path = conf_path(conf, p->file);
	if (!path)
		return fail_errno(f, ENOMEM, conf->path);
	free(p->file);
	p->file = path;
	return 0;
}

static int id_cmp(const void *a, const void *b)
{
	const struct policer_rule *p = *(const struct policer_rule *const *)a;
	const struct policer_rule *q = *(const struct policer_rule *const *)b;

	if (p->id != q->id)
		return p->id < q->id ? -1 : 1;
	return (p->line > q->line) - (p->line < q->line);
}

static int check_ids(const struct yaml_file *y, const struct policer_conf *p, struct fail *f)
{
	const struct policer_rule **rules = calloc(p->rule_count + 1, sizeof(*rules));
	int err = 0;

	if (!rules)
		return fail_errno(f, ENOMEM, p->name);
	for (size_t i = 0; i < p->rule_count; i++)
		rules[i] = &p->rules[i];
	qsort(rules, p->rule_count, sizeof(*rules), id_cmp);
	for (size_t i = 1; !err && i < p->rule_count; i++)
		if (rules[i]->id && rules[i]->id == rules[i - 1]->id)
			err = yaml_fail(y, f, EINVAL, rules[i]->line, p->name,
					"id: %u: is there already, in line %u", rules[i]->id,
					rules[i - 1]->line);
	free(rules);
	return err;
}

static int read_rules(const struct yaml_file *y, const struct yaml_node_s *policer,
		      struct policer_conf *p, struct fail *f)
{
	const struct yaml_node_s *list = yaml_get(y, policer, "rules");

	for (size_t i = 0; i < p->rule_count; i++) {
		const struct yaml_node_s *rule = yaml_item(y, list, i);

		p->rules[i].line = yaml_line(rule);
		if (!p->rules[i].id && yaml_get(y, rule, "id"))
			return yaml_fail(y, f, EINVAL, p->rules[i].line, p->name,
					 "id: 0: a number from 1 on is wanted");
	}
	return check_ids(y, p, f);
}

static const char *kinds(char *buf, size_t size)
{
	size_t len = 0;

	*buf = 0;
	for (size_t i = 0; policer_kinds[i] && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
				policer_kinds[i]->name);
	return buf;
}

static int check(const struct yaml_file *y, const struct conf *conf, size_t at, struct fail *f)
{
	const struct policer_conf *p = &conf->policers[at];
	char words[512];

	if (p->name[strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		return yaml_fail(y, f, EINVAL, p->line, "name",
				 "%s: a name has a to z, 0 to 9, _ and -", p->name);
	for (size_t i = 0; i < at; i++)
		if (!strcmp(conf->policers[i].name, p->name))
			return yaml_fail(y, f, EINVAL, p->line, "name",
					 "%s: is there already, in line %u", p->name,
					 conf->policers[i].line);
	if (!policer_kind(p->kind))
		return yaml_fail(y, f, EINVAL, p->line, p->name,
				 "kind: %s: no such kind, there are %s", p->kind,
				 kinds(words, sizeof(words)));
	return 0;
}

static int read_policer(const struct yaml_file *y, const struct yaml_node_s *node,
			struct conf *conf, struct policer_conf *p, struct fail *f)
{
	int err = read_pairs(y, node, "params", &p->params, &p->param_count, f);

	if (!err)
		err = read_pairs(y, node, "maps", &p->maps, &p->map_count, f);
	if (!err)
		err = resolve_files(y, conf, p, f);
	return err ? err : read_rules(y, node, p, f);
}

int conf_policers(const struct yaml_file *y, struct conf *conf, struct fail *f)
{
	const struct yaml_node_s *list = yaml_get(y, yaml_root(y), "policers");
	int err = 0;

	if (conf->policer_count > SLOTS)
		return yaml_fail(y, f, EINVAL, yaml_line(yaml_item(y, list, SLOTS)), "policers",
				 "%zu of them, a chain has room for %d: put rules together, or "
				 "remove some",
				 conf->policer_count, SLOTS);
	for (size_t i = 0; !err && i < conf->policer_count; i++) {
		struct policer_conf *p = &conf->policers[i];
		const struct yaml_node_s *node = yaml_item(y, list, i);

		p->line = yaml_line(node);
		p->sets = conf->sets;
		p->set_count = conf->set_count;
		err = check(y, conf, i, f);
		if (!err)
			err = read_policer(y, node, conf, p, f);
	}
	return err;
}
