#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump -C -G -W -z: names as tcpdump gives them, every file whole, nothing lost between two.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }

D=$B/xdpdump

start() {
	mkdir -p "$TMP/$1"
	capture "$1" "$D" -i "$LB_IF" -B 1024 "${@:2}"
}
flood() { at client ping -n -q -f -c "$1" -W 1 10.30.0.2 >/dev/null 2>&1; }
ids() { for f in "$@"; do tshark -r "$f" -T fields -e frame.packet_id 2>/dev/null; done; }
names() { (cd "$TMP/$1" && echo *); }
captured() { sed -n 's/ packets captured$//p' "$TMP/$1.err"; }
# Of the statistics block of each file: offered = captured + filtered + lost, and captured is what is in it.
whole() {
	local f n
	for f in "$@"; do
		n=$(tshark -r "$f" 2>"$TMP/ts" | wc -l)
		grep -v 'Running as user' "$TMP/ts" && return 1
		python3 - "$f" "$n" <<-'PY' || return 1
		import struct, sys
		b, at, isb = open(sys.argv[1], "rb").read(), 0, []
		while at < len(b):
		    kind, size = struct.unpack_from("<II", b, at)
		    if kind == 5:
		        o, c = at + 20, {}
		        while struct.unpack_from("<H", b, o)[0]:
		            code, n = struct.unpack_from("<HH", b, o)
		            c[code] = struct.unpack_from("<Q", b, o + 4)[0]
		            o += 4 + (n + 3 & ~3)
		        isb.append(c)
		    at += size
		sys.exit(not (len(isb) == 1 and isb[0][8] == int(sys.argv[2]) and
		              isb[0][4] >= isb[0][6] == isb[0][8] + isb[0][7]))
		PY
	done
}

# --- by size -----------------------------------------------------------------------------------------
start size -C 20k -w "$TMP/size/x.pcapng" icmp
flood 600
wait_for 5 test -e "$TMP/size/x.pcapng3"
stop
check size-exit test $? -eq 0
N=$(ls "$TMP/size" | wc -l)
FILES=$(for i in '' $(seq 1 $((N - 1))); do echo "$TMP/size/x.pcapng$i"; done)
check size-names ls $FILES
check size-files test "$N" -ge 4
check size-whole whole $FILES
ids $FILES >"$TMP/ids"
for f in $FILES; do tshark -r "$f" -T fields -e frame.time_epoch 2>/dev/null; done >"$TMP/times"
check size-none-lost test "$(wc -l <"$TMP/ids")" -eq "$(captured size)"
check size-none-twice test -z "$(sort "$TMP/ids" | uniq -d)"
check size-in-order cmp "$TMP/times" <(sort "$TMP/times")
check size-no-larger test "$(stat -c %s "$TMP/size/x.pcapng1")" -gt 20480 -a "$(stat -c %s "$TMP/size/x.pcapng1")" -lt 21500
start ring -C 10k -W 12 -w "$TMP/ring/x" icmp
flood 2000
stop
check ring-names test "$(names ring)" = 'x00 x01 x02 x03 x04 x05 x06 x07 x08 x09 x10 x11'
check ring-whole whole "$TMP"/ring/*

# --- by time ------------------------------------------------------------------------------------------
cat >"$TMP/done" <<-'EOF'
	#!/bin/sh
	# Whole when the command runs: the statistics block is there.
	echo "$# $1 $(capinfos -c -M "$1" 2>/dev/null | sed -n 's/Number of packets: *//p')" >>"$(dirname "$0")/done.log"
