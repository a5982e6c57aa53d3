// SPDX-License-Identifier: GPL-2.0
/* xdpview - what a chain of XDP programs does now, on a screen. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/cli.h"
#include "lib/util.h"
#include "viewer/once.h"
#include "viewer/sandbox.h"
#include "viewer/terminal.h"
#include "viewer/ui.h"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void catch_signals(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction note = { .sa_handler = on_signal };

	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigaction(caught[i], &note, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int run(void *arg)
{
	const struct opts *o = arg;
	struct live *live = NULL;
	struct replay *replay = NULL;
	struct fail f = { 0 };
	int rc, err;

	catch_signals();
	if (o->read)
		err = replay_open(o->read, &replay, &f);
	else
		err = live_open(o->ifnames, o->n_ifnames, &live, &f);
	if (!err && !o->unconfined)
		err = sandbox(&(struct sandbox_spec){ live != NULL, !o->once && !o->read_only },
			      &f);
	if (err) {
		fprintf(stderr, "xdpview: %s\n", f.text[0] ? f.text : "no memory");
		replay_close(replay);
		live_close(live);
		return CLI_FAILED;
	}
	if (o->once)
		rc = once_print(o, live, replay);
	else
		rc = ui_run(o, live, replay, &stop);
	replay_close(replay);
	live_close(live);
	return rc;
}

int main(int argc, char **argv)
{
	struct opts o;
	int status;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	status = opts_parse(&o, argc, argv);
	if (status >= 0)
		return status;
	if (!isatty(STDOUT_FILENO))
		o.once = true;
	if (!o.once && !isatty(STDIN_FILENO)) {
		fprintf(stderr,
			"xdpview: standard input: no terminal to read keys from, use --once\n");
		return CLI_FAILED;
	}
	return o.once ? run(&o) : terminal_guard(run, &o);
}
