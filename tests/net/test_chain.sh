#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The chain from outside: what keeps it, what takes it down, and everything that stands in its way.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small

PINS=/sys/fs/bpf/xdpchain
L="nsenter --net=/run/netns/$T-lb --"
one_line() { [ "$(wc -l <"$TMP/err")" -eq 1 ] && grep -qE "$1" "$TMP/err"; }
# refuses PATTERN COMMAND...: exit status 1 and one clear line.
refuses() {
	local pattern=$1 rc; shift
	timeout "$((20 + ${TEST_EMULATED:-0}))" "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	[ $rc -eq 1 ] && one_line "$pattern" || { echo "status $rc: $(cat "$TMP/err")"; return 1; }
}
ping4() { at client ping -n -q -c "${1:-3}" -i 0.02 -W 1 10.30.0.2; }
has_xdp() { ip -n "$T-lb" -d link show "$1" | grep -q prog/xdp; }
no_xdp() { ! has_xdp "$1"; }
pinned() { [ -e "$PINS/$1/link" ]; }
not_pinned() { [ ! -e "$PINS/$1" ]; }
stages() { droplet status "$1" --json | jq -e ".stages | length == $2"; }
# counted IFACE: packets that the whole chain handed on.
counted() { droplet status "$1" --json | jq -r '.end.packets'; }
grows() { local n; n=$(counted "$1"); ping4; [ "$(counted "$1")" -gt "$n" ]; }
pair() { ip -n "$T-lb" link add "$1" type veth peer name "${1}p" && ip -n "$T-lb" link set "$1" up; }

# --- a life without processes ----------------------------------------------------------------------
check attach droplet attach "$LB_IF"
check survives-its-maker has_xdp "$LB_IF"
check counts grows "$LB_IF"
check mode-of-the-pins test "$(stat -c %a "$PINS")$(stat -c %a "$PINS/$LB_IF")" = 700700
bg lb "$B/xdpdump" -i "$LB_IF" -B 1024 >"$TMP/dump.out" 2>"$TMP/dump.err"
D=$!
check capture-starts wait_for 10 grep -q 'listening on' "$TMP/dump.err"
kill -9 "$D"; wait "$D" 2>/dev/null
check survives-a-killed-capture grows "$LB_IF"
check still-two-stages stages "$LB_IF" 2

# --- two tools on one chain ----------------------------------------------------------------------
if [ -x "$B/xdplb" ]; then
	check second-tool xdplb attach "$LB_IF"
	check three-stages stages "$LB_IF" 3
	check first-goes droplet detach "$LB_IF"
	check second-keeps-it has_xdp "$LB_IF"
	check passes-without-the-first ping4
	check first-comes-back droplet attach "$LB_IF"
	check second-goes xdplb detach "$LB_IF"
	check first-keeps-it stages "$LB_IF" 2
	check last-but-one ping4
fi

# --- two interfaces, one with a dot in its name -----------------------------------------------------
pair "v$$"
# Where the kernel has no VLAN devices, another with such a name.
ip -n "$T-lb" link add link "v$$" name "v$$.5" type vlan id 5 2>/dev/null ||
	ip -n "$T-lb" link add "v$$.5" type veth peer name "x$$"
ip -n "$T-lb" link set "v$$.5" up
check second-interface droplet attach "v$$"
check vlan-interface droplet attach "v$$.5" --mode generic
check dot-is-a-colon pinned "v$$:5"
check dot-in-status grep -q "^v$$\.5: generic mode" <(droplet status "v$$.5")
check three-chains test "$(droplet status | grep -cE '^[^ ]+: (native|generic) mode')" -eq 3
check block-on-one droplet block 192.0.2.7 -i "v$$.5"
check others-have-it-not test "$(droplet list --json | grep -c 192.0.2.7)" -eq 1
check detach-vlan droplet detach "v$$.5"
check vlan-left-nothing not_pinned "v$$:5"
check others-stay stages "v$$" 2

# --- an interface that goes, and one of that name that comes ------------------------------------------
ip -n "$T-lb" link del "v$$"
check gone-says refuses "v$$: the chain's interface is gone.*droplet detach v$$" $L "$B/droplet" status "v$$"
pair "v$$"
check same-name-again droplet attach "v$$"
check same-name-attached has_xdp "v$$"
check same-name-fresh test "$(counted "v$$")" -lt 100

