// SPDX-License-Identifier: GPL-2.0
#include "lib/srcline.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libelf.h>

#include <linux/btf.h>

#include <bpf/btf.h>

#include "lib/compile.h"

#define INSN_BYTES 8
#define LINE_BITS  10 /* of line_col: the line is above */

/* Of .BTF.ext; Documentation/bpf/btf.rst, 3.5. Offsets are from the end of the header. */
struct ext_header {
	__u16 magic;
	__u8 version, flags;
	__u32 hdr_len, func_info_off, func_info_len, line_info_off, line_info_len;
};

struct ext_line {
	__u32 insn_off, file_name_off, line_off, line_col;
};

struct view {
	const char *pos, *end;
};

static const void *take(struct view *v, size_t n)
{
	const char *p = v->pos;

	if (n > (size_t)(v->end - v->pos))
		return NULL;
	v->pos += n;
	return p;
}

static int take_u32(struct view *v, __u32 *out)
{
	const void *p = take(v, sizeof(*out));

	if (p)
		memcpy(out, p, sizeof(*out));
	return p ? 0 : -EINVAL;
}

static int section(Elf *elf, const char *name, struct view *v)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return -EINVAL;
	while ((scn = elf_nextscn(elf, scn))) {
		const Elf64_Shdr *h = elf64_getshdr(scn);
		const char *s = h ? elf_strptr(elf, names, h->sh_name) : NULL;
		const Elf_Data *d = s && !strcmp(s, name) ? elf_getdata(scn, NULL) : NULL;

		if (!d || !d->d_buf)
			continue;
		*v = (struct view){ d->d_buf, (const char *)d->d_buf + d->d_size };
		return 0;
	}
	return -ENOENT;
}

struct object_view {
	const struct btf *btf;
	const char *source; /* text; NULL: not known */
};

/* Code that somebody wrote: what is inlined may have a number that is another file's line. */
static int is_code(const char *s)
{
	if (!strncmp(s, "* ", 2) || !strncmp(s, "/*", 2) || !strncmp(s, "//", 2))
		return 0;
	for (; *s; s++)
		if (isalnum((unsigned char)*s))
			return 1;
	return 0;
}

/* The line @n of @source; "" beyond its end. */
static void line_of(const char *source, __u32 n, char *out, size_t size)
{
	for (; n > 1 && *source; n--) {
		source += strcspn(source, "\n");
		source += *source == '\n';
	}
	snprintf(out, size, "%.*s", (int)strcspn(source, "\r\n"), source);
}

static void keep(const struct object_view *o, const struct ext_line *l, struct srcline *out)
{
	const char *text = btf__name_by_offset(o->btf, l->line_off), *p;
	const char *file = btf__name_by_offset(o->btf, l->file_name_off);
	__u32 line = l->line_col >> LINE_BITS;
	char of_source[sizeof(out->text)];

	if (file && !strncmp(file, "//", 2)) /* a relative name, compiled in / */
		file += 2;
	if (!file || !strncmp(file, COMPILE_SDK_DIR "/", strlen(COMPILE_SDK_DIR "/")))
		return;
	if (o->source) {
		line_of(o->source, line, of_source, sizeof(of_source));
		text = of_source;
	}
	for (p = text ? text : ""; isspace((unsigned char)*p);)
		p++;
	if (!line || !is_code(p))
		return;
	snprintf(out->file, sizeof(out->file), "%s", file);
	snprintf(out->text, sizeof(out->text), "%s", p);
	out->line = line;
}

/* The records of all sections: rec_size, then a section's name, number of records, records. */
static int walk(const struct object_view *o, struct view v, __u32 insn, struct srcline *out)
{
	__u32 rec_size, name, count;

	if (take_u32(&v, &rec_size) || rec_size < sizeof(struct ext_line))
		return -EINVAL;
	while (!take_u32(&v, &name) && !take_u32(&v, &count)) {
		const char *sec = btf__name_by_offset(o->btf, name);
		int skip = !sec || !strcmp(sec, ".text");

		for (__u32 i = 0; i < count; i++) {
			const void *p = take(&v, rec_size);
			struct ext_line l;

			if (!p)
				return -EINVAL;
			memcpy(&l, p, sizeof(l));
			if (!skip && l.insn_off / INSN_BYTES <= insn)
				keep(o, &l, out);
		}
	}
	return out->line ? 0 : -ENOENT;
}

static int find(Elf *elf, const char *source, __u32 insn, struct srcline *out)
{
	struct view types, ext;
	struct ext_header h;
	struct btf *btf;
	const void *p;
	int err = section(elf, ".BTF", &types);

	if (!err)
		err = section(elf, ".BTF.ext", &ext);
	if (err)
		return err;
	p = take(&ext, sizeof(h));
	if (!p)
		return -EINVAL;
	memcpy(&h, p, sizeof(h));
	ext.pos -= sizeof(h);
	if (h.magic != BTF_MAGIC || !take(&ext, h.hdr_len) || !take(&ext, h.line_info_off) ||
	    h.line_info_len > (size_t)(ext.end - ext.pos))
		return -EINVAL;
	ext.end = ext.pos + h.line_info_len;
	btf = btf__new(types.pos, types.end - types.pos);
	if (!btf)
		return -EINVAL;
	err = walk(&(struct object_view){ btf, source }, ext, insn, out);
	btf__free(btf);
	return err;
}

int srcline_find(const void *data, size_t size, const char *source, __u32 insn, struct srcline *out)
{
	struct srcline found = { .line = 0 };
	Elf *elf;
	int err;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)data, size); /* is only read */
	if (!elf)
		return -EINVAL;
	err = find(elf, source, insn, &found);
	elf_end(elf);
	if (!err)
		*out = found;
	return err;
}

/* The last line of the log that is an instruction: "14: (71) r2 = ...". */
static int last_insn(const char *log, __u32 *insn)
{
	int err = -ENOENT;

	for (const char *p = log; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		char *end;
		unsigned long n = strtoul(p, &end, 10);

		if (isdigit((unsigned char)*p) && !strncmp(end, ": (", 3)) {
			*insn = n;
			err = 0;
		}
	}
	return err;
}

void srcline_add(const void *elf, size_t size, const char *source, struct fail *f)
{
	const char *why = f ? strrchr(f->log, '\n') : NULL;
	struct srcline at;
	size_t len;
	__u32 insn;

	if (!f || last_insn(f->log, &insn) || srcline_find(elf, size, source, insn, &at))
		return;
	len = strlen(f->text);
	snprintf(f->text + len, sizeof(f->text) - len, ": %s:%u: %s: %s", at.file, at.line, at.text,
		 why ? why + 1 : f->log);
}
