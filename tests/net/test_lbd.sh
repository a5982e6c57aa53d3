#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The daemon of xdplb: a file kept applied, reals checked and taken out and put back, with real
# clients; reload, crash and restart.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
mkdir -p /run/xdpchain
mount -t tmpfs -o mode=0755,size=256k tmpfs /run/xdpchain
topo_up
set -- $PIDS
WWW1=$1 WWW2=$2
CONF=$TMP/xdplb.yaml
SOCK=/run/xdpchain/xdplb.sock
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
V4=$VIP4:80/tcp
V6="[$VIP6]:80/tcp"

# write ALL_DOWN WEIGHT [CHECK]: what is configured in most cases.
write() {
	cat >"$CONF" <<-YAML
	interfaces:
	- {name: $LB_IF, mode: native, lru_size: 4096}
	vips:
	- vip: "$V4"
	  all_down: $1
	  check: {${3:-type: http, path: /, interval: 100ms, rise: 2, fall: 3}}
	  reals:
	  - {addr: 10.20.1.2, weight: $2}
	  - {addr: 10.20.2.2, weight: 1}
	- vip: "$V6"
	  check: {type: icmp, interval: 100ms, rise: 2, fall: 3}
	  reals:
	  - {addr: "2001:db8:21::2"}
	  - {addr: "2001:db8:22::2"}
	YAML
}
# says STATUS PATTERN COMMAND...: the exit status, and one clear line on stderr (or stdout for 0).
says() {
	local want=$1 pattern=$2 rc from=$TMP/err; shift 2
	timeout "$((20 + ${TEST_EMULATED:-0}))" "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	[ "$want" -eq 0 ] && from=$TMP/o
	[ $rc -eq "$want" ] && [ "$(wc -l <"$from")" -eq 1 ] && grep -qE -- "$pattern" "$from" ||
		{ echo "status $rc"; cat "$TMP/o" "$TMP/err"; return 1; }
}
start() {
	bg lb "$B/xdplb" run -c "$CONF" --foreground 2>>"$TMP/log"
	DAEMON=$!
	wait_for 10 xdplb health
}
# reals FILTER: of all reals of the IPv4 VIP, in order of their address.
reals() { xdplb real list "$V4" --json | jq -r "$1" | tr '\n' ' '; }
modes() { [ "$(reals .mode)" = "$1 " ]; }
weights() { [ "$(reals .weight)" = "$1 " ]; }
# healthy VIP REAL true|false
healthy() { xdplb health --json | jq -e --arg v "$1" --arg r "$2" ".reals | any(.vip == \$v and .real == \$r and .up == $3)"; }
get() { at client curl -s -m "${TEST_EMULATED:-2}" -o /dev/null "http://$VIP4/"; }
get6() { at client curl -g -s -m "${TEST_EMULATED:-2}" -o /dev/null "http://[$VIP6]/"; }
# all N COMMAND...: each of N times it works.
all() { local n=$1; shift; for _ in $(seq "$n"); do "$@" || return 1; done; }
never() { ! all 1 "$@"; }
www() { bg "b$1" python3 "$TMP/www$1.py" "backend$1" >/dev/null 2>&1; }
total() { reals .packets | tr ' ' '+' | sed 's/+$//' | { read -r sum; echo $((sum)); }; }

# --- what is refused, each with its line ---------------------------------------------------------
check packaged says 0 'fine, [0-9]+ VIP' "$B/xdplb" check packaging/xdplb.yaml
write drop 1
check fine says 0 'fine, 2 VIPs with 4 reals on 1 interface' $X check "$CONF"
check fine-json says 0 '"vips":2,"reals":4,"interfaces":1}$' $X check "$CONF" --json
printf 'interfaces: [%s]\nvips:\n- vip: "192.0.2.1"\n' "$LB_IF" >"$TMP/bad.yaml"
check bad-file says 1 'bad.yaml:3: vip: 192.0.2.1: not a VIP' $X check "$TMP/bad.yaml"
check bad-run says 1 'bad.yaml:3: vip' $X run -c "$TMP/bad.yaml" --foreground
check no-file says 1 'nosuch.yaml: No such file' $X run -c "$TMP/nosuch.yaml"
check no-daemon says 1 'no daemon is there.*xdplb run' $X health
check no-chain says 1 'no lb' $X vip list

