#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump where there is no chain: on somebody else's XDP program, where the kernel lets it be
# traced, else by libpcap. tcpdump is the judge of what a filter lets through.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small

D=$B/xdpdump
L="nsenter --net=/run/netns/$T-lb --"
FIREWALL=$B/obj/tests/net/firewall.bpf.o
NONE="$LB_IF: no chain here, make one: droplet attach $LB_IF"
NAME='XDP program "firewall_of_somebody_else" \(id [0-9]+\)'

start() { capture "$1" "$D" -i "$LB_IF" "${@:2}"; }
# judge NAME OPTION...: tcpdump beside it, into a file; its pid in $J.
judge() {
	local name=$1; shift
	bg lb tcpdump -p -i "$LB_IF" -w "$TMP/$name.judge" -U --time-stamp-precision=nano "$@" 2>"$TMP/$name.judge.err"
	J=$!
	wait_for 10 grep -q 'listening on' "$TMP/$name.judge.err"
}
judged() { kill -INT "$J"; wait "$J" 2>/dev/null; }
ping4() { at client ping -n -q -c "${1:-3}" -i 0.02 -W 2 10.30.0.2 >/dev/null 2>&1; }
udp() { at client bash -c "for i in \$(seq $2); do echo x >/dev/udp/10.30.0.2/$1; done"; }
# What came before is known to be there when a packet that was sent after it is.
packets() { [ "$(tcpdump -r "$1" 2>/dev/null | wc -l)" -ge "$2" ]; }
lines() { [ "$(wc -l <"$TMP/$1")" -ge "$2" ]; }
counted() { sed -nE "s/.* ([0-9]+) $2.*/\\1/p; " <(sed -n 's/.* offered = / /p' "$TMP/$1.err"); }
text() { tcpdump -n -t -r "$1" 2>/dev/null; }
# The same packets in the same order.
same() { text "$1" >"$TMP/one"; text "$2" >"$TMP/two"; [ -s "$TMP/two" ] && diff "$TMP/one" "$TMP/two"; }
# The same times, but for what a conversion between two clocks costs.
same_times() {
	paste <(tshark -r "$1" -T fields -e frame.time_epoch 2>/dev/null) \
		<(tshark -r "$2" -T fields -e frame.time_epoch 2>/dev/null) |
		awk '{ d = $1 - $2; if (d > 0.001 || d < -0.001 || NF != 2) bad = 1; n++ } END { exit bad || !n }'
}

# --- libpcap, without any XDP program -----------------------------------------------------------
ping4 1		# so that neighbours are known
judge none icmp
start none -w "$TMP/none.pcapng" icmp
ping4 5
wait_for 10 packets "$TMP/none.judge" 10
stop
check none-exit-status test $? -eq 0
judged
check none-says grep -qxF "xdpdump: $NONE; no XDP program: showing what libpcap sees" "$TMP/none.err"
check none-listening grep -qx "xdpdump: listening on $LB_IF (libpcap), snapshot length 65000 bytes" "$TMP/none.err"
check none-same same "$TMP/none.pcapng" "$TMP/none.judge"
check none-same-times same_times "$TMP/none.pcapng" "$TMP/none.judge"
check none-sums sums none
check none-count test "$(counted none captured)" = 10
fields() { tshark -r "$1" -T fields "${@:2}" 2>/dev/null | sort -u | tr -d '\t\n'; }
check none-no-verdict test -z "$(fields "$TMP/none.pcapng" -e frame.verdict.ebpf_xdp -e frame.comment -e frame.interface_queue)"
check none-no-warning test -z "$(tcpdump -n -r "$TMP/none.pcapng" 2>&1 >/dev/null | grep -v '^reading from')"
check none-statistics grep -qE 'Number of stat entries = 1' <(capinfos "$TMP/none.pcapng")
check none-reads-back test "$("$D" -t -r "$TMP/none.pcapng" 2>/dev/null)" = "$(text "$TMP/none.judge")"

