#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The balancer with backends that unpack as its man page says, with the kernel's own tunnel devices:
# real connections through the VIP, answers directly.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh

unshare --net ip link add ipip9 type ipip external 2>/dev/null ||
	{ skip tunnels "this kernel has no ipip devices"; exit 0; }
BACKEND_UNPACKS=device
topo_up
V4=$VIP4:80/tcp V6="[$VIP6]:80/tcp"

# The commands of the man page, under BACKENDS, on a host whose filter is strict, as many are.
manual() {
	sed -n '/^\.SH BACKENDS/,/^\.SH LIMITS/ { /^ip link\|^sysctl/p }' man/xdplb.8 | sed 's/\\//g'
}
for h in b1 b2; do
	at $h sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
	manual | grep '^ip link' | at $h sh -e || not_ok "$h-devices"
done
xdplb attach "$LB_IF" >/dev/null
xdplb vip add "$V4"
xdplb vip add "$V6"
for n in 1 2; do
	xdplb real add "$V4" 10.20.$n.2
	xdplb real add "$V6" 2001:db8:2$n::2
done

get() { at client curl -s -m "${2:-20}" "http://$1/"; }
# both ADDRESS: one connection after the other arrives, and they reach both backends.
both() {
	local i
	: >"$TMP/who"
	for i in $(seq 40); do
		get "$1" 10 >>"$TMP/who" || { echo "connection $i failed"; return 1; }
		[ "$(sort -u "$TMP/who" | wc -l)" -lt 2 ] || return 0
	done
	cat "$TMP/who"
	return 1
}

check strict-filter-takes-none eval '! get $VIP4 2'
for h in b1 b2; do manual | grep '^sysctl' | sed 's/sysctl/& -q/' | at $h sh -e || not_ok "$h-sysctl"; done
check v4 both "$VIP4"
check v6 both "[$VIP6]"

# Directly: the balancer sees what the client sends, and nothing of what the backends do.
bg lb "$B/xdpdump" -i "$LB_IF" -w "$TMP/c.pcapng" "host $VIP4 and tcp" 2>"$TMP/c.err"
P=$!
wait_for 20 grep -q 'listening on' "$TMP/c.err"
check again both "$VIP4"
kill -INT "$P"; wait "$P"
check request-passes-the-lb test "$(tshark -r "$TMP/c.pcapng" -Y 'tcp.dstport == 80' 2>/dev/null | wc -l)" -ge 8
check answer-does-not test "$(tshark -r "$TMP/c.pcapng" -Y 'tcp.srcport == 80' 2>/dev/null | wc -l)" -eq 0

# Segments that fill the MTU do not fit any more once they are packed: the sender is told, and sends
# smaller ones. With a smaller MSS it does so from the first.
head -c 1000000 /dev/urandom >"$TMP/data"
post() { [ "$(at client curl -s -m "${2:-30}" --data-binary "@$TMP/data" "http://$1/")" = 1000000 ]; }
check too-big-passes post "$VIP4"
check too-big-passes-6 post "[$VIP6]"
check too-big-is-told test "$(xdplb status --json | jq '.reasons.told_too_big.packets >= 2')" = true
for n in 1 2; do
	ip -n "$T-b$n" route change default via "10.20.$n.1" advmss 1400
	ip -n "$T-b$n" -6 route change default via "2001:db8:2$n::1" advmss 1380
done
check upload-v4 post "$VIP4"
check upload-v6 post "[$VIP6]"

# And jumbo frames, in several buffers each, in native mode from end to end; what was told is forgotten.
at client ip route flush cache
at client ip -6 route flush cache
ip -n "$T-router" link set dev to-lb xdp off
ip -n "$T-lb" link set "$LB_IF" mtu 9000
ip -n "$T-client" link set eth0 mtu 9000
for i in lb client b1 b2; do ip -n "$T-router" link set "to-$i" mtu 9000; done
for n in 1 2; do
	ip -n "$T-b$n" link set eth0 mtu 9000
	ip -n "$T-b$n" route change default via "10.20.$n.1" advmss 8900
	ip -n "$T-b$n" -6 route change default via "2001:db8:2$n::1" advmss 8880
done
check jumbo-peer at router "$B/droplet" attach to-lb --mode native
bg lb "$B/xdpdump" -i "$LB_IF" --verdict tx -w "$TMP/jumbo.pcapng" 2>"$TMP/jumbo.err"
P=$!
wait_for 20 grep -q 'listening on' "$TMP/jumbo.err"
check jumbo-v4 post "$VIP4"
check jumbo-v6 post "[$VIP6]"
kill -INT "$P"; wait "$P"
large() { [ "$(tshark -r "$TMP/jumbo.pcapng" -Y "$1 && frame.len > 8900 && frame.len == frame.cap_len" 2>/dev/null | wc -l)" -gt 50 ]; }
check jumbo-sent-v4 large 'ip.proto == 4'
check jumbo-sent-v6 large 'ipv6.nxt == 41'
at router "$B/droplet" detach to-lb >/dev/null
exit $FAILED
