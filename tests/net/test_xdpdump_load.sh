#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump under load: its memory does not grow, and what a ring had no room for is counted, in
# the file too.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }

load() { at lb "$B/tests/bench/bench_load" "$LB_IF" 64 "$1" 0 ${2:-} >"$TMP/load" 2>&1; }
start() { capture "$1" "$B/xdpdump" -i "$LB_IF" "${@:2}"; }
captured() { awk '/^offered/ { n = $4 } END { print n + 0 }' "$TMP/$1.err"; }
reached() { [ "$(captured "$1")" -ge "$2" ]; }
resident() { sed -n 's/.*resident \([0-9]*\) KiB$/\1/p' "$TMP/$1.err" | tail -1; }
most() { sed -n 's/.*at most \([0-9]*\) KiB.*/\1/p' "$TMP/$1.err" | tail -1; }
rings() { sed -n 's/.*rings \([0-9]*\) KiB.*/\1/p' "$TMP/$1.err" | tail -1; }

# --- memory ------------------------------------------------------------------------------------------
# After a tenth of the events all is there that there will ever be; the ring has been filled, which
# some kernels count as resident and others do not.
ROUND=${TEST_EMULATED:+20000}
ROUND=${ROUND:-200000}
for kind in text file; do
	case $kind in
	text) set -- -n ;;
	file) set -- -w /dev/null ;;
	esac
	start $kind -B 1024 --stats "$@"
	wait_for 10 reached $kind 0
	load "$ROUND" 500000
	wait_for 10 reached $kind "$((ROUND / 2))"
	early=$(resident $kind)
	for _ in 1 2 3 4 5 6 7 8 9; do load "$ROUND" 500000; done
	wait_for 20 reached $kind "$((ROUND * 5))"
	late=$(resident $kind)
	stop
	check memory-$kind-said test "$early" -gt 0
	check memory-$kind-does-not-grow test "$late" -le $((early + 512))
	check memory-$kind-within-bounds test "$late" -le $(($(rings $kind) + $(most $kind) + 16384))
done

# --- loss ------------------------------------------------------------------------------------------
# A stopped reader: the ring fills, and the rest is lost.
F=$TMP/lost.pcapng
start lost -B 64 -w "$F" --stats
kill -STOP "$P"
load 20000
kill -CONT "$P"
# A loss is told by the next packet of that CPU that is captured: there must be one after the last.
one_more() { local n; n=$(captured lost); load 1; wait_for 3 reached lost $((n + 1)); }
check loss-ends wait_for 20 one_more
stop
lost=$(sed -n 's/.* + \([0-9]*\) lost$/\1/p' "$TMP/lost.err")
check loss-is-there test "$lost" -gt 10000
check loss-adds-up test "$(awk '/ offered = / { print ($1 == $4 + $7 + $10) }' "$TMP/lost.err")" = 1
tshark -r "$F" -T fields -e frame.drop_count 2>/dev/null >"$TMP/drops"
check loss-in-file test "$(awk '{ n += $1 } END { print n }' "$TMP/drops")" = "$lost"
check loss-where-it-was test "$(grep -c . "$TMP/drops")" -le 5
check loss-not-elsewhere test "$(grep -c '^0' "$TMP/drops")" -eq 0
exit $FAILED
