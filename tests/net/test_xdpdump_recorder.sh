#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump --flight-recorder: nothing is written before a trigger, then what led up to it is, in
# order and once; what became of every packet is known at the end.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }

D=$B/xdpdump
L="nsenter --net=/run/netns/$T-lb --"
# Blocked, and one whose packets the test stage asks for.
BAD=10.10.0.7 ASKS=10.10.0.8
for a in $BAD $ASKS; do ip -n "$T-client" addr add $a/24 dev eth0; done
droplet block $BAD --note test >/dev/null
at lb "$B/tests/tools/put_probe" "$LB_IF" 9 next $ASKS || exit 1

start() { capture "$1" "$D" -i "$LB_IF" -B 4096 "${@:2}"; }
# pings COUNT [FROM] [SIZE]
pings() { at client ping -n -q -c "$1" -i 0.01 -W 1 -I "${2:-10.10.0.2}" -s "${3:-56}" 10.30.0.2 >/dev/null 2>&1; }
load() { at lb "$B/tests/bench/bench_load" "$LB_IF" "${2:-64}" "$1" 0 >/dev/null; }
# The last line of --stats says that so many are in memory.
kept() { [ "$(sed -n 's/.*, recorder \([0-9]*\) packets\{0,1\} .*/\1/p' "$TMP/$1.err" | tail -1)" = "$2" ]; }
at_least() { [ "$(sed -n 's/.*, recorder \([0-9]*\) packets\{0,1\} .*/\1/p' "$TMP/$1.err" | tail -1)" -ge "$2" ]; }
# So many were captured, and those that were on their way are in memory.
captured() { [ "$(sed -n 's/^offered .* captured \([0-9]*\) .*/\1/p' "$TMP/$1.err" | tail -1)" -ge "$2" ]; }
fired() { [ "$(grep -c '^xdpdump: trigger ' "$TMP/$1.err")" -eq "$2" ]; }
again() { [ "$(grep -c 'written, recording again$' "$TMP/$1.err")" -eq "$2" ]; }
count() { tcpdump --count -r "$1" 2>/dev/null | cut -d' ' -f1; }
number() { sed -n "s/.*$2.*/\1/p" "$TMP/$1.err" | tail -1; }
# sums NAME [WRITTEN]: offered and captured packets add up exactly, each counted by itself.
sums() {
	awk -v want="${2:-}" '
		/ offered = / { offered = $1 == $4 + $7 + $10 && $1 > 0; captured = $4 }
		/ captured = / { kept = $1 == captured && $1 == $4 + $7 + $10 + failed(); written = $4 }
		function failed() { return match($0, /[0-9]+ that could not/) ? substr($0, RSTART) + 0 : 0 }
		END { exit !(offered && kept && (want == "" || want == written)) }' "$TMP/$1.err" ||
		{ tail -5 "$TMP/$1.err"; return 1; }
}
# value FILE NAME: of pcapng_sum.py.
value() { tests/tools/pcapng_sum.py "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }
quiet() { ! tshark -r "$1" 2>&1 >/dev/null | grep -v 'Running as user'; }

# --- nothing before a trigger ---------------------------------------------------------------------
start quiet --flight-recorder 1M --stats -w "$TMP/quiet.pcapng" icmp
pings 20
check quiet-in-memory wait_for 10 kept quiet 20
check quiet-nothing-written test "$(count "$TMP/quiet.pcapng")" -eq 0
stop
check quiet-exit test $? -eq 0
check quiet-file-readable quiet "$TMP/quiet.pcapng"
check quiet-still-nothing test "$(count "$TMP/quiet.pcapng")" -eq 0
check quiet-says grep -qx '20 captured = 0 written + 0 overwritten + 20 in memory, not written' "$TMP/quiet.err"
check quiet-captured-none grep -qx '0 packets captured' "$TMP/quiet.err"
check quiet-statistics test "$(value "$TMP/quiet.pcapng" accepted) $(value "$TMP/quiet.pcapng" delivered)" = '20 0'
start text --flight-recorder 1M icmp
pings 3
stop
check quiet-text test ! -s "$TMP/text.out"

# --- SIGUSR2, twice -------------------------------------------------------------------------------
F=$TMP/usr2.pcapng
start usr2 --flight-recorder 1M --stats -w "$F" icmp
pings 10
wait_for 10 kept usr2 10
kill -USR2 "$P"
check usr2-says wait_for 5 grep -qE '^xdpdump: trigger SIGUSR2 at [0-9:]{8}\.[0-9]{6}: writing 10 packets of the last [0-9.]+ s$' "$TMP/usr2.err"
pings 5
check usr2-recording-again wait_for 10 again usr2 1
check usr2-written test "$(count "$F")" -eq 15
pings 7
check usr2-after-that-in-memory wait_for 10 kept usr2 7
check usr2-not-written test "$(count "$F")" -eq 15
kill -USR2 "$P"
check usr2-second wait_for 10 again usr2 2
check usr2-second-says grep -qx 'xdpdump: 7 packets written, recording again' "$TMP/usr2.err"
pings 4
check usr2-end-in-memory wait_for 10 kept usr2 4
stop
check usr2-exit test $? -eq 0
check usr2-sums sums usr2 22
check usr2-packets test "$(value "$F" packets)" -eq 22
check usr2-order test "$(value "$F" unordered)$(value "$F" twice)$(value "$F" gaps)" = 000
check usr2-statistics test "$(value "$F" accepted) $(value "$F" delivered)" = '26 22'
check usr2-tshark-quiet quiet "$F"
check usr2-capinfos grep -q 'Number of packets: *22$' <(capinfos -c -M "$F" 2>&1)
check usr2-no-complaint test -z "$(capinfos "$F" 2>&1 >/dev/null)$(tcpdump -n -r "$F" 2>&1 >/dev/null | grep -v '^reading from')"
tshark -r "$F" -T fields -E aggregator='|' -e frame.comment 2>/dev/null >"$TMP/comments"
WHEN='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}[+-][0-9]{2}:[0-9]{2}'
check usr2-comments test "$(grep -nE "^xdpchain/2 PASS[^|]*\|xdpchain trigger: SIGUSR2 at $WHEN\$" "$TMP/comments" | cut -d: -f1 | tr '\n' ' ')" = '1 16 '
check usr2-trails test "$(grep -c '^xdpchain/2 PASS' "$TMP/comments")" -eq 22
"$D" -r "$F" >"$TMP/read" 2>/dev/null
check usr2-read-back test "$(grep -nE "^-- trigger SIGUSR2 at $WHEN\$" "$TMP/read" | cut -d: -f1 | tr '\n' ' ')" = '1 17 '
check usr2-read-trails test "$(grep -c '| PASS end of chain$' "$TMP/read")" -eq 22
"$D" -r "$F" -w "$TMP/again.pcapng" 2>/dev/null
check usr2-kept-when-converted cmp "$TMP/comments" <(tshark -r "$TMP/again.pcapng" -T fields -E aggregator='|' -e frame.comment 2>/dev/null)
check usr2-counts-when-converted test "$(value "$TMP/again.pcapng" accepted) $(value "$TMP/again.pcapng" delivered)" = '26 22'
# A packet that a filter leaves out hands its trigger on to the next one that is shown.
check usr2-read-filtered test "$("$D" -r "$F" 'icmp[6:2] = 2' 2>/dev/null | grep -n '^-- trigger' | cut -d: -f1 | tr '\n' ' ')" = '1 4 '

# --- rates, reasons, stages -----------------------------------------------------------------------
F=$TMP/rate.pcapng
FLOOD=10.1.2.3 # of bench_load
droplet block $FLOOD >/dev/null
start rate --flight-recorder 1M --trigger 'drop>1000/s' --trigger-after 0 --stats -w "$F"
pings 5
load 900
wait_for 10 at_least rate 905
check rate-below fired rate 0
pings 5
load 3000
check rate-fires wait_for 5 fired rate 1
check rate-says grep -qE '^xdpdump: trigger drop>1000/s \([0-9]{4,}/s\) at .*: writing [0-9]+ packets of the last ' "$TMP/rate.err"
wait_for 10 again rate 1
stop
"$D" -r "$F" >"$TMP/read" 2>/dev/null
check rate-led-up test "$(head -6 "$TMP/read" | grep -c '| PASS end of chain$')" -eq 5
check rate-attack test "$(grep -c "IP $FLOOD.*| DROP droplet/blocklist: prefix" "$TMP/read")" -gt 1000
check rate-order test "$(value "$F" unordered)$(value "$F" twice)$(value "$F" gaps)" = 000
check rate-once test "$(value "$F" triggers)" -eq 1
check rate-sums sums rate "$(value "$F" packets)"
# From the packet that crossed the rate to the writing. In quiet it is 0.2 s at most; a busy
# machine gets more.
crossed=$(tshark -r "$F" -T fields -e frame.time_epoch "ip.src == $FLOOD" 2>/dev/null |
	awk '{ t[NR] = $1; if (NR > 1000 && t[NR] - t[NR - 1000] < 1) { print t[NR]; exit } }')
written=$(date -d "$(sed -n '1s/.* at //p' "$TMP/read")" +%s.%N)
check rate-within-time awk -v a="$crossed" -v b="$written" -v max="${TEST_EMULATED:-0.5}" 'BEGIN { print b - a; exit !(a > 0 && b - a < max) }'
droplet unblock $FLOOD >/dev/null

start why --flight-recorder 1M --trigger ratelimit:rate'>0/s' --trigger reason=prefix --trigger stage=probe9 --json icmp
pings 3
pings 1 $BAD
check reason-fires wait_for 5 fired why 1
check reason-says grep -qE '^xdpdump: trigger reason=prefix \(1/s\) at .*: writing [34] packets' "$TMP/why.err"
check reason-first-line test "$(head -1 "$TMP/why.out" | jq -r .trigger | cut -d' ' -f1,2,3)" = 'reason=prefix (1/s) at'
one_drop() { [ "$(jq -c 'select(.verdict == "DROP")' "$TMP/why.out" | wc -l)" -eq 1 ]; }
check reason-json-lines wait_for 5 one_drop
check reason-again wait_for 10 again why 1
# A stage asks: its own trigger, and the reason that it gives, at once.
pings 1 $ASKS
check asked-fires wait_for 5 fired why 2
check asked-says grep -qE '^xdpdump: trigger stage=probe9 \(1/s\), asked by droplet/probe9 \(1/s\) at ' "$TMP/why.err"
# A policer that comes later gives reasons of the same name.
droplet limit 1 --burst 1 >/dev/null
check later-again wait_for 10 again why 2
pings 5
check later-fires wait_for 5 grep -qE '^xdpdump: trigger ratelimit:rate>0/s \([1-9][0-9]*/s\) at ' "$TMP/why.err"
stop
check why-sums sums why "$(jq -c 'select(.time)' "$TMP/why.out" | wc -l)"
check why-order jq -es '[.[] | select(.time)] | ([.[].seq] | unique | length) == length and ([.[].time] | . == sort)' "$TMP/why.out"
droplet limit 100000 >/dev/null

start asked --flight-recorder 10s --trigger-after 0 'icmp[6:2] = 1'
pings 3
pings 3 $ASKS
check asked-without-option wait_for 5 grep -qE '^xdpdump: trigger asked by droplet/probe9 \([1-3]/s\) at ' "$TMP/asked.err"
check asked-text wait_for 5 grep -qE "^-- trigger asked by droplet/probe9 \([1-3]/s\) at $WHEN\$" "$TMP/asked.out"
check asked-text-then-packets grep -q '^[0-9:.]* IP 10.10.0.2 > .*| PASS end of chain$' "$TMP/asked.out"
stop
start verdict --flight-recorder 1M --trigger verdict=drop --trigger stage:blocklist'>1/s' --trigger-after 1 -Z nobody icmp
pings 3 $BAD
check verdict-fires wait_for 5 grep -qE '^xdpdump: trigger verdict=drop ' "$TMP/verdict.err"
check drops-fires wait_for 5 grep -qE '^xdpdump: trigger .*stage:blocklist>1/s \([23]/s\) at ' "$TMP/verdict.err"
stop
check verdict-sums sums verdict
check verdict-at-end grep -qE 'IP 10.10.0.7 .*icmp|IP 10.10.0.7 .*DROP' "$TMP/verdict.out"

# Triggers do not mind what this capture leaves out; stopping in the middle writes what is due.
F=$TMP/filtered.pcapng
start filtered --flight-recorder 1M --trigger verdict=drop --trigger-after 1h -w "$F" src 10.10.0.2
pings 4
pings 1 $BAD
check filtered-fires wait_for 5 fired filtered 1
pings 6
stop
check filtered-due test "$(value "$F" packets)" -eq 10
check filtered-sums sums filtered 10

# --- memory that is full, age -----------------------------------------------------------------------
F=$TMP/wrap.pcapng
start wrap -B 65536 --flight-recorder 512k --stats --trigger-after 0 -w "$F" tcp
load 50000
wait_for 10 captured wrap 50000
kill -USR2 "$P"
wait_for 10 again wrap 1
load 50000
wait_for 10 captured wrap 100000
kill -USR2 "$P"
wait_for 10 again wrap 2
stop
N=$(value "$F" packets)
check wrap-sums sums wrap "$N"
check wrap-overwritten test "$(number wrap '+ \([0-9]*\) overwritten')" -gt 50000
# An event of 64 bytes, with its head and two steps, is less than 256 bytes.
check wrap-all-memory-used test "$N" -gt $((2 * 524288 / 256)) -a "$N" -lt $((2 * 524288 / 120))
check wrap-order test "$(value "$F" unordered)$(value "$F" twice)" = 00
check wrap-two test "$(value "$F" triggers)" -eq 2
# Each time the newest, whole: what is missing was sent between the two.
check wrap-newest test "$(value "$F" holes) $(number wrap '+ \([0-9]*\) in memory')" = '1 0'

start age --flight-recorder 1s --stats icmp
pings 3
wait_for 10 grep -q 'recorder 3 packets 0' "$TMP/age.err"
check age-too-old wait_for 10 kept age 0
pings 2
kill -USR2 "$P"
wait_for 10 again age 1
stop
check age-only-new test "$(grep -c '| PASS' "$TMP/age.out")" -eq 2
check age-sums grep -qx '5 captured = 2 written + 3 overwritten + 0 in memory' "$TMP/age.err"

start cut --flight-recorder 1h --flight-recorder 512k --stats -c 100
load 20000
check cut-stats wait_for 10 grep -qE 'recorder [0-9]+ packets [0-9.]+ s 51[0-9] KiB \(1h do not fit in 512 KiB\)$' "$TMP/cut.err"
kill -USR2 "$P"
ends
check cut-exit test $? -eq 0
check cut-says grep -qE '^xdpdump: trigger SIGUSR2 at .* s \(1h do not fit in 512 KiB\)$' "$TMP/cut.err"
check cut-count test "$(grep -c ' IP ' "$TMP/cut.out")" -eq 100
check cut-sums sums cut 100
check cut-captured grep -qx '100 packets captured' "$TMP/cut.err"

# --- overload: rings of 4 KiB lose, and nothing else does ----------------------------------------------
F=$TMP/over.pcapng
start over -B 4 --flight-recorder 1M --trigger 'lost>100/s' --trigger-after 1m -w "$F" --stats
load 300000
# A loss is told by the next packet of that CPU that is captured: there must be one after the last.
captured() { awk '/^offered/ { n = $4 } END { print n + 0 }' "$TMP/over.err"; }
more() { [ "$(captured)" -gt "$1" ]; }
one_more() { local n; n=$(captured); load 1; wait_for 3 more "$n"; }
check over-ends wait_for 20 one_more
check over-lost-fires wait_for 10 fired over 1
stop
check over-exit test $? -eq 0
check over-sums sums over "$(value "$F" packets)"
check over-lost test "$(number over '+ \([0-9]*\) lost')" -gt 100
check over-order test "$(value "$F" unordered)$(value "$F" twice)" = 00
check over-statistics test "$(value "$F" lost)" = "$(number over '+ \([0-9]*\) lost')"
check over-losses-known test "$(value "$F" dropcounts)" -gt 0 -a "$(value "$F" dropcounts)" -le "$(value "$F" lost)"
# Far more than fits into the memory comes while it is written: the oldest goes out, none is lost here.
F=$TMP/flood.pcapng
start flood -B 65536 --flight-recorder 512k --trigger 'pass>1k/s' --trigger-after 1h -w "$F" tcp
load 2000
wait_for 10 fired flood 1
load 200000
stop
check flood-sums sums flood "$(value "$F" packets)"
check flood-order test "$(value "$F" unordered)$(value "$F" twice)" = 00
all_after() { grep -qx '202000 captured = 202000 written + 0 overwritten + 0 in memory' "$TMP/flood.err" || { tail -8 "$TMP/flood.err"; return 1; }; }
check flood-all-after all_after

# --- files ---------------------------------------------------------------------------------------------
mkdir "$TMP/split"
start split --flight-recorder 4M --trigger-after 0 -C 100k -w "$TMP/split/x.pcapng"
load 5000
kill -USR2 "$P"
wait_for 10 again split 1
load 5000
kill -USR2 "$P"
wait_for 10 again split 2
stop
N=$(ls "$TMP/split" | wc -l)
FILES=$(for i in '' $(seq 1 $((N - 1))); do echo "$TMP/split/x.pcapng$i"; done)
SUM=$(tests/tools/pcapng_sum.py $FILES)
check split-files test "$N" -ge 5
check split-sums sums split "$(sed 's/packets=\([0-9]*\) .*/\1/' <<<"$SUM")"
check split-whole grep -q ' unordered=0 twice=0 gaps=0 holes=0 triggers=2$' <<<"$SUM"
check split-statistics test "$(tr ' ' '\n' <<<"$SUM" | sed -n 's/^accepted=//p')" -eq "$(number split '= \([0-9]*\) captured')"

mount -t tmpfs -o size=128k tmpfs /mnt
start full --flight-recorder 4M --trigger-after 0 -w /mnt/full.pcapng
load 5000
kill -USR2 "$P"
ends
check full-exit test $? -eq 1
check full-says grep -qE '^xdpdump: /mnt/full.pcapng: No space left on device, [0-9]+ packets are in it$' "$TMP/full.err"
check full-count test "$(number full 'device, \([0-9]*\) packets')" -gt 100 -a "$(number full 'device, \([0-9]*\) packets')" -eq "$(count /mnt/full.pcapng)"
check full-readable quiet /mnt/full.pcapng
check full-sums sums full "$(count /mnt/full.pcapng)"
check full-failed grep -qE ' \+ [1-9][0-9]* that could not be written$' "$TMP/full.err"
umount /mnt

# --- several interfaces, the end of a chain ---------------------------------------------------------------
ip -n "$T-lb" link add "${LB_IF}b" type veth peer name "${LB_IF}c"
ip -n "$T-lb" link set "${LB_IF}b" up
ip -n "$T-lb" link set "${LB_IF}c" up
at lb "$B/droplet" attach "${LB_IF}b" >/dev/null 2>&1
start both -i "${LB_IF}b" --point both --flight-recorder 1M --trigger reason=prefix --trigger stage=probe9 -w "$TMP/both.pcapng" icmp
pings 3
pings 1 $BAD
check both-fires wait_for 5 grep -qE "^xdpdump: trigger reason=prefix \(1/s, $LB_IF\) at " "$TMP/both.err"
wait_for 10 again both 1
stop
check both-sums sums both 8
check both-quiet quiet "$TMP/both.pcapng"
check both-nowhere refuses 1 "^xdpdump: --trigger: reason=nosuch: nothing on any of these interfaces counts for it$" $L "$D" -i "$LB_IF" -i "${LB_IF}b" --flight-recorder 1M --trigger reason=nosuch
at lb "$B/droplet" detach "${LB_IF}b" >/dev/null 2>&1

check no-reason refuses 1 '^xdpdump: --trigger: reason=nosuch: no stage of .* gives it, there are: blocklist:' $L "$D" -i "$LB_IF" --flight-recorder 1M --trigger reason=nosuch
check no-stage refuses 1 '^xdpdump: --trigger: stage:nosuch>1/s: no such stage on .*, there are: droplet/blocklist' $L "$D" -i "$LB_IF" --flight-recorder 1M --trigger 'stage:nosuch>1/s'
check end-drops-nothing refuses 1 'no such stage' $L "$D" -i "$LB_IF" --flight-recorder 1M --trigger 'stage:end>1/s'
start plain icmp
kill -USR2 "$P"
pings 2
passes() { [ "$(grep -c '| PASS' "$TMP/plain.out")" -ge 2 ]; }
check sigusr2-without-recorder wait_for 5 passes
stop
check sigusr2-harmless test $? -eq 0
start down --flight-recorder 1M icmp
pings 2
droplet detach "$LB_IF" >/dev/null 2>&1
ends
check down-exit test $? -eq 1
check down-says grep -q 'the chain was taken down' "$TMP/down.err"
check down-kept grep -qx '2 captured = 0 written + 0 overwritten + 2 in memory, not written' "$TMP/down.err"

# --- what is refused --------------------------------------------------------------------------------------
check bad-size refuses 2 'neither a size like 64M' "$D" -i lo --flight-recorder 64Q
check bad-size-small refuses 2 'neither a size like 64M' "$D" -i lo --flight-recorder 511k
check bad-size-zero refuses 2 'neither a size like 64M' "$D" -i lo --flight-recorder 0
check bad-trigger refuses 2 "^xdpdump: --trigger: drop: no > or = in it .*use 'drop>1000/s'" "$D" -i lo --flight-recorder 1M --trigger drop
check bad-trigger-rate refuses 2 'a rate like 1000/s' "$D" -i lo --flight-recorder 1M --trigger 'drop>x'
check bad-after refuses 2 'not a time like' "$D" -i lo --flight-recorder 1M --trigger-after x
check trigger-alone refuses 2 '^xdpdump: --trigger: nothing is kept for it: use it with --flight-recorder 64M$' "$D" -i lo --trigger 'drop>1/s'
check after-alone refuses 2 '^xdpdump: --trigger-after: nothing is kept' "$D" -i lo --trigger-after 1
check too-many refuses 2 '8 triggers at most' "$D" -i lo --flight-recorder 1M $(printf ' --trigger stage=%s' 1 2 3 4 5 6 7 8 9)
check with-read refuses 2 '^xdpdump: --flight-recorder: with -r' "$D" -r x --flight-recorder 1M

exit $FAILED
