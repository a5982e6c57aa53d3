#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Servers behind the balancer that open what it sends with `xdplb decap`: real clients, in every kind
# of wrapping; a drain with a connection that lives; echo; who sends too much; a guard that comes and goes.
set -u
cd "$(dirname "$0")/../.." || exit 1
BACKEND_UNPACKS=device
. tests/topo.sh
topo_up
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
A=$VIP4:80/tcp
S="[$VIP6]:80/tcp"
U=$VIP4:any/udp
bx() { local h=$1; shift; at "$h" "$B/xdplb" "$@"; }
# served URL-HOST: a page comes from one of the servers.
served() { at client curl -sf --max-time "${TEST_EMULATED:-5}" "http://$1/" | grep -q 'hello from backend'; }
# Both servers call their interface eth0, and pins are by name: so one has pins of its own.
bg b2 unshare --mount sh -c 'mount -t bpf bpf /sys/fs/bpf && "$0" decap add eth0 &&
	exec tail -f /dev/null' "$B/xdplb" >/dev/null 2>&1
check decap-b1 bx b1 decap add eth0
check decap-b2 wait_for 20 sh -c "ip -n $T-b2 link show eth0 | grep -q xdp"
check attach $X attach "$LB_IF" --lru-size 4096
$X vip add $A
$X vip add "$S"
check not-served test "$(served $VIP4; echo $?)" = 1
$X real add $A 10.20.1.2
$X real add "$S" 2001:db8:21::2

# --- each wrapping ------------------------------------------------------------------------------------
check ipip wait_for 5 served $VIP4
check ip6ip6 wait_for 5 served "[$VIP6]"
for v in $A "$S"; do $X vip set "$v" -o gue; done
check gue4 served $VIP4
check gue6 served "[$VIP6]"
$X real add $A 2001:db8:22::2
$X real del $A 10.20.1.2
check ip4-in-gue6 served $VIP4
$X vip set $A -o none
check ip4-in-ip6 served $VIP4
check from-backend2 sh -c "nsenter --net=/run/netns/$T-client -- curl -sf http://$VIP4/ | grep -q backend2"

# --- echo, only to a VIP --------------------------------------------------------------------------------
check ping at client ping -c 1 -W 2 $VIP4
check ping6 at client ping -c 1 -W 2 $VIP6
ip -n "$T-router" route add 192.0.2.11/32 via 10.30.0.2
check ping-another test "$(at client ping -c 1 -W 1 192.0.2.11 >/dev/null; echo $?)" != 0

# --- who sends more than fits -----------------------------------------------------------------------
at client sysctl -qw net.ipv4.tcp_mtu_probing=0
check upload sh -c "nsenter --net=/run/netns/$T-client -- head -c 300000 /dev/zero | nsenter --net=/run/netns/$T-client -- curl -sf --max-time 10 --data-binary @- http://$VIP4/ | grep -qx 300000"
check told test "$($X status --json | jq '.reasons.told_too_big.packets')" -gt 0
check path-mtu sh -c "ip -n $T-client route get $VIP4 | grep -q 'mtu 1460'"

# --- drain ---------------------------------------------------------------------------------------------
$X real del $A 2001:db8:22::2
$X real add $A 10.20.1.2
# A client that asks again on the same connection whenever it is told to, and ends when that ends.
mkfifo "$TMP/ask"
cat >"$TMP/keep.py" <<-PY
import http.client, sys
c = http.client.HTTPConnection("$VIP4", 80, timeout=10)
for line in sys.stdin:
    c.request("GET", "/")
    print(c.getresponse().read().decode().strip(), flush=True)
PY
exec 7<>"$TMP/ask"
nsenter --net="/run/netns/$T-client" -- python3 "$TMP/keep.py" <"$TMP/ask" >"$TMP/kept" 2>&1 7>&- &
KEEP=$!
PIDS="$PIDS $KEEP"
# kept N: the connection has brought N answers, all of backend1.
kept() { [ "$(grep -c . "$TMP/kept")" -eq "$1" ] && ! grep -qv backend1 "$TMP/kept"; }
echo >&7
check kept-first wait_for 10 kept 1
$X real add $A 10.20.2.2
$X real drain $A 10.20.1.2 >"$TMP/drain" 2>&1 7>&- & DRAIN=$!
PIDS="$PIDS $DRAIN"
check drain-shows wait_for 10 grep -qE '10.20.1.2: [1-9][0-9]* connections? left after' "$TMP/drain"
check drain-new sh -c "for i in 1 2 3 4 5 6; do nsenter --net=/run/netns/$T-client -- curl -sf http://$VIP4/ | grep -q backend2 || exit 1; done"
echo >&7
check drain-stays wait_for 10 kept 2
check drain-waits kill -0 $DRAIN
exec 7>&-
wait $KEEP
check drain-empty wait_for 20 grep -q '10.20.1.2: empty after' "$TMP/drain"
check drain-ends wait $DRAIN

# --- the flood guard --------------------------------------------------------------------------------
$X attach "$LB_IF" --guard-rate 20 >/dev/null
check guard-off sh -c "$X status | grep -q 'flood guard: off, above 20 new'"
at client python3 - <<-PY
import socket
s = []
for i in range(120):
    c = socket.socket(); c.setblocking(False)
    try: c.connect(("$VIP4", 80))
    except BlockingIOError: pass
    s.append(c)
PY
check guard-came test "$($X status --json | jq '.guard.times')" -gt 0
check guard-reason test "$($X status --json | jq '.reasons.guard.packets')" -gt 0
check guard-serves served $VIP4
check guard-ends wait_for 5 sh -c "$X status --json | jq -e '.guard.on | not'"
check stats-rates sh -c "$X stats --json | jq -e '.vips | length == 2'"
exit $FAILED
