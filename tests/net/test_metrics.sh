#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metrics: over HTTP and in a file, judged by promtool, and the same numbers as status has. The
# alerts and the dashboard ask for nothing that is not there.
. "$(dirname "$0")/../topo.sh"

topo_small
PORT=19435
SOCK=$TMP/droplet.sock
cat >"$TMP/drop.c" <<'C'
#include "xdpchain/stage.bpf.h"

enum drop_reason { DROP_TELNET = 1, DROP_SSH = 2 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct chain_rule);
} rules SEC(".maps");

STAGE(drop)
{
	if (pkt->ipproto == PKT_TCP && pkt->dport == pkt_be16(23))
		return DROP(DROP_TELNET);
	if (pkt->ipproto == PKT_TCP && pkt->dport == pkt_be16(22))
		return DROP(DROP_SSH);
	return NEXT;
}
C
cat >"$TMP/droplet.yaml" <<-EOT
	interfaces: [$LB_IF]
	control: {socket: $SOCK}
	metrics: {listen: "127.0.0.1:$PORT", textfile: $TMP/xdpchain.prom, every: 1s}
	policers:
	  - {name: no-telnet, kind: source, file: drop.c}
	  - {name: tried, kind: source, file: drop.c, mode: shadow}
EOT
bg lb "$B/droplet" run -c "$TMP/droplet.yaml" --foreground 2>"$TMP/log"
DAEMON=$!
get() { at lb curl -sS -m "${TEST_EMULATED:-5}" "$@"; }
url=http://127.0.0.1:$PORT
check "the server answers" wait_for 20 get -f -o /dev/null $url/metrics
for port in 23 22 23 80; do at client curl -s -m 0.2 "http://10.30.0.2:$port/" >/dev/null; done

check "metrics are there" get -f -o "$TMP/text" $url/metrics
check "promtool has nothing to say" eval 'out=$(promtool check metrics <"$TMP/text" 2>&1) && [ -z "$out" ]'
check "OpenMetrics for who asks for it" \
	eval 'get -D "$TMP/head" -o "$TMP/open" -H "Accept: application/openmetrics-text" $url/metrics &&
	      grep -qi "^content-type: application/openmetrics-text; version=1.0.0" "$TMP/head" &&
	      [ "$(tail -1 "$TMP/open")" = "# EOF" ] && grep -q "^# TYPE xdpchain_stage_packets counter" "$TMP/open"'
check "else the text format" \
	eval 'get -D "$TMP/head" -o /dev/null $url/metrics && grep -qi "^content-type: text/plain; version=0.0.4" "$TMP/head"'
check "nothing else is there" eval '[ "$(get -o /dev/null -w "%{http_code}" $url/etc)" = 404 ]'
check "nothing can be changed" eval '[ "$(get -o /dev/null -w "%{http_code}" -X POST -d x $url/metrics)" = 405 ]'

# Exactly what status says, of a chain that is at rest.
value() { sed -n "s/^$1{\(.*$2.*\)} \([0-9]*\)$/\2/p" "$TMP/text"; }
at_rest() {
	local a b
	a=$(droplet status "$LB_IF" --json | jq -c '[.. | objects | select(.slot? == 1) | .verdicts, .reasons]')
	get -o "$TMP/text" $url/metrics
	b=$(droplet status "$LB_IF" --json | jq -c '[.. | objects | select(.slot? == 1) | .verdicts, .reasons]')
	[ "$a" = "$b" ]
}
check "numbers at rest" wait_for 10 at_rest
droplet status "$LB_IF" --json >"$TMP/status.json"
stat() { jq "[.. | objects | select(.slot? == 1)] | first | $1" "$TMP/status.json"; }
check "drops as in status" [ "$(value xdpchain_stage_packets_total 'stage="no-telnet".*verdict="drop"')" = "$(stat .verdicts.drop.packets)" ]
check "bytes as in status" [ "$(value xdpchain_stage_bytes_total 'stage="no-telnet".*verdict="drop"')" = "$(stat .verdicts.drop.bytes)" ]
check "reasons by name, as in status" \
	[ "$(value xdpchain_reason_packets_total 'stage="no-telnet".*reason="telnet"')" = "$(stat '.reasons[] | select(.name == "telnet") | .packets')" ]
check "both reasons" [ "$(value xdpchain_reason_packets_total 'stage="no-telnet".*reason="ssh"')" -ge 1 ]
check "shadow mode is told" grep -q 'xdpchain_stage_info{.*stage="tried".*mode="shadow"} 1' "$TMP/text"
check "no panic" eval '[ "$(value xdpchain_panic interface)" = 0 ]'
droplet panic --socket "$SOCK" >/dev/null
get -o "$TMP/text" $url/metrics
check "panic" eval '[ "$(value xdpchain_panic interface)" = 1 ]'
droplet panic --back --socket "$SOCK" >/dev/null

check "the file for node_exporter" wait_for 10 test -s "$TMP/xdpchain.prom"
check "promtool likes it too" eval 'out=$(promtool check metrics <"$TMP/xdpchain.prom" 2>&1) && [ -z "$out" ]'
check "no half-written file beside it" eval '[ "$(ls "$TMP"/xdpchain.prom* | wc -l)" = 1 ]'

check "alerts are sound" promtool check rules packaging/xdpchain.rules.yml
check "alerts fire when they should" promtool test rules packaging/xdpchain.rules.test.yml
# Names that the alerts and the dashboard use, against those that are served.
asked=$(cat packaging/xdpchain.rules.yml packaging/xdpchain.grafana.json | grep -o 'xdpchain_[a-z_]*' | sort -u)
served=$(grep -o '^# TYPE [a-z_]*' "$TMP/text" | cut -d' ' -f3)
for name in $asked; do grep -qx "$name" <<<"$served" || missing="${missing:-} $name"; done
check "they ask for nothing that is not served: ${missing:-}" [ -z "${missing:-}" ]
check "the dashboard is JSON" jq -e '.panels | length > 5' packaging/xdpchain.grafana.json

kill -TERM $DAEMON
wait $DAEMON
check "the port is free again" eval '! get -o /dev/null $url/metrics'
[ $FAILED -eq 0 ]
