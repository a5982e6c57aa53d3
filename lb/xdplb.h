/* SPDX-License-Identifier: GPL-2.0 */
/* lb/xdplb.h - what the files of the command xdplb share. */
#ifndef LB_XDPLB_H
#define LB_XDPLB_H

#include "lib/chain.h"
#include "lib/cli.h"
#include "lib/lb.h"

/* A balancer that is open, with the chain that it is in. */
struct xdplb {
	struct chain *chain;
	struct lb *lb;
};

#define IFACE_OPT                                                                                  \
	{                                                                                          \
		"interface", 'i', "IFACE", "where, if more than one interface has a balancer"      \
	}

extern const struct cli_opt attach_opts[], decap_opts[], edit_opts[], list_opts[], vip_opts[],
	real_add_opts[], real_set_opts[], drain_opts[], status_opts[], stats_opts[], json_opts[];

/** xdplb_mode - "native", "generic". -EINVAL. */
int xdplb_mode(const char *text, enum chain_mode *mode, struct fail *f);

/** xdplb_fail - say why on stderr. Return: CLI_FAILED. */
int xdplb_fail(const struct fail *f);

/** xdplb_usage - say what is wrong with an argument on stderr. Return: CLI_USAGE. */
int xdplb_usage(const struct fail *f);

/**
 * xdplb_open - the balancer on @ifname; NULL: the only one there is.
 * Return: CLI_OK; CLI_FAILED after a message.
 */
int xdplb_open(const char *ifname, enum chain_access access, struct xdplb *x);

/** xdplb_close - a zeroed struct is allowed. */
void xdplb_close(struct xdplb *x);

/** xdplb_each - call @fn with each interface that has a balancer. Return: enum cli_exit. */
int xdplb_each(int (*fn)(const char *ifname, void *arg), void *arg);

int cmd_attach(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_vip_add(int argc, char **argv);
int cmd_vip_del(int argc, char **argv);
int cmd_vip_set(int argc, char **argv);
int cmd_vip_list(int argc, char **argv);
int cmd_real_add(int argc, char **argv);
int cmd_real_del(int argc, char **argv);
int cmd_real_set(int argc, char **argv);
int cmd_real_drain(int argc, char **argv);
int cmd_real_list(int argc, char **argv);
int cmd_decap_add(int argc, char **argv);
int cmd_decap_del(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_status(int argc, char **argv);

extern const struct cli_opt run_opts[], ask_opts[], where_opts[], simulate_opts[];

int cmd_conn_list(int argc, char **argv);
int cmd_conn_find(int argc, char **argv);
int cmd_conn_purge(int argc, char **argv);
int cmd_where(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_health(int argc, char **argv);

#endif
