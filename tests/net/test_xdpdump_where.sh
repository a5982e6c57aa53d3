#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump: packets as they come and as they leave (--point), and several interfaces at once.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_up
D=$B/xdpdump
L="nsenter --net=/run/netns/$T-lb --"
SECOND=xlc$$
xdplb attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }
xdplb vip add "$VIP4:80/tcp" >/dev/null
xdplb real add "$VIP4:80/tcp" 10.20.1.2 >/dev/null

# A second interface with a chain of its own, towards the attacker.
ip link add "$SECOND" netns "$T-lb" type veth peer name direct netns "$T-attacker"
ip -n "$T-lb" addr add 10.40.0.2/24 dev "$SECOND"
ip -n "$T-attacker" addr add 10.40.0.1/24 dev direct
ip -n "$T-lb" link set "$SECOND" up
ip -n "$T-attacker" link set direct up
at lb "$B/droplet" attach "$SECOND" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }
at lb "$B/droplet" block 10.40.0.9 -i "$SECOND" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }
ip -n "$T-attacker" addr add 10.40.0.9/24 dev direct

start() { capture "$1" "$D" -B 1024 "${@:2}"; }
get() { at client curl -s -o /dev/null "http://$VIP4/"; }
lines() { grep -cE "$2" "$TMP/$1.out"; }
at_least() { [ "$(lines "$1" "$2")" -ge "$3" ]; }
quiet_ping() { at "$@" >/dev/null 2>&1; }

# --- as they come and as they leave --------------------------------------------------------------------
OUTER='IP 172\.16\.[0-9.]+ > 10\.20\.1\.2: IP 10\.10\.0\.2\.[0-9]+ > 192\.0\.2\.10\.80: Flags \[S\]'
INNER='IP 10\.10\.0\.2\.[0-9]+ > 192\.0\.2\.10\.80: Flags \[S\]'
start exit -i "$LB_IF" 'tcp port 80'
get
wait_for 5 at_least exit 'TX lb: new' 1
stop
check exit-bytes test "$(lines exit "^[0-9:.]+ $OUTER.* \| TX lb: new")" -eq 1
start entry -i "$LB_IF" --point entry 'tcp port 80'
get
wait_for 5 at_least entry 'TX lb: new' 1
stop
check entry-bytes test "$(lines entry "^[0-9:.]+ $INNER.* \| TX lb: new")" -eq 1
check entry-no-outer test "$(lines entry '172\.16')" -eq 0
check entry-sums sums entry
start both -i "$LB_IF" --point both 'tcp port 80'
get
wait_for 5 at_least both 'TX lb: new' 2
stop
check both-in test "$(lines both "^[0-9:.]+ In  $INNER.* \| TX lb: new")" -eq 1
check both-out test "$(lines both "^[0-9:.]+ Out $OUTER.* \| TX lb: new")" -eq 1
check both-in-first grep -q ' In ' <(grep -m1 'Flags \[S\]' "$TMP/both.out")
check both-equal test "$(lines both ' In  IP ')" -eq "$(lines both ' Out IP ')"
check both-sums sums both
# The verdict is known at the entry too, and filters by it work.
start entry-tx -i "$LB_IF" --point entry --verdict tx --stage lb
get
quiet_ping client ping -n -q -c 2 -i 0.05 10.30.0.2
wait_for 5 at_least entry-tx 'TX lb' 4
stop
check entry-verdict test "$(lines entry-tx 'ICMP')" -eq 0
check entry-verdict-sums sums entry-tx

# --- in a file: one interface a point ----------------------------------------------------------------------
F=$TMP/both.pcapng
start file -i "$LB_IF" --point both -w "$F" 'tcp port 80'
get
stop
ifs() { tshark -r "$1" -T fields -e frame.interface_id -e "$2" 2>"$TMP/warn" | sort | uniq -c | sed 's/^ *//' | tr '\t' ' '; }
check file-two-interfaces test "$(capinfos -Tr "$F" 2>/dev/null >/dev/null; tshark -r "$F" -T fields -e frame.interface_id 2>/dev/null | sort -u | tr '\n' ' ')" = '0 1 '
check file-descriptions grep -q 'XDP chain, as packets come' <(capinfos "$F")
check file-out-is-ipip test "$(tshark -r "$F" -Y 'frame.interface_id == 0 && ip.dst == 10.20.1.2' 2>/dev/null | wc -l)" -eq "$(tshark -r "$F" -Y 'frame.interface_id == 0' 2>/dev/null | wc -l)"
check file-in-is-plain test "$(tshark -r "$F" -Y 'frame.interface_id == 1 && ip.dst == 10.20.1.2' 2>/dev/null | wc -l)" -eq 0
check file-no-warning test ! -s "$TMP/warn"
check file-tcpdump tcpdump -n -r "$F"
check file-unique-ids test -z "$(tshark -r "$F" -T fields -e frame.packet_id 2>/dev/null | sort | uniq -d)"
check file-stats test "$(capinfos "$F" | grep -c 'Number of stat entries = 1')" -eq 2
check file-read-back-in test "$("$D" -r "$F" 2>/dev/null | grep -cE "^[0-9:.]+ In  $INNER")" -eq 1
check file-read-back-out test "$("$D" -r "$F" 2>/dev/null | grep -cE "^[0-9:.]+ Out $OUTER")" -eq 1
check file-read-point test "$("$D" -r "$F" --point entry 2>/dev/null | grep -c ' Out ')" -eq 0
check file-read-point-some test "$("$D" -r "$F" --point entry 2>/dev/null | grep -c ' In ')" -ge 4
"$D" -r "$F" -w "$TMP/again.pcapng" 2>/dev/null
check file-rewritten cmp <("$D" -r "$F" 2>/dev/null) <("$D" -r "$TMP/again.pcapng" 2>/dev/null)
start json -i "$LB_IF" --point both --json 'tcp port 80'
get
wait_for 5 at_least json '"exit"' 4
stop
check json-points test "$(jq -r .point "$TMP/json.out" | sort | uniq -c | awk '{ print $1 }' | sort -u | wc -l)" -eq 1

