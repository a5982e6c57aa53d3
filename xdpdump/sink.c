// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/sink.h"

#include <errno.h>

int sink_event(struct sink *s, const struct ev *ev, __u64 lost)
{
	int err = s->ops->event(s, ev, lost);

	if (err != -ENOSPC)
		return err;
	err = out_flush(&s->out);
	if (err)
		return err;
	err = s->ops->event(s, ev, lost);
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

void sink_free(struct sink *s)
{
	if (!s)
		return;
	out_close(&s->out);
	s->ops->free(s);
}
