#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump on real packets: text, files that others read, filters, and everything that goes wrong.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }

D=$B/xdpdump
PCAPNG=$TMP/a.pcapng

start() { capture "$1" "$D" -i "$LB_IF" "${@:2}"; }
ping4() { at client ping -n -q -c "${1:-3}" -i 0.05 -W 1 10.30.0.2 >/dev/null 2>&1; }

PINS=/sys/fs/bpf/xdpchain/$LB_IF
tap() { bpftool -j map dump pinned "$PINS/tap" | jq -e "[.[] | select(.value | type == \"array\")] | length == $1"; }
tap_empty() { tap 0; }
tap_full() { tap 2; }

# --- text ----------------------------------------------------------------------------------------
start text icmp
ping4 3
stop
check text-exit-status test $? -eq 0
check text-line grep -qE '^[0-9:.]+ IP 10.10.0.2 > 10.30.0.2: ICMP echo request, id [0-9]+, seq 1, length 64 \| PASS end of chain' "$TMP/text.out"
check text-only-filtered test "$(grep -vc 'ICMP echo request' "$TMP/text.out")" -eq 0
check text-summary grep -qx '3 packets captured' "$TMP/text.err"
check text-accounting sums text
# What tcpdump prints for the same packets, but for the time, and the trail that only we have.
at lb tcpdump -n -t -c 3 -i "$LB_IF" icmp and dst 10.30.0.2 >"$TMP/tcpdump.txt" 2>"$TMP/tcpdump.err" &
TD=$!
wait_for 5 grep -q 'listening on' "$TMP/tcpdump.err"
start same -t -c 3 icmp
ping4 3
ends; wait $TD
sed 's/ | .*//' "$TMP/same.out" >"$TMP/same.txt"
check text-as-tcpdump cmp "$TMP/same.txt" "$TMP/tcpdump.txt"

# The median of five: a busy machine may keep one waiting.
start slow -l icmp
at_once=0
has_lines() { [ "$(wc -l <"$TMP/$1.out")" -ge "$2" ]; }
for i in 1 2 3 4 5; do
	ping4 1
	t0=$(date +%s%N)
	wait_for 5 has_lines slow $i
	[ $(( ($(date +%s%N) - t0) / 1000000 )) -ge 500 ] || at_once=$((at_once + 1))
done
check slow-traffic-shows-at-once test $at_once -ge 3
stop

# --- files that others read --------------------------------------------------------------------
start ng -w "$PCAPNG" icmp
ping4 5
stop
check pcapng-exit test $? -eq 0
check pcapng-tshark test "$(tshark -r "$PCAPNG" 2>"$TMP/tshark.err" | wc -l)" -eq 5
check pcapng-tshark-silent test -z "$(grep -v 'Running as user' "$TMP/tshark.err")"
check pcapng-verdict test "$(tshark -r "$PCAPNG" -T fields -e frame.verdict.ebpf_xdp 2>/dev/null | sort -u)" = "2"
check pcapng-trail grep -q 'xdpchain/2 PASS; ' <(tshark -r "$PCAPNG" -T fields -e frame.comment 2>/dev/null)
check pcapng-tcpdump test "$(tcpdump -n -r "$PCAPNG" 2>"$TMP/td.err" | grep -c 'ICMP echo request')" -eq 5
check pcapng-capinfos grep -q 'Number of packets: *5' <(capinfos "$PCAPNG" 2>&1)
start pcap -w "$TMP/a.pcap" icmp
ping4 2
stop
check pcap-magic test "$(od -An -tx4 -N4 "$TMP/a.pcap" | tr -d ' ')" = a1b23c4d
check pcap-tcpdump test "$(tcpdump -n -r "$TMP/a.pcap" 2>/dev/null | wc -l)" -eq 2
start snap -s 40 -w "$TMP/s.pcapng" icmp
ping4 2
stop
check snaplen test "$(tshark -r "$TMP/s.pcapng" -T fields -e frame.cap_len -e frame.len 2>/dev/null | sort -u | tr '\t' ' ')" = "40 98"
start json --json -c 2 icmp
ping4 3
ends
check json test "$(jq -r .verdict "$TMP/json.out" 2>&1 | sort | uniq -c | tr -s ' ')" = " 2 PASS"

