// SPDX-License-Identifier: GPL-2.0
/* trail_comment - the grammar of docs/TRAIL.md, written and read. */
#include <errno.h>

#include "lib/trail_impl.h"
#include "xdpchain/chain.h"

#define MAGIC "xdpchain/"
#define FIRST "1 " /* the first version: read, and no longer written */
#define NOW   "2 "

/* What makes a word stand in quotes. */
static const bool special[128] = { [' '] = 1, ['"'] = 1, ['\\'] = 1, [';'] = 1 };

static void put_number(struct textbuf *b, const char *key, __u32 number, const char *name)
{
	if (!number)
		return;
	textbuf_str(b, key);
	textbuf_u64(b, number);
	if (!*name)
		return;
	textbuf_char(b, '/');
	textbuf_word(b, name, special);
}

size_t trail_say_comment(const struct trail_step *s, char *buf)
{
	struct textbuf b = textbuf_at(buf, TRAIL_WORDS);
	char scratch[TRAIL_VERDICT];
	struct trail_words verdict = trail_verdict(s->verdict, false, scratch);

	textbuf_u64(&b, s->slot);
	if (*s->stage) {
		textbuf_char(&b, ':');
		textbuf_word(&b, s->stage, special);
	}
	if (s->verdict == CHAIN_NEXT && !s->shadow && !s->reason && !s->rule)
		return textbuf_done(&b); /* handed on, and no word: most stages of most packets */
	textbuf_str(&b, s->shadow ? " would-" : " ");
	textbuf_mem(&b, verdict.text, verdict.len);
	put_number(&b, " reason=", s->reason, s->reason_name);
	put_number(&b, " rule=", s->rule, s->rule_text);
	return textbuf_done(&b);
}

size_t trail_write_comment(const struct trail_source *src, char *buf, size_t size)
{
	struct textbuf b = textbuf_at(buf, size);
	char scratch[TRAIL_WORDS];
	struct trail_words w = trail_verdict(src->verdict, false, scratch);

	textbuf_str(&b, MAGIC NOW);
	textbuf_mem(&b, w.text, w.len);
	if (src->point == EVENT_ENTRY)
		textbuf_str(&b, " entry");
	for (unsigned int i = 0; i < src->steps; i++) {
		w = src->words(src, i, TRAIL_COMMENT, scratch);
		textbuf_str(&b, "; ");
		textbuf_mem(&b, w.text, w.len);
		if (!src->times)
			continue;
		textbuf_char(&b, ' ');
		textbuf_u64(&b, src->step[i].ns);
		textbuf_str(&b, "ns");
	}
	return textbuf_done(&b);
}

struct cur {
	const char *pos, *end;
	bool first; /* the text is of the first version */
};

/* Step over @literal if it is next. */
static bool eat(struct cur *c, const char *literal)
{
	size_t n = strlen(literal);

	if ((size_t)(c->end - c->pos) < n || memcmp(c->pos, literal, n))
		return false;
	c->pos += n;
	return true;
}

