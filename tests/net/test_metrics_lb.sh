#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metrics of the balancer: judged by promtool, each number the same as in `xdplb status`.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
ip -n "$T-router" route add "$VIP4/32" via 10.30.0.2
ip -n "$T-router" -6 route add "$VIP6/128" via 2001:db8:30::2
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
TCP=$VIP4:any/tcp
UDP="[$VIP6]:53/udp"
cat >"$TMP/droplet.yaml" <<-EOT
	interfaces: [$LB_IF]
	control: {socket: $TMP/droplet.sock}
	metrics: {listen: "127.0.0.1:19436"}
EOT
bg lb "$B/droplet" run -c "$TMP/droplet.yaml" --foreground 2>"$TMP/log"
get() { at lb curl -sSf -m "${TEST_EMULATED:-5}" -o "$TMP/text" http://127.0.0.1:19436/metrics "$@"; }
# value NAME LABELS: of the sample with these labels, a pattern.
value() { sed -n "s/^xdpchain_lb_$1{$2} \([0-9]*\)$/\1/p" "$TMP/text"; }
check answers wait_for 20 get
check none-without-lb test "$(grep -c '^xdpchain_lb_' "$TMP/text")" -eq 0
check families test "$(grep -c '^# TYPE xdpchain_lb_' "$TMP/text")" -eq 11

check attach $X attach "$LB_IF" --lru-size 4096 --guard-rate 50
$X vip add $TCP
$X vip add "$UDP"
$X real add $TCP 10.20.1.2 --weight 3
$X real add $TCP 2001:db8:22::2
$X real add "$UDP" 2001:db8:21::2
$X real set $TCP 2001:db8:22::2 --mode drain
at client python3 -c "
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
for i in range(30): s.sendto(b'x' * 100, ('$VIP6', 53))"

# What is served of the balancer, as status says it: all samples, in the order of names.
expected() {
	$X status --json | jq -r '
		def line(name; labels; n): "xdpchain_lb_\(name){\(labels)} \(n)";
		. as $lb | "interface=\"\(.interface)\"" as $i |
		line("guard_on"; $i; .guard.cpus), line("guard_packets_total"; $i; .guard.packets),
		line("table_bytes"; $i; .memory_bytes),
		(.vips[] | "\($i),vip=\"\(.vip)\"" as $v |
		line("vip_packets_total"; $v; .packets), line("vip_bytes_total"; $v; .bytes),
		line("vip_dropped_packets_total"; $v; .dropped_packets),
		(.reals[] | "\($v),real=\"\(.real)\"" as $r |
		line("real_packets_total"; $r; .packets), line("real_bytes_total"; $r; .bytes),
		line("real_weight"; $r; .weight),
		line("real_up"; $r; if .mode == "up" then 1 else 0 end),
		line("real_drain"; $r; if .mode == "drain" then 1 else 0 end)))' | sort
}
as_status() { get && diff <(grep '^xdpchain_lb_' "$TMP/text" | sort) <(expected); }
counted() { get && [ "$(value vip_packets_total ".*,vip=\"\[$VIP6\]:53\/udp\"")" = 30 ]; }
check vip-exact wait_for 10 counted # neighbours have to be found first
check as-status wait_for 10 as_status
check promtool eval 'out=$(promtool check metrics <"$TMP/text" 2>&1) && [ -z "$out" ]'
check real-exact test "$(value real_packets_total '.*real="2001:db8:21::2"')" = 30
check weight test "$(value real_weight '.*real="10.20.1.2"')" = 3
check up test "$(value real_up '.*real="10.20.1.2"')$(value real_drain '.*real="10.20.1.2"')" = 10
check drain test "$(value real_up '.*real="2001:db8:22::2"')$(value real_drain '.*real="2001:db8:22::2"')" = 01
check open-metrics eval 'get -H "Accept: application/openmetrics-text" && grep -qx "# TYPE xdpchain_lb_vip_packets counter" "$TMP/text" && [ "$(tail -1 "$TMP/text")" = "# EOF" ]'

# --- the flood guard -------------------------------------------------------------------------------
guard() { get && [ "$(value guard_on '.*')" "$@" ]; }
check guard-off guard -eq 0
bg client python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
n = 0
while True:
    n += 1
    s.sendto((1024 + n % 60000).to_bytes(2, 'big') + bytes.fromhex('0050000000000000000050020400') + bytes(4), ('$VIP4', 0))"
FLOOD=$!
check guard-on wait_for 20 guard -ge 1
kill $FLOOD
wait $FLOOD 2>/dev/null
check guard-off-again wait_for 20 guard -eq 0
check guard-packets test "$(value guard_packets_total '.*')" -gt 0
check as-status-after wait_for 10 as_status

# --- the dashboard ---------------------------------------------------------------------------------
# Each of its panels on the balancer shows something of what is served; promtool evaluates them.
python3 - "$TMP/text" packaging/xdpchain.grafana.json >"$TMP/panels.yml" <<-'PY'
	import json, re, sys
	print("evaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:")
	for line in open(sys.argv[1]):
	    m = re.fullmatch(r'(xdpchain_\w+){(.*)} (\d+)\n', line)
	    if m:
	        step = 60 if m[1].endswith("_total") else 0
	        series = '%s{%s,instance="a"}' % (m[1], m[2])
	        print("  - series: '%s'\n    values: '%s+%dx20'" % (series, m[3], step))
	print("  promql_expr_test:")
	panels = json.load(open(sys.argv[2]))["panels"]
	first = [p["title"] for p in panels].index("Load balancer") + 1
	for p in panels[first:]:
	    for t in p["targets"]:
	        e = t["expr"].replace("$__rate_interval", "5m")
	        e = re.sub(r'\$(instance|interface|vip)\b', ".*", e)
	        assert "$" not in e, e
	        print("  - {eval_time: 20m, expr: 'count(%s) > bool 0', exp_samples: [{labels: '{}', value: 1}]}" % e)
PY
check panels test "$(grep -c 'eval_time' "$TMP/panels.yml")" -eq 10
check panels-show promtool test rules "$TMP/panels.yml"

$X real del $TCP 10.20.1.2
check real-gone eval 'get && [ -z "$(value real_up ".*real=\"10.20.1.2\"")" ]'
check detach $X detach "$LB_IF"
check lb-gone eval 'get && ! grep -q "^xdpchain_lb_" "$TMP/text"'
exit $FAILED
