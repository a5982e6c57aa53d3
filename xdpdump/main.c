// SPDX-License-Identifier: GPL-2.0
/* xdpdump - show what an XDP program chain did to every packet, and why. */
#include <signal.h>
#include <stdlib.h>

#include "lib/util.h"
#include "xdpdump/capture.h"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction end = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		sigaction(ends[i], &end, NULL);
	sigaction(SIGPIPE, &ignore, NULL); /* a closed pipe is an error of write() */
}

int main(int argc, char **argv)
{
	struct opts o;
	int status = opts_parse(&o, argc, argv);

	if (status < 0) {
		catch_signals();
		status = capture(&o, &stop);
	}
	free(o.filter);
	return status;
}
