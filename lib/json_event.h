/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/json_event.h - a packet as one line of JSON.
 *
 * Keys: time (RFC 3339, UTC, nanoseconds), iface, ifindex, point, queue, cpu, seq, len, cap_len,
 * verdict, stage, reason, rule, rule_text, steps; and data, the captured bytes in hex, where
 * format_file.flags asks for them. All stand in every line; null is what is not known or not
 * there. stage, reason, rule and rule_text are those of the step that decided. An object of
 * steps has slot, stage, verdict and shadow, and those of reason, rule, rule_text and ns that
 * the stage gave. Before the first packet that a flight recorder wrote because of a trigger stands
 * an object with that alone, as text: trigger. Names are UTF-8; one that is not stands in quotes as
 * in docs/TRAIL.md.
 */
#ifndef LIB_JSON_EVENT_H
#define LIB_JSON_EVENT_H

#include "lib/format.h"

/** json_event - one line, or two with the trigger, newlines included. Bytes written, or 0 if it
 * does not fit. */
size_t json_event(const struct format_file *f, const struct record *r, void *buf, size_t size);

extern const struct format_ops json_event_ops;

#endif