# --- a real that dies, and comes back ------------------------------------------------------------
for b in 1 2; do wait_for 10 at b$b curl -s -m "${TEST_EMULATED:-1}" -o "$TMP/www" "http://10.20.$b.2/"; done
check start start
check both-up modes "up up"
check client all 20 get
check client-6 all 5 get6
check second-daemon says 1 'runs already|another' $X run -c "$CONF" --foreground
check client-one-daemon all 5 get
kill "$WWW1"
check taken-out wait_for 3 modes "down up"
check without-it all 30 get
check health-says healthy "$V4" 10.20.1.2 false
check health-line sh -c "$X health | grep -qE '10.20.1.2 http down for [0-9]+ s, .*last: '"
check logged grep -qE "$VIP4:80/tcp: 10.20.1.2 is down: " "$TMP/log"
www 1; WWW1=$!
check put-back wait_for 5 modes "up up"
check with-it all 20 get

# --- all down: none, or all ----------------------------------------------------------------------
kill "$WWW1" "$WWW2"
check all-down wait_for 3 modes "down down"
check all-down-drop sh -c "$X real list $V4 --json | jq -s -e 'all(.share_percent == 0)'"
write open 1
check reload-open says 0 'VIPs: 0 added, 1 changed, 0 removed; reals: 0 added, 0 changed, 0 removed, 4 kept' $X reload
check all-down-open sh -c "$X real list $V4 --json | jq -s -e 'all(.share_percent > 40)'"
www 1; WWW1=$!
www 2; WWW2=$!
check all-up-again wait_for 5 modes "up up"
check all-up-client all 10 get

# --- ICMP: a host that is gone -------------------------------------------------------------------
ip -n "$T-router" link set to-b2 down
check icmp-down wait_for 5 healthy "$V6" 2001:db8:22::2 false
check icmp-client all 10 get6
ip -n "$T-router" link set to-b2 up
ip -n "$T-router" addr add 2001:db8:22::1/64 dev to-b2 nodad 2>/dev/null
check icmp-up wait_for 10 healthy "$V6" 2001:db8:22::2 true
check both-after-icmp wait_for 10 modes "up up"

# --- reload --------------------------------------------------------------------------------------
write drop 3
check reload-weight says 0 'reals: 0 added, 1 changed' $X reload
check reload-who grep -qE 'reload, by root \(uid 0, pid [0-9]+, xdplb\): VIPs' "$TMP/log"
check reload-weights weights "3 1"
write drop 5
kill -HUP "$DAEMON"
check hup-weights wait_for 5 weights "5 1"
check reload-nothing says 0 '"reals_changed":0,"reals_kept":4|"reals_kept":4' $X reload --json
cp "$TMP/bad.yaml" "$CONF"
check reload-refused says 1 'xdplb.yaml:3: vip' $X reload
check reload-refused-keeps weights "5 1"
write drop 7
sed -i "s/^interfaces:/&\n- {name: lo, mode: native}/" "$CONF"
check reload-second-refused says 1 '^xdplb: .*lo: ' $X reload
check reload-second-refused-keeps weights "5 1"
write drop 5
xdplb real drain "$V4" 10.20.1.2 --no-wait >/dev/null
check drained-reload says 0 'kept' $X reload
check drained-stays modes "drain up"
xdplb real set "$V4" 10.20.1.2 --mode up

# --- a crash, and a restart ----------------------------------------------------------------------
SENT=$(total)
{ kill -9 "$DAEMON"; wait "$DAEMON"; } 2>/dev/null
check crash-client all 10 get
kill "$WWW2"
check restart start
check restart-keeps-counters test "$(total)" -ge $((SENT + 40))
check restart-kept sh -c "tail -20 $TMP/log | grep -q 'start: VIPs: 0 added, 0 changed, 0 removed; reals: 0 added, 0 changed, 0 removed, 4 kept'"
check restart-checks wait_for 3 modes "up down"
kill "$DAEMON"
check stop-clean wait "$DAEMON"
check stop-balances all 10 get
check stop-socket test ! -e $SOCK
www 2
check restart-down start
check restart-back wait_for 5 modes "up up"
kill "$DAEMON"; wait "$DAEMON"
exit $FAILED
