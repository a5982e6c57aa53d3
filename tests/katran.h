/* SPDX-License-Identifier: GPL-2.0 */
/* katran.h - what the katran load balancer was told in its own tests, told to ours. */
#ifndef TESTS_KATRAN_H
#define TESTS_KATRAN_H

#include <jansson.h>
#include <linux/types.h>

#define KATRAN_PEERS "../shared/peers/"

/** katran_load - the peers' data; 0 if they are not there. */
int katran_load(void);

/** katran_free - of what that loaded. */
void katran_free(void);

/** katran_vectors - all packets, in order. */
const json_t *katran_vectors(void);

/** katran_text - a string of an object, "" if there is none. */
const char *katran_text(const json_t *o, const char *key);

/**
 * katran_provision - the VIPs of the setups that @vector names, in the balancer of lbrig.
 * @flags: enum lb_vip_flag, for all of them
 */
void katran_provision(const json_t *vector, __u32 flags);

/** katran_is_real - is @real one that the flow of @vector may go to? */
int katran_is_real(const json_t *vector, const char *real);

#endif
