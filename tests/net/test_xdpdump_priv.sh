#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN and no other: as root, as a user with
# ambient capabilities, and with those of the file (setcap), in a group that the pins are for. And
# who parses the packets then, and what that one may.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
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

ping4() { at client ping -n -q -c "${1:-3}" -i 0.05 -W 1 10.30.0.2 >/dev/null 2>&1; }
ping_blocked() { at client ping -n -q -c "$1" -i 0.05 -W 1 -I 10.10.0.7 10.30.0.2 >/dev/null 2>&1; }
up() {
	droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || cat "$TMP/attach"
	droplet block 10.10.0.7 --note test >/dev/null
}
tap() { bpftool -j map dump pinned "$PINS/$LB_IF/tap" | jq -e "[.[] | select(.value | type == \"array\")] | length == $1"; }
# A capture of a dropped packet, with all its names, its end, and nothing left of it.
captures() {
	local name=$1; shift
	capture "$name" "$@" -i "$LB_IF" -B 256 icmp
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
	capture "$name-killed" "$@" -i "$LB_IF" -B 256 icmp
	kill -9 "$P"; wait "$P" 2>/dev/null
	check "$name-killed-disarms" wait_for 2 tap 0
	capture "$name-reason" "$@" -i "$LB_IF" -B 256 --count --reason blocklist:prefix
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

# --- who parses packets ----------------------------------------------------------------------------
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '; }
NOBODY="$(id -u nobody) $(id -u nobody) $(id -u nobody) $(id -u nobody)"
# confined NAME PID: without capabilities, and under the filter.
confined() {
	local c
	for c in CapInh CapPrm CapEff CapAmb; do check "$1-$c" test "$(field "$2" $c)" = 0000000000000000; done
	check "$1-no-new-privs" test "$(field "$2" NoNewPrivs)" = 1
	check "$1-seccomp" test "$(field "$2" Seccomp)" = 2
	check "$1-seccomp-filters" test "$(field "$2" Seccomp_filters)" -ge 1
	check "$1-no-maps" test -z "$(find "/proc/$2/fd" -lname '*bpf*' 2>&1)"
}
capture default "$D" -i "$LB_IF" -B 256 icmp
check default-uid test "$(field "$P" Uid)" = "$NOBODY"
check default-gid test "$(field "$P" Gid | cut -d' ' -f1)" = "$(id -g nobody)"
check default-groups test "$(field "$P" Groups | tr -d ' ')" = "$(id -G nobody | tr -d ' ')"
check default-bounds test "$(field "$P" CapBnd)" = 0000000000000000
confined default "$P"
check default-keeper test "$(field "$(pgrep -P "$P")" Uid | cut -d' ' -f1)" = 0
ping4 2
stop
check default-exit test $? -eq 0
check default-accounting sums default
check default-is-silent test "$(grep -vc 'listening on\|packet\|offered' "$TMP/default.err")" -eq 0
capture kept $ROOT "$D" -i "$LB_IF" -B 256 icmp
check kept-uid test "$(field "$P" Uid)" = '0 0 0 0'
confined kept "$P"
stop
capture named "$D" -i "$LB_IF" -B 256 -Z root icmp
check named-uid test "$(field "$P" Uid)" = '0 0 0 0'
check named-bounds test "$(field "$P" CapBnd)" = 0000000000000000
confined named "$P"
stop
grep -v '^nobody:' /etc/passwd >"$TMP/passwd"
echo 'passwd: files' >"$TMP/nsswitch"	# systemd's module knows nobody by heart
mount --bind "$TMP/passwd" /etc/passwd
mount --bind "$TMP/nsswitch" /etc/nsswitch.conf
check nobody-is-nobody refuses 1 'nobody: no such user' $L "$D" -i "$LB_IF" -B 256
umount /etc/passwd /etc/nsswitch.conf
check nothing-left tap 0

# --- files that come later, and -z -------------------------------------------------------------------
mkdir -m 700 "$TMP/rootonly"
cat >"$TMP/done" <<-'EOF'
	#!/bin/sh
	echo "$(id -u) $(sed -n 's/^Seccomp:.//p' /proc/self/status) $1" >>"$(dirname "$1")/log"
EOF
chmod 755 "$TMP/done"
capture files "$D" -i "$LB_IF" -B 256 -C 1k -W 3 -z "$TMP/done" -w "$TMP/rootonly/f" icmp
check files-seccomp test "$(field "$P" Seccomp)" = 2
check files-uid test "$(field "$P" Uid)" = "$NOBODY"
ping4 20
stop
check files-exit test $? -eq 0
check files-made test "$(ls "$TMP/rootonly" | tr '\n' ' ')" = 'f0 f1 f2 log '
check files-owner test "$(stat -c %U "$TMP"/rootonly/f? | sort -u)" = root
check files-whole test "$(tshark -r "$TMP/rootonly/f1" 2>"$TMP/ts" | wc -l)" -gt 0
check files-command grep -qx "0 0 $TMP/rootonly/f1" "$TMP/rootonly/log"
chmod 711 "$TMP"
mkdir "$TMP/theirs"
chown nobody "$TMP/theirs"
capture theirs "$D" -i "$LB_IF" -B 256 -Z nobody -C 1k -z "$TMP/done" -w "$TMP/theirs/f" icmp
ping4 20
stop
check theirs-owner test "$(stat -c %U "$TMP"/theirs/f* | sort -u)" = nobody
check theirs-command grep -qx "$(id -u nobody) 0 $TMP/theirs/f" "$TMP/theirs/log"

# --- -r -----------------------------------------------------------------------------------------------
capture one "$D" -i "$LB_IF" -B 256 -c 4 -w "$TMP/rootonly/one.pcapng" icmp
ping4 4
wait "$P"
mkfifo "$TMP/in"
"$D" -r "$TMP/in" -l >"$TMP/read.out" 2>"$TMP/read.err" &
P=$!
exec 9>"$TMP/in"
head -c 300 "$TMP/rootonly/one.pcapng" >&9
wait_for 5 grep -q 'reading from file' "$TMP/read.err"
check read-uid test "$(field "$P" Uid)" = "$NOBODY"
check read-bounds test "$(field "$P" CapBnd)" = 0000000000000000
confined read "$P"
tail -c +301 "$TMP/rootonly/one.pcapng" >&9
exec 9>&-
wait "$P"
check read-exit test $? -eq 0
check read-all test "$(wc -l <"$TMP/read.out")" -eq 4
"$D" -r "$TMP/rootonly/one.pcapng" -w "$TMP/rootonly/two.pcap" 2>/dev/null
check read-writes test "$(tcpdump -r "$TMP/rootonly/two.pcap" 2>/dev/null | wc -l)" -eq 4
"$D" -r "$TMP/rootonly/one.pcapng" -C 1 -G 3600 -w "$TMP/rootonly/%Y.pcap" 2>/dev/null
check read-splits test "$(tcpdump -r "$TMP/rootonly/$(date +%Y).pcap" 2>/dev/null | wc -l)" -eq 4
# A fifo that nobody reads is waited for, and a signal ends that.
mkfifo "$TMP/reader"
"$D" -r "$TMP/rootonly/one.pcapng" -w "$TMP/reader" 2>"$TMP/fifo.err" &
P=$!
wait_for 5 grep -q 'reading from file' "$TMP/fifo.err"
filtered() { [ "$(field "$P" Seccomp)" = 2 ]; }
check fifo-filter wait_for 5 filtered
timeout 10 cat "$TMP/reader" >"$TMP/fifo.pcapng"
wait "$P"
check fifo-exit test $? -eq 0
check fifo-all test "$(tshark -r "$TMP/fifo.pcapng" 2>/dev/null | wc -l)" -eq 4
"$D" -r "$TMP/rootonly/one.pcapng" -w "$TMP/reader" 2>"$TMP/fifo.err" &
P=$!
wait_for 5 grep -q 'reading from file' "$TMP/fifo.err"
kill -INT "$P"
check fifo-ends wait_for 5 not_running "$P"

# --- rings: what may be locked in memory -----------------------------------------------------------
MEMLOCK="prlimit --memlock=4194304"
capture cut $MEMLOCK $ROOT "$D" -i "$LB_IF" --stats icmp
check cut-says-so grep -qE '^xdpdump: [^:]*: rings of [0-9]+ KiB a CPU: .*CAP_IPC_LOCK .*ulimit -l$' "$TMP/cut.err"
KIB=$(sed -n 's/.*rings of \([0-9]*\) KiB.*/\1/p' "$TMP/cut.err")
CPUS=$(nproc)
check cut-fits test $((KIB * CPUS)) -le $((4096 + 520 * CPUS))
check cut-not-too-far test $((2 * KIB * CPUS)) -ge 4096
ping4 3
check cut-captures wait_for 5 grep -q 'seq 3' "$TMP/cut.out"
check cut-stats wait_for 5 grep -q "rings $((KIB * CPUS)) KiB" "$TMP/cut.err"
stop
capture ipc-lock $MEMLOCK setpriv --bounding-set $CAPS,+ipc_lock --inh-caps $CAPS,+ipc_lock "$D" -i "$LB_IF" icmp
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
mkdir "$TMP/bin"
install -m 750 -g $GROUP "$D" "$TMP/bin/xdpdump"
setcap cap_bpf,cap_perfmon,cap_net_admin=ep "$TMP/bin/xdpdump"
captures ambient $AMBIENT "$D"
captures setcap $PLAIN "$TMP/bin/xdpdump"
capture setcap-who $PLAIN "$TMP/bin/xdpdump" -i "$LB_IF" -B 256 icmp
check setcap-who-uid test "$(field "$P" Uid)" = "$USER $USER $USER $USER"
confined setcap-who "$P"
stop
check outsider refuses 126 'Permission denied' $L $OUTSIDER "$TMP/bin/xdpdump" -i "$LB_IF"
chmod 755 "$TMP/bin/xdpdump"
setcap cap_bpf,cap_perfmon,cap_net_admin=ep "$TMP/bin/xdpdump"
check outsider-pins refuses 1 'not permitted' $L $OUTSIDER "$TMP/bin/xdpdump" -i "$LB_IF"
# Beside root's, and it outlives root's.
capture beside "$D" -i "$LB_IF" -B 256 --count icmp
BESIDE=$P
capture users $PLAIN "$TMP/bin/xdpdump" -i "$LB_IF" -B 256 --count icmp
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
