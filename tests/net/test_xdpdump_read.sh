#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump -r: files of ours with their trails, files of others, damaged ones; and what becomes of
# a filter (-d, --dump-ebpf), -F, -D, --count, --print, --duration.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }
at lb "$B/droplet" block 10.10.0.7 --note test >/dev/null
ip -n "$T-client" addr add 10.10.0.7/24 dev eth0

D=$B/xdpdump
A=$TMP/a.pcapng

start() { capture "$1" "$D" -i "$LB_IF" -B 1024 "${@:2}"; }
ping4() { at client ping -n -q -c "${1:-3}" -i 0.05 -W 1 "${@:2}" 10.30.0.2 >/dev/null 2>&1; }
read_() { "$D" -r "$@" 2>"$TMP/err"; }
lines() { [ "$(read_ "${@:2}" | wc -l)" -eq "$1" ]; }
count() { [ "$(read_ "${@:2}" --count)" = "$1" ]; }
# refuses STATUS PATTERN COMMAND...: exit status and one clear line besides "reading from".
refuses() {
	local want=$1 pattern=$2 rc; shift 2
	timeout 20 "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	sed -i '/^reading from/d' "$TMP/err"
	[ $rc -eq "$want" ] && [ "$(wc -l <"$TMP/err")" -eq 1 ] && grep -qE "$pattern" "$TMP/err" ||
		{ echo "status $rc"; cat "$TMP/err"; return 1; }
}

# --- a file of ours, beside the text of the same packets -------------------------------------------
start both -w "$A" --print icmp
ping4 3
ping4 2 -I 10.10.0.7
stop
check print-and-write test "$(wc -l <"$TMP/both.out")" -eq 5
read_ "$A" >"$TMP/read.out"
check read-as-live cmp "$TMP/read.out" "$TMP/both.out"
check read-trail grep -qE '\| DROP droplet/blocklist: prefix rule [0-9]+ \(10.10.0.7/32\), [0-9]+ ns$' "$TMP/read.out"
check read-says-file grep -q "^reading from file $A (pcapng)" "$TMP/err"
read_ "$A" -v >"$TMP/v.out"
check read-all-steps grep -qE '\| PASS end of chain \| next droplet/blocklist, [0-9]+ ns \|' "$TMP/v.out"
check read-stdin cmp <("$D" -r - <"$A" 2>/dev/null) "$TMP/read.out"
check read-pipe cmp <(cat "$A" | "$D" -r - 2>/dev/null) "$TMP/read.out"
# What an older xdpdump wrote: a trail of version 1.
check read-first-version grep -q ' | DROP droplet/a: b rule 7 (c), 1 ns$' <(read_ tests/fuzz/seeds/fuzz_pcapng/ours.pcapng)
# Of a pipe that is still open, what came is shown.
mkfifo "$TMP/fifo"
"$D" -r - <"$TMP/fifo" >"$TMP/fifo.out" 2>/dev/null &
R=$!; PIDS="$PIDS $R"
exec 7>"$TMP/fifo"
cat "$A" >&7
check read-open-pipe-shows wait_for 5 cmp -s "$TMP/fifo.out" "$TMP/read.out"
exec 7>&-
wait $R
check read-pipe-exit test $? -eq 0

# --- filters on a file ---------------------------------------------------------------------------
check filter-verdict lines 2 "$A" --verdict drop
check filter-verdicts lines 5 "$A" --verdict drop,pass
check filter-stage lines 2 "$A" --stage blocklist
check filter-stage-label lines 2 "$A" --stage lb,droplet/blocklist
check filter-stage-slot lines 2 "$A" --stage "$(read_ "$A" --json | jq -r '.steps[0].slot' | head -1)"
check filter-stage-end lines 3 "$A" --stage end
check filter-stage-none lines 0 "$A" --stage nosuch
check filter-expression lines 2 "$A" src 10.10.0.7
check filter-both lines 0 "$A" --verdict pass src 10.10.0.7
check count-option lines 1 "$A" -c 1
check count-only count '5 packets' "$A"
check count-filter count '2 packets' "$A" host 10.10.0.7
check count-one count '1 packet' "$A" -c 1
printf 'src # who\n10.10.0.7\n' >"$TMP/expr"
check filter-file lines 2 "$A" -F "$TMP/expr"
check filter-file-wins lines 2 "$A" -F "$TMP/expr" not ip
check filter-file-missing refuses 1 'nosuch: No such file' "$D" -r "$A" -F "$TMP/nosuch"

