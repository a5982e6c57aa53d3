#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checks through the tunnel: every kind, in every wrapping, to servers that are only there on the VIP
# and open what comes with `xdplb decap`; what fails, and a tunnel that somebody takes away.
set -u
cd "$(dirname "$0")/../.." || exit 1
BACKEND_UNPACKS=device
. tests/topo.sh
modprobe -q tun 2>/dev/null
unshare --net ip tuntap add dev xc0 mode tun 2>/dev/null || { skip tunnel-checks "this kernel has no tun"; exit 0; }
mkdir -p /run/xdpchain
mount -t tmpfs -o mode=0755,size=256k tmpfs /run/xdpchain
topo_up
kill $PIDS # servers on all addresses
wait $PIDS 2>/dev/null
CONF=$TMP/xdplb.yaml
PACE=${TEST_EMULATED:+5s} # also the time that an answer may take
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"

# --- servers ------------------------------------------------------------------------------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=lb -days 1 -keyout "$TMP/key" -out "$TMP/cert" 2>/dev/null
cat >"$TMP/www.py" <<-'PY'
import http.server, os, socket, ssl, sys, threading
vips, key, cert, sick = sys.argv[1:3], sys.argv[3], sys.argv[4], sys.argv[5]
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers["Host"].split(":80")[0].split(":443")[0].strip("[]")
        self.send_response(503 if os.path.exists(sick) else 200 if asked in vips else 400)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"x" * 100000)
    def log_message(self, *a): pass
class S(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    def server_bind(self): # not http.server's, which asks a name server
        http.server.socketserver.TCPServer.server_bind(self)
    def handle_error(self, *a): pass
def serve(vip, port):
    S.address_family = socket.AF_INET6 if ":" in vip else socket.AF_INET
    s = S((vip, port), H)
    if port == 443:
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(cert, key)
        s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=s.serve_forever).start()
for vip in vips:
    for port in 80, 443, 8080: serve(vip, port)
PY
www() { bg "b$1" python3 "$TMP/www.py" "$VIP4" "$VIP6" "$TMP/key" "$TMP/cert" "$TMP/sick$1" >/dev/null 2>&1; }
listens() { at "$1" ss -Htln 'sport = 8080' | wc -l | grep -qx 2; }
# Both servers call their interface eth0, and pins are by name: so one has pins of its own.
bg b2 unshare --mount sh -c 'mount -t bpf bpf /sys/fs/bpf && "$0" decap add eth0 &&
	exec tail -f /dev/null' "$B/xdplb" >/dev/null 2>&1
check decap-b1 at b1 "$B/xdplb" decap add eth0
check decap-b2 wait_for 20 sh -c "ip -n $T-b2 link show eth0 | grep -q xdp"
www 1; WWW1=$!
www 2; WWW2=$!
for b in b1 b2; do wait_for 20 listens $b; done

