#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump -C -G -W -z: names as tcpdump gives them, every file whole, nothing lost between two.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }

D=$B/xdpdump

start() {
	local name=$1; shift
	mkdir -p "$TMP/$name"
	bg lb "$D" -i "$LB_IF" -B 1024 "$@" >"$TMP/$name.out" 2>"$TMP/$name.err"
	P=$!
	wait_for 10 grep -q 'listening on' "$TMP/$name.err"
}
stop() { kill -INT "$P"; wait "$P"; }
not_running() { ! kill -0 "$1" 2>/dev/null || [ "$(ps -o stat= -p "$1" | cut -c1)" = Z ]; }
ends() { wait_for 15 not_running "$P" || return 99; wait "$P"; }
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
check time-command wait_for 10 grep -q . "$TMP/done.log"
check time-command-each wait_for 10 test "$(wc -l <"$TMP/done.log")" -eq 2
check time-command-one-word test "$(grep -cE "^1 $TMP/time/a [0-9]+.pcapng [1-9][0-9]*$" "$TMP/done.log")" -eq 2
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
