#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN and no other: as root, as a user with
# ambient capabilities, and with those of the file (setcap), in a group that the pins are for.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
D=$B/xdpdump
PINS=/sys/fs/bpf/xdpchain
L="nsenter --net=/run/netns/$T-lb --"
CAPS=-all,+bpf,+perfmon,+net_admin
GROUP=64242 USER=64243			# of nobody: only the numbers count
# env, since setpriv itself still has root's capabilities when it executes what it is given.
ROOT="setpriv --bounding-set $CAPS --inh-caps $CAPS"
AMBIENT="setpriv --reuid $USER --regid $USER --groups $GROUP --bounding-set $CAPS --inh-caps $CAPS --ambient-caps $CAPS env"
PLAIN="setpriv --reuid $USER --regid $USER --groups $GROUP --inh-caps -all env"
OUTSIDER="setpriv --reuid $USER --regid $USER --clear-groups --inh-caps -all env"

# A machine of our own may be made to allow it; elsewhere there is but the message to be seen.
[ -z "${TEST_EMULATED:-}" ] || sysctl -qw kernel.perf_event_paranoid=2
PARANOID=$(sysctl -n kernel.perf_event_paranoid)

start() {
	local name=$1; shift
	bg lb "$@" >"$TMP/$name.out" 2>"$TMP/$name.err"
	P=$!
	wait_for 10 grep -q 'listening on' "$TMP/$name.err"
}
stop() { kill -INT "$P"; wait "$P"; }
ping4() { at client ping -n -q -c "${1:-3}" -i 0.05 -W 1 10.30.0.2 >/dev/null 2>&1; }
ping_blocked() { at client ping -n -q -c "$1" -i 0.05 -W 1 -I 10.10.0.7 10.30.0.2 >/dev/null 2>&1; }
sums() {
	awk '/ offered = / { if ($1 == $4 + $7 + $10 && $1 > 0) ok = 1 } END { exit !ok }' "$TMP/$1.err"
}
refuses() {
	local want=$1 pattern=$2 rc; shift 2
	timeout 20 "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	[ $rc -eq "$want" ] && [ "$(wc -l <"$TMP/err")" -eq 1 ] && grep -qE -- "$pattern" "$TMP/err" ||
		{ echo "status $rc"; cat "$TMP/err"; return 1; }
}
up() {
	droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || cat "$TMP/attach"
	droplet block 10.10.0.7 --note test >/dev/null
}
tap() { bpftool -j map dump pinned "$PINS/$LB_IF/tap" | jq -e "[.[] | select(.value | type == \"array\")] | length == $1"; }
# A capture of a dropped packet, with all its names, its end, and nothing left of it.
captures() {
	local name=$1; shift
	start "$name" "$@" -i "$LB_IF" -B 256 icmp
	check "$name-armed" tap 2
	ping_blocked 2
	check "$name-names" wait_for 5 grep -q 'DROP droplet/blocklist: prefix rule [0-9]* (10.10.0.7/32)' "$TMP/$name.out"
	# A policer that comes meanwhile has a name too.
	droplet limit 1 --burst 1 >/dev/null
	ping4 4
	check "$name-new-policer" wait_for 5 grep -q 'DROP droplet/ratelimit: rate ' "$TMP/$name.out"
	droplet limit 100000 >/dev/null
	stop
	check "$name-exit" test $? -eq 0
	check "$name-accounting" sums "$name"
	check "$name-disarmed" tap 0
	start "$name-killed" "$@" -i "$LB_IF" -B 256 icmp
	kill -9 "$P"; wait "$P" 2>/dev/null
	check "$name-killed-disarms" wait_for 1 tap 0
	start "$name-reason" "$@" -i "$LB_IF" -B 256 --count --reason blocklist:prefix
	ping_blocked 3
	ping4 1
	stop
	check "$name-reason" test "$(cat "$TMP/$name-reason.out")" = '3 packets'
	check "$name-lists" grep -q "$LB_IF \[native\]: droplet/blocklist, droplet/ratelimit" <($L "$@" -D)
}

