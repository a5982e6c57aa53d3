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
	timeout "$((20 + ${TEST_EMULATED:-0}))" "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	[ "$want" -eq 0 ] && from=$TMP/o
	[ $rc -eq "$want" ] && [ "$(wc -l <"$from")" -eq 1 ] && grep -qE -- "$pattern" "$from" ||
		{ echo "status $rc"; cat "$TMP/o" "$TMP/err"; return 1; }
}
# silent COMMAND...: it works and says nothing.
silent() { timeout "$((20 + ${TEST_EMULATED:-0}))" "$@" >"$TMP/o" 2>&1 && [ ! -s "$TMP/o" ] || { cat "$TMP/o"; return 1; }; }
# json FILTER: the value of status.
json() { $X status --json | jq -s -r "$1"; }
# pins: nothing is pinned for an interface of ours.
no_pins() { [ -z "$(ls -A /sys/fs/bpf/xdpchain 2>/dev/null | grep -v '^lock$')" ]; }
no_xdp() { ! ip -n "$T-lb" link show "$1" | grep -q xdp; }

# --- before there is one -------------------------------------------------------------------------
check help-lists-all sh -c "$X --help | grep -c -E '^  (attach|detach|vip (add|del|set|list)|real (add|del|set|drain|list)|status|stats|decap (add|del)) ' | grep -qx 15"
check version says 0 '^xdplb [0-9]' $X --version
check command-help sh -c "$X real add --help | grep -q -- '--weight N'"
check no-command says 2 'xdplb --help' $X
check unknown-command says 2 'nosuch: no such command' $X nosuch
check half-command says 2 '^xdplb: vip: wanted is one of add, del, set, list$' $X vip
check half-command-wrong says 2 'real: wanted is one of add, del, set, drain, list$' $X real frob
# in_synopsis: each command that --help names is in the man page's synopsis, by words.
in_synopsis() {
	local name
	sed -n '/^.SH SYNOPSIS/,/^.SH DESC/ { s/\\f.//g; p }' man/xdplb.8 >"$TMP/synopsis"
	$X --help | sed -n 's/^  \([a-z]\+\( [a-z]\+\)\?\).*/\1/p' >"$TMP/commands"
	[ "$(wc -l <"$TMP/commands")" -ge 20 ] || return 1
	while read -r name second; do
		grep -qE "xdplb ([a-z]+[|])*$name([|][a-z]+)*( ([a-z]+[|])*$second)?" "$TMP/synopsis" || { echo "$name $second"; return 1; }
	done <"$TMP/commands"
}
check man-names-all in_synopsis
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
check bad-guard says 2 "guard's rate must be" $X attach "$LB_IF" --guard-rate -1
check bad-idle says 2 'idle time must be 1 to' $X attach "$LB_IF" --udp-idle 0
check bad-port says 2 'port must be 1 to 65535' $X attach "$LB_IF" --gue-port 65536
check bad-source says 2 'not an IPv4 prefix' $X attach "$LB_IF" --source4 100::/64
check bad-source-bits says 2 '10.1.0.0/8' $X attach "$LB_IF" --source4 10.1.0.0/8
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
check vip-bad says 2 'not a VIP: write ADDR\[/LEN\]:PORT/tcp' $X vip add 192.0.2.1
check vip-bad-brackets says 2 'brackets' $X vip add 2001:db8::1:80/tcp
check vip-bad-port says 2 '1 to 65535' $X vip add 192.0.2.1:0/tcp
check vip-bad-protocol says 2 'not a VIP' $X vip add 192.0.2.1:80/sctp
check vip-bad-prefix says 2 '192.0.2.0/24' $X vip add 192.0.2.1/24:80/tcp
check vip-bad-option says 2 'no such option: choose of hash-source, .*fail-open' $X vip add 192.0.2.3:80/udp -o fast
check vip-bad-pair says 1 'hash-source or hash-dport' $X vip add 192.0.2.3:80/udp -o hash-source,hash-dport
check vip-quic-tcp says 1 'not for tcp' $X vip add 192.0.2.3:80/tcp -o quic -b 4
check vip-quic-bytes says 1 '--id-bytes' $X vip add 192.0.2.3:80/udp -o quic
check vip-quic-many says 2 '1 to 8' $X vip add 192.0.2.3:80/udp -o quic -b 9
check vip-refused-none test "$($X vip list | wc -l)" -eq 2
check vip-del-unknown says 1 '192.0.2.9:80/tcp: no such VIP.*xdplb vip list' $X vip del 192.0.2.9:80/tcp
check status-no-real sh -c "$X status | grep -q 'no real: its packets are dropped'"

