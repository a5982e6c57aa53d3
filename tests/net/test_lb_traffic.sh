#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Traffic of other makers through the balancer, with direct return: iperf3, fragments, thousands of
# connections; a real checked by HTTPS; and --json of commands that change something.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
mkdir -p /run/xdpchain
mount -t tmpfs -o mode=0755,size=256k tmpfs /run/xdpchain
topo_up
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
PORTS=$VIP4:any
check attach $X attach "$LB_IF" --lru-size 65536

# --- --json --------------------------------------------------------------------------------------------
# said FILTER COMMAND...: what the command prints is one JSON object, of which the filter holds.
said() { local f=$1; shift; "$@" --json >"$TMP/said" && [ "$(jq -s length "$TMP/said")" = 1 ] && jq -e "$f" "$TMP/said"; }
check json-vip-add said '.vip == "192.0.2.10:any/tcp" and .reals == []' $X vip add $PORTS/tcp
check json-real-add said '.real == "10.20.1.2" and .weight == 3' $X real add $PORTS/tcp 10.20.1.2 --weight 3
check json-real-set said '.weight == 1 and .mode == "up"' $X real set $PORTS/tcp 10.20.1.2 --weight 1
check json-vip-set said '.options | tostring | contains("hash-source")' $X vip set $PORTS/tcp -o hash-source
check json-real-del said '.deleted and .real == "10.20.1.2"' $X real del $PORTS/tcp 10.20.1.2
check json-vip-del said '.deleted and .vip == "192.0.2.10:any/tcp"' $X vip del $PORTS/tcp

# --- iperf3: its control connection and its data are for one server ---------------------------------
$X vip add $PORTS/tcp -o hash-source
$X vip add $PORTS/udp -o hash-source
for r in 10.20.1.2 10.20.2.2; do $X real add $PORTS/tcp $r; $X real add $PORTS/udp $r; done
for b in b1 b2; do bg $b iperf3 -s -B $VIP4 >/dev/null 2>&1; done
listening() { at "$1" ss -ltn "sport = 5201" | grep -q 5201; }
for b in b1 b2; do wait_for 10 listening $b; done
# A packet has to fit, with the header that is put before it.
ip -n "$T-client" route replace $VIP4 via 10.10.0.1 dev eth0 mtu 1480
iperf() { at client timeout 60 iperf3 -c $VIP4 -J "$@" >"$TMP/iperf"; }
check iperf-tcp iperf -n 20M
check iperf-tcp-all jq -e ".end.sum_sent.bytes >= 20971520 and .end.sum_received.bytes > 10000000" "$TMP/iperf"
check iperf-tcp-4 iperf -n 20M -P 4
RATE=${TEST_EMULATED:+-b 2M -t 5}
# None is lost in the balancer; a server that is not given its CPU in time loses what it has no room for.
udp() { $X vip list --json | jq -s 'map(select(.vip | endswith("udp")).packets) | add'; }
BEFORE=$(udp)
check iperf-udp iperf -u -l 1000 ${RATE:--b 20M -t 1}
check iperf-udp-balanced test $(($(udp) - BEFORE)) -ge "$(jq .end.sum.packets "$TMP/iperf")"
arrives() { iperf -u -l 1000 ${RATE:--b 20M -t 1} && jq -e '.end.sum.packets > 1000 and .end.sum.lost_percent < 1' "$TMP/iperf"; }
check iperf-udp-all wait_for 20 arrives
moved() { [ "$($X status --json | jq '[.vips[].packets] | add')" -gt 10000 ]; }
check iperf-was-balanced moved

# --- fragments -------------------------------------------------------------------------------------
# A datagram in four fragments, echoed whole.
cat >"$TMP/echo.py" <<-'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 7777))
while True:
    data, who = s.recvfrom(65535)
    s.sendto(b"%d" % len(data), who)
PY
for b in b1 b2; do bg $b python3 "$TMP/echo.py" $VIP4; done
echoed() {
	at client python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.sendto(b'x' * 5000, ('$VIP4', 7777))
assert s.recv(100) == b'5000'"
}
check fragments-are-dropped eval '! echoed 2>/dev/null'
reason() { $X status --json | jq ".reasons.$1.packets // 0"; }
check fragments-reason test "$(reason fragment)" -gt 0
check fragments-allowed $X vip set $PORTS/udp -o +fragments
check fragments-arrive wait_for 10 echoed

# --- thousands of connections, each to be answered ---------------------------------------------------
$X vip add $VIP4:80/tcp
for r in 10.20.1.2 10.20.2.2; do $X real add $VIP4:80/tcp $r; done
N=${TEST_EMULATED:+200}
N=${N:-2000}
many() { at client python3 -c "
import asyncio, collections
seen = collections.Counter()
async def one(sem):
    async with sem:
        r, w = await asyncio.open_connection('$VIP4', 80)
        w.write(b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        data = await r.read()
        w.close()
        seen[data.split()[-1]] += 1
async def main():
    sem = asyncio.Semaphore(100)
    await asyncio.gather(*(one(sem) for _ in range($N)))
asyncio.run(main())
print(sum(seen.values()), *sorted(seen))
assert sum(seen.values()) == $N and len(seen) == 2" >"$TMP/many"; }
check many-connections many &
MANY=$!
for w in 2 3 4 5 6 7 8 9 1 3 5 7 9 2 4 6 8 1; do # meanwhile the ring changes
	$X real set $VIP4:80/tcp 10.20.1.2 --weight $w
done
wait $MANY
check many-all-answered grep -q "^$N " "$TMP/many"

# --- HTTPS ----------------------------------------------------------------------------------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=lb -days 1 -keyout "$TMP/key" -out "$TMP/cert" 2>/dev/null
cat >"$TMP/https.py" <<-'PY'
import http.server, ssl, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/alive" else 404)
        self.end_headers()
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer((sys.argv[1], 8443), H)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(sys.argv[3], sys.argv[2])
s.socket = c.wrap_socket(s.socket, server_side=True)
s.serve_forever()
PY
bg b1 python3 "$TMP/https.py" 10.20.1.2 "$TMP/key" "$TMP/cert"
WWW=$!
bg b2 python3 "$TMP/https.py" 10.20.2.2 "$TMP/key" "$TMP/cert"
secure() { at "$1" ss -ltn "sport = 8443" | grep -q 8443; }
for b in b1 b2; do wait_for 10 secure $b; done
PACE=${TEST_EMULATED:+interval: 5s, timeout: 4s} # a handshake takes a second there
PACE=${PACE:-interval: 200ms}
cat >"$TMP/xdplb.yaml" <<-YAML
	interfaces:
	- {name: $LB_IF, mode: native, lru_size: 65536}
	vips:
	- vip: "$VIP4:80/tcp"
	  check: {type: https, port: 8443, path: /alive, $PACE, rise: 1, fall: 2}
	  reals:
	  - {addr: 10.20.1.2}
	  - {addr: 10.20.2.2}
YAML
bg lb "$B/xdplb" run -c "$TMP/xdplb.yaml" --foreground 2>"$TMP/log"
passes() { $X health 2>/dev/null | grep -q "10.20.$1.2 https up, [1-9]"; }
is() { $X real list $VIP4:80/tcp --json | jq -es "any(.real == \"$1\" and .mode == \"$2\")"; }
check https-passes-1 wait_for 20 passes 1
check https-passes-2 wait_for 20 passes 2
kill $WWW
wait $WWW 2>/dev/null
check https-down wait_for 20 is 10.20.1.2 down
check https-other is 10.20.2.2 up
[ $FAILED -eq 0 ]
