#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpview on a chain with real traffic: rates, reasons, packets, a drop spike; the chain detached and
# attached again under it, a program replaced; whom droplet is asked to block.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/view.sh
topo_up
VIEW_IN="nsenter --net=/run/netns/$T-lb --"

chain_up() {
	droplet attach "$LB_IF" && droplet block 203.0.113.0/24 --note 'of the test' &&
		xdplb attach "$LB_IF" && xdplb vip add "$VIP4:80/tcp" &&
		xdplb real add "$VIP4:80/tcp" 10.20.1.2 && xdplb real add "$VIP4:80/tcp" 10.20.2.2
} >"$TMP/up" 2>&1
chain_up || { cat "$TMP/up"; exit 1; }

# flood SECONDS SOURCE: some 2000 datagrams a second from the attacker
cat >"$TMP/flood.py" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[2], 0))
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    for i in range(20): s.sendto(b"x" * 64, (sys.argv[3], 80))
    time.sleep(0.01)
PY
flood() { bg attacker python3 "$TMP/flood.py" "$1" "$2" "$VIP4"; FLOOD=$!; }
# Some refreshes later.
wait_a_while() { wait_for 2 false; true; }
sessions() { droplet status "$LB_IF" --json | jq '.captures | length'; }
captures() { [ "$(sessions)" -eq "$1" ]; }
requests() { bg client curl -s -o /dev/null -m 100 --rate 10/s "http://$VIP4/?[1-9999]"; }

# --- figures ---------------------------------------------------------------------------------------------
at lb "$B/xdpview" -i "$LB_IF" -d 0.2 >"$TMP/once" 2>&1
check once grep -qE '^   1  blocklist ' "$TMP/once"
at lb "$B/xdpview" -d 0.2 --json >"$TMP/json" 2>&1
check json jq -e '.interfaces[0] | .mode == "native" and .stages[0].name == "blocklist"' "$TMP/json"
view 80 24 -i "$LB_IF" -d 0.5
check stages see '^ +1 blocklist .* 0 '
check quiet see 'no drop spike'
flood 60 203.0.113.5
# As root: bpf, perfmon, net_admin, sys_admin and ipc_lock, and nothing gives another one back.
status_of() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$(dashboard)/status"; }
check capabilities test "$(status_of CapEff)$(status_of CapBnd)" = 000000c000205000000000c000205000
check no-privileges-to-gain test "$(status_of NoNewPrivs)" = 1
check seccomp test "$(status_of Seccomp)" = 2
check drops see '^ +1 blocklist .*drop [0-9>]+%'
check rate see '^ +1 blocklist +[0-9a-z]+ +[12]\.[0-9]+k '
check flood see 'FLOOD blocklist prefix'
check incident see '^[0-9:]+ now, .*blocklist: prefix  peak [0-9.]+k?/s'
check incident-sample see '^[0-9:]+ now, .*IP 203\.0\.113\.5'
press Enter
check reasons see '^reason +prefix +[12]\.[0-9]+k'
check rules see '^rule 1 +203\.0\.113\.0/24 +[12]\.[0-9]+k'
press 1
check no-capture wait_for 10 captures 0
press 3
check events see '^[0-9:.]+ DROP +blocklist: prefix'
check one-capture wait_for 5 captures 1
press Enter
check packet see 'droplet/blocklist +DROP prefix rule 1 \(203.0.113.0/24\)'
check packet-ns see 'rule 1 .* [0-9.]+[nu]s'
press 4
check talkers see '^203\.0\.113\.5 +[12]\.[0-9]+k'
press p
check prefixes see '^203\.0\.113\.0/24 +[12]\.[0-9]+k'
press 1
check capture-over wait_for 10 captures 0
check times see '^ +1 blocklist .* [0-9.]+[nu]s '
press 5
requests
check lb-vip see '192\.0\.2\.10:80/tcp +[0-9.]+ '
check lb-real see '10\.20\.1\.2 +[0-9.]+ .* 50\.0%'
press 3 '\'; type_in 'tx src host 10.10.0.2 and port 80'; press Enter
check filter-live see '^[0-9:.]+ TX +lb: (new|known)'
press '\' C-u Enter 1

