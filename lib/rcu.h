/* SPDX-License-Identifier: GPL-2.0 */
/* lib/rcu.h - wait until no packet is any more where it was. */
#ifndef LIB_RCU_H
#define LIB_RCU_H

/**
 * rcu_wait - return when every packet that was in a BPF program has left it (an RCU grace period,
 * 8 to 30 ms). Return: 0; -errno the kernel has no way to tell.
 */
int rcu_wait(void);

#endif
