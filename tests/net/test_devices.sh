#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Chains on devices that are no network card: tap (native), dummy (generic), and those whose packets
# have no Ethernet header, which are refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small

modprobe -qa tun dummy ipip 2>/dev/null
L="nsenter --net=/run/netns/$T-lb --"
TAP=tp$$ DUM=dm$$ TUN=tn$$
refuses() {
	local pattern=$1; shift
	timeout 20 "$@" >"$TMP/o" 2>&1
	[ $? -eq 1 ] && [ "$(wc -l <"$TMP/o")" -eq 1 ] && grep -qE -- "$pattern" "$TMP/o" || { cat "$TMP/o"; return 1; }
}
mode() { [ "$(droplet status "$1" --json | jq -r .mode)" = "$2" ]; }
dropped() { [ "$(droplet status "$1" --json | jq '.stages[] | select(.name == "blocklist").verdicts.drop.packets')" = "$2" ]; }

# The far end of a tap: one line "ready", then what it is told on stdin: "send FILE SIZE COUNT" writes
# datagrams of SIZE bytes to the VIP and keeps the frames in FILE, "read" prints a frame that came
# out, "quit".
cat >"$TMP/tap.py" <<'PY'
import fcntl, os, socket, struct, sys
fd = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(fd, 0x400454ca, struct.pack("16sH22x", sys.argv[1].encode(), 0x1002))  # TUNSETIFF, tap, no header
mac = fcntl.ioctl(socket.socket(), 0x8927, struct.pack("16s24x", sys.argv[1].encode()))[18:24]  # SIOCGIFHWADDR
def checksum(b):
    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    s = (s & 0xffff) + (s >> 16)
    return ~((s & 0xffff) + (s >> 16)) & 0xffff
def frame(n, size):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + size, n, 0, 64, 17, 0,
                     socket.inet_aton("198.51.100.7"), socket.inet_aton("192.0.2.10"))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return mac + b"\x02\0\0\0\0\1\x08\0" + ip + struct.pack("!HHHH", 1000 + n, 53, 8 + size, 0) + bytes(size)
