#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdplb as a person uses it: each command, each error with its one line and exit status.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
SECOND=xls$$
ip link add "$SECOND" netns "$T-lb" type veth peer name "p$SECOND" netns "$T-lb"
ip -n "$T-lb" link set "$SECOND" up
L="nsenter --net=/run/netns/$T-lb --"
X="$L $B/xdplb"
A=192.0.2.1:80/tcp
S='[2001:db8::1]:53/udp'

# says STATUS PATTERN COMMAND...: the exit status, and one clear line on stderr (or stdout for 0).
says() {
	local want=$1 pattern=$2 rc from=$TMP/err; shift 2
	timeout 20 "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	[ "$want" -eq 0 ] && from=$TMP/o
	[ $rc -eq "$want" ] && [ "$(wc -l <"$from")" -eq 1 ] && grep -qE -- "$pattern" "$from" ||
		{ echo "status $rc"; cat "$TMP/o" "$TMP/err"; return 1; }
}
# silent COMMAND...: it works and says nothing.
silent() { timeout 20 "$@" >"$TMP/o" 2>&1 && [ ! -s "$TMP/o" ] || { cat "$TMP/o"; return 1; }; }
# json FILTER: the value of status.
json() { $X status --json | jq -s -r "$1"; }
# pins: nothing is pinned for an interface of ours.
no_pins() { [ -z "$(ls -A /sys/fs/bpf/xdpchain 2>/dev/null | grep -v '^lock$')" ]; }
no_xdp() { ! ip -n "$T-lb" link show "$1" | grep -q xdp; }

# --- before there is one -------------------------------------------------------------------------
check help-lists-all sh -c "$X --help | grep -c -E '^  (attach|detach|vip add|vip del|vip list|real add|real del|status) ' | grep -qx 8"
check version says 0 '^xdplb [0-9]' $X --version
check command-help sh -c "$X real add --help | grep -q -- '--weight N'"
check no-command says 2 'xdplb --help' $X
check unknown-command says 2 'nosuch: no such command' $X nosuch
check missing-argument says 2 'missing argument' $X attach
check unexpected-argument says 2 'unexpected argument' $X detach a b
check unknown-option says 2 'nosuch' $X status --nosuch
check nothing-attached says 1 'no lb on any interface.*xdplb attach IFACE' $X status
check nothing-attached-vip says 1 'xdplb attach IFACE' $X vip add $A
check no-interface says 1 'nosuch0: no such interface' $X attach nosuch0
check no-lb-here says 1 "$LB_IF: no lb here.*xdplb attach $LB_IF" $X vip add $A -i "$LB_IF"
check detach-nothing says 1 "$LB_IF: no lb here" $X detach "$LB_IF"
check bad-mode says 2 'native or generic' $X attach "$LB_IF" --mode fast
check bad-gateway says 2 'not a MAC address' $X attach "$LB_IF" --gateway 10.0.0.1
check bad-gateway-multicast says 2 'of one host' $X attach "$LB_IF" --gateway 01:00:5e:00:00:01
check bad-size says 2 '1 to [0-9]+' $X attach "$LB_IF" --lru-size 0
check bad-size-word says 2 '1 to [0-9]+' $X attach "$LB_IF" --lru-size many
check not-root says 1 'run as root' $L setpriv --reuid=65534 --regid=65534 --clear-groups "$PWD/$B/xdplb" attach "$LB_IF"
check nothing-left no_pins

# --- attach --------------------------------------------------------------------------------------
check attach says 0 "$LB_IF: lb attached, native mode, 2 tables of 4096 connections" $X attach "$LB_IF" --lru-size 4000
check attached sh -c "ip -n $T-lb link show $LB_IF | grep -q xdp"
check status-empty sh -c "$X status | grep -q 'no VIP, add one: xdplb vip add'"
check other-mode says 1 'native mode, detach' $X attach "$LB_IF" --mode generic

# --- VIPs ----------------------------------------------------------------------------------------
check vip-add silent $X vip add $A
check vip-add-6 silent $X vip add "$S"
check vip-list test "$($X vip list)" = "$A
$S"
check vip-exists says 1 "$A: is a VIP on $LB_IF already" $X vip add $A
check vip-bad says 2 'not a VIP: write ADDR:PORT/tcp' $X vip add 192.0.2.1
check vip-bad-brackets says 2 'brackets' $X vip add 2001:db8::1:80/tcp
check vip-bad-port says 2 '1 to 65535' $X vip add 192.0.2.1:0/tcp
check vip-bad-protocol says 2 'ADDR:PORT/udp' $X vip add 192.0.2.1:80/sctp
check vip-del-unknown says 1 '192.0.2.9:80/tcp: no such VIP.*xdplb vip list' $X vip del 192.0.2.9:80/tcp
check status-no-real sh -c "$X status | grep -q 'no real: its packets are dropped'"