ip -n "$T-lb" link set "v$$" down
ip -n "$T-lb" link set "v$$" name "w$$"
check renamed-says refuses "v$$: its chain is on w$$, which was renamed.*ip link set dev w$$ name v$$" $L "$B/droplet" status "v$$"
check renamed-attach-says refuses "w$$: another XDP program \\(id [0-9]+\\) is attached, take it off first: bpftool link detach id [0-9]+" $L "$B/droplet" attach "w$$"
check renamed-left-nothing not_pinned "w$$"
# Both pieces of advice are good.
ip -n "$T-lb" link set dev "w$$" name "v$$"
check renamed-back stages "v$$" 2
ip -n "$T-lb" link set dev "v$$" name "w$$"
check renamed-link-detach $(sed -n 's/.*\(bpftool link detach id [0-9]*\)$/\1/p' <(droplet attach "w$$" 2>&1))
check renamed-is-off no_xdp "w$$"
check renamed-attach droplet attach "w$$"
check renamed-detach droplet detach "w$$"
check renamed-rest-goes droplet detach "v$$"
check renamed-rest-gone not_pinned "v$$"

# --- somebody else's program ---------------------------------------------------------------------
ip -n "$T-lb" link set dev "w$$" xdp obj "$B/obj/tests/net/pass.bpf.o" sec xdp
ID=$(ip -n "$T-lb" -j -d link show "w$$" | jq '.[0].xdp.prog.id')
check foreign-program refuses "w$$: another XDP program \(id $ID\) is attached, take it off first: ip link set dev w$$ xdp off" $L "$B/droplet" attach "w$$"
check foreign-left-nothing not_pinned "w$$"
check foreign-still-there test "$(ip -n "$T-lb" -j -d link show "w$$" | jq '.[0].xdp.prog.id')" = "$ID"
ip -n "$T-lb" link set dev "w$$" xdp off
check foreign-gone droplet attach "w$$"
check detach-again droplet detach "w$$"

# --- generic mode --------------------------------------------------------------------------------
G=u$$ # a dummy has no native XDP, nor has lo
ip -n "$T-lb" link add "$G" type dummy 2>/dev/null || G=lo
ip -n "$T-lb" link set "$G" up
check native-refused refuses "$G: .*--mode generic" $L "$B/droplet" attach "$G" --mode native
check native-refused-left-nothing not_pinned "$G"
check falls-back droplet attach "$G"
check says-generic grep -q "^$G: generic mode" <(droplet status "$G")
check generic-detach droplet detach "$G"

# --- bpffs, namespaces, the lock --------------------------------------------------------------------
check no-bpffs refuses 'is not a BPF filesystem: mount -t bpf' unshare --mount --propagation private \
	sh -c "umount -a -t bpf; mount -t tmpfs none /sys/fs/bpf; exec $L $B/droplet status"
check netns-exec refuses 'is not a BPF filesystem.*nsenter' ip netns exec "$T-lb" "$B/droplet" attach "w$$"
ip -n "$T-client" link add "$LB_IF" type veth peer name "p$$"
check same-name-elsewhere refuses "$LB_IF: its chain is on an interface of another network namespace" \
	nsenter --net="/run/netns/$T-client" -- "$B/droplet" attach "$LB_IF"
check same-name-status refuses 'another network namespace' \
	nsenter --net="/run/netns/$T-client" -- "$B/droplet" status "$LB_IF"
check same-name-unharmed grows "$LB_IF"
ip -n "$T-client" link del "$LB_IF"

exec 9<"$PINS"
flock 9
t0=$(date +%s%N)
check lock-held refuses 'another command is changing a chain and holds the lock' $L "$B/droplet" limit 1000 -i "$LB_IF"
check lock-waited-5s test $(( ($(date +%s%N) - t0) / 1000000000 )) -ge 5
check lock-readers-go-on stages "$LB_IF" 2
exec 9<&-
check lock-free-again droplet limit 1000000 -i "$LB_IF"

# --- 200 swaps under a flood -----------------------------------------------------------------------
bg client ping -n -q -i 0.0005 -W 2 10.30.0.2 >"$TMP/flood" 2>&1
FLOOD=$!
swaps() {
	local i
	for i in $(seq 200); do
		droplet limit $((1000000 + i)) -i "$LB_IF" || return 1
	done
}
check swaps swaps
kill -INT "$FLOOD"; wait "$FLOOD"
check swaps-lose-nothing grep -qE ' 0% packet loss' "$TMP/flood"
check swaps-had-traffic test "$(awk '/packets transmitted/ { print $1 }' "$TMP/flood")" -gt 1000
check swapped-last grep -q 1000200 <(droplet status "$LB_IF")

# --- the last one out -----------------------------------------------------------------------------
check detach-last droplet detach "$LB_IF"
check nothing-attached no_xdp "$LB_IF"
check nothing-pinned test -z "$(ls "$PINS")"
check traffic-goes-on ping4

exit $FAILED
