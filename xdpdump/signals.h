/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/signals.h - what the signal handlers note, and the loops look at. */
#ifndef XDPDUMP_SIGNALS_H
#define XDPDUMP_SIGNALS_H

#include <signal.h>

struct signals {
	volatile sig_atomic_t stop;    /* SIGINT, SIGTERM, SIGHUP */
	volatile sig_atomic_t info;    /* SIGUSR1; whoever has answered sets it to 0 */
	volatile sig_atomic_t trigger; /* SIGUSR2; the same */
};

#endif
