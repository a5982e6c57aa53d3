#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# demo.sh - the chain at work, in a network of namespaces that it makes and removes.
# KEEP=1 leaves it standing. `demo.sh clean TAG` removes what KEEP=1 left.
set -u
cd "$(dirname "$0")/.." || exit 1
if [ "$(id -u)" -ne 0 ]; then
	echo "demo: not permitted: run sudo make demo" >&2
	exit 1
fi
TOPO_SHARED=1
. tests/topo.sh

if [ "${1:-}" = clean ]; then
	T=${2:?demo: say which: tests/demo.sh clean TAG}
	LB_IF=xlb${T#xc}
	for h in $HOSTS; do ip netns pids "$T-$h" 2>/dev/null | xargs -r kill; done
	exit 0				# the trap removes the rest
fi

TEXT=$TMP/text PCAPNG=$B/demo.pcapng

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }

# Datagrams from an address of the attacker to the VIP.
flood() {
	at attacker python3 - "$1" "$VIP4" "$2" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((sys.argv[1], 0))
	for i in range(int(sys.argv[3])):
	    s.sendto(b"x" * 64, (sys.argv[2], 80))
	PY
}

requests() {
	local i
	for i in 1 2 3 4 5 6; do at client curl -s -m 5 "http://$VIP4/" || echo "no answer"; done
	at client curl -s -m 5 "http://[$VIP6]/" || echo "no answer"
}

# The first lines of a kind.
show() { grep -E "$1" "$TEXT" | head -"$2"; }

chain_up() {
	run droplet attach "$LB_IF"
	run droplet block 203.0.113.0/24 -i "$LB_IF" --for 1h --note "attack of the demo"
	run droplet limit 500/s --burst 200 -i "$LB_IF"
	run xdplb attach "$LB_IF"
	run xdplb vip add "$VIP4:80/tcp"
	run xdplb real add "$VIP4:80/tcp" 10.20.1.2
	run xdplb real add "$VIP4:80/tcp" 10.20.2.2
	run xdplb vip add "[$VIP6]:80/tcp"
	run xdplb real add "[$VIP6]:80/tcp" 2001:db8:21::2
	run xdplb real add "[$VIP6]:80/tcp" 2001:db8:22::2
}

capture_on() {
	bg lb "$B/xdpdump" -n -i "$LB_IF" 'not arp and not icmp6' >"$TEXT" 2>"$TMP/text.err"
	TEXT_PID=$!
	bg lb "$B/xdpdump" -i "$LB_IF" -w "$PCAPNG" 'not arp and not icmp6' 2>"$TMP/file.err"
	FILE_PID=$!
	wait_for 10 grep -q 'listening on' "$TMP/text.err" &&
		wait_for 10 grep -q 'listening on' "$TMP/file.err"
}

capture_off() {
	kill -INT $TEXT_PID $FILE_PID
	wait $TEXT_PID $FILE_PID
}

play() {
	cat <<-EOF

	The network stands. To play with it:
	  alias in-lb='nsenter --net=/run/netns/$T-lb'
	  in-lb $B/xdpdump -n -i $LB_IF
	  in-lb $B/xdpdump -n -i $LB_IF --verdict drop
	  in-lb $B/droplet status
	  in-lb $B/xdplb status
	  ip netns exec $T-client curl http://$VIP4/
	  ip netns exec $T-attacker ping -I 203.0.113.5 $VIP4
	To remove it:
	  B=$B tests/demo.sh clean $T
	EOF
}

say "A network of namespaces: client, attacker, balancer and two backends around a router"
topo_up || { echo "demo: the network does not come up" >&2; exit 1; }

say "The chain on the balancer"
chain_up || { echo "demo: the chain does not come up" >&2; exit 1; }

say "Real requests through the VIP, an attack from a blocked prefix, one above the rate limit"
capture_on || { cat "$TMP"/*.err >&2; exit 1; }
requests
flood 203.0.113.5 50
flood 198.51.100.2 3000
sleep 0.3				# the last events come within 50 ms
capture_off

say "What the chain did to every packet, and why: xdpdump -n -i $LB_IF"
show '\| TX lb' 8
show '\| DROP droplet/blocklist' 4
show '\| DROP droplet/ratelimit' 4
echo "... $(wc -l <"$TEXT") lines in all:"
sed -n 's/.* | \([A-Z]* [^:]*\).*/\1/p' "$TEXT" | sort | uniq -c
tail -4 "$TMP/text.err"

say "The counters"
run droplet status "$LB_IF"
echo
run xdplb status

say "The same packets for Wireshark: $PWD/$PCAPNG"
capinfos -c -M "$PCAPNG" 2>/dev/null | tail -1

if [ -n "${KEEP:-}" ]; then
	play
	trap - EXIT
	rm -rf "$TMP"
	exit 0
fi