# --- reals ---------------------------------------------------------------------------------------
check real-add silent $X real add $A 10.20.1.2
check real-add-weight silent $X real add $A 10.20.2.2 --weight 3
check real-add-6 silent $X real add "$S" 2001:db8:21::2
check real-exists says 1 '10.20.1.2: is a real of' $X real add $A 10.20.1.2
check real-other-family-6 says 1 'IPv6 does not go in IPv4' $X real add "$S" 10.20.1.2
check real-is-vip says 1 'is the VIP itself' $X real add $A 192.0.2.1
check real-no-vip says 1 'no such VIP' $X real add 192.0.2.9:80/tcp 10.20.1.2
check real-bad-address says 2 'not an IPv4 or IPv6 address' $X real add $A 10.20.1
check real-weight-big says 2 '0 to 1000' $X real add $A 10.20.3.2 --weight 1001
check real-weight-word says 2 '0 to 1000' $X real add $A 10.20.3.2 --weight heavy
check real-del-unknown says 1 '10.20.9.9: no such real of' $X real del $A 10.20.9.9
check status-share sh -c "$X status | grep -qE '10.20.2.2 +3 +up +75.0 %'"
check status-json test "$(json '.[0].vips[0].reals | map(.real + " " + (.weight | tostring) + " " + (.share_percent | round | tostring)) | join(",")')" = "10.20.1.2 1 25,10.20.2.2 3 75"
check real-set silent $X real set $A 10.20.2.2 --weight 1
check real-set-weight test "$(json '.[0].vips[0].reals | map(.share_percent | round) | join(",")')" = 50,50
check real-down silent $X real set $A 10.20.1.2 --mode down
check real-down-share test "$(json '.[0].vips[0].reals | map(.mode + " " + (.share_percent | round | tostring)) | join(",")')" = "down 0,up 100"
check real-up silent $X real set $A 10.20.1.2 --mode up
check real-set-nothing says 2 'nothing to set' $X real set $A 10.20.1.2
check real-bad-mode says 2 'up, down or drain' $X real set $A 10.20.1.2 --mode off
check real-set-unknown says 1 'no such real' $X real set $A 10.20.9.9 --weight 2
check real-drain says 0 '10.20.1.2: empty after 0 s' $X real drain $A 10.20.1.2
check real-drain-json says 0 '"connections":0' $X real drain $A 10.20.1.2 --json
check real-drain-unknown says 1 'no such real' $X real drain $A 10.20.9.9
check real-list says 0 '^\[2001:db8::1\]:53/udp 2001:db8:21::2 weight 1 up 100.0 % 0 connections$' $X real list "$S"
check real-list-json test "$($X real list $A --json | jq -r '.vip + " " + .real + " " + .mode' | tr '\n' ,)" = "$A 10.20.1.2 drain,$A 10.20.2.2 up,"
check real-list-unknown says 1 'no such VIP' $X real list 192.0.2.77:80/tcp
check real-del silent $X real del $A 10.20.1.2
check real-del-share test "$(json '.[0].vips[0].reals[0].share_percent | round')" = 100