# --- other forms, and back ---------------------------------------------------------------------------
read_ "$A" -w "$TMP/b.pcapng"
check convert-keeps-all cmp <(read_ "$TMP/b.pcapng") "$TMP/read.out"
check convert-tshark cmp <(tshark -r "$A" -T fields -e frame.comment -e frame.verdict.ebpf_xdp -e frame.packet_id -e frame.time_epoch 2>/dev/null) \
	<(tshark -r "$TMP/b.pcapng" -T fields -e frame.comment -e frame.verdict.ebpf_xdp -e frame.packet_id -e frame.time_epoch 2>"$TMP/ts")
check convert-tshark-silent test -z "$(grep -v 'Running as user' "$TMP/ts")"
check convert-interface grep -q "$LB_IF" <(capinfos "$TMP/b.pcapng" 2>&1)
read_ "$A" -w "$TMP/b.pcap" --verdict drop
check convert-pcap test "$(tcpdump -n -r "$TMP/b.pcap" 2>/dev/null | grep -c '10.10.0.7 > 10.30.0.2')" -eq 2
check convert-to-pipe cmp <(read_ "$A" -w - | "$D" -r - 2>/dev/null) "$TMP/read.out"
check convert-json test "$(read_ "$A" --json | jq -r .verdict | sort | uniq -c | tr -s ' ' | tr '\n' ',')" = " 2 DROP, 3 PASS,"
check convert-json-file test "$(read_ "$A" -w "$TMP/j.json"; jq -r '.steps[0].stage' "$TMP/j.json" | sort -u)" = droplet/blocklist
read_ "$A" -w "$TMP/none.pcapng" udp
check convert-nothing-readable test "$(tshark -r "$TMP/none.pcapng" 2>&1 | grep -vc 'Running as user')" -eq 0
read_ "$A" -w "$TMP/c.pcap"
mergecap -w "$TMP/m.pcapng" "$TMP/c.pcap" "$TMP/b.pcap" 2>/dev/null
check merged-interfaces count '7 packets' "$TMP/m.pcapng"
read_ "$TMP/m.pcapng" -w "$TMP/m2.pcapng"
check merged-convert cmp <(tshark -r "$TMP/m.pcapng" -T fields -e frame.interface_id -e frame.time_epoch 2>/dev/null) \
	<(tshark -r "$TMP/m2.pcapng" -T fields -e frame.interface_id -e frame.time_epoch 2>/dev/null)
cat "$A" "$A" >"$TMP/two.pcapng"
check two-sections count '10 packets' "$TMP/two.pcapng"
check two-sections-convert test "$(read_ "$TMP/two.pcapng" -w - | tshark -r - 2>/dev/null | wc -l)" -eq 10

