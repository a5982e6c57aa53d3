// SPDX-License-Identifier: GPL-2.0
#include "lib/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "lib/util.h"

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct classic_insn), "bpf_insn");

/* A matching program returns it. No packet is longer, so nothing is cut. */
#define SNAPLEN 262144

/* What the child sends first; then `count` instructions, if there are not too many. */
struct reply {
	__s32 err;
	__u32 count;
	char why[PCAP_ERRBUF_SIZE];
};

/* A compiler at work in a process of its own. */
struct job {
	pid_t pid;
	int fd;
	__u64 deadline_ns; /* CLOCK_MONOTONIC */
};

static int write_all(int fd, const void *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0)
			return -errno;
		buf = (const char *)buf + n;
		len -= n;
	}
	return 0;
}

/* Compile one expression, and answer. */
static void job_answer(int fd, const struct filter_spec *spec, const char *text, bool optimize)
{
	struct bpf_program prog = { 0 };
	struct reply r = { 0 };
	pcap_t *p = spec->live ? spec->live : pcap_open_dead(DLT_EN10MB, SNAPLEN);

	if (!p) {
		r.err = -ENOMEM;
	} else if (pcap_compile(p, &prog, text, optimize, spec->netmask)) {
		r.err = -EINVAL;
		snprintf(r.why, sizeof(r.why), "%s", pcap_geterr(p));
	}
	r.count = prog.bf_len;
	write_all(fd, &r, sizeof(r));
	if (r.count <= CLASSIC_INSNS_MAX)
		write_all(fd, prog.bf_insns, r.count * sizeof(struct bpf_insn));
	pcap_freecode(&prog);
	if (p && !spec->live)
		pcap_close(p);
}

/* The child: answer, be gone. Nothing of the parent's may be run on the way out. */
static _Noreturn void job_child(int fd, const struct filter_spec *spec, const char *const *texts,
				size_t count, bool optimize)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	for (size_t i = 0; i < count; i++)
		job_answer(fd, spec, texts[i], optimize);
	_exit(0);
}

static __u32 job_limit_ms(const struct filter_spec *spec, bool optimize)
{
	__u32 ms = optimize ? spec->optimize_ms : spec->plain_ms;

	return ms ? ms : FILTER_TIMEOUT_MS;
}

/* Compile @texts, all as @spec says. */
static int job_start(struct job *job, const struct filter_spec *spec, const char *const *texts,
		     size_t count, bool optimize)
{
	int fds[2], err;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	job->pid = fork();
	if (!job->pid)
		job_child(fds[1], spec, texts, count, optimize);
	err = job->pid < 0 ? -errno : 0;
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return err;
	}
	job->fd = fds[0];
	job->deadline_ns = now_ns() + job_limit_ms(spec, optimize) * 1000000ULL;
	return 0;
}

/* Wait for bytes, and read at most @len. Their number; 0: the child is gone; -errno. */
static ssize_t job_read_some(const struct job *job, void *buf, size_t len)
{
	struct pollfd pfd = { .fd = job->fd, .events = POLLIN };
	__u64 now = now_ns();
	ssize_t n;

	if (now >= job->deadline_ns)
		return -ETIMEDOUT;
	n = poll(&pfd, 1, (job->deadline_ns - now) / 1000000 + 1);
	if (!n)
		return -ETIMEDOUT;
	if (n > 0)
		n = read(job->fd, buf, len);
	return n < 0 ? -errno : n;
}

/* Read exactly @len bytes. 0; -ETIMEDOUT; -EPIPE if the child died. */
static int job_read(const struct job *job, void *buf, size_t len)
{
	while (len) {
		ssize_t n = job_read_some(job, buf, len);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n ? n : -EPIPE;
		buf = (char *)buf + n;
		len -= n;
	}
	return 0;
}