# --- options and claims ------------------------------------------------------------------------------
Q=192.0.2.4:443/udp
check quic-add silent $X vip add $Q -o quic,gue -b version
check quic-real silent $X real add $Q 2001:db8:21::2 --weight 0 --id 1024,0x400a --source 10.0.0.0/8,10.1.2.3
check quic-real-2 silent $X real add $Q 10.20.2.2
check quic-taken says 1 '1024: another real of the VIP has that id' $X real set $Q 10.20.2.2 --id 7,1024
check source-taken says 1 '10.0.0.0/8: another real' $X real set $Q 10.20.2.2 --source 10.0.0.0/8
check source-family says 1 'clients of the VIP are IPv4' $X real set $Q 10.20.2.2 --source 2001:db8::/32
check source-wider silent $X real set $Q 10.20.2.2 --source 10.0.0.0/7
check claims-bad-id says 2 'number from 1 on' $X real set $Q 10.20.2.2 --id x
check claims-json test "$($X real list $Q --json | jq -c '[.ids, .sources]' | tr '\n' ' ')" = '[[],["10.0.0.0/7"]] [[1024,16394],["10.0.0.0/8","10.1.2.3/32"]] '
check claims-none silent $X real set $Q 2001:db8:21::2 --id none --source none
check claims-gone test "$($X real list $Q --json | jq -c '[.ids, .sources]' | tail -1)" = '[[],[]]'
check vip-set silent $X vip set $Q -o -gue,+migrate
check vip-set-list test "$($X vip list | grep 192.0.2.4)" = "$Q  quic,migrate"
check vip-set-quic-bytes silent $X vip set $Q -b 4
check vip-set-json test "$($X vip list --json | jq -c 'select(.vip == "'$Q'") | [.options, .id_bytes]')" = '[["quic","migrate"],4]'
check vip-set-none silent $X vip set $Q -o none
check vip-set-none-list test "$($X vip list | grep 192.0.2.4)" = $Q
check fragments-add silent $X vip add 192.0.2.4:any/udp -o fragments
check fragments-one says 1 '192.0.2.4:any/udp takes the fragments' $X vip set $Q -o fragments
check prefix-add silent $X vip add '[2001:db8:77::/96]:any/tcp' -o fail-open
check prefix-real-within says 1 'is the VIP itself' $X real add '[2001:db8:77::/96]:any/tcp' 2001:db8:77::5
for v in $Q 192.0.2.4:any/udp '[2001:db8:77::/96]:any/tcp'; do $X vip del "$v"; done
check options-vips-gone test "$($X vip list | wc -l)" -eq 2

# --- rates ---------------------------------------------------------------------------------------
check stats sh -c "$X stats | grep -q 'table not asked, 0 misses/s, 0 new/s, flood guard off'"
check stats-json test "$($X stats --json | jq -c '[.hit_percent, .guard_on, (.vips | length)]')" = '[null,false,2]'
check stats-bad says 2 'interval must be 1' $X stats --interval 0

# --- attach again keeps all, but for what is asked -------------------------------------------------
check attach-again says 0 '4096 connections' $X attach "$LB_IF" --gateway 02:00:00:00:00:aa
check attach-again-keeps test "$(json '.[0] | .gateway + " " + (.vips | length | tostring)')" = "02:00:00:00:00:aa 2"
$X attach "$LB_IF" --guard-rate 7 --udp-idle 5 --icmp-rate 9 --gue-port 9999 --source4 10.9.0.0/16 --source6 fd00::/48 >/dev/null
$X attach "$LB_IF" >/dev/null
check options-kept test "$(json '.[0] | [.guard.rate, .udp_idle_seconds, .icmp_rate, .gue_port, .source4, .source6] | join(" ")')" = "7 5 9 9999 10.9.0.0/16 fd00::/48"
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

# --- decapsulation -----------------------------------------------------------------------------------
check decap says 0 "$LB_IF: decap in slot 1" $X decap add "$LB_IF" --to 10.30.0.2
check decap-again says 0 'in slot 1' $X decap add "$LB_IF"
check decap-elsewhere says 1 'decap is in slot 1: take it out first' $X decap add "$LB_IF" --slot 2
check decap-bad-slot says 2 '1 to 14' $X decap add "$LB_IF" --slot 15
check decap-del says 0 'decap removed$' $X decap del "$LB_IF"
check decap-json says 0 '^."interface":"'"$LB_IF"'","mode":"native","slot":3}$' $X decap add "$LB_IF" --slot 3 --json
check decap-del-json says 0 '"removed":true,"chain_removed":false}$' $X decap del "$LB_IF" --json
check decap-del-none says 1 'no decap here' $X decap del "$LB_IF"

# --- all of it goes away -----------------------------------------------------------------------------
check detach says 0 'and the chain with it' $X detach "$LB_IF"
check detach-xdp no_xdp "$LB_IF"
check detach-pins no_pins
check attach-json says 0 '"mode":"native","connections":1024,"memory_bytes":(49|5[0-9])[0-9][0-9][0-9][,}]' $X attach "$SECOND" --lru-size 1024 --json
ip -n "$T-lb" link del "$SECOND"
check interface-gone says 1 'interface is gone|no such interface' $X vip list -i "$SECOND"
check interface-gone-detach says 0 'removed what was left' $X detach "$SECOND"
check interface-gone-pins no_pins
check generic says 0 'generic mode' $X attach "$LB_IF" --mode generic --lru-size 1024
check detach-json says 0 '"detached":true,"chain_removed":true}$' $X detach "$LB_IF" --json
check detach-generic no_xdp "$LB_IF"
exit $FAILED