start text -c 4 icmp
ping4 3
ends
check text-exit-status test $? -eq 0
check text-line grep -qE '^[0-9:.]+ IP 10.10.0.2 > 10.30.0.2: ICMP echo request, id [0-9]+, seq 1, length 64$' "$TMP/text.out"
check text-both-ways grep -qE 'IP 10.30.0.2 > 10.10.0.2: ICMP echo reply' "$TMP/text.out"
check text-no-trail test "$(grep -c '|' "$TMP/text.out")" -eq 0
start json --json -c 1 icmp
ping4 1
ends
check json-no-verdict jq -e '.verdict == null and .stage == null and .steps == [] and .len == 98' "$TMP/json.out"

# A tag that the card takes off is not in the bytes that the kernel's filter sees.
judge vlan vlan 7 and udp
start vlan -w "$TMP/vlan.pcapng" vlan 7 and udp
at router python3 -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("to-lb", 0))
ip = bytes.fromhex("4500001e000040004011000a0a4d00010a4d0002" "12340005000a0000" "7879")
for tag in 7, 7, 8, 7:
    s.send(bytes.fromhex("020000000077020000000001" "8100%04x0800" % tag) + ip)
'
udp 7 3
wait_for 10 packets "$TMP/vlan.judge" 3
stop
judged
check vlan-same same "$TMP/vlan.pcapng" "$TMP/vlan.judge"
check vlan-count test "$(counted vlan captured)" = 3

start sample --sample 3 -w "$TMP/sample.pcapng" udp port 7
udp 7 9
wait_for 5 packets "$TMP/sample.pcapng" 3
stop
check sample test "$(counted sample captured) $(counted sample filtered)" = '3 6'
start rate --rate 2 udp port 7
udp 7 8
wait_for 5 lines rate.out 2
stop
check rate-counted grep -qE '^[0-9]+ of the filtered were left out by --rate$' "$TMP/rate.err"
check rate-sums sums rate

