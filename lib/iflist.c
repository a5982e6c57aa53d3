// SPDX-License-Identifier: GPL-2.0
#include "lib/iflist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "interfaces"

/* Of enum chain_mode. */
static const char *const modes[] = { "auto", "native", "generic", NULL };

static int set_name(const struct yaml_file *y, unsigned int line, const char *text,
		    struct iflist_entry *e, struct fail *f)
{
	if (!text || !*text)
		return yaml_fail(y, f, EINVAL, line, KEY,
				 "a name is wanted, or {name: NAME, mode: native}");
	if (strlen(text) >= IF_NAMESIZE || strpbrk(text, "/: \t\n"))
		return yaml_fail(y, f, EINVAL, line, KEY, "%.40s: no interface can be called so",
				 text);
	snprintf(e->name, sizeof(e->name), "%s", text);
	return 0;
}

int iflist_name(const struct mapping_at *at)
{
	return set_name(at->y, at->pair.line, yaml_scalar(at->pair.value), at->out, at->f);
}

int iflist_mode(const struct mapping_at *at)
{
	struct iflist_entry *e = at->out;
	int mode, err = mapping_choice(at, modes, &mode);

	if (!err)
		e->mode = mode;
	return err;
}

/* One more entry, at @all + @count of them. */
static int read_one(const struct yaml_file *y, const struct yaml_node_s *node,
		    const struct iflist_kind *kind, char *all, size_t count, struct fail *f)
{
	struct iflist_entry *e = (void *)(all + count * kind->size);
	int err = 0;

	if (kind->begin)
		kind->begin(e);
	e->line = yaml_line(node);
	if (yaml_is_map(node))
		err = mapping_read(y, node, KEY, kind->keys, e, f);
	if (!err && (!yaml_is_map(node) || !*e->name))
		err = set_name(y, e->line, yaml_scalar(node), e, f);
	for (size_t i = 0; !err && i < count; i++) {
		const struct iflist_entry *other = (void *)(all + i * kind->size);

		if (!strcmp(other->name, e->name))
			err = yaml_fail(y, f, EINVAL, e->line, KEY,
					"%s: is there already, in line %u", e->name, other->line);
	}
	return err;
}

int iflist_read(const struct yaml_file *y, const struct iflist_kind *kind, void **out,
		size_t *count, struct fail *f)
{
	const struct yaml_node_s *list = yaml_get(y, yaml_root(y), KEY);
	size_t n = 0;
	char *all;
	int err = 0;

	while (yaml_item(y, list, n))
		n++;
	if (!n)
		return yaml_fail(y, f, EINVAL, yaml_line(list), KEY,
				 "a list is wanted, with one name or more: [eth0]");
	all = calloc(n, kind->size);
	if (!all)
		return fail_errno(f, ENOMEM, KEY);
	for (size_t i = 0; !err && i < n; i++)
		err = read_one(y, yaml_item(y, list, i), kind, all, i, f);
	if (err) {
		free(all);
		return err;
	}
	*out = all;
	*count = n;
	return 0;
}
