#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Changes to a chain under load: a stream of which every other packet is marked, and must be dropped
# whatever is being changed; none of the others may be, and none of either may go missing.
. "$(dirname "$0")/../topo.sh"

HOSTS=lb
host lb
# A pair by itself: the stream goes straight into the chain.
at lb ip link add xsw type veth peer name xswp
at lb sysctl -qw net.ipv6.conf.xsw.disable_ipv6=1 net.ipv6.conf.xswp.disable_ipv6=1
at lb ip link set xsw up
at lb ip link set xswp up
LB_IF=xsw
CONF=$TMP/droplet.yaml
SOCK=$TMP/droplet.sock
cp "$B/obj/tests/prog/probe.bpf.o" "$B/obj/tests/net/into.bpf.o" "$TMP"
export B

MARKED=$((0x42 << 24 | 0x42 << 16 | 0x42 << 8 | 0x0a)) # 10.66.66.66, as it is in a packet
# probe NAME VERDICT NOTE: a policer that says VERDICT of marked packets, and counts all.
probe() {
	cat <<-EOT
	  - name: $1
	    kind: object
	    file: probe.bpf.o
	    params: {probe_verdict: $2, probe_note: $3, probe_saddr: $MARKED}
	EOT
}
# configure NAME:VERDICT:NOTE...
configure() {
	local p
	{
		printf 'interfaces: [xsw]\ncontrol: {socket: %s}\npolicers:\n' "$SOCK"
		for p; do probe ${p//:/ }; done
	} >"$CONF"
}
reload() { droplet reload --socket "$SOCK" >"$TMP/reload" 2>&1; }
json() { droplet status xsw --json; }

configure guard:1:1
bg lb "$B/droplet" run -c "$CONF" --foreground 2>"$TMP/log"
DAEMON=$!
check "the daemon makes the chain" wait_for 10 reload

# Frames: a second, and in all.
RATE=${TEST_EMULATED:+20000} MANY=${TEST_EMULATED:+100000}
RATE=${RATE:-1000000} MANY=${MANY:-1000000}
bg lb "$B/tests/tools/stream" xswp $RATE >"$TMP/sent"
STREAM=$!
marked_dropped() { [ "$(json | jq '[.. | objects | select(.name? == "guard") | .verdicts.drop.packets // .verdicts.drop // 0] | first')" -gt $((MANY / 10)) ]; }
check "the stream arrives" wait_for 10 marked_dropped

# Replace; insert before and behind; remove; re-order; other parameters; and again, for as long as a
# slow machine takes to send them.
n=0 failed=0
end=$((SECONDS + 8)) last=$((SECONDS + 90))
all_sent() { [ "$(json | jq '[.. | objects | .drop?, .end? | objects | .packets] | add')" -ge $MANY ]; }
while [ $SECONDS -lt $end ] || { [ $SECONDS -lt $last ] && ! all_sent; }; do
	for change in "guard:1:2" "first:5:1 guard:1:2" "first:5:1 guard:1:2 last:5:1" \
		"guard:1:2 first:5:1 last:5:1" "last:5:1 first:5:2 guard:1:1" "last:5:1 guard:1:1" "guard:1:1"; do
		configure $change
		reload || { failed=$((failed + 1)); cat "$TMP/reload"; }
		n=$((n + 1))
	done
done
check "$n changes under load, each of them done" [ $failed -eq 0 ]
check "at least a dozen of them" [ $n -ge 12 ]
kill -TERM $STREAM
wait $STREAM
read -r plain marked <"$TMP/sent"
check "under a stream of $MANY packets and more" [ $((plain + marked)) -ge $MANY ]

json >"$TMP/status.json"
# Of all stages together, those that are gone too: at a change a few packets are told of the other.
dropped=$(jq '[.. | objects | .drop? | objects | .packets] | add' "$TMP/status.json")
passed=$(jq '[.. | objects | .end? | objects | .packets] | add' "$TMP/status.json")
echo "# sent $plain plain and $marked marked; passed $passed, dropped $dropped"
check "every plain packet passed, and no marked one" [ "$passed" = "$plain" ]
check "every marked packet was dropped" [ "$dropped" = "$marked" ]
guard=$(jq '[.. | objects | select(.name? == "guard") | .verdicts.drop.packets] | first' "$TMP/status.json")
check "guard's counter went along, but for a hundredth" [ $((marked - guard)) -le $((marked / 100)) ]
check "guard's own map went on through all changes" \
	[ "$(bpftool -j map dump pinned /sys/fs/bpf/xdpchain/xsw/stage*/hits | jq '.[0].formatted.value')" = $((plain + marked)) ]

# A map of another shape cannot go on: that is said.
sed -i 's/probe.bpf.o/into.bpf.o/' "$CONF"
check "what is no stage is refused" eval '! reload && grep -q "into.bpf.o" "$TMP/reload"'

kill -TERM $DAEMON
wait $DAEMON
[ $FAILED -eq 0 ]