# --- as tcpdump reads it ---------------------------------------------------------------------------
check pcap-as-tcpdump cmp <(read_ "$TMP/b.pcap") <(tcpdump -n -r "$TMP/b.pcap" 2>/dev/null)
check nano-as-tcpdump cmp <(read_ "$TMP/b.pcap" --nano -e -x) <(tcpdump -n --nano -e -x -r "$TMP/b.pcap" 2>/dev/null)
check precision-as-tcpdump cmp <(read_ "$TMP/b.pcap" --time-stamp-precision nano) <(tcpdump -n --nano -r "$TMP/b.pcap" 2>/dev/null)
if [ -d ../shared/peers/pcaps ]; then
	bad=0
	for f in ../shared/peers/pcaps/*.pcap; do
		[ "$(read_ "$f" --count ip or arp)" = "$(tcpdump --count -r "$f" ip or arp 2>/dev/null)" ] || { bad=1; echo "$f"; }
	done
	check peers-count test $bad -eq 0
fi

# --- damaged, and not ours ---------------------------------------------------------------------------
head -c $(($(stat -c %s "$A") - 200)) "$A" >"$TMP/cut.pcapng"
check damaged-one-line refuses 1 'cut.pcapng: at offset [0-9]+: the file is cut short' "$D" -r "$TMP/cut.pcapng"
check damaged-shows-rest test "$(wc -l <"$TMP/o")" -ge 4
cp "$A" "$TMP/len.pcapng"
at=$(grep -obUa 'xdpchain/2' "$A" | sed -n 2p | cut -d: -f1)
printf '\377\377\377\377' | dd of="$TMP/len.pcapng" bs=1 seek=$((at - 4)) conv=notrunc 2>/dev/null
check damaged-option refuses 1 'at offset [0-9]+: an option is longer' "$D" -r "$TMP/len.pcapng"
check damaged-option-shows test "$(wc -l <"$TMP/o")" -eq 1
check empty-file refuses 1 'null: the file is empty' "$D" -r /dev/null
check no-capture-file refuses 1 'passwd: ' "$D" -r /etc/passwd
check missing-file refuses 1 'nosuch: No such file' "$D" -r "$TMP/nosuch"
check directory refuses 1 'cannot be read' "$D" -r "$TMP"
# A classic pcap of raw IP (link type 101).
printf '\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0\1\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0\x45\0\0\4' >"$TMP/raw.pcap"
check not-ethernet refuses 1 'raw.pcap: 1 packets? left out: link type 101 is not Ethernet' "$D" -r "$TMP/raw.pcap"
check closed-pipe test "$("$D" -r "$A" 2>/dev/null | head -1 | wc -l)" -eq 1
"$D" -r "$A" -w /dev/full 2>"$TMP/err"
check disk-full test $? -eq 1 -a "$(grep -c 'No space left' "$TMP/err")" -eq 1
check read-and-interface refuses 2 'a file or an interface' "$D" -r "$A" -i "$LB_IF"
check read-and-duration refuses 2 'a file has its own end' "$D" -r "$A" --duration 5
check print-needs-file refuses 2 'standard output is taken' "$D" -r "$A" --print -w -
check count-and-print refuses 2 'one of the two' "$D" -r "$A" --print --count -w "$TMP/x"
check read-bad-filter refuses 1 'syntax error' "$D" -r "$A" 'tcp port ('

# --- programs of a filter ----------------------------------------------------------------------------
for e in 'tcp port 80' 'host 10.1.1.1' 'vlan and ip6' ''; do
	check "classic-d:$e" cmp <("$D" -d $e) <(tcpdump -y EN10MB -d $e 2>/dev/null)
	check "classic-dd:$e" cmp <("$D" -dd $e) <(tcpdump -y EN10MB -dd $e 2>/dev/null)
	check "classic-ddd:$e" cmp <("$D" -d -dd $e) <(tcpdump -y EN10MB -ddd $e 2>/dev/null)
done
check ebpf grep -qE '^ *[0-9]+: \(95\) exit$' <("$D" --dump-ebpf tcp port 80)
check ebpf-known test "$("$D" --dump-ebpf 'ip[2:2] / 7 % 5 << ip[8] ^ 3 = tcp[ip[9]] & 0xff and greater 80 and -ip[1] != 0' | grep -c ' off ')" -eq 0
# Every jump goes to an instruction that is there.
check ebpf-jumps test -z "$("$D" --dump-ebpf tcp port 80 | awk '/: \(/ { at[$1 + 0] = 1 } / (goto|call) [0-9]+$/ { to[$NF] = 1 } END { for (t in to) if (!at[t]) print t }')"
check program-bad-filter refuses 1 'syntax error' "$D" -d 'tcp port ('

# --- live --------------------------------------------------------------------------------------------
check list-interfaces grep -qE "^[0-9]+\.$LB_IF \[(native|generic)\]: droplet/blocklist" <(at lb "$D" -D)
check list-long grep -qE "^[0-9]+\.$LB_IF " <(at lb "$D" --list-interfaces)
check list-other-netns grep -qE "^[0-9]+\.$LB_IF: .*another network namespace" <("$D" -D)
start counted --count icmp
ping4 3
stop
check live-count test "$(cat "$TMP/counted.out")" = '3 packets'
t0=$(date +%s%N)
start timed --duration 1
ends
check duration-exit test $? -eq 0
ms=$((($(date +%s%N) - t0) / 1000000))
check duration-time test $ms -ge 1000 -a $ms -lt 5000
check duration-bad refuses 2 'not a duration' "$D" -i "$LB_IF" --duration 5x

exit $FAILED
