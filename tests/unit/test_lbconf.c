// SPDX-License-Identifier: GPL-2.0
/* xdplb.yaml: what is read from it, and the line that each mistake gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/lbconf.h"
#include "lib/util.h"

#define MS 1000000ULL

static char path[] = "/tmp/xdpchain-lbconf-XXXXXX";

static int load(const char *text, struct lbconf **conf, struct fail *f)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return lbconf_load(path, conf, f);
}

#define IFACE	 "interfaces: [eth0]\n"
#define VIP	 IFACE "vips:\n- vip: \"192.0.2.1:80/tcp\"\n"
#define UDP	 IFACE "vips:\n- vip: \"192.0.2.1:any/udp\"\n"
#define CHECK(c) VIP "  check: {" c "}\n"

static const struct {
	const char *name, *text, *why; /* why: after "FILE:" */
} bad[] = {
	{ "no interface", "vips: []\n", "0: interfaces: a list is wanted" },
	{ "interface name", "interfaces: [eth/0]\n", "1: interfaces: eth/0: no interface" },
	{ "interface twice", "interfaces: [a, b, a]\n", "1: interfaces: a: is there already" },
	{ "interface key", "interfaces:\n- {name: a, lru: 5}\n",
	  "2: lru: no such key here, there are name, mode, gateway, lru_size" },
	{ "interface without name", "interfaces:\n- {mode: auto}\n", "2: interfaces: a name" },
	{ "mode", "interfaces:\n- {name: a, mode: fast}\n",
	  "2: mode: fast: wanted is one of auto, native, generic" },
	{ "gateway", "interfaces:\n- {name: a, gateway: x}\n", "2: gateway: x: a MAC address" },
	{ "gateway of many", "interfaces:\n- {name: a, gateway: \"01:00:5e:00:00:01\"}\n",
	  "2: gateway: 01:00:5e:00:00:01: not the MAC address of one host" },
	{ "lru size", "interfaces:\n- {name: a, lru_size: 0}\n",
	  "2: lru_size: 0: a number from 1" },
	{ "source", "interfaces:\n- {name: a, source4: \"100::/64\"}\n", "2: source4: 100::/64" },
	{ "unknown key", IFACE "vip: []\n", "2: vip: no such key here, there are interfaces" },
	{ "vips no list", IFACE "vips: {}\n", "2: vips: a list is wanted" },
	{ "vip missing", IFACE "vips:\n- reals: []\n", "3: vip: is missing" },
	{ "vip bad", IFACE "vips:\n- vip: 192.0.2.1\n", "3: vip: 192.0.2.1: not a VIP" },
	{ "vip port", IFACE "vips:\n- vip: \"192.0.2.1:0/tcp\"\n",
	  "3: vip: 192.0.2.1:0/tcp: the port" },
	{ "vip twice", VIP "- vip: \"192.0.2.1:80/tcp\"\n",
	  "4: vip: 192.0.2.1:80/tcp: is there already, in line 3" },
	{ "option", VIP "  options: [fast]\n", "4: options: fast: no such option" },
	{ "options no list", VIP "  options: gue\n", "4: options: a list is wanted" },
	{ "options contrary", VIP "  options: [hash-source, hash-dport]\n",
	  "3: options: 192.0.2.1:80/tcp: hash-source or hash-dport" },
	{ "quic tcp", VIP "  options: [quic]\n", "3: options: 192.0.2.1:80/tcp: server ids" },
	{ "all down", VIP "  all_down: maybe\n",
	  "4: all_down: maybe: wanted is one of drop, open" },
	{ "all down contrary", VIP "  options: [fail-open]\n  all_down: drop\n",
	  "5: all_down: drop: options say fail-open" },
	{ "real no map", VIP "  reals: [10.0.0.1]\n", "4: reals: keys and values are wanted" },
	{ "real without address", VIP "  reals:\n  - {weight: 2}\n", "5: addr: is missing" },
	{ "real address", VIP "  reals:\n  - {addr: 10.0.0}\n", "5: addr: 10.0.0: not an IPv4" },
	{ "real is vip", VIP "  reals:\n  - {addr: 192.0.2.1}\n",
	  "5: addr: 192.0.2.1: is the VIP itself" },
	{ "real twice", VIP "  reals:\n  - {addr: 10.0.0.1}\n  - {addr: 10.0.0.1}\n",
	  "6: addr: 10.0.0.1: is there already, in line 5" },
	{ "real family",
	  IFACE "vips:\n- vip: \"[2001:db8::1]:80/tcp\"\n  reals:\n"
		"  - {addr: 10.0.0.1}\n",
	  "5: addr: 10.0.0.1: cannot be a real of" },
	{ "weight", VIP "  reals:\n  - {addr: 10.0.0.1, weight: 1001}\n",
	  "5: weight: 1001: a number from 0 to 1000" },
	{ "server id", VIP "  reals:\n  - {addr: 10.0.0.1, ids: [0]}\n",
	  "5: ids: 0: a server id is" },
	{ "check without type", CHECK("port: 80"), "4: check: type is missing" },
	{ "check type", CHECK("type: ping"), "4: type: ping: wanted is one of tcp, http" },
	{ "check key", CHECK("type: tcp, every: 1s"), "4: every: no such key here" },
	{ "interval", CHECK("type: tcp, interval: 5"), "4: interval: " },
	{ "interval short", CHECK("type: tcp, interval: 49ms"), "4: interval: 50ms is" },
	{ "timeout long", CHECK("type: tcp, interval: 1s, timeout: 2s"),
	  "4: check: the timeout must not be longer" },
	{ "rise", CHECK("type: tcp, rise: 0"), "4: rise: 0: a number from 1 to 1000" },
	{ "path of tcp", CHECK("type: tcp, path: /"), "4: check: path, host and status are" },
	{ "path", CHECK("type: http, path: alive"), "4: path: alive: a path from / on" },
	{ "path with a line", CHECK("type: http, path: \"/a\\r\\nX: y\""), "4: path: " },
	{ "host", CHECK("type: http, host: \"a/b\""), "4: host: a/b: not the name of a host" },
	{ "status", CHECK("type: http, status: 99"), "4: status: 99: a number from 100" },
	{ "port of icmp", CHECK("type: icmp, port: 1"), "4: check: icmp has no port" },
	{ "tunnel of many",
	  IFACE "vips:\n- vip: \"192.0.2.0/24:80/tcp\"\n  check: {type: icmp, through: tunnel}\n",
	  "3: check: through: tunnel is for a VIP of one address" },
	{ "id twice",
	  VIP "  reals:\n  - {addr: 10.0.0.1, ids: [7, 8]}\n  - {addr: 10.0.0.2, ids: [9, 7]}\n",
	  "6: ids: 7: is there already, in line 5" },
	{ "id twice of one", VIP "  reals: [{addr: 10.0.0.1, ids: [7, 0x7]}]\n",
	  "4: ids: 7: is there already, in line 4" },
	{ "source twice",
	  VIP "  reals:\n  - {addr: 10.0.0.1, sources: [10.9.0.0/16]}\n"
	      "  - {addr: 10.0.0.2, sources: [10.8.0.0/16, 10.9.0.0/16]}\n",
	  "6: sources: 10.9.0.0/16: is there already, in line 5" },
	{ "source family", VIP "  reals: [{addr: 10.0.0.1, sources: [\"2001:db8::/32\"]}]\n",
	  "4: sources: 2001:db8::/32: clients of the VIP are IPv4" },
	{ "fragments twice",
	  VIP "  options: [fragments]\n- vip: \"192.0.2.1:81/tcp\"\n  options: [fragments]\n",
	  "5: options: fragments: the VIP in line 3 has those" },
	{ "tunnel port", CHECK("type: tcp, through: tunnel, port: 81"),
	  "3: check: through: tunnel goes" },
	{ "tunnel of udp", UDP "  check: {type: tcp, port: 1, through: tunnel}\n",
	  "3: check: tcp through: tunnel is for a tcp VIP, icmp is for any" },
	{ "port missing", UDP "  check: {type: tcp}\n", "3: check: port is missing" },
	{ "socket", IFACE "control: {socket: run}\n", "2: socket: run: the whole path" },
};

