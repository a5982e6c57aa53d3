#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The policer synflood with real TCP: connections to a listener through a flood of SYNs, by cookies
# that XDP makes and checks, and by a second try where the address is not ours.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
# A veth takes frames of XDP_TX only where its peer runs XDP.
ip -n "$T-router" link set dev to-lb xdp obj "$B/obj/tests/net/pass.bpf.o" sec xdp
at lb sysctl -qw net.ipv4.tcp_syncookies=2

cat >"$TMP/serve.py" <<'PY'
import socket, socketserver, sys
class H(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.request.recv(9) * 20000)
class S(socketserver.ThreadingTCPServer):
    address_family, allow_reuse_address, request_queue_size = socket.AF_INET6, True, 128
S(("::", int(sys.argv[1])), H).serve_forever()
PY
# connect.py ADDRESS N [PORT]: N connections one after the other, each of which must bring 180,000 bytes.
cat >"$TMP/connect.py" <<'PY'
import socket, sys, time
good, longest = 0, 0
port = int((sys.argv + ["8080"])[3])
for i in range(int(sys.argv[2])):
    start = time.monotonic()
    try:
        with socket.create_connection((sys.argv[1], port), timeout=8) as s:
            longest = max(longest, time.monotonic() - start)
            s.sendall(b"%09d" % i)
            got = b""
            while more := s.recv(65536): got += more
            good += got == b"%09d" % i * 20000
    except OSError as e:
        print(e)
print("%s of %s, the longest took %d ms" % (good, sys.argv[2], longest * 1000))
PY
# flood.py ADDRESS FLAGS: segments from addresses that are nobody's, until it is ended.
cat >"$TMP/flood.py" <<'PY'
import random, socket, struct, sys
six = ":" in sys.argv[1]
family = socket.AF_INET6 if six else socket.AF_INET
s = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
to = socket.inet_pton(family, sys.argv[1])
def total(data):
    t = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def packet():
    rest = random.getrandbits(16).to_bytes(2, "big")
    source = socket.inet_pton(family, "2001:db8:bad::")[:14] + rest if six else b"\xc6\x12" + rest
    tcp = struct.pack("!HHIIBBHHHBBH", random.randrange(1024, 65536), 8080, random.getrandbits(32),
                      random.getrandbits(32), 0x60, int(sys.argv[2]), 64240, 0, 0, 2, 4, 1460)
    check = total(source + to + struct.pack("!HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + check.to_bytes(2, "big") + tcp[18:]
    if six: return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + source + to + tcp
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + source + to + tcp
packets = [packet() for i in range(5000)]
while True:
    for p in packets:
        try: s.sendto(p, (sys.argv[1], 0))
        except OSError: pass
PY

# config PARAMS: the configuration; a daemon that runs takes it on.
config() {
	cat >"$TMP/new.yaml" <<-EOT
	interfaces: [$LB_IF]
	control: {socket: $TMP/sock}
	policers:
	- name: guard
	  kind: synflood
	  params: {$1}
	EOT
	mv "$TMP/new.yaml" "$TMP/d.yaml"
}
reasons() { droplet status "$LB_IF" --json | jq -r ".. | objects | select(.name? == \"$1\" and .packets?) | .packets" | head -1; }
seen() { [ "$(reasons "$1" || :)" -ge "${2:-1}" ] 2>/dev/null; }
flood() { bg client python3 "$TMP/flood.py" "$@"; FLOOD=$!; }
calm() { kill "$FLOOD"; wait "$FLOOD" 2>/dev/null; }
connects() { at client python3 "$TMP/connect.py" "$@" | tee "$TMP/said" | grep -q "^$2 of $2,"; }
longest() { sed -n 's/.*took \([0-9]*\) ms/\1/p' "$TMP/said"; }
of_listener() { at lb nstat -asz TcpExtSyncookiesSent | awk '/Syncookies/ { print $2 }'; }

bg lb python3 "$TMP/serve.py" 8080
check no-flood-yet wait_for 10 connects 10.30.0.2 1
at lb sysctl -qw net.ipv4.tcp_syncookies=1
config 'threshold: 100, local: [10.30.0.0/24, "2001:db8:30::/64"]'
droplet run -F -c "$TMP/d.yaml" 2>"$TMP/refused"
check refused-without-the-sysctl grep -q 'sysctl -w net.ipv4.tcp_syncookies=2' "$TMP/refused"
at lb sysctl -qw net.ipv4.tcp_syncookies=2
bg lb "$B/droplet" run -F -c "$TMP/d.yaml" >"$TMP/log" 2>&1
check guarded wait_for 10 droplet status "$LB_IF"
check calm-is-not-touched connects 10.30.0.2 5
check no-reason-was-given test -z "$(reasons cookie_sent)$(reasons first_syn)"

# --- cookies ---------------------------------------------------------------------------------------
flood 10.30.0.2 2
check flood-is-seen wait_for 10 seen cookie_sent 1000
BEFORE=$(of_listener)
check forty-of-forty connects 10.30.0.2 40
# The listener itself was asked by one SYN in 30 s; all else were cookies of XDP.
check the-flood-did-not-get-in test $(($(of_listener) - BEFORE)) -le 2
check cookies-came-back seen cookie_ok 40
# One that was opened in the flood never had too many SYNs: but for the one that is let through
# to it, it would refuse the cookies of others.
bg lb python3 "$TMP/serve.py" 8081
listens() { at lb ss -Hltn "sport = :$1" | grep -q .; }
check another-listener wait_for 10 listens 8081
check forty-of-forty-there connects 10.30.0.2 40 8081
check one-syn-for-the-listener seen to_listener
ACKS=$(reasons cookie_bad)
bg client python3 "$TMP/flood.py" 10.30.0.2 16; ACK=$!
check guessed-cookies-are-dropped wait_for 10 seen cookie_bad $((${ACKS:-0} + 1000))
check and-more-connections connects 10.30.0.2 10
kill "$ACK"; calm
no_more_cookies() { local n; n=$(reasons cookie_sent); connects 10.30.0.2 1 && [ "$(reasons cookie_sent)" -eq "$n" ]; }
check ends-by-itself wait_for 10 no_more_cookies

flood 2001:db8:30::2 2
SENT=$(reasons cookie_sent)
check flood-6-is-seen wait_for 10 seen cookie_sent $((SENT + 1000))
OK=$(reasons cookie_ok)
check forty-of-forty-6 connects 2001:db8:30::2 40
check cookies-came-back-6 seen cookie_ok $((OK + 40))
no_more_to_4() { local n; n=$(reasons cookie_ok); connects 10.30.0.2 5 && [ "$(reasons cookie_ok)" -eq "$n" ]; }
# The other family's address is nobody's trouble.
check v4-is-calm no_more_to_4

# --- a second try: the address is not said to be ours ------------------------------------------------
config 'threshold: 100'
check reload droplet reload -s "$TMP/sock"
check first-syns-are-dropped wait_for 10 seen first_syn 1000
check first-connection connects 2001:db8:30::2 1
check takes-a-second-try test "$(longest)" -ge 900
check tried-again seen tried_again
check known-from-then-on connects 2001:db8:30::2 10
check is-a-known-source seen known_source 10
calm

exit $FAILED