# --- several interfaces -----------------------------------------------------------------------------------
start two -i "$LB_IF" -i "$SECOND" icmp
quiet_ping client ping -n -q -c 2 -i 0.05 10.30.0.2
quiet_ping attacker ping -n -q -c 3 -i 0.05 10.40.0.2
quiet_ping attacker ping -n -q -c 1 -W 0.2 -I 10.40.0.9 10.40.0.2
wait_for 5 at_least two ' \| ' 6
stop
check two-exit test $? -eq 0
check two-first test "$(lines two "^[0-9:.]+ $LB_IF +IP 10.10.0.2 > 10.30.0.2: ICMP echo request.* \| PASS end")" -eq 2
check two-second test "$(lines two "^[0-9:.]+ $SECOND +IP 10.40.0.1 > 10.40.0.2: ICMP echo request.* \| PASS end")" -eq 3
check two-names-of-each test "$(lines two "$SECOND +IP 10.40.0.9 .* \| DROP droplet/blocklist: prefix rule 1 \(10.40.0.9/32\)")" -eq 1
check two-in-order sort -c -k1,1 "$TMP/two.out"
check two-says grep -qE "^xdpdump: listening on $LB_IF \(native XDP: lb\), $SECOND \(native XDP: droplet/blocklist, droplet/ratelimit\), snapshot" "$TMP/two.err"
check two-sums sums two
check two-each-counted grep -qE "^$SECOND: [0-9]+ offered, 4 captured, [0-9]+ filtered, 0 lost$" "$TMP/two.err"
F=$TMP/two.pcapng
start two-file -i "$LB_IF" -i "$SECOND" -w "$F" --point both icmp
quiet_ping client ping -n -q -c 2 -i 0.05 10.30.0.2
quiet_ping attacker ping -n -q -c 3 -i 0.05 10.40.0.2
stop
check two-file-ifs test "$(ifs "$F" frame.interface_name | tr '\n' ',')" = "2 0 $LB_IF,2 1 $LB_IF,3 2 $SECOND,3 3 $SECOND,"
check two-file-in-order test "$(tshark -r "$F" -T fields -e frame.time_delta 2>/dev/null | grep -c '^-')" -eq 0
check two-file-text test "$("$D" -r "$F" 2>/dev/null | grep -cE "^[0-9:.]+ $SECOND +In  IP")" -eq 3
# A stage that only one of them has, and one that none has.
start two-stage -i "$LB_IF" -i "$SECOND" --stage blocklist
quiet_ping client ping -n -q -c 2 -i 0.05 10.30.0.2
quiet_ping attacker ping -n -q -c 1 -W 0.2 -I 10.40.0.9 10.40.0.2
wait_for 5 at_least two-stage 'DROP' 1
stop
check two-stage-only test "$(wc -l <"$TMP/two-stage.out")" -eq 1
start two-reason -i "$LB_IF" -i "$SECOND" --reason prefix
quiet_ping attacker ping -n -q -c 1 -W 0.2 -I 10.40.0.9 10.40.0.2
quiet_ping client ping -n -q -c 1 10.30.0.2
wait_for 5 at_least two-reason 'DROP' 1
stop
check two-reason-only test "$(wc -l <"$TMP/two-reason.out")" -eq 1
check two-no-stage refuses 1 '--stage: nosuch: no such stage on' $L "$D" -i "$LB_IF" -i "$SECOND" --stage nosuch
check two-same refuses 2 "-i: $LB_IF: named twice" $L "$D" -i "$LB_IF" -i "$LB_IF"
check two-one-missing refuses 1 'nosuch: no such interface' $L "$D" -i "$LB_IF" -i nosuch
check two-one-missing-gone test "$(at lb "$B/droplet" status "$SECOND" --json | jq -c '[.. | .captures? // empty] | flatten | length')" -eq 0

# --- all chains --------------------------------------------------------------------------------------------
start all -i any-chain icmp
quiet_ping client ping -n -q -c 1 10.30.0.2
quiet_ping attacker ping -n -q -c 1 10.40.0.2
wait_for 5 at_least all 'PASS' 2
check all-both test "$(cut -d' ' -f2 "$TMP/all.out" | sort -u | wc -l)" -eq 2
# One of them is taken down: the other goes on, and the end says that not all was well.
at lb "$B/droplet" detach "$SECOND" >/dev/null 2>&1
check all-one-down wait_for 5 grep -q "$SECOND: the chain was taken down; going on with the others" "$TMP/all.err"
quiet_ping client ping -n -q -c 2 -i 0.05 10.30.0.2
check all-goes-on wait_for 5 at_least all "$LB_IF.*PASS" 3
xdplb detach "$LB_IF" >/dev/null 2>&1
ends
check all-none-left-status test $? -eq 1
check all-none-left grep -q "^xdpdump: $LB_IF: the chain was taken down$" "$TMP/all.err"
check all-sums sums all
check all-nobody refuses 1 'no interface here has a chain, make one: droplet attach IFACE' $L "$D" -i any-chain
check all-and-one refuses 2 'any-chain has all of them' $L "$D" -i any-chain -i lo
check point-wrong refuses 2 '--point: middle: use entry, exit or both' $L "$D" -i lo --point middle

exit $FAILED
