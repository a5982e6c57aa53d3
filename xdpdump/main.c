// SPDX-License-Identifier: GPL-2.0
/* xdpdump - show what an XDP program chain did to every packet, and why. */
#include <stdlib.h>

#include "lib/util.h"
#include "xdpdump/capture.h"
#include "xdpdump/complete.h"
#include "xdpdump/extcap.h"
#include "xdpdump/list.h"
#include "xdpdump/program.h"
#include "xdpdump/read.h"

static struct signals signals;

/* SIGALRM is there to end a read that waits: nothing is to be noted. */
static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		signals.info = 1;
	else if (sig == SIGUSR2)
		signals.trigger = 1;
	else if (sig != SIGALRM)
		signals.stop = 1;
}

static void catch_signals(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM };
	struct sigaction note = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigaction(caught[i], &note, NULL);
	sigaction(SIGPIPE, &ignore, NULL); /* a closed pipe is an error of write() */
}

static int run(const struct opts *o)
{
	if (o->shell)
		return complete_print(o->shell);
	if (extcap_asked(o))
		return extcap_answer(o);
	if (o->interfaces)
		return list_interfaces();
	if (o->program || o->ebpf)
		return program_print(o);
	catch_signals();
	return o->read ? read_file(o, &signals) : capture(o, &signals);
}

int main(int argc, char **argv)
{
	struct opts o;
	int status = opts_parse(&o, argc, argv);

	if (status < 0)
		status = run(&o);
	free(o.filter);
	return status;
}