# --- what the kernel leaves out ------------------------------------------------------------------
at lb "$B/droplet" block 10.10.0.0/24 --note test >/dev/null
start drops --verdict drop
ping4 2
at client ping -6 -n -q -c 2 -i 0.05 -W 1 2001:db8:30::2 >/dev/null 2>&1
stop
check verdict-filter test "$(grep -c 'DROP droplet/blocklist: prefix' "$TMP/drops.out")" -ge 2
check verdict-filter-only test "$(grep -vc ' | DROP' "$TMP/drops.out")" -eq 0
check verdict-rule grep -q '(10.10.0.0/24)' "$TMP/drops.out"
check verdict-accounting sums drops
start stage --stage droplet/blocklist
ping4 2
at client ping -6 -n -q -c 2 -i 0.05 -W 1 2001:db8:30::2 >/dev/null 2>&1
stop
check stage-filter test "$(grep -c . "$TMP/stage.out")" -eq "$(grep -c 'droplet/blocklist: prefix' "$TMP/stage.out")"
check stage-filter-some test -s "$TMP/stage.out"
start reason --reason prefix,ratelimit:rate
ping4 2
at client ping -6 -n -q -c 2 -i 0.05 -W 1 2001:db8:30::2 >/dev/null 2>&1
stop
check reason-filter test "$(grep -c 'droplet/blocklist: prefix' "$TMP/reason.out")" -eq 2
check reason-filter-only test "$(grep -vc 'droplet/blocklist: prefix' "$TMP/reason.out")" -eq 0
check reason-accounting sums reason
RULE=$(at lb "$B/droplet" list --json | jq -r '.. | objects | select(.prefix? == "10.10.0.0/24") | .rule' | head -1)
start rule --rule "$RULE"
RULE_P=$P
start other --rule "$((RULE + 1))"
ping4 2
stop
check rule-filter-other test "$(grep -c . "$TMP/other.out")" -eq 0
kill -INT "$RULE_P"; wait "$RULE_P"
check rule-filter test "$(grep -c "rule $RULE (10.10.0.0/24)" "$TMP/rule.out")" -eq 2
at lb "$B/droplet" unblock 10.10.0.0/24 >/dev/null
start sample --sample 5 icmp
ping4 20
stop
check sample test "$(grep -c 'ICMP echo request' "$TMP/sample.out")" -le 8
check sample-some test -s "$TMP/sample.out"
check sample-accounting sums sample
start rate --rate 3/s icmp
ping4 10				# within half a second: in one window of a second, or in two
stop
check rate test "$(grep -c 'ICMP echo request' "$TMP/rate.out")" -le 6
check rate-counted grep -qE '^[0-9]+ of the filtered were left out by --rate$' "$TMP/rate.err"

