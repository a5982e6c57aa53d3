# SPDX-License-Identifier: GPL-2.0
# topo.sh - the test network: sourced by the demo and the namespace tests.
#
#   client 10.10.0.2 ----\                       /---- backend1 10.20.1.2 (VIP on lo)
#                         router ---- balancer
#   attacker 198.51.100.2-/  (routes the VIPs     \---- backend2 10.20.2.2 (VIP on lo)
#            203.0.113.0/24   to the balancer)
#
# All in namespaces of its own, named by the process. A chain on $LB_IF in the balancer.
# Backends answer to the client directly (direct server return).

# A test runs in a mount namespace of its own, with a BPF filesystem of its own: no other chain
# on the machine is seen, and nothing can be left. The demo shares those of the machine.
if [ -z "${TOPO_SHARED:-}" ] && [ -z "${TOPO_OWN:-}" ]; then
	TOPO_OWN=1 exec unshare --mount --propagation private "$0" "$@"
fi
[ -n "${TOPO_SHARED:-}" ] || mount -t bpf bpf /sys/fs/bpf
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
mkdir -p /run/netns

B=${B:-build}
T=xc$$
VIP4=192.0.2.10
VIP6=2001:db8:f::10
LB_IF=xlb$$				# pins are by interface name, whatever the namespace
TMP=$(mktemp -d)
FAILED=0
HOSTS="router client attacker lb b1 b2"

# Run in the namespace of a host of ours. Not `ip netns exec`: it hides bpffs.
at() { local host=$1; shift; nsenter --net="/run/netns/$T-$host" -- "$@"; }
# The same in the background; $! is the command itself, so that it can be sent a signal.
bg() { local host=$1; shift; nsenter --net="/run/netns/$T-$host" -- "$@" & PIDS="$PIDS $!"; }
droplet() { at lb "$B/droplet" "$@"; }
xdplb() { at lb "$B/xdplb" "$@"; }
xdpdump() { at lb "$B/xdpdump" "$@"; }

ok() { echo "ok $1"; }
# skip NAME WHY: of a case that cannot be had here; where it must be, tests/run says it has failed.
skip() { echo "skip $1: $2"; }
not_ok() { echo "not ok $1${2:+: $2}"; FAILED=1; }
# check NAME COMMAND...: a case that passes when the command does.
check() { local name=$1; shift; if "$@" >"$TMP/out" 2>&1; then ok "$name"; else not_ok "$name" "$(tail -3 "$TMP/out" | tr '\n' ' ')"; fi; }
# wait_for SECONDS COMMAND...: until it succeeds; fails when the time is over, which is longer
# in an emulated machine.
wait_for() {
	local end=$((SECONDS + ${TEST_EMULATED:-$1})); shift
	until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done
}