# --- every kind, in every wrapping -------------------------------------------------------------------
# write OPTIONS THROUGH: two servers for each VIP, and with IPv4 the first once more, by IPv6.
write() {
	local kind port vip
	printf 'interfaces: [{name: %s, mode: native, lru_size: 4096}]\nvips:\n' "$LB_IF" >"$CONF"
	for kind in tcp:8080/tcp http:80/tcp https:443/tcp icmp:53/udp; do
		port=${kind#*:}
		for vip in "$VIP4" "[$VIP6]"; do
			printf -- '- vip: "%s"\n  options: [%s]\n' "$vip:$port" "$1"
			printf '  check: {type: %s, through: %s, interval: %s, rise: 1, fall: 3}\n  reals:\n' \
				"${kind%:*}" "$2" "${PACE:-400ms}"
			[ "$vip" = "$VIP4" ] && printf '  - {addr: 10.20.%s.2}\n' 1 2
			printf '  - {addr: "2001:db8:21::2"}\n'
			[ "$vip" = "$VIP4" ] || printf '  - {addr: "2001:db8:22::2"}\n'
		done
	done >>"$CONF"
}
# healthy FILTER: true of what is known.
healthy() { [ "$($X health --json | jq "$1")" = true ]; }
# kinds WRAPPING: each target by its name is up and has passed three times.
kinds() {
	local vip check real
	wait_for 20 healthy 'all(.reals[]; .up and .passed >= 3)'
	$X health --json | jq -r '.reals[] | "\(.vip) \(.check) \(.real) \(.through) \(.up) \(.passed >= 3)"' >"$TMP/kinds"
	while read -r vip check real rest; do
		check "$1-$check-$vip-$real" test "$rest" = "tunnel true true"
	done <"$TMP/kinds"
	check "$1-count" test "$(wc -l <"$TMP/kinds")" = 20
}
start() {
	bg lb "$B/xdplb" run -c "$CONF" --foreground 2>>"$TMP/log"
	DAEMON=$!
	wait_for 10 $X health
}
write "" tunnel
check start start
kinds ip
write gue tunnel
check reload-gue $X reload
kinds gue
write gue direct
check reload-direct $X reload
check not-there-directly wait_for 20 healthy 'all(.reals[]; if .check == "icmp" then .up else .up | not end)'
check no-tunnel-unasked sh -c "! ip -n $T-lb link show xdplb-check 2>/dev/null"
write "" tunnel
check reload-tunnel $X reload
check there-by-tunnel wait_for 20 healthy 'all(.reals[]; .up and .passed > 0)'

# --- what fails ---------------------------------------------------------------------------------------
# only FILTER: those are down and no others, each with a reason.
only() { healthy "all(.reals[]; if $1 then (.up | not) and .last_failure != \"\" else .up end)"; }
touch "$TMP/sick1"
check status wait_for 20 only '(.real | test("20\\.1|21:")) and (.check | test("http"))'
check status-said wait_for 5 healthy 'any(.reals[]; .check == "https" and .last_failure == "status 503")'
rm "$TMP/sick1"
check status-back wait_for 20 healthy 'all(.reals[]; .up)'
kill -9 "$WWW2"; wait "$WWW2" 2>/dev/null
check refused wait_for 20 only '(.real | test("20\\.2|22:")) and .check != "icmp"'
check refused-said wait_for 5 healthy 'any(.reals[]; .check == "tcp" and .last_failure == "Connection refused")'
www 2; WWW2=$!
check refused-back wait_for 20 healthy 'all(.reals[]; .up)'
ip -n "$T-b1" addr del "$VIP4/32" dev lo
check vip-gone wait_for 20 only '(.real | test("20\\.1|21:")) and (.vip | startswith("192"))'
ip -n "$T-b1" addr add "$VIP4/32" dev lo
check vip-back wait_for 20 healthy 'all(.reals[]; .up)'
ip -n "$T-lb" route add unreachable 10.20.2.2/32
check no-route wait_for 20 only '.real == "10.20.2.2"'
check no-route-said wait_for 5 healthy 'all(.reals[] | select(.real == "10.20.2.2"); .last_failure == "No route to host")'
ip -n "$T-lb" route del unreachable 10.20.2.2/32
check route-back wait_for 20 healthy 'all(.reals[]; .up)'

# --- a tunnel that somebody takes away ---------------------------------------------------------------
rules() { ip -n "$T-lb" "$1" rule list priority 10 | grep -c 'fwmark 0x3058 lookup 12376'; }
passed() { $X health --json | jq "[.reals[].passed] | add"; }
# goes_on: all have passed twice more.
goes_on() {
	local was; was=$(passed)
	wait_for 10 sh -c "[ \$($X health --json | jq '[.reals[].passed] | add') -ge $((was + 40)) ]"
}
was_down() { grep -c 'is down' "$TMP/log"; }
DOWNS=$(was_down)
check rules test "$(rules -4) $(rules -6)" = "1 1"
ip -n "$T-lb" link del xdplb-check
check device-made-anew wait_for 10 ip -n "$T-lb" link show xdplb-check
check device-goes-on goes_on
ip -n "$T-lb" rule del priority 10
ip -n "$T-lb" -6 rule del priority 10
check rules-made-anew wait_for 10 sh -c "ip -n $T-lb rule | grep -q 0x3058 && ip -n $T-lb -6 rule | grep -q 0x3058"
check rules-go-on goes_on
check nobody-down test "$(was_down)" = "$DOWNS"
{ kill -9 "$DAEMON"; wait "$DAEMON"; } 2>/dev/null
check killed-no-device sh -c "! ip -n $T-lb link show xdplb-check 2>/dev/null"
check restart start
check restart-goes-on goes_on
check restart-rules test "$(rules -4) $(rules -6)" = "1 1"
check nobody-else-sent-there sh -c "! ip -n $T-lb route get $VIP4 | grep xdplb-check"
check nobody-else-sent-there-6 sh -c "! ip -n $T-lb -6 route get $VIP6 | grep xdplb-check"
kill "$DAEMON"; wait "$DAEMON"
check stop-no-rules test "$(rules -4) $(rules -6)" = "0 0"
check stop-no-device sh -c "! ip -n $T-lb link show xdplb-check 2>/dev/null"
ip -n "$T-lb" tuntap add dev xdplb-check mode tap
check device-taken sh -c "! timeout $((10 + ${TEST_EMULATED:-0})) $X run -c $CONF --foreground 2>$TMP/err"
check device-taken-said grep -q 'xdplb-check' "$TMP/err"
[ $FAILED = 0 ] || cat "$TMP/log"
exit $FAILED
