/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/seen.h - the rules that packets met, as their trails say: how often, and when. */
#ifndef VIEWER_SEEN_H
#define VIEWER_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/trail.h"

#define SEEN 512 /* rules; then the one that was not met for longest gives way */

struct seen_rule {
	__u32 iface, slot, rule; /* rule 0: a free place */
	__u64 packets, bytes, drops;
	__u64 first_ns, last_ns;  /* since 1970 */
	char text[TRAIL_NAME];	  /* "": not known */
	char reason[TRAIL_NAME];  /* of the last packet */
	char service[TRAIL_NAME]; /* of slot 15: what the client asked for; "": not known */
};

struct seen;

/** seen_new - NULL and errno. seen_free() allows NULL. */
struct seen *seen_new(void);
void seen_free(struct seen *s);

/** seen_step - a step of a packet of @len bytes named a rule. The rule's place. */
struct seen_rule *seen_step(struct seen *s, __u32 iface, const struct trail_step *step,
			    __u64 time_ns, __u32 len);

/** seen_at - place @i below SEEN; its rule is 0 if it is free. */
const struct seen_rule *seen_at(const struct seen *s, size_t i);

#endif