static void mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lbconf *conf = NULL;
		struct fail f = { 0 };
		char want[512];

		print_message("%s\n", bad[i].name);
		assert_int_equal(load(bad[i].text, &conf, &f), -EINVAL);
		snprintf(want, sizeof(want), "%s:%s", path, bad[i].why);
		if (strncmp(f.text, want, strlen(want)))
			fail_msg("%s\n  instead of %s", f.text, want);
		assert_null(strchr(f.text, '\n'));
	}
}

static void whole(void **state)
{
	static const char text[] =
		"interfaces:\n- eth0\n"
		"- {name: eth1, mode: generic, lru_size: 5000, gateway: \"02:00:00:00:00:01\",\n"
		"   guard_rate: 7, udp_idle: 9, icmp_rate: 3, gue_port: 99, source4: 10.0.0.0/8}\n"
		"vips:\n"
		"- vip: \"192.0.2.1:80/tcp\"\n  options: [gue]\n  all_down: open\n"
		"  check: {type: https, path: /x, host: a.example, status: 204, interval: 1m,\n"
		"          timeout: 500ms, rise: 4, fall: 5, port: 8443}\n"
		"  reals:\n  - {addr: 10.0.0.1}\n"
		"  - {addr: \"2001:db8::1\", weight: 3, sources: [10.0.0.0/8]}\n"
		"- vip: \"192.0.2.2:443/udp\"\n  options: [quic]\n  id_bytes: version\n"
		"  reals:\n  - {addr: 10.0.0.1, weight: 0, ids: [7, 0x10]}\n"
		"- vip: \"192.0.2.3:80/tcp\"\n  options: [gue]\n"
		"  check: {type: tcp, through: tunnel}\n"
		"control: {socket: /run/x.sock, group: adm}\n";
	struct lbconf *c = NULL;
	struct fail f = { 0 };

	(void)state;
	if (load(text, &c, &f))
		fail_msg("%s", f.text);
	assert_int_equal(c->interface_count, 2);
	assert_int_equal(c->interfaces[0].options.conns, LB_CONNS);
	assert_int_equal(c->interfaces[1].is.mode, CHAIN_GENERIC);
	assert_int_equal(c->interfaces[1].options.conns, 5000);
	assert_int_equal(c->interfaces[1].options.has_gateway, 1);
	assert_int_equal(c->interfaces[1].options.gue_port, 99);
	assert_int_equal(c->interfaces[1].options.source4.len, 8);
	assert_int_equal(c->vip_count, 3);
	assert_int_equal(c->vips[0].options.flags, LB_VIP_GUE | LB_VIP_FAIL_OPEN);
	assert_int_equal(c->vips[0].check.type, HEALTH_HTTPS);
	assert_int_equal(c->vips[0].check.port, 8443);
	assert_int_equal(c->vips[0].check.status, 204);
	assert_string_equal(c->vips[0].check.host, "a.example");
	assert_int_equal(c->vips[0].check.pace.interval_ns, 60 * NSEC);
	assert_int_equal(c->vips[0].check.pace.timeout_ns, 500 * MS);
	assert_int_equal(c->vips[0].check.pace.rise, 4);
	assert_int_equal(c->vips[0].check.pace.fall, 5);
	assert_int_equal(c->vips[0].reals[0].weight, 1);
	assert_int_equal(c->vips[0].reals[1].addr.family, AF_INET6);
	assert_int_equal(c->vips[0].reals[1].source_count, 1);
	assert_int_equal(c->vips[1].options.id_bytes, LB_ID_BY_VERSION);
	assert_int_equal(c->vips[1].reals[0].ids[1], 0x10);
	assert_int_equal(c->vips[1].check.type, HEALTH_NONE);
	assert_int_equal(c->vips[2].check.port, 80);
	assert_int_equal(c->vips[2].check.gue_port, LB_GUE_PORT);
	assert_int_equal(c->vips[2].check.pace.timeout_ns, NSEC);
	assert_string_equal(c->socket, "/run/x.sock");
	assert_string_equal(c->group, "adm");
	lbconf_free(c);
}

static int up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	fd_close(fd);
	return fd < 0;
}

static int down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes),
		cmocka_unit_test(whole),
	};

	return cmocka_run_group_tests(tests, up, down);
}