# --- reals ---------------------------------------------------------------------------------------
check real-add silent $X real add $A 10.20.1.2
check real-add-weight silent $X real add $A 10.20.2.2 --weight 3
check real-add-6 silent $X real add "$S" 2001:db8:21::2
check real-exists says 1 '10.20.1.2: is a real of' $X real add $A 10.20.1.2
check real-other-family says 1 'must be IPv4 too' $X real add $A 2001:db8:21::2
check real-other-family-6 says 1 'must be IPv6 too' $X real add "$S" 10.20.1.2
check real-is-vip says 1 'is the VIP itself' $X real add $A 192.0.2.1
check real-no-vip says 1 'no such VIP' $X real add 192.0.2.9:80/tcp 10.20.1.2
check real-bad-address says 2 'not an IPv4 or IPv6 address' $X real add $A 10.20.1
check real-weight-0 says 2 '1 to 1000' $X real add $A 10.20.3.2 --weight 0
check real-weight-big says 2 '1 to 1000' $X real add $A 10.20.3.2 --weight 1001
check real-weight-word says 2 '1 to 1000' $X real add $A 10.20.3.2 --weight heavy
check real-del-unknown says 1 '10.20.9.9: no such real of' $X real del $A 10.20.9.9
check status-share sh -c "$X status | grep -qE '10.20.2.2 +3 +75.0 %'"
check status-json test "$(json '.[0].vips[0].reals | map(.real + " " + (.weight | tostring) + " " + (.share_percent | round | tostring)) | join(",")')" = "10.20.1.2 1 25,10.20.2.2 3 75"
check real-del silent $X real del $A 10.20.1.2
check real-del-share test "$(json '.[0].vips[0].reals[0].share_percent | round')" = 100

# --- attach again keeps all, but for what is asked -------------------------------------------------
check attach-again says 0 '4096 connections' $X attach "$LB_IF" --gateway 02:00:00:00:00:aa
check attach-again-keeps test "$(json '.[0] | .gateway + " " + (.vips | length | tostring)')" = "02:00:00:00:00:aa 2"
$X attach "$LB_IF" >/dev/null
check gateway-kept test "$(json '.[0].gateway')" = 02:00:00:00:00:aa
$X attach "$LB_IF" --gateway auto --lru-size 8192 >/dev/null
check options-changed test "$(json '.[0] | .gateway + " " + (.connections | tostring)')" = "auto 8192"

# --- two interfaces --------------------------------------------------------------------------------
check second says 0 "$SECOND: lb attached" $X attach "$SECOND" --lru-size 1024
check choose says 1 "lb on .*$LB_IF.*: choose with -i IFACE" $X vip add 192.0.2.2:80/tcp
check choose-vip silent $X vip add 192.0.2.2:80/tcp -i "$SECOND"
check list-of-one test "$($X vip list -i "$SECOND")" = 192.0.2.2:80/tcp
check status-of-all test "$(json 'map(.interface) | sort | join(" ")')" = "$(printf '%s\n' "$LB_IF" "$SECOND" | sort | tr '\n' ' ' | sed 's/ $//')"
check status-of-one test "$($X status -i "$SECOND" -j | jq -r .interface)" = "$SECOND"
check detach-second says 0 "$SECOND: lb detached, and the chain with it" $X detach "$SECOND"
check detach-second-xdp no_xdp "$SECOND"

# --- beside droplet --------------------------------------------------------------------------------
droplet attach "$LB_IF" >/dev/null 2>&1
check detach-first says 0 "$LB_IF: lb detached$" $X detach "$LB_IF"
check chain-stays sh -c "ip -n $T-lb link show $LB_IF | grep -q xdp"
check vips-gone says 1 'no lb' $X vip list
check attach-beside says 0 'lb attached' $X attach "$LB_IF" --lru-size 1024
check attach-beside-empty test "$($X vip list | wc -l)" -eq 0
droplet detach "$LB_IF" >/dev/null 2>&1
check lb-stays test "$(json '.[0].interface')" = "$LB_IF"

# --- changes at the same time -------------------------------------------------------
for i in $(seq 1 8); do bg lb "$B/xdplb" vip add "198.51.100.$i:80/tcp"; done
check writers-at-once wait_for 10 sh -c "[ \$($X vip list | grep -c 198.51.100) -eq 8 ]"
check vip-del silent $X vip del 198.51.100.1:80/tcp
check vip-deleted test "$($X vip list | grep -c 198.51.100)" -eq 7

# --- all of it goes away -----------------------------------------------------------------------------
check detach says 0 'and the chain with it' $X detach "$LB_IF"
check detach-xdp no_xdp "$LB_IF"
check detach-pins no_pins
$X attach "$SECOND" --lru-size 1024 >/dev/null
ip -n "$T-lb" link del "$SECOND"
check interface-gone says 1 'interface is gone|no such interface' $X vip list -i "$SECOND"
check interface-gone-detach says 0 'removed what was left' $X detach "$SECOND"
check interface-gone-pins no_pins
check generic says 0 'generic mode' $X attach "$LB_IF" --mode generic --lru-size 1024
$X detach "$LB_IF" >/dev/null
check detach-generic no_xdp "$LB_IF"
exit $FAILED
