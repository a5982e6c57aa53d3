#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Interfaces and frames of other kinds: MTU 9000, segments of 64 KiB, generic mode, VLANs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small

D=$B/xdpdump

# start NAME OPTION...: a capture into a file.
start() { capture "$1" "$D" "${@:2}" -w "$TMP/$1.pcapng"; }
# whole NAME MIN: there is a frame of more than MIN bytes, all frames are whole, none is lost.
whole() {
	capinfos "$TMP/$1.pcapng" >/dev/null || return 1
	tshark -r "$TMP/$1.pcapng" -T fields -e frame.len -e frame.cap_len 2>/dev/null |
		awk -v min="$2" '$1 != $2 { bad++ } $1 > max { max = $1 }
			END { print NR " frames, the largest " max + 0 ", " bad + 0 " cut"; exit bad || max <= min }' &&
		grep -q ' + 0 lost$' "$TMP/$1.err"
}
ping4() { at client ping -n -q -c 2 -i 0.05 -W 2 "$@" 10.30.0.2; }

cat >"$TMP/recv.py" <<-'PY'
	import socket, sys
	s = socket.create_server(("10.30.0.2", 5001))
	print("ready", flush=True)
	c = s.accept()[0]
	with open(sys.argv[1], "wb") as f:
	    while b := c.recv(1 << 16): f.write(b)
PY
cat >"$TMP/send.py" <<-'PY'
	import socket, sys
	socket.create_connection(("10.30.0.2", 5001)).sendall(open(sys.argv[1], "rb").read())
PY
head -c 3000000 /dev/urandom >"$TMP/sent"

# content NAME: what was captured of the stream is, put together, what the receiver got.
content() {
	tshark -r "$TMP/$1.pcapng" -q -z follow,tcp,raw,0 2>/dev/null | grep -xE '[[:space:]]*[0-9a-f]+' |
		tr -d '[:space:]' | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' |
		cmp - "$TMP/received"
}
# stream NAME MIN: 3 MB by TCP arrive as they were sent, in frames of which one has over MIN bytes.
stream() {
	bg lb python3 "$TMP/recv.py" "$TMP/received" >"$TMP/ready"
	local receiver=$!
	wait_for 20 grep -q ready "$TMP/ready"
	start "$1" -i "$LB_IF" tcp
	at router python3 "$TMP/send.py" "$TMP/sent" && wait "$receiver"
	check "$1-sent" test $? -eq 0
	stop
	check "$1-content" cmp "$TMP/sent" "$TMP/received"
	check "$1-whole" whole "$1" "$2"
	check "$1-captured" content "$1"
}

# --- MTU 9000 ------------------------------------------------------------------------------------
ip -n "$T-client" link set eth0 mtu 9000
ip -n "$T-router" link set to-client mtu 9000
ip -n "$T-router" link set to-lb mtu 9000
ip -n "$T-lb" link set "$LB_IF" mtu 9000
check jumbo-attach droplet attach "$LB_IF" --mode native
start jumbo -i "$LB_IF" icmp
check jumbo-arrives ping4 -M "do" -s 8900
stop
check jumbo-whole whole jumbo 8900
check jumbo-block droplet block 10.10.0.2 -i "$LB_IF"
start dropped -i "$LB_IF" --verdict drop
check jumbo-dropped eval '! ping4 -M do -s 8900'
stop
check jumbo-dropped-whole whole dropped 8900
check jumbo-unblock droplet unblock 10.10.0.2 -i "$LB_IF"
stream jumbo-stream 8900

# --- generic mode, and the device of a VLAN --------------------------------------------------------
droplet detach "$LB_IF" >/dev/null
check generic-attach droplet attach "$LB_IF" --mode generic
start generic -i "$LB_IF" icmp
check generic-arrives ping4 -M "do" -s 8900
stop
check generic-whole whole generic 8900
# A veth sends no segments to a native program; a generic one sees them, up to 64 KiB in one.
at router ethtool -K to-lb tx on sg on tso on gso on >/dev/null 2>&1
stream segments 20000
droplet detach "$LB_IF" >/dev/null
if at lb ip link add "$LB_IF.7" link "$LB_IF" type vlan id 7 2>/dev/null; then
	at router ip link add to-lb.7 link to-lb type vlan id 7
	at router ip addr add 10.37.0.1/24 dev to-lb.7
	at lb ip addr add 10.37.0.2/24 dev "$LB_IF.7"
	at router ip link set to-lb.7 up
	at lb ip link set "$LB_IF.7" up
	check vlan-attach droplet attach "$LB_IF.7"
	check vlan-is-generic test "$(droplet status "$LB_IF.7" --json | jq -r .mode)" = generic
	start vlan -i "$LB_IF.7" icmp
	check vlan-arrives at router ping -n -q -c 2 -i 0.05 -W 2 10.37.0.2
	stop
	check vlan-whole whole vlan 90
	droplet detach "$LB_IF.7" >/dev/null
	# Or the tag is not in the frame, but beside it, where XDP does not look.
	at router ethtool -K to-lb txvlan off >/dev/null 2>&1
	check vlan-trunk-attach droplet attach "$LB_IF" --mode native
	start trunk -i "$LB_IF" vlan 7 and icmp
	check vlan-trunk-arrives at router ping -n -q -c 2 -i 0.05 -W 2 10.37.0.2
	stop
	check vlan-trunk-whole whole trunk 90
else
	skip vlan "this kernel has no VLAN devices"
fi
exit $FAILED
