// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/sink.h"

#include <errno.h>

int sink_packet(struct sink *s, const struct sink_packet *p)
{
	int err = s->ops->packet(s, p);

	if (!err && s->out.len >= OUT_FLUSH)
		return out_flush(&s->out);
	if (err != -ENOSPC)
		return err;
	err = out_flush(&s->out);
	if (err)
		return err;
	err = s->ops->packet(s, p);
	return err == -ENOSPC ? -EMSGSIZE : err;
}

int sink_end(struct sink *s, const struct session_count *n)
{
	int err = 0;

	if (s->ops->end)
		err = s->ops->end(s, n);
	if (err == -ENOSPC) {
		err = out_flush(&s->out);
		if (!err)
			err = s->ops->end(s, n);
	}
	return err ? err : out_flush(&s->out);
}

int sink_next(struct sink *s, int fd)
{
	out_next(&s->out, fd);
	return s->ops->again(s);
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	out_close(&s->out);
	s->ops->free(s);
}

size_t sink_most(const struct sink *s)
{
	return s->most + s->out.size + OUT_RECORDS * sizeof(*s->out.ends);
}

size_t sink_buffer(const struct sink_env *env)
{
	return env->file ? OUT_LARGE : OUT_BYTES;
}