EOF
chmod +x "$TMP/done"
start time -G 1 -W 2 -z "$TMP/done" -w "$TMP/time/a %s.pcapng" icmp
( for i in 1 2 3 4 5 6; do at client ping -n -q -c 10 -i 0.05 -W 1 10.30.0.2; done ) >/dev/null 2>&1 &
PING=$!; PIDS="$PIDS $PING"
ends
check time-limit-exit test $? -eq 0
check time-limit-says grep -qx 'Maximum file limit reached: 2' "$TMP/time.err"
check time-files test "$(ls "$TMP/time" | grep -cE '^a [0-9]{10}\.pcapng$')" -eq 2
check time-apart test "$(ls "$TMP/time" | sed 's/a \(.*\).pcapng/\1/' | sort -n | awk 'NR == 1 { a = $1 } END { print ($1 - a >= 1) }')" = 1
set -- "$TMP"/time/*
check time-whole whole "$1"
# The kernel had captured more when the limit was reached; what is there can be read.
check time-last-readable test -z "$(tshark -r "$2" 2>&1 >/dev/null | grep -v 'Running as user')"
# The first file is empty where the pings are slow to begin.
done_twice() { [ "$(wc -l <"$TMP/done.log")" -eq 2 ]; }
check time-command-each wait_for 10 done_twice
check time-command-one-word test "$(grep -cE "^1 $TMP/time/a [0-9]+.pcapng [0-9]+$" "$TMP/done.log")" -eq 2
ids "$TMP"/time/* >"$TMP/ids"
check time-none-lost test "$(wc -l <"$TMP/ids")" -eq "$(captured time)"
check time-none-twice test -z "$(sort "$TMP/ids" | uniq -d)"
wait $PING

# --- both, and over a file --------------------------------------------------------------------------
cat "$TMP"/size/x.pcapng "$TMP"/size/x.pcapng1 >"$TMP/in.pcapng"
mkdir "$TMP/split"
"$D" -r "$TMP/in.pcapng" -w "$TMP/whole.pcap" 2>"$TMP/err"
"$D" -r "$TMP/in.pcapng" -C $(($(stat -c %s "$TMP/whole.pcap") / 1536))k -w "$TMP/split/y.pcap" 2>"$TMP/err"
check split-file-names test "$(names split)" = 'y.pcap y.pcap1'
check split-file-none-lost test "$(cd "$TMP/split" && for f in *; do tcpdump --count -r "$f" 2>/dev/null; done | awk '{ n += $1 } END { print n }')" -eq "$("$D" --count -r "$TMP/in.pcapng" 2>/dev/null | cut -d' ' -f1)"
mkdir "$TMP/split2"
"$D" -r "$TMP/in.pcapng" -C 10k -w "$TMP/split2/y.pcapng" 2>"$TMP/err"
check split-pcapng-whole whole "$TMP"/split2/*
first=$(tshark -r "$TMP/in.pcapng" -T fields -e frame.time_epoch 2>/dev/null | head -1 | cut -d. -f1)
mkdir "$TMP/split3"
"$D" -r "$TMP/in.pcapng" -G 3600 -w "$TMP/split3/%Y%m%d%H%M%S.pcap" 2>"$TMP/err"
check time-name-of-packet test "$(names split3)" = "$(date -d "@$first" +%Y%m%d%H%M%S).pcap"

# --- under load --------------------------------------------------------------------------------------
load() { at lb "$B/tests/bench/bench_load" "$LB_IF" "$1" "$2" "$3" >/dev/null; }
# Two CPUs at once, frames of two sizes.
loads() { load 64 "$1" 0 & load 300 "$1" 1; wait $!; }
totals() { awk '/ offered = / { print "offered=" $1, "accepted=" $4 + $10, "lost=" $10 }' "$TMP/$1.err"; }
# adds_up NAME: all files together have every packet that was captured, once and in order, and
# their statistics say what the end of the capture does.
adds_up() {
	tests/tools/pcapng_sum.py --by-time "$TMP/$1"/* >"$TMP/sum" || return 1
	grep -q "^packets=$(captured "$1") $(totals "$1") delivered=$(captured "$1") .* unordered=0 twice=0 " "$TMP/sum" ||
		{ cat "$TMP/sum"; totals "$1"; return 1; }
}
files() { ls "$TMP/$1" | wc -l; }

# The rings are large enough for all of it, even for a reader that hardly gets to run:
# what is missing was lost between two files.
RING=262144
start load -B "$RING" -C 1 -w "$TMP/load/x.pcapng"
loads 100000; loads 100000
stop
check load-size adds_up load
check load-size-none-lost grep -q ' lost=0 .* gaps=0 holes=0 ' "$TMP/sum"
check load-size-all test "$(captured load)" -ge 400000
check load-size-files test "$(files load)" -gt 50
start small -B 65536 -C 1k -w "$TMP/small/x.pcapng" tcp
loads 10000
stop
check load-tiny-files adds_up small
check load-tiny-files-none-lost grep -q '^packets=20000 offered=[0-9]* accepted=20000 lost=0 .* gaps=0 holes=0 ' "$TMP/sum"
check load-tiny-files-many test "$(files small)" -gt 2000
# Rings that are far too small: what is lost is, but not unknown.
start lossy -B 16 -C 10k -w "$TMP/lossy/x.pcapng"
for i in 1 2 3 4 5; do loads 20000; done
stop
check load-lossy adds_up lossy
check load-lossy-lost test "$(sed 's/.* lost=\([0-9]*\) .*/\1/' "$TMP/sum")" -gt 1000
check load-lossy-files test "$(files lossy)" -gt 3
start wrapped -B 65536 -C 100k -W 5 -w "$TMP/wrapped/x.pcapng" tcp or icmp
loads 50000
at client ping -n -q -c 1 -s 444 -W 1 10.30.0.2 >/dev/null 2>&1
stop
check load-wrap-files test "$(names wrapped)" = 'x.pcapng0 x.pcapng1 x.pcapng2 x.pcapng3 x.pcapng4'
tests/tools/pcapng_sum.py --by-time "$TMP"/wrapped/* >"$TMP/sum"
check load-wrap-newest grep -q ' unordered=0 twice=0 gaps=0 holes=0 ' "$TMP/sum"
check load-wrap-last test "$(for f in "$TMP"/wrapped/*; do tshark -r "$f" -T fields -e frame.time_epoch -e frame.len 2>/dev/null; done | sort -n | tail -1 | cut -f2)" -eq 486
cat >"$TMP/done2" <<-'EOF'
	#!/bin/sh
	echo "$1" >>"$(dirname "$0")/done2.log"
EOF
chmod +x "$TMP/done2"
start seconds -B "$RING" -G 1 -C 3 -z "$TMP/done2" -w "$TMP/seconds/%s-.pcapng" tcp
END=$(($(date +%s) + 3))
while [ "$(date +%s)" -lt $END ]; do loads 20000; done
stop
check load-seconds adds_up seconds
check load-seconds-none-lost grep -q ' lost=0 .* gaps=0 holes=0 ' "$TMP/sum"
check load-seconds-files test "$(ls "$TMP/seconds" | cut -d- -f1 | sort -u | wc -l)" -ge 3
# Each but the last, which nobody ended.
all_done() { [ "$(sort -u "$TMP/done2.log" | wc -l)" -eq $(($(files seconds) - 1)) ]; }
check load-seconds-command wait_for 10 all_done
check load-seconds-command-once test "$(wc -l <"$TMP/done2.log")" -eq $(($(files seconds) - 1))
# It ends while packets come, and its files are its user's.
chmod 711 "$TMP"
mkdir "$TMP/ended"
chown nobody "$TMP/ended"
start ended -Z nobody -B 65536 -C 100k -w "$TMP/ended/x.pcapng"
loads 300000 &
LOAD=$!
wait_for 10 test -e "$TMP/ended/x.pcapng20"
stop
check load-ended-exit test $? -eq 0
wait $LOAD
check load-ended adds_up ended
# Two points of two interfaces: four in each file, each with its own counts.
ip -n "$T-lb" link add "${LB_IF}b" type veth peer name "${LB_IF}c"
ip -n "$T-lb" link set "${LB_IF}b" up
ip -n "$T-lb" link set "${LB_IF}c" up
droplet attach "${LB_IF}b" >/dev/null 2>&1
start points -i "${LB_IF}b" --point both -B 65536 -C 100k -w "$TMP/points/x.pcapng" tcp
loads 3000
at lb "$B/tests/bench/bench_load" "${LB_IF}b" 100 2000 0 >/dev/null
stop
check load-points adds_up points
check load-points-all test "$(captured points)" -eq 16000
check load-points-none-lost grep -q ' lost=0 .* gaps=0 holes=0 ' "$TMP/sum"
check load-points-files test "$(files points)" -gt 10
droplet detach "${LB_IF}b" >/dev/null 2>&1
# The disk becomes full at a later file.
mount -t tmpfs -o size=256k tmpfs /mnt
start full -B 65536 -C 50k -w /mnt/x.pcapng tcp
load 64 5000 0
ends
check load-full-exit test $? -eq 1
check load-full-says grep -qE '^xdpdump: /mnt/x.pcapng[0-9]: No space left on device, [0-9]+ packets are in it$' "$TMP/full.err"
LAST=$(sed -n 's/^xdpdump: \(.*\): No space.*/\1/p' "$TMP/full.err")
WHOLE=$(ls /mnt/* | grep -vxF "$LAST")
check load-full-others-whole tests/tools/pcapng_sum.py $WHOLE
check load-full-last-readable test "$(tcpdump --count -r "$LAST" 2>/dev/null | cut -d' ' -f1)" = "$(sed -n 's/.* device, \([0-9]*\) packets.*/\1/p' "$TMP/full.err")"
umount /mnt

# --- what goes wrong ------------------------------------------------------------------------------------
"$D" -r "$TMP/in.pcapng" -C 10k -z "$TMP/nosuch" -w "$TMP/split/z" 2>"$TMP/err"
check command-missing-goes-on test $? -eq 0
check command-missing-says wait_for 5 grep -q -- '-z: .*nosuch: No such file' "$TMP/err"
mkdir "$TMP/split/w1"
"$D" -r "$TMP/in.pcapng" -C 10k -w "$TMP/split/w" 2>"$TMP/err"
check next-file-fails test $? -eq 1
check next-file-fails-says grep -q 'split/w1: Is a directory' "$TMP/err"
check next-file-fails-first-whole whole "$TMP/split/w"
refuses() {
	timeout 20 "$D" -r "$TMP/in.pcapng" "${@:2}" 2>"$TMP/err" >/dev/null
	[ $? -eq 2 ] && [ "$(wc -l <"$TMP/err")" -eq 1 ] && grep -qE -- "$1" "$TMP/err"
}
check no-file refuses 'no file' -C 1
check no-stdout refuses 'cannot be split' -w - -G 1
check count-alone refuses 'use it with -C or -G' -w x -W 3
check command-alone refuses 'use it with -C or -G' -w x -z gzip
check bad-size refuses 'not a size' -w x -C 10q
check bad-size-zero refuses 'not a size' -w x -C 0
check bad-seconds refuses 'not a number of seconds' -w x -G -1
check bad-count refuses 'not a number of files' -w x -C 1 -W 0

exit $FAILED