# --- bad input -----------------------------------------------------------------------------------
L="nsenter --net=/run/netns/$T-lb --"
check no-interface refuses 2 'no interface' $L "$D"
check unknown-interface refuses 1 'nosuch0: no such interface' $L "$D" -i nosuch0
check no-chain refuses 1 'lo: no chain here.*droplet attach lo' $L "$D" -i lo --source chain
at lb timeout 20 "$D" --duration 1 -i lo >"$TMP/o" 2>"$TMP/err"
check no-chain-goes-on test $? -eq 0
check no-chain-says grep -q '^xdpdump: lo: no chain here, make one: droplet attach lo; ' "$TMP/err"
check bad-filter refuses 1 'syntax error' $L "$D" -i "$LB_IF" 'tcp port ('
check bad-stage refuses 1 'no such stage' $L "$D" -i "$LB_IF" --stage nosuch
check bad-reason refuses 1 'no stage of .* gives it, there are: blocklist:prefix' $L "$D" -i "$LB_IF" --reason nosuch
check bad-rule refuses 2 'not rule ids' $L "$D" -i "$LB_IF" --rule seven
check bad-sample refuses 2 'not a number' $L "$D" -i "$LB_IF" --sample 0
check bad-rate refuses 2 'not packets a second' $L "$D" -i "$LB_IF" --rate fast
check bad-verdict refuses 2 'not a verdict' $L "$D" -i "$LB_IF" --verdict nosuch
check bad-count refuses 2 'not a number of packets' $L "$D" -i "$LB_IF" -c 0
check bad-file refuses 1 'No such file' $L "$D" -i "$LB_IF" -w /nonexistent/x.pcapng
check not-root refuses 1 'run as root' $L setpriv --reuid=65534 --regid=65534 --clear-groups "$PWD/$D" -i "$LB_IF"
check no-capability refuses 1 '(CAP_|root)' $L setpriv --bounding-set=-all --inh-caps=-all "$D" -i "$LB_IF"
check help grep -q 'usage: xdpdump' <(at lb "$D" --help)
check version grep -qE '^xdpdump [0-9.]+$' <(at lb "$D" --version)

# --- four at once, and a fifth ---------------------------------------------------------------------
PS4=
for i in 1 2 3 4; do start four$i -B 1024 icmp; PS4="$PS4 $P"; done
check fifth-names-holders refuses 1 '4 captures are running.*pid' $L "$D" -i "$LB_IF"
ping4 2
for i in 1 2 3 4; do wait_for 5 grep -q 'seq 2' "$TMP/four$i.out" || break; done
check four-see-the-same test "$(cat "$TMP"/four?.out | grep -c 'ICMP echo request')" -eq 8
# Kill -9 one: the others go on, its place is free, and nobody's slot is left.
set -- $PS4
kill -9 "$1"; wait "$1" 2>/dev/null
start after-kill -B 1024 -c 1 icmp
ping4 2
ends
check place-free-after-kill grep -q 'ICMP echo request' "$TMP/after-kill.out"
kill -INT "$2" "$3" "$4"; wait "$2" "$3" "$4"
check others-unharmed test "$(grep -c 'ICMP echo request' "$TMP/four4.out")" -ge 4

# --- kill -9 of the only one ------------------------------------------------------------------------
start killed -B 1024
check slot0-filled-while-capturing tap_full
KEEPER=$(pgrep -P "$P")
kill -9 "$P"; wait "$P" 2>/dev/null
check slot0-empty-after-kill wait_for 2 tap_empty
check keeper-gone-after-kill wait_for 2 not_running "$KEEPER"
check forwarding-after-kill ping4 3
# Both: what is left is offered nothing any more when its last beat is some seconds ago.
offered() {
	bpftool -j map dump pinned "$PINS/cpus" | jq '[.[0].formatted.values[].value.sessions[0].offered] | add'
}
ignored() { local n; n=$(offered); ping4 2 && [ "$(offered)" -eq "$n" ]; }
start killed-both -B 1024 --verdict aborted
N=$(offered)
ping4 4
check offered-while-capturing test "$(offered)" -ge $((N + 4))
kill -9 "$(pgrep -P "$P")" "$P"; wait "$P" 2>/dev/null
check slot0-filled-after-both-killed tap_full
check dead-is-offered-nothing wait_for 10 ignored
N=$(offered)
at client ping -n -q -c 20 -i 0.05 -W 1 10.30.0.2 >"$TMP/ping" 2>&1
check dead-forwards grep -q ' 20 received' "$TMP/ping"
check dead-stays-so test "$(offered)" -eq "$N"
start swept -B 1024 -c 3 icmp
ping4 3
ends
check dead-is-swept test "$(grep -c 'ICMP echo request' "$TMP/swept.out")" -eq 3
check dead-is-swept-slot0 wait_for 2 tap_empty
# Stopped for so long, and continued: it goes on.
start stopped -B 1024 --count icmp
ping4 1
kill -STOP "$P" "$(pgrep -P "$P")"
check stopped-is-offered-nothing wait_for 10 ignored
kill -CONT "$P" "$(pgrep -P "$P")"
goes_on() { ! ignored; }
check continued-goes-on wait_for 5 goes_on
stop
check continued-exit test $? -eq 0
check continued-accounting sums stopped

