/* SPDX-License-Identifier: GPL-2.0 */
/* ask.h - have the daemon do it, if there is one. */
#ifndef DROPLET_ASK_H
#define DROPLET_ASK_H

#include <jansson.h>

#include "lib/fail.h"

/**
 * ask - send @request, the callee's from then on, to the daemon at @socket.
 * @socket: NULL: where it is unless the configuration says otherwise, or where that says
 * @answer: set on success, the caller's
 *
 * Return: 0; -ENOENT no daemon of this network namespace is there; else as control_call().
 */
int ask(const char *socket, json_t *request, json_t **answer, struct fail *f);

/** ask_nobody - tell the daemon that @request, the callee's, was done; wait for nothing. */
void ask_nobody(const char *socket, json_t *request);

#endif
