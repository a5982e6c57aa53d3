// SPDX-License-Identifier: GPL-2.0
/* trail_text - a trail at the end of a line, and what all forms are put together by. */
#include "lib/trail_impl.h"
#include "xdpchain/chain.h"

/* These end a name in a text, or the text of a rule: one that has them stands in quotes. */
static const bool name_special[128] = {
	[' '] = 1, ['"'] = 1, ['\\'] = 1, [';'] = 1, [':'] = 1,
	[','] = 1, ['|'] = 1, ['('] = 1,  [')'] = 1, ['='] = 1,
};
static const bool text_special[128] = { ['"'] = 1, ['\\'] = 1, ['('] = 1, [')'] = 1, ['|'] = 1 };

/* "droplet/blocklist: prefix rule 7 (203.0.113.0/24)" */
static size_t say_text(const struct trail_step *s, char *buf)
{
	struct textbuf b = textbuf_at(buf, TRAIL_WORDS);
	char label[TRAIL_LABEL];

	trail_label(s, label);
	textbuf_word(&b, label, name_special);
	if (s->reason || s->rule)
		textbuf_char(&b, ':');
	if (*s->reason_name) {
		textbuf_char(&b, ' ');
		textbuf_word(&b, s->reason_name, name_special);
	} else if (s->reason) {
		textbuf_str(&b, " reason ");
		textbuf_u64(&b, s->reason);
	}
	if (s->rule) {
		textbuf_str(&b, " rule ");
		textbuf_u64(&b, s->rule);
	}
	if (*s->rule_text) {
		textbuf_str(&b, " (");
		textbuf_word(&b, s->rule_text, text_special);
		textbuf_char(&b, ')');
	}
	return textbuf_done(&b);
}

size_t trail_say(const struct trail_step *s, enum trail_form form, char *buf)
{
	return form == TRAIL_COMMENT ? trail_say_comment(s, buf) : say_text(s, buf);
}

static int decider(const struct event_step *s, int n)
{
	while (n-- > 0)
		if (s[n].verdict != CHAIN_NEXT && !(s[n].verdict & EVENT_SHADOW))
			return n;
	return -1;
}

static bool shown(const struct event_step *s, enum trail_form form)
{
	return form == TRAIL_TEXT_ALL || s->reason || s->verdict & EVENT_SHADOW;
}

/* The verdict of a step that decided, or of the packet, is in upper case; others whisper. */
static inline void out_verdict(struct textbuf *b, unsigned int verdict, bool lower)
{
	char scratch[TRAIL_VERDICT];
	struct trail_words w = trail_verdict(verdict, lower, scratch);

	textbuf_mem(b, w.text, w.len);
}

static inline void out_step(struct textbuf *b, const struct trail_source *src, unsigned int i,
			    enum trail_form form)
{
	char scratch[TRAIL_WORDS];
	struct trail_words w = src->words(src, i, form, scratch);

	textbuf_char(b, ' ');
	textbuf_mem(b, w.text, w.len);
	if (!src->times)
		return;
	textbuf_str(b, ", ");
	textbuf_u64(b, src->step[i].ns);
	textbuf_str(b, " ns");
}

static size_t write_text(const struct trail_source *src, enum trail_form form, char *buf,
			 size_t size)
{
	struct textbuf b = textbuf_at(buf, size);
	int decided = decider(src->step, src->steps);

	textbuf_str(&b, " | ");
	out_verdict(&b, src->verdict, false);
	if (decided >= 0)
		out_step(&b, src, decided, form);
	else if (src->verdict == CHAIN_PASS)
		textbuf_str(&b, " end of chain");
	for (int i = 0; i < src->steps; i++) {
		__u8 verdict = src->step[i].verdict;

		if (i == decided || !shown(&src->step[i], form))
			continue;
		textbuf_str(&b, " | ");
		if (verdict & EVENT_SHADOW)
			textbuf_str(&b, "would ");
		out_verdict(&b, verdict & ~EVENT_SHADOW, true);
		out_step(&b, src, i, form);
	}
	return textbuf_done(&b);
}

size_t trail_write(const struct trail_source *src, enum trail_form form, char *buf, size_t size)
{
	if (form == TRAIL_COMMENT)
		return trail_write_comment(src, buf, size);
	return write_text(src, form, buf, size);
}

static struct trail_words words_anew(const struct trail_source *src, unsigned int i,
				     enum trail_form form, char scratch[TRAIL_WORDS])
{
	const struct trail *t = src->arg;

	return (struct trail_words){ scratch, trail_say(&t->step[i], form, scratch) };
}

size_t trail_format(const struct trail *t, enum trail_form form, char *buf, size_t size)
{
	struct event_step step[EVENT_STEPS];
	const struct trail_source src = {
		.verdict = t->verdict,
		.point = t->point,
		.steps = t->steps,
		.times = t->times,
		.step = step,
		.words = words_anew,
		.arg = t,
	};

	for (unsigned int i = 0; i < t->steps; i++) {
		const struct trail_step *s = &t->step[i];

		step[i] = (struct event_step){
			.ns = s->ns,
			.reason = s->reason,
			.slot = s->slot,
			.verdict = s->verdict | (s->shadow ? EVENT_SHADOW : 0),
		};
	}
	return trail_write(&src, form, buf, size);
}
