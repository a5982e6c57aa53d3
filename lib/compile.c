// SPDX-License-Identifier: GPL-2.0
#include "lib/compile.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/compile_int.h"
#include "lib/compile_say.h"
#include "lib/jail.h"
#include "lib/sdk.h"
#include "lib/util.h"

/* In the jail. A file is opened by its descriptor, and the SDK is laid over a folder that is not.
 */
#define FD_SOURCE  3
#define FD_OVERLAY 4
#define FD_HEADERS 5
#define FD_PATH	   "/proc/self/fd/"
#define SOURCE	   FD_PATH "3"
#define OVERLAY	   FD_PATH "4"

static unsigned int runs;

unsigned int compile_runs(void)
{
	return runs;
}

void compiled_free(struct compiled *c)
{
	free(c->elf);
	free(c->warnings);
	memset(c, 0, sizeof(*c));
}

/* A compiler at work. */
struct compile_job {
	struct compile_spec spec; /* path and text are its own */
	struct jail *jail;
};

/* --- what the compiler is given --------------------------------------------------------------- */

static int memory_file(const void *data, size_t size)
{
	int fd = memfd_create("xdpchain", MFD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const char *)data + done, size - done);

		if (n < 0) {
			err = -errno;
			close(fd);
			return err;
		}
		done += n;
	}
	return fd;
}

/* clang's VFS overlay: COMPILE_SDK_DIR/xdpchain/<header> is what descriptor FD_HEADERS + i holds.
 */
static int overlay(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int fd;

	if (!out)
		return -errno;
	fprintf(out, "{'version':0,'use-external-names':false,'roots':[{'name':'" COMPILE_SDK_DIR
		     "/xdpchain','type':'directory','contents':[");
	for (int i = 0; sdk_headers[i].name; i++)
		fprintf(out, "%s{'name':'%s','type':'file','external-contents':'" FD_PATH "%d'}",
			i ? "," : "", sdk_headers[i].name, FD_HEADERS + i);
	fprintf(out, "]}]}");
	if (fclose(out))
		return -errno;
	fd = memory_file(text, size);
	free(text);
	return fd;
}

struct inputs {
	int fds[JAIL_FDS];
	size_t count;
};

static void inputs_close(struct inputs *in)
{
	while (in->count)
		close(in->fds[--in->count]);
}

static int inputs_add(struct inputs *in, int fd)
{
	if (fd < 0)
		return fd;
	in->fds[in->count++] = fd;
	return 0;
}

static int inputs_open(struct inputs *in, const struct compile_spec *spec)
{
	int err = inputs_add(in, memory_file(spec->text, spec->size));

	if (!err)
		err = inputs_add(in, overlay());
	for (int i = 0; !err && sdk_headers[i].name; i++)
		err = inputs_add(in, memory_file(sdk_headers[i].data, sdk_headers[i].size));
	if (err)
		inputs_close(in);
	return err;
}

/* --- the run ---------------------------------------------------------------------------------- */

/* clang of PATH. 0; -ENOENT; -ENAMETOOLONG. */
static int find_clang(char *path, size_t size)
{
	const char *dirs = getenv("PATH");

	for (dirs = dirs ? dirs : "/usr/bin:/bin"; *dirs;) {
		int len = strcspn(dirs, ":");

		if (*dirs == '/' && snprintf(path, size, "%.*s/clang", len, dirs) < (int)size &&
		    !access(path, X_OK))
			return 0;
		dirs += len + (dirs[len] == ':');
	}
	return -ENOENT;
}

static unsigned int limit_ms(const struct compile_spec *spec)
{
	const char *text = getenv(COMPILE_LIMIT_ENV);
	long seconds = text ? strtol(text, NULL, 10) : 0;

	if (spec->limit_ms)
		return spec->limit_ms;
	return seconds >= 1 && seconds <= 600 ? seconds * 1000 : COMPILE_LIMIT_MS;
}

/*
 * The source into the debug information: from there into BTF, whose lines the verifier quotes. The
 * name of the user's file in all of it.
 */
static int run(const struct compile_spec *spec, const char *clang, const struct inputs *in,
	       struct jail **out)
{
	char map[4096 + 64];
	char *argv[] = {
		(char *)"clang",
		(char *)"-target",
		(char *)"bpf",
		(char *)"-mcpu=v3",
		(char *)"-O2",
		(char *)"-g",
		(char *)"-gdwarf-5",
		(char *)"-gembed-source",
		(char *)"-std=gnu11",
		(char *)"-Wall",
		(char *)"-Wextra",
		(char *)"-ferror-limit=8",
		(char *)"-fno-color-diagnostics",
		(char *)"-fno-crash-diagnostics",
		map,
		(char *)"-ivfsoverlay",
		(char *)OVERLAY,
		(char *)"-I" COMPILE_SDK_DIR,
		(char *)"-idirafter",
		(char *)"/usr/include/" MULTIARCH,
		(char *)"-x",
		(char *)"c",
		(char *)"-c",
		(char *)SOURCE,
		(char *)"-o",
		(char *)"-",
		NULL,
	};
	const struct jail_spec jail = {
		.path = clang,
		.argv = argv,
		.fds = in->fds,
		.fd_count = in->count,
		.limit_ns = limit_ms(spec) * 1000000ULL,
		.memory_bytes = COMPILE_MEMORY,
		.out_max = COMPILE_OBJECT_MAX,
	};