static void job_end(const struct job *job)
{
	close(job->fd);
	kill(job->pid, SIGKILL);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The program that the child sends after its reply. */
static int job_insns(const struct job *job, __u32 count, struct classic_insn **insns)
{
	struct classic_insn *p = malloc(count * sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	err = job_read(job, p, count * sizeof(*p));
	if (err)
		free(p);
	else
		*insns = p;
	return err;
}

/* The answer to one expression. */
static int job_result(const struct job *job, struct filter *filter, struct reply *r)
{
	int err = job_read(job, r, sizeof(*r));

	if (!err)
		err = r->err;
	if (!err && r->count > CLASSIC_INSNS_MAX)
		err = -E2BIG;
	if (!err)
		err = job_insns(job, r->count, &filter->insns);
	if (!err)
		filter->count = r->count;
	return err;
}

static int compile_once(const struct filter_spec *spec, bool optimize, struct filter *filter,
			struct reply *r)
{
	struct job job = { 0 };
	int err = job_start(&job, spec, &spec->text, 1, optimize);

	*r = (struct reply){ 0 };
	if (err)
		return err;
	err = job_result(&job, filter, r);
	job_end(&job);
	return err;
}

/* libpcap accepts what it interprets itself; a BPF program has to be more than that. */
static int compile_check(const struct filter *filter, struct fail *f)
{
	const struct classic_prog prog = { filter->insns, filter->count };
	const char *wrong = "";
	__u32 at = 0;

	if (!classic_check(&prog, &wrong, &at))
		return 0;
	return fail_set(f, EOPNOTSUPP, "cannot be a BPF program: instruction %u %s", at, wrong);
}

static int compile_why(int err, const struct reply *r, const struct filter_spec *spec,
		       bool optimized, struct fail *f)
{
	if (r->why[0])
		return fail_set(f, -err, "%s", r->why);
	if (err == -E2BIG)
		return fail_set(f, E2BIG, "needs %u instructions%s; %u are the limit", r->count,
				optimized ? "" : ", since the optimizer takes too long",
				CLASSIC_INSNS_MAX);
	if (err == -ETIMEDOUT)
		return fail_set(f, ETIMEDOUT, "takes libpcap more than %u ms to compile",
				job_limit_ms(spec, optimized));
	if (err == -EPIPE)
		return fail_set(f, EPIPE, "libpcap's compiler died of it");
	return fail_set(f, -err, "cannot compile: %s", strerror(-err));
}

int filter_compile(const struct filter_spec *spec, struct filter *filter, struct fail *f)
{
	struct filter made = { 0 };
	struct reply r;
	int err;

	err = compile_once(spec, true, &made, &r);
	if (err == -ETIMEDOUT) {
		made.unoptimized = true;
		err = compile_once(spec, false, &made, &r);
	}
	if (err)
		return compile_why(err, &r, spec, !made.unoptimized, f);
	err = spec->live ? 0 : compile_check(&made, f);
	if (err)
		filter_free(&made);
	else
		*filter = made;
	return err;
}

/* The first of @texts, as many as go well; @done counts them. */
static int many_once(const struct filter_spec *spec, const char *const *texts, size_t count,
		     struct filter *filters, size_t *done, struct fail *f)
{
	struct job job = { 0 };
	struct reply r = { 0 };
	int err = job_start(&job, spec, texts + *done, count - *done, true);

	if (err)
		return compile_why(err, &r, spec, true, f);
	while (!err && *done < count) {
		job.deadline_ns = now_ns() + job_limit_ms(spec, true) * 1000000ULL;
		r = (struct reply){ 0 };
		err = job_result(&job, &filters[*done], &r);
		if (err && err != -ETIMEDOUT)
			compile_why(err, &r, spec, true, f);
		else if (!err)
			err = compile_check(&filters[*done], f);
		*done += !err;
	}
	job_end(&job);
	return err;
}

int filter_compile_many(const char *const *texts, size_t count, struct filter *filters,
			size_t *failed, struct fail *f)
{
	struct filter_spec spec = { .netmask = FILTER_NETMASK_UNKNOWN };
	size_t done = 0;
	int err = 0;

	memset(filters, 0, count * sizeof(*filters));
	while (!err && done < count) {
		err = many_once(&spec, texts, count, filters, &done, f);
		if (err != -ETIMEDOUT)
			continue;
		spec.text = texts[done];
		err = filter_compile(&spec, &filters[done], f);
		done += !err;
	}
	if (!err)
		return 0;
	*failed = done;
	for (size_t i = 0; i < count; i++)
		filter_free(&filters[i]);
	return err;
}

void filter_free(struct filter *filter)
{
	free(filter->insns);
	*filter = (struct filter){ 0 };
}

bool filter_match(const struct filter *filter, const void *data, __u32 cap_len, __u32 len)
{
	/* The two are one struct under two names, see the assertion above. */
	return !filter->count ||
	       bpf_filter((const struct bpf_insn *)filter->insns, data, len, cap_len);
}

char *filter_text(const struct filter *filter, enum filter_form form)
{
	const struct classic_insn *p = filter->insns;
	struct bpf_insn insn;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (form == FILTER_NUMBERS)
		fprintf(out, "%u\n", filter->count);
	for (__u32 i = 0; i < filter->count; i++, p++) {
		memcpy(&insn, p, sizeof(insn));
		if (form == FILTER_ASM)
			fprintf(out, "%s\n", bpf_image(&insn, i));
		else if (form == FILTER_C)
			fprintf(out, "{ 0x%x, %u, %u, 0x%08x },\n", p->code, p->jt, p->jf, p->k);
		else
			fprintf(out, "%u %u %u %u\n", p->code, p->jt, p->jf, p->k);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
