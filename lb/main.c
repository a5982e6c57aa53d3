// SPDX-License-Identifier: GPL-2.0
/* xdplb - the load balancer of a chain. */
#include "lb/xdplb.h"

static const struct cli_cmd cmds[] = {
	{ "attach", "IFACE [--mode native|generic] [--gateway MAC|auto] [--lru-size N]",
	  "balance on IFACE; where it runs already, replace the program and keep its state",
	  attach_opts, 1, 1, cmd_attach },
	{ "detach", "IFACE", "stop balancing on IFACE and forget its VIPs", NULL, 1, 1,
	  cmd_detach },
	{ "vip add", "VIP [-i IFACE]", "answer for VIP: ADDR:PORT/tcp or [ADDR6]:PORT/udp",
	  iface_opts, 1, 1, cmd_vip_add },
	{ "vip del", "VIP [-i IFACE]", "forget VIP and its reals", iface_opts, 1, 1, cmd_vip_del },
	{ "vip list", "[-i IFACE]", "print the VIPs, one a line", iface_opts, 0, 0, cmd_vip_list },
	{ "real add", "VIP ADDR [--weight N] [-i IFACE]", "send a share of VIP to ADDR",
	  real_add_opts, 2, 2, cmd_real_add },
	{ "real del", "VIP ADDR [-i IFACE]", "send nothing of VIP to ADDR any more", iface_opts, 2,
	  2, cmd_real_del },
	{ "status", "[-i IFACE] [--json]", "VIPs, reals, shares and counters", status_opts, 0, 0,
	  cmd_status },
	{ 0 },
};

int main(int argc, char **argv)
{
	static const struct cli cli = {
		.tool = "xdplb",
		.summary = "Balance connections over servers, in the kernel, before the stack.",
		.cmds = cmds,
		.epilog = "With -i left out, the only interface that has a balancer; for status, "
			  "all.",
	};

	return cli_main(&cli, argc, argv);
}