# --- a pause, a reset, another program ---------------------------------------------------------------------
press Space
check paused see 'PAUSED'
wait_a_while
press Space
check rate-after-pause see '^ +1 blocklist +[0-9a-z]+ +[12]\.[0-9]+k '
droplet detach "$LB_IF" >/dev/null 2>&1
xdplb detach "$LB_IF" >/dev/null 2>&1
check gone see 'no chain here'
chain_up
check back see '^ +1 blocklist +[0-9]+s +[12]\.[0-9]+k '
# within what is sent, and not the counters of two chains added or taken from each other
check rate-sane gone '[0-9]+(\.[0-9]+)?M '
droplet attach "$LB_IF" --max-prefixes 1000 >/dev/null 2>&1
check replaced see '^ +1 blocklist +[0-9]+s '

# --- who is to be blocked -----------------------------------------------------------------------------------
cat >"$TMP/daemon.py" <<'PY'
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind(sys.argv[1])
s.listen(1)
for answer in ({"ok": True}, {"ok": False, "error": "the list is full"},
               {"ok": True, "failed": True, "errors": ["eth0: no blocklist"]}):
    c, _ = s.accept()
    with open(sys.argv[2], "a") as f:
        f.write(c.makefile().readline())
    c.sendall((json.dumps(answer) + "\n").encode())
    c.close()
PY
kill $FLOOD
flood 60 198.51.100.2
view 80 24 -i "$LB_IF" -d 0.5 --socket "$TMP/sock"
press 4
see '^198\.51\.100\.2 ' >/dev/null
press / ; type_in 198.51.100.2; press Enter b
check block-asks see '^block 198\.51\.100\.2 for 10 minutes\? y/n'
press n
check block-no see '^not blocked$'
press b y
check block-nobody see 'sock: no daemon is there'
python3 "$TMP/daemon.py" "$TMP/sock" "$TMP/asked" & PIDS="$PIDS $!"
wait_for 5 test -S "$TMP/sock"
press b
see '^block 198' >/dev/null
press y
check block-yes see '^198\.51\.100\.2 is blocked for 10m'
check block-asked jq -e '.cmd == "block" and .prefix == "198.51.100.2" and .for == "10m"' "$TMP/asked"
press b
see '^block 198' >/dev/null
press y
check block-refused see 'not blocked: the list is full'
press b
see '^block 198' >/dev/null
press y
check block-failed see 'not blocked: eth0: no blocklist'
view_off

# --- and by the daemon itself ---------------------------------------------------------------------------------
at lb ip link add "${T}d" type veth peer name "${T}e"
at lb ip link set "${T}d" up
cat >"$TMP/droplet.yaml" <<-EOF
	interfaces: [${T}d]
	control: {socket: $TMP/droplet.sock}
	policers: [{name: odd, kind: malformed, mode: shadow}]
EOF
bg lb "$B/droplet" run -c "$TMP/droplet.yaml" -F >"$TMP/daemon" 2>&1
DAEMON=$!

view 80 24 -d 0.5 --socket "$TMP/droplet.sock"
check chain-made-later see "^${T}d .* odd~"
press 4
see '^198\.51\.100\.2 ' >/dev/null
press / ; type_in 198.51.100.2; press Enter b
see '^block 198\.51\.100\.2 ' >/dev/null
press y
check daemon-blocks see '^198\.51\.100\.2 is blocked for 10m'
press 1
check daemon-blocked see "^$LB_IF +1 blocklist .*drop [0-9>]+%"
press / ; type_in blocklist; press Enter Enter
check daemon-rule see '^rule [0-9]+ +198\.51\.100\.2/32'
view_off
kill $DAEMON
wait $DAEMON 2>/dev/null
at lb "$B/droplet" detach "${T}d" >/dev/null 2>&1
exit $FAILED