# A reader that stands still: what the kernel had no room for is counted, and seen.
start lost -B 64 -s 200 -w "$TMP/lost.pcapng" icmp
kill -STOP "$P"
at client ping -f -n -q -c 2000 -W 2 10.30.0.2 >/dev/null 2>&1
kill -CONT "$P"
sum_drops() { tshark -r "$TMP/lost.pcapng" -T fields -e frame.drop_count 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'; }
# The next packet that it has room for says so: not one that comes while it catches up.
pings=0
told() { ping4 1; pings=$((pings + 1)); [ "$(sum_drops)" -gt 0 ]; }
wait_for 10 told
stop
check lost-sums sums lost
check lost-some test "$(counted lost lost)" -gt 0
check lost-all test $(($(counted lost captured) + $(counted lost lost))) -eq $((4000 + 2 * pings))
check lost-file test "$(tcpdump -r "$TMP/lost.pcapng" 2>/dev/null | wc -l)" -eq "$(counted lost captured)"
check lost-seen test "$(sum_drops)" -eq "$(counted lost lost)"

chmod 711 "$TMP"
start user -Z nobody icmp
check user-caps test "$(sed -n 's/^CapEff:[[:space:]]*//p' "/proc/$P/status")" = 0000000000000000
ping4 2
wait_for 5 lines user.out 4
stop
check user-exit-status test $? -eq 0
check user-count test "$(counted user captured)" = 4

# --- what cannot be had is refused in one line ---------------------------------------------------
check verdict-refused refuses 1 "$NONE; no XDP program: libpcap sees nothing of XDP: not with --verdict$" $L "$D" -i "$LB_IF" --verdict drop
check stage-refused refuses 1 'not with --stage$' $L "$D" -i "$LB_IF" --stage blocklist
check reason-refused refuses 1 'not with --reason$' $L "$D" -i "$LB_IF" --reason prefix
check rule-refused refuses 1 'not with --rule$' $L "$D" -i "$LB_IF" --rule 1
check point-refused refuses 1 'not with --point$' $L "$D" -i "$LB_IF" --point both
check source-chain refuses 1 "^xdpdump: $NONE$" $L "$D" -i "$LB_IF" --source chain
check source-program refuses 1 "^xdpdump: $LB_IF: no XDP program$" $L "$D" -i "$LB_IF" --source program
check source-unknown refuses 2 'use chain, program or pcap' $L "$D" -i "$LB_IF" --source any
check source-any-chain refuses 2 'name the interfaces' $L "$D" -i any-chain --source pcap
check source-file refuses 2 'a file is not live' "$D" -r "$TMP/none.pcapng" --source pcap
check buffer-too-large refuses 1 "^xdpdump: $LB_IF: libpcap takes less than 2 GiB: ask for less with -B$" $L "$D" -i "$LB_IF" -B 4194304
check no-interface refuses 1 'nosuch0: no such interface' $L "$D" -i nosuch0
check no-interface-pcap refuses 1 'nosuch0: no such interface' $L "$D" -i nosuch0 --source pcap
if at lb ip tuntap add dev tun0 mode tun 2>/dev/null; then
	at lb ip link set tun0 up
	at lb "$D" -i tun0 >"$TMP/tun.out" 2>"$TMP/tun.err"
	check not-ethernet-status test $? -eq 1
	check not-ethernet grep -qx 'xdpdump: tun0: its packets are not Ethernet (RAW), use tcpdump -i tun0' "$TMP/tun.err"
	at lb ip tuntap del dev tun0 mode tun
fi

# --- somebody else's XDP program ------------------------------------------------------------------
ip -n "$T-lb" link set dev "$LB_IF" xdp obj "$FIREWALL" sec xdp.frags
judge xdp -Q in udp
start xdp -w "$TMP/xdp.pcapng" udp
udp 9 4
udp 7 3
wait_for 10 packets "$TMP/xdp.judge" 3
stop
check xdp-exit-status test $? -eq 0
judged

if grep -q 'showing XDP program' "$TMP/xdp.err"; then
	# This kernel lets BPF programs be traced.
	check xdp-says grep -qxE "xdpdump: $NONE: showing $NAME" "$TMP/xdp.err"
	check xdp-listening grep -qE "listening on $LB_IF \(native XDP: program firewall_of_somebody_else, id [0-9]+\)" "$TMP/xdp.err"
	check xdp-drops test "$(counted xdp captured)" = 7
	check xdp-sums sums xdp
	check xdp-verdicts test "$(tshark -r "$TMP/xdp.pcapng" -T fields -e frame.verdict.ebpf_xdp 2>/dev/null | tr '\n' ' ')" = '1 1 1 1 2 2 2 '
	tcpdump -r "$TMP/xdp.pcapng" -w "$TMP/xdp.passed" not port 9 2>/dev/null
	check xdp-same same "$TMP/xdp.passed" "$TMP/xdp.judge"
	check xdp-text grep -qE 'IP 10.10.0.2.[0-9]+ > 10.30.0.2.9: UDP, length 2 \| DROP firewall_of_somebody_else$' <("$D" -r "$TMP/xdp.pcapng" 2>/dev/null)

	start drop --verdict drop
	udp 7 3
	udp 9 2
	wait_for 5 lines drop.out 2
	stop
	check drop-text grep -qE '> 10.30.0.2.9: UDP, length 2 \| DROP firewall_of_somebody_else, [0-9]+ ns$' "$TMP/drop.out"
	check drop-only test "$(grep -vc ' DROP ' "$TMP/drop.out")" -eq 0
	check drop-count test "$(counted drop captured)" = 2
	check drop-sums sums drop

	start both --point both -w "$TMP/both.pcapng" udp port 9
	udp 9 2
	wait_for 5 packets "$TMP/both.pcapng" 4
	stop
	check both-count test "$(counted both captured)" = 4
	check both-sums sums both
	check both-verdicts test "$(fields "$TMP/both.pcapng" -e frame.verdict.ebpf_xdp)" = 1
	check both-points test "$(fields "$TMP/both.pcapng" -e frame.comment)" = \
		'xdpchain/2 DROP entry; 0:firewall_of_somebody_else DROPxdpchain/2 DROP; 0:firewall_of_somebody_else DROP'

	# The same program on another interface is not this one's.
	ip -n "$T-lb" link add other0 type veth peer name other1
	at lb bpftool prog pin id "$(at lb ip -j link show "$LB_IF" | jq '.[0].xdp.prog.id')" /sys/fs/bpf/firewall
	ip -n "$T-lb" link set dev other0 xdp pinned /sys/fs/bpf/firewall 2>/dev/null ||
		at lb ip link set dev other0 xdp pinned /sys/fs/bpf/firewall
	ip -n "$T-lb" link set other0 up
	ip -n "$T-lb" link set other1 up
	ip -n "$T-lb" addr add 10.88.0.1/24 dev other1
	ip -n "$T-lb" neigh add 10.88.0.2 lladdr 02:00:00:00:00:88 dev other1
	start other -w "$TMP/other.pcapng" udp
	at lb bash -c 'for i in 1 2 3; do echo x >/dev/udp/10.88.0.2/9; done'
	udp 9 1
	wait_for 5 packets "$TMP/other.pcapng" 1
	stop
	check other-not-ours test "$(counted other captured)" = 1
	ip -n "$T-lb" link del other0
	rm /sys/fs/bpf/firewall

	check stage-no-chain refuses 1 'has no stages, reasons or rules: not with --stage$' $L "$D" -i "$LB_IF" --stage end
	start user-program -Z nobody udp
	udp 9 2
	wait_for 5 lines user-program.out 2
	stop
	check user-program-name grep -q 'DROP firewall_of_somebody_else' "$TMP/user-program.out"
	check user-program-count test "$(counted user-program captured)" = 2

	start killed udp
	kill -9 "$P"; wait "$P" 2>/dev/null
	no_watch() { ! bpftool prog show | grep -qE 'name watch_e(ntry|xit)'; }
	check kill-leaves-nothing wait_for 5 no_watch
else
	check xdp-refused grep -qxE "xdpdump: $NONE; $NAME cannot be traced \(Operation not permitted\): showing what libpcap sees, after XDP: dropped packets are not seen" "$TMP/xdp.err"
	check xdp-drops-unseen test "$(counted xdp captured)" = 3
	check xdp-same same "$TMP/xdp.pcapng" "$TMP/xdp.judge"
	check xdp-program-refused refuses 1 "^xdpdump: $LB_IF: $NAME cannot be traced \(Operation not permitted\)$" $L "$D" -i "$LB_IF" --source program
fi

# As a user who may do some of it only.
CAPS=-all,+bpf,+perfmon,+net_admin
FEW="setpriv --bounding-set $CAPS --inh-caps $CAPS"
check few-caps refuses 1 "^xdpdump: $LB_IF: libpcap is not permitted to capture: CAP_NET_RAW is needed$" $L $FEW "$D" -i "$LB_IF" --source pcap
check few-caps-program refuses 1 "^xdpdump: $LB_IF: XDP program [0-9]+ cannot be traced \(CAP_SYS_ADMIN is needed\)$" $L $FEW "$D" -i "$LB_IF" --source program

# Forced, beside it: what XDP dropped is not there.
start pcap --source pcap -w "$TMP/pcap.pcapng" udp
udp 9 2
udp 7 2
wait_for 5 packets "$TMP/pcap.pcapng" 2
stop
check pcap-says grep -qx "xdpdump: $LB_IF: showing what libpcap sees, after XDP: dropped packets are not seen" "$TMP/pcap.err"
check pcap-count test "$(counted pcap captured)" = 2

# --- an end in the middle of a capture --------------------------------------------------------------
start replaced -w "$TMP/replaced.pcapng" udp
udp 7 2
wait_for 5 packets "$TMP/replaced.pcapng" 2
ip -n "$T-lb" link set dev "$LB_IF" xdp off
ip -n "$T-lb" link set dev "$LB_IF" xdp obj "$B/obj/tests/net/pass.bpf.o" sec xdp
if grep -q 'showing XDP program' "$TMP/replaced.err"; then
	ends
	check replaced-exit-status test $? -eq 1
	check replaced-says grep -qxE "xdpdump: $LB_IF: XDP program \"firewall_of_somebody_else\" was (taken off|replaced by \"pass\")" "$TMP/replaced.err"
	N=2
else
	# libpcap goes on: it never was about that program.
	udp 9 1
	wait_for 5 packets "$TMP/replaced.pcapng" 3
	stop
	check replaced-goes-on test $? -eq 0
	N=3
fi
check replaced-sums sums replaced
check replaced-file test "$(tcpdump -r "$TMP/replaced.pcapng" 2>/dev/null | wc -l)" -eq $N
ip -n "$T-lb" link set dev "$LB_IF" xdp off

# Several programs behind the dispatcher of xdp-tools: one program to us, and one verdict.
if grep -q 'showing XDP program' "$TMP/xdp.err"; then
	check dispatcher-load at lb xdp-loader load "$LB_IF" "$FIREWALL" "$B/obj/tests/net/pass.bpf.o"
	start dispatcher udp
	udp 9 2
	udp 7 1
	wait_for 5 lines dispatcher.out 3
	check dispatcher-drop test "$(grep -c '> 10.30.0.2.9: UDP, length 2 | DROP xdp_dispatcher, ' "$TMP/dispatcher.out")" -eq 2
	check dispatcher-pass test "$(grep -c '> 10.30.0.2.7: UDP, length 2 | PASS xdp_dispatcher, ' "$TMP/dispatcher.out")" -eq 1
	at lb xdp-loader unload "$LB_IF" --all
	ends
	check dispatcher-off grep -qx "xdpdump: $LB_IF: XDP program \"xdp_dispatcher\" was taken off" "$TMP/dispatcher.err"
fi

# A chain beside an interface without one, in one capture, in the order of time.
ip -n "$T-lb" link add plain0 type veth peer name plain1
ip -n "$T-lb" link set plain0 up
ip -n "$T-lb" link set plain1 up
ip -n "$T-lb" addr add 10.99.0.1/24 dev plain1
ip -n "$T-lb" neigh add 10.99.0.2 lladdr 02:00:00:00:00:99 dev plain1
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || cat "$TMP/attach"
bg lb "$D" -tt -i "$LB_IF" -i plain0 udp >"$TMP/two.out" 2>"$TMP/two.err"
P=$!
wait_for 10 grep -q 'listening on' "$TMP/two.err"
for i in 1 2 3 4; do
	udp 7 1
	at lb bash -c 'echo x >/dev/udp/10.99.0.2/9'
done
wait_for 5 lines two.out 8
kill -INT "$P"; wait "$P"
check two-exit-status test $? -eq 0
check two-chain grep -qE "$LB_IF +IP 10.10.0.2.[0-9]+ > 10.30.0.2.7: UDP, length 2 \| PASS" "$TMP/two.out"
check two-plain grep -qE 'plain0 +IP 10.99.0.1.[0-9]+ > 10.99.0.2.9: UDP, length 2$' "$TMP/two.out"
check two-in-order sort -c -n -k1,1 "$TMP/two.out"
check two-count lines two.out 8

# libpcap beside a chain, asked for.
start beside --source pcap icmp
ping4 1
wait_for 5 lines beside.out 2
stop
check beside-count test "$(counted beside captured)" = 2
# The root of a chain is an XDP program too, and ends with the verdict of whoever it called.
if grep -q 'showing XDP program' "$TMP/xdp.err"; then
	start root --source program --verdict drop icmp
	droplet block 10.10.0.2 >/dev/null
	ping4 2
	wait_for 5 lines root.out 2
	stop
	check root-verdict grep -qE 'echo request.* \| DROP xdp_root, [0-9]+ ns$' "$TMP/root.out"
	check root-sums sums root
fi
droplet detach "$LB_IF" >/dev/null

bg lb "$D" -i plain0 -w "$TMP/gone.pcapng" udp >"$TMP/gone.out" 2>"$TMP/gone.err"
P=$!
wait_for 10 grep -q 'listening on' "$TMP/gone.err"
at lb bash -c 'echo x >/dev/udp/10.99.0.2/9'
wait_for 5 packets "$TMP/gone.pcapng" 1
ip -n "$T-lb" link del plain0
ends
check gone-exit-status test $? -eq 1
check gone-says grep -qx 'xdpdump: plain0: the interface is gone' "$TMP/gone.err"
check gone-file test "$(tcpdump -r "$TMP/gone.pcapng" 2>/dev/null | wc -l)" -eq 1

exit $FAILED
