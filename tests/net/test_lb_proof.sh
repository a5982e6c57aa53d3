#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hundreds of connections through the balancer while reals come, drain, go and die: those of a real
# that was removed or killed break, each of them, and no other. UDP; a SYN flood beside good clients.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
HOSTS="$HOSTS b3 b4"
# TCP connections, and UDP flows, of either family: fewer where each instruction is emulated.
N=150 U=50
[ -z "${TEST_EMULATED:-}" ] || N=30 U=20
topo_up
backend 3
backend 4
# The last that was started is the server of the last.
set -- $PIDS
WWW4=${!#}
for h in b3 b4; do wait_for 10 at $h curl -s -o /dev/null "http://$VIP4/"; done
cat >"$TMP/udp.py" <<-PY
	import asyncio, sys
	class Say(asyncio.DatagramProtocol):
	    def connection_made(self, t): self.t = t
	    def datagram_received(self, data, addr): self.t.sendto(sys.argv[1].encode(), addr)
	loop = asyncio.new_event_loop()
	for vip in "$VIP4", "$VIP6":
	    loop.run_until_complete(loop.create_datagram_endpoint(Say, local_addr=(vip, 7)))
	loop.run_forever()
PY
for n in 1 2 3 4; do bg "b$n" python3 "$TMP/udp.py" "backend$n"; done
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
VIPS="$VIP4:80/tcp [$VIP6]:80/tcp $VIP4:7/udp [$VIP6]:7/udp"
# real COMMAND N [OPTION...]: of server N, for all VIPs.
real() {
	local command=$1 n=$2 v; shift 2
	for v in $VIPS; do
		case $v in
		\[*) $X real "$command" "$v" "2001:db8:2$n::2" "$@" ;;
		*) $X real "$command" "$v" "10.20.$n.2" "$@" ;;
		esac || return 1
	done
}
# tell COMMAND...: the client does it, and $STATE is what has become of its connections.
tell() { echo "$*" >&7 && read -r -t $((100 + ${TEST_EMULATED:-0})) STATE <&8; }
has() { jq -e "$1" <<<"$STATE" >/dev/null || { echo "$STATE"; return 1; }; }
number() { jq "$1" <<<"$STATE"; }
# did NAME FILTER COMMAND...: the client did it, and of the state the filter is true.
did() { local name=$1 filter=$2; shift 2; tell "$@"; check "$name" has "$filter"; }

check attach $X attach "$LB_IF" --lru-size 65536 --udp-idle 600
for v in $VIPS; do $X vip add "$v"; done
for n in 1 2 3; do real add $n; done
mkfifo "$TMP/to" "$TMP/from"
exec 7<>"$TMP/to" 8<>"$TMP/from"
nsenter --net="/run/netns/$T-client" -- python3 tests/tools/lb_client.py $VIP4 $VIP6 <"$TMP/to" >"$TMP/from" 2>"$TMP/err" 7>&- 8>&- &
CLIENT=$!
PIDS="$PIDS $CLIENT"

# --- changes while all of them talk ------------------------------------------------------------------
did opened "(.live | add) == 2 * $N and (.live | length) == 3 and .broken == {}" open $N
did udp-opened "(.udp | add) == 2 * $U and (.udp | length) == 3" udp $U
whole='.broken == {} and .udp_broken == 0 and .moved == 0'
real add 4
did added "$whole" ask 2
did added-serves '.new.backend4 > 0 and (.new | add) == 40' open 20
real set 1 --weight 7
real set 2 --weight 0
did weights "$whole" ask 2
did weight-0-gets-none '(.new | has("backend2") | not) and (.new | add) == 40' open 20
real set 2 --weight 1
real set 3 --mode drain
did drained "$whole" ask 2
did drain-gets-none '(.new | has("backend3") | not) and (.new | add) == 40' open 20
real set 3 --mode up
real set 1 --mode down
did down-gets-none '(.new | has("backend1") | not) and (.new | add) == 40' open 20
real set 1 --mode up --weight 1
check attach-again $X attach "$LB_IF" --udp-idle 900
for i in 1 2 3; do for n in 1 2 3 4; do real set $n --weight $((1 + (n + i) % 3)); done; done
did many-changes "$whole and (.live | add) == 2 * $N + 160" ask 2

# --- one is removed, one is killed ---------------------------------------------------------------------
tell close
for n in 1 2 3 4; do real set $n --weight 1; done
did anew "(.live | add) == 2 * $N and (.live | length) == 4 and .broken == {}" open $N
of3=$(number .live.backend3)
real del 3
did removed-alone ".broken == {\"backend3\": $of3} and (.live | add) == 2 * $N - $of3 and .moved == 0" ask 3
of4=$(number .live.backend4)
kill -9 "$WWW4"
did killed-too ".broken == {\"backend3\": $of3, \"backend4\": $of4} and (.live | add) == 2 * $N - $of3 - $of4" ask 3
real set 4 --mode down
did others-serve '(.new | add) == 40 and (.new | keys) == ["backend1", "backend2"]' open 20
did none-moved ".moved == 0 and (.broken | add) == $of3 + $of4" ask 2

# --- a flood of SYNs beside them --------------------------------------------------------------------
tell close
real del 4
# What the servers answer to nobody goes nowhere.
ip -n "$T-router" route add blackhole 198.18.0.0/15
cat >"$TMP/flood.py" <<-'PY'
	import random, socket, struct, sys, time
	def folded(data):
	    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
	    while n >> 16: n = (n & 0xffff) + (n >> 16)
	    return ~n & 0xffff
	def syn(dst):
	    src = bytes([198, 18 + random.getrandbits(1)]) + random.randbytes(2)
	    tcp = random.randbytes(2) + struct.pack("!HIIBBHHH", 80, random.getrandbits(32), 0, 0x50, 2, 1024, 0, 0)
	    tcp = tcp[:16] + struct.pack("!H", folded(src + dst + b"\0\6" + struct.pack("!H", 20) + tcp)) + tcp[18:]
	    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + src + dst
	    return ip[:10] + struct.pack("!H", folded(ip)) + ip[12:] + tcp
	dst = socket.inet_aton(sys.argv[1])
	frames = [syn(dst) for i in range(4000)]
	s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
	while True:
	    for i, f in enumerate(frames):
	        s.sendto(f, (sys.argv[1], 0))
	        if i % 100 == 0: time.sleep(0.01)
PY
check guard-rate $X attach "$LB_IF" --guard-rate 400
did before '(.live | add) == 100 and .broken == {}' open 50
guard() { $X status --json | jq -e ".guard$1" >/dev/null; }
check guard-off wait_for 10 guard ".on | not"
bg attacker python3 "$TMP/flood.py" $VIP4
FLOOD=$!
check guard-on wait_for 20 guard .on
did flood-others-go-on "$whole and (.live | add) == 100" ask 3
did flood-new-finish "(.new | add) == 60 and .broken == {}" open 30
check guard-still-on wait_for 5 guard .on
did flood-all "$whole and (.live | add) == 160" ask 3
kill $FLOOD
wait $FLOOD 2>/dev/null
check guard-ends wait_for 10 guard ".on | not"
did after-flood "$whole and (.live | add) == 160" ask 2
did after-flood-new "(.new | add) == 40 and .broken == {} and .moved == 0" open 20
check client-well test ! -s "$TMP/err"
exit $FAILED