	if (snprintf(map, sizeof(map), "-ffile-prefix-map=" SOURCE "=%s", spec->path) >=
	    (int)sizeof(map))
		return -ENAMETOOLONG;
	runs++;
	return jail_start(&jail, out);
}

static int take(const struct compile_spec *spec, struct jail_result *r, struct compiled *out,
		struct fail *f)
{
	char *said = compile_names(r->err, SOURCE, spec->path);

	if (!said)
		return fail_errno(f, ENOMEM, spec->path);
	free(r->err);
	r->err = said;
	if (r->end != JAIL_EXITED || r->status || !r->out_size)
		return compile_why(r, spec->path, limit_ms(spec), f);
	*out = (struct compiled){ r->out, r->out_size, r->err };
	*r = (struct jail_result){ 0 };
	return 0;
}

/* With its text, which the caller's may not outlive. NULL: no memory. */
static struct compile_job *new_job(const struct compile_spec *spec)
{
	struct compile_job *job = calloc(1, sizeof(*job));
	char *text = malloc(spec->size + 1), *path = strdup(spec->path);

	if (!job || !text || !path) {
		free(job);
		free(text);
		free(path);
		return NULL;
	}
	memcpy(text, spec->text, spec->size);
	job->spec = *spec;
	job->spec.text = text;
	job->spec.path = path;
	return job;
}

static void free_job(struct compile_job *job)
{
	jail_end(job->jail, NULL);
	free((char *)job->spec.text);
	free((char *)job->spec.path);
	free(job);
}

static int start(struct compile_job *job, const char *clang, struct fail *f)
{
	struct inputs in = { 0 };
	int err = inputs_open(&in, &job->spec);

	if (!err)
		err = run(&job->spec, clang, &in, &job->jail);
	inputs_close(&in);
	return err ? fail_set(f, -err, "%s: cannot run %s: %s", job->spec.path, clang,
			      strerror(-err))
		   : 0;
}

int compile_begin(const struct compile_spec *spec, struct compile_job **out, struct fail *f)
{
	struct compile_job *job;
	char clang[4096];
	int err;

	*out = NULL;
	if (compile_known(spec))
		return 0;
	if (spec->size > COMPILE_SOURCE_MAX)
		return fail_set(f, E2BIG, "%s: more than %u KiB of source", spec->path,
				COMPILE_SOURCE_MAX >> 10);
	if (find_clang(clang, sizeof(clang)))
		return fail_set(
			f, ENOENT,
			"%s: no clang to compile it: install clang, or compile it elsewhere "
			"and use kind object",
			spec->path);
	job = new_job(spec);
	if (!job)
		return fail_errno(f, ENOMEM, spec->path);
	err = start(job, clang, f);
	if (err)
		free_job(job);
	else
		*out = job;
	return err;
}

int compile_fd(const struct compile_job *job)
{
	return jail_fd(job->jail);
}

int compile_serve(struct compile_job *job)
{
	return jail_serve(job->jail);
}

/* What came of it; remembered, if it is good. */
static int finish(struct compile_job *job, struct compiled *out, struct fail *f)
{
	struct jail_result r = { 0 };
	int err = jail_end(job->jail, &r);

	job->jail = NULL;
	err = err ? fail_set(f, -err, "%s: the compiler: %s", job->spec.path, strerror(-err))
		  : take(&job->spec, &r, out, f);
	jail_free(&r);
	if (!err)
		compile_remember(&job->spec, out);
	return err;
}

void compile_end(struct compile_job *job)
{
	struct compiled c = { 0 };
	struct fail why = { 0 };
	int err;

	if (!job)
		return;
	if (compile_serve(job)) {
		err = finish(job, &c, &why);
		if (err)
			compile_remember_refusal(&job->spec, err, &why);
		compiled_free(&c);
	}
	free_job(job);
}

int compile(const struct compile_spec *spec, struct compiled *out, struct fail *f)
{
	struct compile_job *job;
	int err = compile_recall(spec, out, f);

	if (err)
		return err > 0 ? 0 : err;
	err = compile_begin(spec, &job, f);
	if (err)
		return err;
	while (!compile_serve(job)) {
		struct pollfd p = { .fd = compile_fd(job), .events = POLLIN };

		poll(&p, 1, -1);
	}
	err = finish(job, out, f);
	free_job(job);
	return err;
}