host() {
	ip netns add "$T-$1"
	ip -n "$T-$1" link set lo up
	at "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# wire HOST IF4 IF6 ROUTER4 ROUTER6 [IFNAME]: a veth pair to the router, addresses, default route.
wire() {
	local dev=${6:-eth0} far=to-$1
	# Named in its namespace: older kernels mind a name that exists in ours, as eth0 may.
	ip link add "${T}w" netns "$T-$1" type veth peer name "${T}r" netns "$T-router"
	ip -n "$T-$1" link set "${T}w" name "$dev"
	ip -n "$T-router" link set "${T}r" name "$far"
	ip -n "$T-$1" addr add "$2" dev "$dev"
	ip -n "$T-$1" addr add "$3" dev "$dev" nodad
	ip -n "$T-router" addr add "$4" dev "$far"
	ip -n "$T-router" addr add "$5" dev "$far" nodad
	# A checksum that the sender leaves to the card does not survive XDP_TX on a veth.
	at "$1" ethtool -K "$dev" tx off gro off >/dev/null 2>&1
	at router ethtool -K "$far" tx off gro off >/dev/null 2>&1
	ip -n "$T-$1" link set "$dev" up
	ip -n "$T-router" link set "$far" up
	ip -n "$T-$1" route add default via "${4%/*}"
	ip -n "$T-$1" -6 route add default via "${5%/*}"
}

# A server with the VIP on lo. $BACKEND_UNPACKS=device: by the kernel's own tunnel devices, as
# xdplb(8) says, where there are any.
backend() {
	local n=$1
	wire "b$n" "10.20.$n.2/24" "2001:db8:2$n::2/64" "10.20.$n.1/24" "2001:db8:2$n::1/64"
	ip -n "$T-b$n" addr add "$VIP4/32" dev lo
	ip -n "$T-b$n" addr add "$VIP6/128" dev lo nodad
	[ "${BACKEND_UNPACKS:-}" = device ] ||
		ip -n "$T-b$n" link set dev eth0 xdp obj "$B/obj/tests/net/decap.bpf.o" sec xdp
	cat >"$TMP/www$n.py" <<-'PY'
	import http.server, socket, sys
	class H(http.server.BaseHTTPRequestHandler):
	    protocol_version = "HTTP/1.1"
	    def do_GET(self):
	        body = ("hello from %s\n" % sys.argv[1]).encode()
	        self.send_response(200)
	        self.send_header("Content-Length", str(len(body)))
	        self.end_headers()
	        self.wfile.write(body)
	    def do_POST(self):
	        n = int(self.headers["Content-Length"])
	        got = 0
	        while got < n: got += len(self.rfile.read(min(n - got, 1 << 16)))
	        self.send_response(200)
	        self.send_header("Content-Length", str(len(str(got))))
	        self.end_headers()
	        self.wfile.write(str(got).encode())
	    def log_message(self, *a): pass
	class S(http.server.ThreadingHTTPServer):
	    address_family = socket.AF_INET6
	    request_queue_size = 1024
	S(("::", 80), H).serve_forever()
	PY
	bg "b$n" python3 "$TMP/www$n.py" "backend$n" >/dev/null 2>&1
}

# A client, the router and the balancer: enough for a chain and a capture.
topo_small() {
	local h
	for h in router client lb; do host $h; done
	at router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	wire client 10.10.0.2/24 2001:db8:10::2/64 10.10.0.1/24 2001:db8:10::1/64
	wire lb 10.30.0.2/24 2001:db8:30::2/64 10.30.0.1/24 2001:db8:30::1/64 "$LB_IF"
}

topo_up() {
	local h
	for h in $HOSTS; do host $h; done
	at router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.icmp_ratelimit=0
	wire client 10.10.0.2/24 2001:db8:10::2/64 10.10.0.1/24 2001:db8:10::1/64
	wire attacker 198.51.100.2/24 2001:db8:66::2/64 198.51.100.1/24 2001:db8:66::1/64
	ip -n "$T-attacker" addr add 203.0.113.5/24 dev eth0
	ip -n "$T-router" route add 203.0.113.0/24 dev to-attacker
	wire lb 10.30.0.2/24 2001:db8:30::2/64 10.30.0.1/24 2001:db8:30::1/64 "$LB_IF"
	ip -n "$T-router" route add "$VIP4/32" via 10.30.0.2
	ip -n "$T-router" -6 route add "$VIP6/128" via 2001:db8:30::2
	# A veth takes frames of XDP_TX only where its peer runs XDP.
	ip -n "$T-router" link set dev to-lb xdp obj "$B/obj/tests/net/pass.bpf.o" sec xdp
	backend 1
	backend 2
	for h in b1 b2; do wait_for 10 at $h curl -s -o /dev/null "http://$VIP4/"; done
}

topo_down() {
	local p h
	trap - EXIT
	for p in $PIDS; do kill "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
	if [ -e "/run/netns/$T-lb" ]; then
		at lb "$B/droplet" detach "$LB_IF" >/dev/null 2>&1
		at lb "$B/xdplb" detach "$LB_IF" >/dev/null 2>&1
	fi
	for h in $HOSTS; do ip netns del "$T-$h" 2>/dev/null; done
	rm -rf "$TMP"
}

PIDS=
trap topo_down EXIT
trap 'exit 130' INT TERM HUP
