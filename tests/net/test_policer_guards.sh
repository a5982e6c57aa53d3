#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All guards at once, as they are when nothing is configured: what people do goes through, fragments
# and all, and not a packet is dropped. Then what attackers do, each for its reason.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
ip -n "$T-router" link set dev to-lb xdp obj "$B/obj/tests/net/pass.bpf.o" sec xdp

cat >"$TMP/serve.py" <<'PY'
import http.server, socket, threading
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"x" * 100000)
    def log_message(self, *a): pass
class S(http.server.ThreadingHTTPServer): address_family = socket.AF_INET6
threading.Thread(target=S(("::", 80), H).serve_forever).start()
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u.bind(("::", 5300))
while True:
    data, who = u.recvfrom(65535)
    u.sendto(data, who)
PY
# echo.py ADDRESS SIZE N: datagrams, each of which must come back.
cat >"$TMP/echo.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
for i in range(int(sys.argv[3])):
    data = bytes([i]) * int(sys.argv[2])
    s.sendto(data, (sys.argv[1], 5300))
    assert s.recv(65535) == data
PY
# raw.py KIND ADDRESS: packets that the kernel would not send.
cat >"$TMP/raw.py" <<'PY'
import socket, struct, sys
kind, to = sys.argv[1:]
me, dst = b"\x0a\x0a\x00\x02", socket.inet_aton(to)
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
def total(data):
    t = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def send(proto, data, src=me, frag=0, ident=7):
    s.sendto(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), ident, frag, 64, proto, 0) + src + dst + data, (to, 0))
def udp(sport, data): return struct.pack("!HHHH", sport, 9, 8 + len(data), 0) + data
def tcp(flags): return struct.pack("!HHIIBBHHH", 1025, 80, 1, 1, 0x50, flags, 99, 0, 0)
echo = b"\x08\x00\x00\x00\x00\x07\x00\x01" + b"z" * 192
echo = echo[:2] + struct.pack("!H", total(echo)) + echo[4:]
if kind == "xmas": send(6, tcp(0x29))
if kind == "null": send(6, tcp(0))
if kind == "land": send(17, udp(9, b"x"), src=dst)
if kind == "chargen": send(17, udp(19, b"x" * 500), src=b"\xc6\x33\x64\x09")
if kind == "dns": send(17, udp(53, b"x" * 3000)[:1480], src=b"\xc6\x33\x64\x09", frag=0x2000)
if kind == "tiny": send(1, echo[:8], frag=0x2000)
if kind == "whole": send(1, echo[:128], frag=0x2000); send(1, echo[128:], frag=16)
if kind == "overlap":
    send(1, echo[:128], frag=0x2000, ident=8)
    send(1, echo[96:], frag=12, ident=8)
PY

cat >"$TMP/d.yaml" <<-EOT
interfaces: [$LB_IF]
control: {socket: $TMP/sock}
policers:
- {name: malformed, kind: malformed}
- {name: fragments, kind: fragments}
- {name: amplification, kind: amplification}
- {name: synflood, kind: synflood}
- {name: conntrack, kind: conntrack}
EOT
reasons() { droplet status "$LB_IF" --json | jq -r "[.stages[] | select(.name == \"$1\").reasons[] | select(.name == \"$2\").packets] | add // 0"; }
dropped() { droplet status "$LB_IF" --json | jq -e "[.stages[].verdicts.drop?.packets // 0] | add == $1"; }
stages() { droplet status "$LB_IF" --json | jq -e ".stages | length == 5"; }
# attack KIND STAGE REASON: the packets of raw.py are dropped for it.
attack() {
	local n; n=$(reasons "$2" "$3")
	at client python3 "$TMP/raw.py" "$1" 10.30.0.2 || return
	wait_for 5 more "$2" "$3" "$n"
}
more() { [ "$(reasons "$1" "$2")" -gt "$3" ]; }
icmp_in() { at lb nstat -asz IcmpInEchos | awk '/Icmp/ { print $2 }'; }
answered() { local n; n=$(icmp_in); at client python3 "$TMP/raw.py" "$1" 10.30.0.2; wait_for "${2:-5}" grown "$n"; }
grown() { [ "$(icmp_in)" -gt "$1" ]; }

bg lb python3 "$TMP/serve.py"
check without wait_for 10 at client curl -sf -o /dev/null http://10.30.0.2/
check the-stack-takes-an-overlap-free-ping answered whole
bg lb "$B/droplet" run -F -c "$TMP/d.yaml" >"$TMP/log" 2>&1
check five-guards wait_for 20 stages

# --- what people do ---------------------------------------------------------------------------------
for to in 10.30.0.2 2001:db8:30::2; do
	url=$to; [[ $to = *:* ]] && url="[$to]"
	check "ping-$to" at client ping -nq -c 5 -i 0.02 -W 2 "$to"
	for size in 1472 1473 2000 9000 60000; do
		check "ping-$size-$to" at client ping -nq -c 3 -i 0.02 -W 2 -s $size "$to"
	done
	# 200 datagrams of 6 fragments each, one after the other: ids come again and again.
	check "udp-8k-$to" at client python3 "$TMP/echo.py" "$to" 8192 200
	check "udp-full-$to" at client python3 "$TMP/echo.py" "$to" 65000 20
	check "http-$to" at client curl -sf --max-time 10 -o /dev/null "http://$url/#[1-30]"
done
ip -n "$T-client" route change default via 10.10.0.1 mtu 600
check small-fragments at client ping -nq -c 3 -i 0.02 -W 2 -s 9000 -M dont 10.30.0.2
ip -n "$T-lb" neigh flush all
check neighbours-6 at client ping -nq -c 2 -i 0.02 -W 2 2001:db8:30::2
check nothing-was-dropped dropped 0

# --- what attackers do ------------------------------------------------------------------------------
check xmas attack xmas malformed tcp_xmas
check null attack null malformed tcp_null
check land attack land malformed land
check chargen attack chargen amplification reflected
hits() { droplet rules amplification --json | jq -se "any(.[]; .rule == $1 and .packets >= 1)"; }
check chargen-is-a-rule-with-hits hits 19
check dns-in-fragments attack dns amplification reflected
check tiny-fragment attack tiny fragments tiny
check overlap attack overlap fragments overlap
check a-whole-ping-in-two answered whole
check and-people-go-on at client ping -nq -c 3 -i 0.02 -W 2 -s 60000 10.30.0.2

# --- a flood of fragments from one, while another's come through ----------------------------------------
ip -n "$T-client" addr add 10.10.0.3/24 dev eth0
sed -i 's/kind: fragments}/kind: fragments, params: {source: 500}}/' "$TMP/d.yaml"
check reload droplet reload -s "$TMP/sock"
bg client ping -nq -i 0.002 -s 8000 -I 10.10.0.3 10.30.0.2 >/dev/null
check flood-is-held wait_for 10 more fragments source_rate 500
check others-are-not wait_for 10 at client ping -nq -c 5 -i 0.1 -W 2 -s 8000 -I 10.10.0.2 10.30.0.2
sed -i 's/source: 500/drop: all/' "$TMP/d.yaml"
check reload-all droplet reload -s "$TMP/sock"
check no-fragment-passes sh -c '! "$@"' - nsenter --net="/run/netns/$T-client" ping -nq -c 2 -i 0.1 -W 0.3 -s 8000 -I 10.10.0.2 10.30.0.2
check whole-packets-do at client ping -nq -c 2 -i 0.1 -W 2 10.30.0.2

exit $FAILED
