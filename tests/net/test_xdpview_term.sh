#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpview and its terminal: resized all the time, stopped and gone on with, killed, taken away; captures
# that it leaves, and the chain. More than one dashboard, and what is refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/view.sh
topo_small
VIEW_IN="nsenter --net=/run/netns/$T-lb --"
{ droplet attach "$LB_IF" && droplet block 10.10.0.2; } >"$TMP/up" 2>&1 || { cat "$TMP/up"; exit 1; }
bg client ping -n -q -i 0.02 10.30.0.2 >/dev/null 2>&1

sessions() { droplet status "$LB_IF" --json | jq '.captures | length'; }
captures() { [ "$(sessions)" -eq "$1" ]; }

# --- a terminal that is resized, stopped, taken away ----------------------------------------------------------
view 80 24 -i "$LB_IF"
for i in $(seq 40); do
	$TERMINAL resize-window -x $((20 + i * 37 % 180)) -y $((4 + i * 13 % 46))
	press $((i % 6 + 1))
done
$TERMINAL resize-window -x 80 -y 24
press 1
check resize-storm see '^ +1 blocklist .* drop '
press q
check ends ended 0

state() { ps -o stat= -p "$1" | cut -c1; }
tty_sane() { stty -F "$($TERMINAL display -p '#{pane_tty}')" -a | grep -q ' icanon'; }
# A shell with job control, as a person has it.
terminal
$TERMINAL new-session -d -x 80 -y 24 "bash --norc -i"
type_in "$VIEW_IN $B/xdpview -i $LB_IF"; press Enter
check in-shell see '^ +1 blocklist '
press 3
wait_for 5 captures 1
press C-z
check stopped see 'Stopped'
type_in 'echo "$((6 * 7))"'; press Enter
check stopped-shell see '^42$'
type_in fg; press Enter
check goes-on see '^time +verdict'
check goes-on-packets see '^[0-9:.]+ DROP '
press q
check ends-in-shell see 'echo .*42|fg'
# Asked by the shell: at its prompt the terminal is as the shell's line editor has it.
type_in 'clear; stty -a'; press Enter
check ends-tty see ' icanon'

dead() { ! kill -0 "$1" 2>/dev/null || [ "$(state "$1")" = Z ]; }
view 80 24 -i "$LB_IF"
press 3
wait_for 5 captures 1
D=$(dashboard)
kill -KILL "$D"
check killed ended 1
check killed-says see 'ended by signal 9'
view 80 24 -i "$LB_IF"
press 3
wait_for 5 captures 1
G=$(guard) D=$(dashboard)
kill -KILL "$G"
check guard-killed wait_for 5 dead "$D"
check guard-killed-tty wait_for 5 tty_sane
check guard-killed-capture wait_for 5 captures 0
view 80 24 -i "$LB_IF"
press 3
wait_for 5 captures 1
D=$(dashboard)
view_off
check vanished wait_for 5 dead "$D"
check vanished-capture wait_for 5 captures 0
check chain-lives sh -c "nsenter --net=/run/netns/$T-lb -- $B/droplet status $LB_IF >/dev/null"

# --- more than one; what is refused ---------------------------------------------------------------------------
view 80 24 -i "$LB_IF"
press 3
$TERMINAL new-window -d "$VIEW_IN $B/xdpview -i $LB_IF"
wait_for 10 sh -c "$TERMINAL capture-pane -t :1 -p | grep -q '^q Quit'"
$TERMINAL send-keys -t :1 4
check two-dashboards wait_for 10 captures 2
check two-dashboards-see see '^[0-9:.]+ DROP '
view_off
check two-dashboards-over wait_for 10 captures 0
cat >"$TMP/many" <<-SH
	for i in 1 2 3 4; do
		nsenter --net=/run/netns/$T-lb -- $B/xdpdump -i $LB_IF -B 256 -w /dev/null 2>"$TMP/many.\$i" &
	done
	wait
SH
bash "$TMP/many" & MANY=$!
PIDS="$PIDS $MANY"
wait_for 10 captures 4
view 80 24 -i "$LB_IF"
press 3
check fifth see '^no packets: .*xdpdump'
check fifth-counts see '^xdpview .* pkt/s'
pkill -P $MANY 2>/dev/null
check place-again see '^[0-9:.]+ (DROP|PASS|TX) '
view_off
says() {
	local want=$1 pattern=$2 rc; shift 2
	"$@" >"$TMP/o" 2>"$TMP/e" </dev/null; rc=$?
	[ $rc -eq "$want" ] && grep -qE -- "$pattern" "$TMP/e" || { echo "status $rc"; cat "$TMP/e"; return 1; }
}
check no-interface says 1 '^xdpview: nosuch0: no such interface$' at lb "$B/xdpview" -i nosuch0
check no-chain says 1 '^xdpview: no chain in this network namespace' at client "$B/xdpview"
check not-root says 1 '^xdpview: not permitted: run as root$' at lb \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$B/xdpview"
exit $FAILED