ip -n "$T-client" addr add 10.10.0.7/24 dev eth0
up
if [ "$PARANOID" -gt 2 ]; then
	check paranoid-says-so refuses 1 'CAP_SYS_ADMIN where kernel.perf_event_paranoid is 3' $L $ROOT "$D" -i "$LB_IF" -B 256
	exit $FAILED
fi

# --- root with three capabilities ----------------------------------------------------------------
captures root $ROOT "$D"

# --- rings: what may be locked in memory -----------------------------------------------------------
MEMLOCK="prlimit --memlock=4194304"
start cut $MEMLOCK $ROOT "$D" -i "$LB_IF" --stats icmp
check cut-says-so grep -qE '^xdpdump: [^:]*: rings of [0-9]+ KiB a CPU: .*CAP_IPC_LOCK .*ulimit -l$' "$TMP/cut.err"
KIB=$(sed -n 's/.*rings of \([0-9]*\) KiB.*/\1/p' "$TMP/cut.err")
CPUS=$(nproc)
check cut-fits test $((KIB * CPUS)) -le $((4096 + 520 * CPUS))
check cut-not-too-far test $((2 * KIB * CPUS)) -ge 4096
ping4 3
check cut-captures wait_for 5 grep -q 'seq 3' "$TMP/cut.out"
check cut-stats wait_for 5 grep -q "rings $((KIB * CPUS)) KiB" "$TMP/cut.err"
stop
start ipc-lock $MEMLOCK setpriv --bounding-set $CAPS,+ipc_lock --inh-caps $CAPS,+ipc_lock "$D" -i "$LB_IF" icmp
check ipc-lock-listens grep -q 'listening on' "$TMP/ipc-lock.err"
check ipc-lock-is-silent test "$(wc -l <"$TMP/ipc-lock.err")" -eq 1
stop
check asked-for-too-much refuses 1 'rings of 65536 KiB on each of .* -B, .* ulimit -l, .* CAP_IPC_LOCK' $L $MEMLOCK $ROOT "$D" -i "$LB_IF" -B 65536

# --- a group ---------------------------------------------------------------------------------------
check private refuses 1 'not permitted' $L $AMBIENT "$D" -i "$LB_IF" -B 256
check private-list refuses 1 'not permitted' $L $AMBIENT "$D" -D
modes() { find "$PINS" -printf '%G %m\n' | sort -u | tr '\n' ' '; }
check private-modes test "$(modes)" = '0 600 0 700 '
droplet detach "$LB_IF" >/dev/null 2>&1
chgrp $GROUP $PINS
chmod g+rwx $PINS
up
droplet limit 100000 >/dev/null
check group-modes test "$(modes)" = "$GROUP 660 $GROUP 770 "
chmod 711 "$TMP"
mkdir "$TMP/bin"
install -m 750 -g $GROUP "$D" "$TMP/bin/xdpdump"
setcap cap_bpf,cap_perfmon,cap_net_admin=ep "$TMP/bin/xdpdump"
captures ambient $AMBIENT "$D"
captures setcap $PLAIN "$TMP/bin/xdpdump"
check outsider refuses 126 'Permission denied' $L $OUTSIDER "$TMP/bin/xdpdump" -i "$LB_IF"
chmod 755 "$TMP/bin/xdpdump"
setcap cap_bpf,cap_perfmon,cap_net_admin=ep "$TMP/bin/xdpdump"
check outsider-pins refuses 1 'not permitted' $L $OUTSIDER "$TMP/bin/xdpdump" -i "$LB_IF"
# Beside root's, and it outlives root's.
start beside "$D" -i "$LB_IF" -B 256 --count icmp
BESIDE=$P
start users $PLAIN "$TMP/bin/xdpdump" -i "$LB_IF" -B 256 --count icmp
ping4 2
kill -INT "$BESIDE"; wait "$BESIDE"
ping4 3
stop
check beside test "$(cat "$TMP/beside.out")" = '2 packets'
check beside-users test "$(cat "$TMP/users.out")" = '5 packets'
# The group's permissions go to what is made: those of a chain that was there stay.
chmod 700 $PINS
droplet detach "$LB_IF" >/dev/null 2>&1
up
check private-again refuses 1 'not permitted' $L $PLAIN "$TMP/bin/xdpdump" -i "$LB_IF" -B 256

exit $FAILED
