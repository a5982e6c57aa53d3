// SPDX-License-Identifier: GPL-2.0
/* xdplb - the load balancer of a chain. */
#include "lb/xdplb.h"

static const struct cli_cmd cmds[] = {
	{ "attach", "IFACE [OPTIONS]",
	  "balance on IFACE; where it runs already, replace the program and keep its state",
	  attach_opts, 1, 1, cmd_attach },
	{ "detach", "IFACE [--json]", "stop balancing on IFACE and forget its VIPs", json_opts, 1,
	  1, cmd_detach },
	{ "vip add", "VIP [--options LIST] [--id-bytes N|version] [--json]",
	  "answer for VIP: ADDR[/LEN]:PORT/tcp or [ADDR6[/LEN]]:any/udp", vip_opts, 1, 1,
	  cmd_vip_add },
	{ "vip del", "VIP [-i IFACE] [--json]", "forget VIP and its reals", edit_opts, 1, 1,
	  cmd_vip_del },
	{ "vip set", "VIP [--options LIST] [--id-bytes N|version] [--json]",
	  "serve VIP in another way", vip_opts, 1, 1, cmd_vip_set },
	{ "vip list", "[-i IFACE] [--json]", "print the VIPs, one a line", list_opts, 0, 0,
	  cmd_vip_list },
	{ "real add", "VIP ADDR [--weight N] [--id LIST] [--source LIST] [--json]",
	  "send a share of VIP to ADDR", real_add_opts, 2, 2, cmd_real_add },
	{ "real del", "VIP ADDR [-i IFACE] [--json]", "send nothing of VIP to ADDR any more",
	  edit_opts, 2, 2, cmd_real_del },
	{ "real set",
	  "VIP ADDR [--weight N] [--mode up|down|drain] [--id LIST] [--source LIST] [--json]",
	  "change what ADDR gets", real_set_opts, 2, 2, cmd_real_set },
	{ "real drain", "VIP ADDR [--no-wait] [--json]",
	  "send ADDR nothing new, and wait until it is empty", drain_opts, 2, 2, cmd_real_drain },
	{ "real list", "[VIP] [-i IFACE] [--json]", "print the reals, one a line", list_opts, 0, 1,
	  cmd_real_list },
	{ "status", "[-i IFACE] [--json]", "VIPs, reals, shares and counters", status_opts, 0, 0,
	  cmd_status },
	{ "stats", "[-i IFACE] [--interval SECONDS] [--count N] [--json]",
	  "rates by VIP and real, and how the table does", stats_opts, 0, 0, cmd_stats },
	{ "conn list", "[VIP] [-i IFACE] [--json]", "print the connections that live, one a line",
	  list_opts, 0, 1, cmd_conn_list },
	{ "conn find", "CLIENT:PORT ADDR:PORT/tcp [--json]", "the entry of one flow", list_opts, 2,
	  2, cmd_conn_find },
	{ "conn purge", "VIP|ADDR [-i IFACE] [--json]",
	  "forget the connections of a VIP, or to a real", list_opts, 1, 1, cmd_conn_purge },
	{ "where", "CLIENT:PORT ADDR:PORT/tcp [--new] [--id N] [--json]",
	  "which real that flow would get, and by which way", where_opts, 2, 2, cmd_where },
	{ "simulate", "VIP [--add ADDR[=N]] [--del ADDR] [--weight ADDR=N] [--json]",
	  "spread and disruption of a change, without making it", simulate_opts, 1, 1,
	  cmd_simulate },
	{ "run", "[-c FILE] [--foreground]", "keep a configuration applied and check its reals",
	  run_opts, 0, 0, cmd_run },
	{ "check", "FILE [--json]", "is that configuration right?", json_opts, 1, 1, cmd_check },
	{ "reload", "[--json]", "have the daemon read its configuration anew", ask_opts, 0, 0,
	  cmd_reload },
	{ "health", "[--json]", "what the daemon knows of its reals, one a line", ask_opts, 0, 0,
	  cmd_health },
	{ "decap add", "IFACE [--slot N] [--gue-port N] [--to ADDR]... [--json]",
	  "on a real: open what a balancer sent, before the stack", decap_opts, 1, 1,
	  cmd_decap_add },
	{ "decap del", "IFACE [--json]", "stop that", json_opts, 1, 1, cmd_decap_del },
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
