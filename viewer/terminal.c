// SPDX-License-Identifier: GPL-2.0
#include "viewer/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS
#include <ncurses.h>
#include <term.h>

#include "lib/util.h"

/* What the keyboard sends is for the child alone; what is sent to us is passed on. */
static const int ignored[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGPIPE };

static void put(const char *name)
{
	const char *text = tigetstr((char *)name);

	if (text && text != (char *)-1)
		tputs(text, 1, putchar);
}

/* As endwin() would, for one that could not. */
static void restore(const struct termios *was)
{
	int err;

	tcsetattr(STDIN_FILENO, TCSADRAIN, was);
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return;
	fputs("\033[?1000l\033[?1006l",
	      stdout); /* the mouse: xterm's, terminfo has no end for it */
	put("sgr0");
	put("rmkx");
	put("cnorm");
	put("rmcup");
	fflush(stdout);
}

static void in_child(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
}

/* Its end, or its stop: then we stop too, as the shell that waits for us is to see. */
static int wait_for(pid_t pid)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (!WIFSTOPPED(status))
			return status;
		raise(SIGSTOP);
		kill(pid, SIGCONT);
	}
}

static pid_t passed_to; /* by on_signal(), which has no other way to know */

static void on_signal(int sig)
{
	kill(passed_to, sig);
}

static void guard_signals(pid_t pid)
{
	const struct sigaction pass = { .sa_handler = on_signal };

	passed_to = pid;
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGTERM, &pass, NULL);
	sigaction(SIGHUP, &pass, NULL);
}

int terminal_guard(int (*child)(void *arg), void *arg)
{
	struct termios was;
	bool tty = !tcgetattr(STDIN_FILENO, &was);
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid < 0) {
		fprintf(stderr, "xdpview: fork: %s\n", strerror(errno));
		return 1;
	}
	if (!pid) {
		in_child(parent);
		exit(child(arg));
	}
	guard_signals(pid);
	status = wait_for(pid);
	if (status >= 0 && WIFEXITED(status))
		return WEXITSTATUS(status);
	if (tty)
		restore(&was);
	if (status >= 0)
		fprintf(stderr, "xdpview: ended by signal %d\n", WTERMSIG(status));
	return 1;
}