/* A decimal number up to @max, without needless zeros. */
static bool number(struct cur *c, __u64 max, __u64 *v)
{
	const char *from = c->pos;

	*v = 0;
	for (; c->pos < c->end && *c->pos >= '0' && *c->pos <= '9'; c->pos++) {
		*v = *v * 10 + (*c->pos - '0');
		if (*v > max)
			return false;
	}
	return c->pos > from && (*from != '0' || c->pos == from + 1);
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a quoted word, behind its backslash if it has one; 0 if it is none. */
static unsigned char unquote(struct cur *c)
{
	int hi, lo;

	if (*c->pos < ' ' || *c->pos > '~')
		return 0;
	if (*c->pos++ != '\\')
		return c->pos[-1];
	if (c->pos == c->end)
		return 0;
	if (*c->pos == '"' || *c->pos == '\\')
		return *c->pos++;
	if (c->end - c->pos < 3 || *c->pos != 'x')
		return 0;
	hi = hex_digit(c->pos[1]);
	lo = hex_digit(c->pos[2]);
	c->pos += 3;
	return hi < 0 || lo < 0 ? 0 : hi << 4 | lo;
}

static bool quoted(struct cur *c, char *word, size_t size)
{
	size_t n = 0;

	while (c->pos < c->end && *c->pos != '"') {
		unsigned char byte = unquote(c);

		if (!byte || n + 1 >= size)
			return false;
		word[n++] = byte;
	}
	word[n] = 0;
	return n && eat(c, "\"");
}

/* A word of 1 to @size - 1 bytes, quoted or not. */
static bool word(struct cur *c, char *out, size_t size)
{
	size_t n = 0;

	if (eat(c, "\""))
		return quoted(c, out, size);
	for (; c->pos < c->end && *c->pos != ' ' && *c->pos != ';'; c->pos++) {
		if (*c->pos < '!' || *c->pos > '~' || special[(unsigned char)*c->pos] ||
		    n + 1 >= size)
			return false;
		out[n++] = *c->pos;
	}
	out[n] = 0;
	return n;
}

static bool verdict_of(struct cur *c, unsigned int max, __u8 *out)
{
	struct cur at;
	char name[16];
	__u64 v;
	int known;

	if (!word(c, name, sizeof(name)))
		return false;
	at = (struct cur){ .pos = name, .end = name + strlen(name) };
	if (eat(&at, "verdict")) {
		*out = number(&at, max, &v) ? v : 0;
		return at.pos == at.end && !trail_verdict_name(*out);
	}
	known = trail_verdict_find(name, strlen(name));
	*out = known;
	return known >= 0 && !strcmp(name, trail_verdict_name(known));
}

/* The name of the stage; in the first version with the group that its slot gives it. */
static bool stage(struct cur *c, unsigned int slot, char name[TRAIL_NAME])
{
	const char *group = slot == CHAIN_SLOT_DUMP ? "xdpdump/" : trail_group(slot);
	char label[TRAIL_LABEL];
	size_t n;

	if (!c->first)
		return word(c, name, TRAIL_NAME);
	if (!word(c, label, sizeof(label)))
		return false;
	if (slot == CHAIN_SLOT_LB && !strcmp(label, "lb")) {
		strcpy(name, "lb");
		return true;
	}
	n = strlen(group);
	if (strncmp(label, group, n) || !label[n] || strlen(label + n) >= TRAIL_NAME)
		return false;
	strcpy(name, label + n);
	return true;
}

/* [KEY number ["/" word]]: @v stays 0 if @key is not next. */
static bool numbered(struct cur *c, const char *key, __u64 max, __u64 *v, char name[TRAIL_NAME])
{
	*name = 0;
	*v = 0;
	if (!eat(c, key))
		return true;
	if (!number(c, max, v) || !*v)
		return false;
	return !eat(c, "/") || word(c, name, TRAIL_NAME);
}

/* Whether a time follows must be the same in all steps. */
static bool time_ns(struct cur *c, struct trail *t, struct trail_step *s)
{
	bool there = c->pos < c->end && *c->pos == ' ';
	__u64 v = 0;

	if (!t->steps)
		t->times = there;
	if (t->times != there ||
	    (there && !(eat(c, " ") && number(c, UINT32_MAX, &v) && eat(c, "ns"))))
		return false;
	s->ns = v;
	return true;
}

/* Does the step say more than its time? In the first version each has to. */
static bool says(const struct cur *c)
{
	bool time = c->end - c->pos > 1 && c->pos[1] >= '0' && c->pos[1] <= '9';

	return c->first || (c->pos < c->end && *c->pos == ' ' && !time);
}

/* " DROP reason=1/prefix rule=7" */
static bool said(struct cur *c, struct trail_step *s)
{
	__u64 v;

	if (!eat(c, " "))
		return false;
	s->shadow = eat(c, "would-");
	if (!verdict_of(c, EVENT_SHADOW - 1, &s->verdict))
		return false;
	if (!numbered(c, " reason=", UINT16_MAX, &v, s->reason_name))
		return false;
	s->reason = v;
	if (!numbered(c, " rule=", UINT32_MAX, &v, s->rule_text))
		return false;
	s->rule = v;
	return true;
}

static void said_nothing(struct trail_step *s)
{
	s->verdict = CHAIN_NEXT;
	s->shadow = false;
	s->reason = 0;
	s->rule = 0;
	*s->reason_name = *s->rule_text = 0;
}

static bool step(struct cur *c, struct trail *t)
{
	struct trail_step *s = &t->step[t->steps];
	__u64 v;

	if (t->steps == EVENT_STEPS || !number(c, CHAIN_SLOTS - 1, &v))
		return false;
	s->slot = v;
	*s->stage = 0;
	if (eat(c, ":") && !stage(c, s->slot, s->stage))
		return false;
	if (!says(c))
		said_nothing(s);
	else if (!said(c, s))
		return false;
	if (!time_ns(c, t, s))
		return false;
	t->steps++;
	return true;
}

int trail_parse(const char *text, size_t len, struct trail *t)
{
	struct cur c = { .pos = text, .end = text + len };
	struct trail made; /* 3 KiB: only as much as is used is ever touched */

	if (!eat(&c, MAGIC))
		return -ENOENT;
	c.first = eat(&c, FIRST);
	if (!c.first && !eat(&c, NOW))
		return -EPROTONOSUPPORT;
	if (!verdict_of(&c, UINT8_MAX, &made.verdict))
		return -EBADMSG;
	made.point = eat(&c, " entry") ? EVENT_ENTRY : EVENT_EXIT;
	made.steps = 0;
	made.times = false;
	while (eat(&c, "; "))
		if (!step(&c, &made))
			return -EBADMSG;
	if (c.pos != c.end)
		return -EBADMSG;
	memcpy(t, &made, offsetof(struct trail, step[made.steps]));
	return 0;
}