print("ready", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "quit": break
    if words[0] == "send":
        with open(words[1], "a") as f:
            for n in range(int(words[3])):
                b = frame(n, int(words[2]))
                os.write(fd, b)
                f.write(b.hex() + "\n")
    else:
        while True:
            b = os.read(fd, 65536)
            if b[12:14] == b"\x08\0": break
        print(b.hex(), flush=True)
PY

# frames FILE: those of a capture, in hexadecimal.
frames() { tshark -r "$1" -T json -x 2>/dev/null | jq -r '.[]._source.layers.frame_raw[0]'; }

# tap_up: the device and its far end, which is file descriptor 7.
tap_up() {
	$L ip tuntap add dev "$TAP" mode tap && $L ip link set "$TAP" up mtu 3000 || return 1
	mkfifo "$TMP/far.in"
	exec 7<>"$TMP/far.in" # either way: opening one end alone waits for the other
	$L python3 "$TMP/tap.py" "$TAP" <&7 >"$TMP/far.out" & # not bg: that has no input
	FAR=$!
	PIDS="$PIDS $FAR"
	wait_for 20 grep -q ready "$TMP/far.out"
}

# policed MODE: packets that come in by the tap are counted, captured as they are, and dropped.
policed() {
	check "tap-$1-attach" droplet attach "$TAP" --mode "$1"
	check "tap-$1-mode" mode "$TAP" "$1"
	bg lb "$B/xdpdump" -i "$TAP" -c 6 -w "$TMP/$1.pcapng" udp 2>"$TMP/$1.err"
	local d=$!
	wait_for 20 grep -q 'listening on' "$TMP/$1.err"
	rm -f "$TMP/sent"
	echo "send $TMP/sent 18 2" >&7
	echo "send $TMP/sent 1400 2" >&7
	echo "send $TMP/sent 2900 2" >&7
	check "tap-$1-captured" wait_for 20 eval "! kill -0 $d"
	kill $d 2>/dev/null
	wait $d
	check "tap-$1-bytes" cmp "$TMP/sent" <(frames "$TMP/$1.pcapng")
	droplet block 198.51.100.7 -i "$TAP" >/dev/null
	echo "send $TMP/sent 100 5" >&7
	check "tap-$1-dropped" wait_for 20 dropped "$TAP" 5
	check "tap-$1-detach" droplet detach "$TAP"
}

if tap_up; then
	policed native
	policed generic
	# And sent: what the balancer encapsulates comes out at the far end.
	check tap-lb xdplb attach "$TAP" --mode native
	xdplb vip add 192.0.2.10:53/udp
	xdplb real add 192.0.2.10:53/udp 10.20.1.2
	echo "send $TMP/lb 100 1" >&7
	echo read >&7
	check tap-lb-sends wait_for 20 grep -qE '^[0-9a-f]{24}08004500' "$TMP/far.out"
	# IPv4 in IPv4 to 10.20.1.2, and behind that header the packet that went in
	check tap-lb-encapsulated grep -qE "^.{24}0800.{18}04.{12}0a140102$(cut -c 29- "$TMP/lb")\$" "$TMP/far.out"
	xdplb detach "$TAP" >/dev/null
	echo quit >&7
	wait "$FAR"
	$L ip link del "$TAP"
	$L ip tuntap add dev "$TUN" mode tun
	$L ip link set "$TUN" up
	NO="$TUN: its packets have no Ethernet header, a chain needs one\$"
	check tun-refused refuses "$NO" $L "$B/droplet" attach "$TUN"
	check tun-refused-generic refuses "$NO" $L "$B/droplet" attach "$TUN" --mode generic
	check tun-refused-lb refuses "$NO" $L "$B/xdplb" attach "$TUN"
	check tun-left-nothing test ! -e "/sys/fs/bpf/xdpchain/$TUN"
else
	skip tap "this kernel has no tun devices"
fi

if $L ip link add ip9 type ipip external 2>/dev/null; then
	check ipip-refused refuses '^droplet: ip9: its packets have no Ethernet header' $L "$B/droplet" attach ip9
else
	skip ipip "this kernel has no ipip devices"
fi

# What comes in by the balancer's interface is put into the dummy, as if it had come there.
if $L ip link add "$DUM" index 4242 type dummy 2>/dev/null; then
	$L ip link set "$DUM" up address "$($L ip -j link show "$LB_IF" | jq -r '.[0].address')"
	$L tc qdisc add dev "$LB_IF" clsact
	$L tc filter add dev "$LB_IF" ingress protocol ip bpf da obj "$B/obj/tests/net/into.bpf.o" sec tc
	check dummy-attach droplet attach "$DUM"
	check dummy-mode mode "$DUM" generic
	bg lb "$B/xdpdump" -i "$DUM" -c 3 -w "$TMP/dummy.pcapng" icmp 2>"$TMP/dummy.err"
	D=$!
	wait_for 20 grep -q 'listening on' "$TMP/dummy.err"
	check dummy-passes at client ping -n -q -c 3 -i 0.05 -W 5 -s 1400 10.30.0.2
	check dummy-captured wait_for 20 eval "! kill -0 $D"
	kill $D 2>/dev/null
	wait $D
	check dummy-whole test "$(tshark -r "$TMP/dummy.pcapng" -Y 'frame.len == 1442 && frame.cap_len == 1442' 2>/dev/null | wc -l)" -eq 3
	droplet block 10.10.0.2 -i "$DUM" >/dev/null
	check dummy-drops eval '! at client ping -n -q -c 2 -i 0.05 -W 1 10.30.0.2'
	check dummy-dropped dropped "$DUM" 2
	droplet detach "$DUM" >/dev/null
else
	skip dummy "this kernel has no dummy devices"
fi
exit $FAILED
