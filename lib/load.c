// SPDX-License-Identifier: GPL-2.0
#include "lib/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define LOG_BYTES                                                                                  \
	(16 << 20) /* before 6.4 it is the start that is kept of a log that does not fit */
#define LOG_LINES 12

void load_tail(const char *log, int lines, char *out, size_t size)
{
	const char *end = log + strlen(log), *stats = strstr(log, "\nprocessed "), *p;
	size_t len;

	if (stats)
		end = stats;
	while (end > log && end[-1] == '\n')
		end--;
	for (p = end; p > log; p--)
		if (p[-1] == '\n' && !--lines)
			break;
	len = (size_t)(end - p) < size - 1 ? (size_t)(end - p) : size - 1;
	memcpy(out, end - len, len); /* the end says why */
	out[len] = 0;
}

static void explain(struct bpf_object *obj, int err, const char *log, struct fail *f)
{
	const char *name = bpf_object__name(obj);

	if (err == -EPERM && geteuid())
		fail_set(f, EPERM, "not permitted: run as root");
	else if (err == -EPERM)
		fail_set(f, EPERM,
			 "%s: the kernel refuses BPF: CAP_BPF and CAP_NET_ADMIN are needed", name);
	else if (log && *log)
		fail_set(f, -err, "%s: the verifier refuses it (%s)", name, strerror(-err));
	else
		fail_set(f, -err, "%s: cannot load: %s", name, strerror(-err));
	if (f && log)
		load_tail(log, LOG_LINES, f->log, sizeof(f->log));
}

int load_object(struct bpf_object *obj, struct fail *f)
{
	struct bpf_program *prog;
	char *log = calloc(1, LOG_BYTES);
	int err;

	bpf_object__for_each_program(prog, obj)
		if (log)
			bpf_program__set_log_buf(prog, log, LOG_BYTES);
	err = bpf_object__load(obj);
	if (err)
		explain(obj, err, log, f);
	free(log);
	return err;
}
