#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# picture.sh FILE - the picture of xdpview in the README: a chain between namespaces, clients, and two
# attacks, a minute long; the screen as it is then.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/topo.sh
. tests/view.sh
OUT=${1:?picture: say where to: tests/picture.sh docs/xdpview.svg}
LB_IF=eth1				# alone in its BPF filesystem
topo_up
VIEW_IN="nsenter --net=/run/netns/$T-lb --"
{
	droplet attach "$LB_IF" && droplet block 203.0.113.0/24 --note 'botnet' &&
		droplet limit 500/s --burst 200 && xdplb attach "$LB_IF" &&
		xdplb vip add "$VIP4:80/tcp" && xdplb real add "$VIP4:80/tcp" 10.20.1.2 &&
		xdplb real add "$VIP4:80/tcp" 10.20.2.2
} >"$TMP/up" 2>&1 || { cat "$TMP/up"; exit 1; }

# attack SOURCE PACKETS-EACH-10-MS FROM UNTIL: datagrams, seconds from now
cat >"$TMP/attack.py" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 0))
start = time.monotonic()
time.sleep(float(sys.argv[3]))
while time.monotonic() < start + float(sys.argv[4]):
    for i in range(int(sys.argv[2])):
        s.sendto(b"x" * 64, (sys.argv[5], 80))
    time.sleep(0.01)
PY
attack() { bg attacker python3 "$TMP/attack.py" "$@" "$VIP4"; }

view 110 24 -i "$LB_IF"
bg client curl -s -o /dev/null -m 100 --rate 40/s "http://$VIP4/?[1-9999]"
attack 203.0.113.5 60 10 30
LAST=$!
attack 198.51.100.2 90 40 100
attack 198.51.100.2 3 0 100
see '^[0-9:]+ now, .*ratelimit: rate' >/dev/null || wait_for 60 sees 'now, .*ratelimit: rate'
wait "$LAST"
wait_for 60 sees 'native for (1m|5[5-9]s)'
$TERMINAL capture-pane -e -p | python3 tests/tools/ansi_svg.py >"$TMP/picture.svg" &&
	cp "$TMP/picture.svg" "$OUT"