# --- ends that are not ours -----------------------------------------------------------------------
start pipe -B 1024 icmp
stop
( $L "$D" -B 1024 -i "$LB_IF" icmp 2>"$TMP/head.err" | head -1 >"$TMP/head.out" ) &
H=$!
wait_for 10 grep -q 'listening on' "$TMP/head.err"
ping4 5
check closed-pipe-ends wait_for 5 not_running $H
check closed-pipe-one-line test "$(wc -l <"$TMP/head.out")" -eq 1
check closed-pipe-says-sums sums head

# The reader goes, and no packet comes whose write would tell.
mkfifo "$TMP/fifo"
cat "$TMP/fifo" >/dev/null &
CAT=$!
start nobody -B 1024 -w "$TMP/fifo" 'udp port 9'
kill $CAT
ends
check reader-gone-without-packets test $? -eq 0
# Nobody ever reads, and a signal says that it is no use.
bg lb "$D" -i "$LB_IF" -w "$TMP/fifo" >"$TMP/early.out" 2>"$TMP/early.err"
P=$!
# It, and not yet the shell that is to become it.
catches_term() { grep -qx xdpdump "/proc/$P/comm" && [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$P/status") & 1 << 14)) -ne 0 ]; }
wait_for 10 catches_term
kill -TERM "$P"
ends
check fifo-without-reader test $? -eq 0 -a ! -s "$TMP/early.err"

mkdir -p "$TMP/full"
mount -t tmpfs -o size=64k tmpfs "$TMP/full"
start full -B 1024 -w "$TMP/full/x.pcapng" icmp
at client ping -n -q -f -c 1500 -s 200 -W 1 10.30.0.2 >/dev/null 2>&1
ends
check disk-full-fails test $? -eq 1
check disk-full-says grep -q 'No space left' "$TMP/full.err"
N=$(tshark -r "$TMP/full/x.pcapng" 2>"$TMP/full.tshark" | wc -l)
check disk-full-readable test -z "$(grep -v 'Running as user' "$TMP/full.tshark")"
check disk-full-count grep -q "[^0-9]$N packets are in it" "$TMP/full.err"
umount "$TMP/full"

start swap -B 1024 icmp
at lb "$B/droplet" limit 100000 >/dev/null
ping4 2
wait_for 5 grep -q 'seq 2' "$TMP/swap.out"
check policer-replaced-under-it grep -q 'seq 2' "$TMP/swap.out"
stop
check policer-replaced-exit test $? -eq 0

start detached -B 1024
droplet detach "$LB_IF" >/dev/null 2>&1
ends
check chain-taken-down test $? -eq 1
check chain-taken-down-says grep -q 'the chain was taken down' "$TMP/detached.err"
droplet attach "$LB_IF" >/dev/null 2>&1
start gone -B 1024 -w "$TMP/gone.pcapng"
ping4 2
ip -n "$T-lb" link del "$LB_IF"
ends
check interface-gone test $? -eq 1
check interface-gone-says grep -q 'the interface is gone' "$TMP/gone.err"
check interface-gone-readable test "$(tshark -r "$TMP/gone.pcapng" 2>/dev/null | grep -c ICMP)" -ge 2

exit $FAILED
