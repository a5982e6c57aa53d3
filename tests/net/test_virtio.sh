#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A chain on a virtio_net card: that of the machine of tests/kernels/vm, known by its address.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh

modprobe -q virtio_net 2>/dev/null
NIC=$(ip -j link | jq -r '.[] | select(.address == "52:54:00:78:63:01").ifname')
[ -n "$NIC" ] || { skip virtio_net "this is no machine of tests/kernels/vm"; exit 0; }
host lb
ip link set "$NIC" netns "$T-lb"
ip -n "$T-lb" addr add 10.0.2.15/24 dev "$NIC"
ip -n "$T-lb" link set "$NIC" up

ping4() { at lb ping -n -q -c 3 -i 0.1 -W 5 10.0.2.2; }
start() { capture "$1" "$B/xdpdump" -i "$NIC" "${@:2}" -w "$TMP/$1.pcapng"; }
frames() { [ "$(tshark -r "$TMP/$1.pcapng" -Y "$2 && frame.len == frame.cap_len" 2>/dev/null | wc -l)" -ge "$3" ]; }
# content NAME: what was captured of the stream is, put together, what was received.
content() {
	tshark -r "$TMP/$1.pcapng" -q -z follow,tcp,raw,0 2>/dev/null | grep -xE '[[:space:]]*[0-9a-f]+' |
		tr -d '[:space:]' | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' |
		cmp - "$TMP/received"
}
head -c 300000 /dev/urandom >"$TMP/sent"
cat >"$TMP/echo.py" <<'PY'
import socket, sys, threading
data = open(sys.argv[1], "rb").read()
s = socket.create_connection(("10.0.2.100", 7), 60)
threading.Thread(target=s.sendall, args=(data,), daemon=True).start()
got = b""
while len(got) < len(data): got += s.recv(1 << 16)
open(sys.argv[2], "wb").write(got)
PY

check without wait_for 20 ping4
for mode in native generic; do
	check "$mode-attach" droplet attach "$NIC" --mode $mode
	check "$mode-mode" test "$(droplet status "$NIC" --json | jq -r .mode)" = $mode
	start $mode
	check "$mode-passes" ping4
	check "$mode-stream" at lb timeout 120 python3 "$TMP/echo.py" "$TMP/sent" "$TMP/received"
	stop
	check "$mode-echo" cmp "$TMP/sent" "$TMP/received"
	check "$mode-captured" frames $mode 'icmp.type == 0' 3
	check "$mode-captured-stream" content $mode
	check "$mode-none-lost" grep -q ' + 0 lost$' "$TMP/$mode.err"
	droplet block 10.0.2.2 -i "$NIC" >/dev/null
	check "$mode-drops" eval '! at lb ping -n -q -c 2 -i 0.1 -W 1 10.0.2.2'
	check "$mode-detach" droplet detach "$NIC"
done
check afterwards ping4
exit $FAILED
