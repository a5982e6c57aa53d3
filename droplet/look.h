/* SPDX-License-Identifier: GPL-2.0 */
/*
 * look.h - what the chains hold, as JSON: for who may read the pins, and for the daemon to tell who
 * may not. All give {"chains": [...], "errors": [...], "failed": bool}, the receiver's.
 */
#ifndef DROPLET_LOOK_H
#define DROPLET_LOOK_H

#include <jansson.h>

#include "droplet/droplet.h"

#define LOOK_RULES 1000 /* of a policer: of more the first, and how many there are */
#define LOOK_TOP   1000

/** look_status - chains: as report_json() has them. @ifname NULL: all. */
json_t *look_status(const char *ifname);

/**
 * look_policers - chains: {interface, mode, panic, policers: [{interface, slot, policer, kind,
 * mode, packets, bytes, dropped, would, age_ns}]}; would: packets that a policer in shadow mode has
 * given a reason. @ifname NULL: all.
 */
json_t *look_policers(const char *ifname);

/**
 * look_rules - chains: {interface, rules: [{interface, policer, rule, match, note, packets, age_ns,
 * left_ns}], more}; more: how many were left out.
 * @policer: NULL: of all
 */
json_t *look_rules(const char *ifname, const char *policer);

/** look_top - the @n rules with the most packets: chains is the list, most first. */
json_t *look_top(const char *ifname, size_t n);

/** look_allowed - may we read the pins ourselves. */
int look_allowed(void);

/**
 * look - as look_...() above, by @fn where the pins may be read, else by the daemon.
 * @request: to the daemon, the callee's
 * Return: NULL: @f says why.
 */
json_t *look(json_t *(*fn)(const void *arg), const void *arg, const char *socket, json_t *request,
	     struct fail *f);

#endif
