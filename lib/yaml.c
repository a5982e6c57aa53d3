// SPDX-License-Identifier: GPL-2.0
#include "lib/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/yaml_int.h"

int yaml_fail(const struct yaml_file *y, struct fail *f, int err, unsigned int line,
	      const char *key, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail_set(f, err, "%s:%u: %s%s%s", y->path, line, key ? key : "", key ? ": " : "",
			text);
}

static int load(struct yaml_file *y, struct fail *f)
{
	yaml_parser_t parser;
	int err = yaml_check(y, f);

	if (err)
		return err;
	if (!yaml_parser_initialize(&parser))
		return fail_errno(f, ENOMEM, y->path);
	yaml_parser_set_input_string(&parser, y->text, y->size);
	y->loaded = yaml_parser_load(&parser, &y->doc);
	if (!y->loaded)
		err = yaml_fail(y, f, EINVAL, parser.problem_mark.line + 1, NULL, "%s",
				parser.problem ? parser.problem : "out of memory");
	yaml_parser_delete(&parser);
	if (err)
		return err;
	if (!yaml_root(y))
		return fail_set(f, EINVAL, "%s: it is empty", y->path);
	return yaml_check_keys(y, f);
}

int yaml_text(const char *path, const void *text, size_t size, struct yaml_file **out,
	      struct fail *f)
{
	struct yaml_file *y = calloc(1, sizeof(*y));
	int err = -ENOMEM;

	if (size > YAML_SIZE) {
		free(y);
		return fail_set(f, EFBIG, "%s: larger than %d bytes", path, YAML_SIZE);
	}
	if (y) {
		y->path = strdup(path);
		y->text = malloc(size + 1);
		y->size = size;
	}
	if (!y || !y->path || !y->text) {
		fail_errno(f, ENOMEM, path);
		goto close;
	}
	memcpy(y->text, text, size);
	err = load(y, f);
	if (err)
		goto close;
	*out = y;
	return 0;
close:
	yaml_close(y);
	return err;
}

static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, buf + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += n;
	}
	return done;
}

int yaml_open(const char *path, struct yaml_file **out, struct fail *f)
{
	int err, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return fail_set(f, errno, "%s: %s", path, strerror(errno));
	err = -EINVAL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		fail_set(f, EINVAL, "%s: not a file", path);
		goto close;
	}
	text = malloc(YAML_SIZE + 1);
	n = text ? read_all(fd, text, YAML_SIZE + 1) : -ENOMEM;
	err = n < 0 ? fail_set(f, -n, "%s: %s", path, strerror(-n))
		    : yaml_text(path, text, n, out, f);
close:
	free(text);
	close(fd);
	return err;
}

void yaml_close(struct yaml_file *y)
{
	if (!y)
		return;
	if (y->loaded)
		yaml_document_delete(&y->doc);
	free(y->text);
	free(y->path);
	free(y);
}

/* libyaml's functions take documents that are not const, and change nothing. */
static const yaml_node_t *node_at(const struct yaml_file *y, int index)
{
	return yaml_document_get_node((yaml_document_t *)&y->doc, index);
}

const struct yaml_node_s *yaml_root(const struct yaml_file *y)
{
	return yaml_document_get_root_node((yaml_document_t *)&y->doc);
}

int yaml_is_list(const struct yaml_node_s *node)
{
	return node && node->type == YAML_SEQUENCE_NODE;
}

int yaml_is_map(const struct yaml_node_s *node)
{
	return node && node->type == YAML_MAPPING_NODE;
}

unsigned int yaml_line(const struct yaml_node_s *node)
{
	return node ? node->start_mark.line + 1 : 0;
}

const char *yaml_scalar(const struct yaml_node_s *node)
{
	return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value
						      : NULL;
}

int yaml_pair(const struct yaml_file *y, const struct yaml_node_s *node, size_t i,
	      struct yaml_pair *out)
{
	const yaml_node_pair_t *p;

	if (!yaml_is_map(node) ||
	    i >= (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start))
		return -ENOENT;
	p = &node->data.mapping.pairs.start[i];
	out->key = yaml_scalar(node_at(y, p->key));
	out->value = node_at(y, p->value);
	out->line = yaml_line(node_at(y, p->key));
	return 0;
}

const struct yaml_node_s *yaml_get(const struct yaml_file *y, const struct yaml_node_s *node,
				   const char *key)
{
	struct yaml_pair p;

	for (size_t i = 0; !yaml_pair(y, node, i, &p); i++)
		if (!strcmp(p.key, key))
			return p.value;
	return NULL;
}

const struct yaml_node_s *yaml_item(const struct yaml_file *y, const struct yaml_node_s *node,
				    size_t i)
{
	if (!yaml_is_list(node) ||
	    i >= (size_t)(node->data.sequence.items.top - node->data.sequence.items.start))
		return NULL;
	return node_at(y, node->data.sequence.items.start[i]);
}
