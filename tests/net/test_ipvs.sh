#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same clients through IPVS in tunnel mode and through the balancer, in the same namespaces; and the
# table of the benchmark that compares their speed, which must forward each packet.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
FLOWS=20

modprobe ip_vs 2>/dev/null
[ -e /proc/net/ip_vs ] && IPVS=1 || IPVS=

# --- the benchmark -------------------------------------------------------------------------------
N=640				# packets a row; as many at once as the queue of a veth holds
BENCH_COLD=1 PARTS=forward FORWARD_N=$N FORWARD_AT_ONCE=64 FORWARD_ROUNDS=1 TOPO_OWN= \
	tests/bench/run "$TMP/bench.md" >/dev/null 2>"$TMP/err"
# rows PATTERN COUNT: so many rows of it, each of which forwarded all.
rows() { [ "$(grep -cE "^\| $1, .* \| $N of $N \|$" "$TMP/bench.md")" -eq "$2" ] || { tail -n 8 "$TMP/bench.md" "$TMP/err"; return 1; }; }
check bench-lb rows xdplb 3
if [ -z "$IPVS" ]; then
	check bench-says-no-ipvs test "$(grep -c '^| IPVS, .* | this kernel has no IPVS |' "$TMP/bench.md")" -eq 3
	skip ipvs "this kernel has no IPVS"
	exit $FAILED
fi
check bench-ipvs rows IPVS 3

# --- clients -------------------------------------------------------------------------------------
topo_up
cat >"$TMP/flows.py" <<-'PY'
	import socket, struct, sys
	def ask(vip, port):
	    s = socket.socket(socket.AF_INET6 if ":" in vip else socket.AF_INET)
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)) # the port is free at once
	    s.settimeout(30)
	    s.bind(("", port))
	    s.connect((vip, 80))
	    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	    got = b""
	    while b"backend" not in got or not got.endswith(b"\n"):
	        more = s.recv(4096)
	        if not more: break
	        got += more
	    s.close()
	    return got.split()[-1].decode()
	for vip in sys.argv[2:]:
	    for port in range(40000, 40000 + int(sys.argv[1])):
	        print(vip, port, ask(vip, port), flush=True)
PY
# flows NAME: the same ones each time; all arrive, and at both servers.
flows() {
	at client timeout 300 python3 "$TMP/flows.py" $FLOWS $VIP4 $VIP6 >"$TMP/$1" || return 1
	awk '{ n[$1 " " $3]++ } END { for (i in n) print i, n[i]; exit length(n) != 4 }' "$TMP/$1" &&
		[ "$(wc -l <"$TMP/$1")" -eq $((2 * FLOWS)) ]
}

# IPVS takes what is for this machine.
ip -n "$T-lb" addr add "$VIP4/32" dev lo
ip -n "$T-lb" addr add "$VIP6/128" dev lo nodad
at lb ipvsadm -A -t "$VIP4:80" -s mh -b mh-port
at lb ipvsadm -A -t "[$VIP6]:80" -s mh -b mh-port
for n in 1 2; do
	at lb ipvsadm -a -t "$VIP4:80" -r "10.20.$n.2:80" -i
	at lb ipvsadm -a -t "[$VIP6]:80" -r "[2001:db8:2$n::2]:80" -i
done
check ipvs flows ipvs
# What has passed is added up every two seconds.
taken() { [ "$(at lb ipvsadm -Ln --stats --exact | awk '/^TCP/ { n += $4 } END { print n + 0 }')" -ge $((2 * FLOWS * 4)) ]; }
check ipvs-took-them wait_for 10 taken
check attach xdplb attach "$LB_IF"
for v in "$VIP4" "[$VIP6]"; do xdplb vip add "$v:80/tcp"; done
for n in 1 2; do
	xdplb real add "$VIP4:80/tcp" 10.20.$n.2
	xdplb real add "[$VIP6]:80/tcp" 2001:db8:2$n::2
done
check lb flows lb
check same-flows diff <(cut -d' ' -f1,2 "$TMP/ipvs") <(cut -d' ' -f1,2 "$TMP/lb")
sent() { [ "$(xdplb status --json | jq '[.vips[].packets] | add')" -ge $((2 * FLOWS * 4)) ]; }
check lb-took-them sent
exit $FAILED
