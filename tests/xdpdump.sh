# SPDX-License-Identifier: GPL-2.0
# xdpdump.sh - captures in the background, and what they said: sourced after topo.sh.

# capture NAME COMMAND...: in the balancer, until it listens. Its pid in $P; what it says in
# $TMP/NAME.out and $TMP/NAME.err.
capture() {
	local name=$1; shift
	bg lb "$@" >"$TMP/$name.out" 2>"$TMP/$name.err"
	P=$!
	wait_for 20 grep -q 'listening on' "$TMP/$name.err"
}
# End it as a person does; the exit status is its own.
stop() { kill -INT "$P"; wait "$P"; }
# It ends by itself within some seconds; the exit status is its own.
ends() { wait_for 15 not_running "$P" || return 99; wait "$P"; }
not_running() { ! kill -0 "$1" 2>/dev/null || [ "$(ps -o stat= -p "$1" | cut -c1)" = Z ]; }
# sums NAME: "offered = captured + filtered + lost" of the last line holds, and is not empty.
sums() {
	awk '/ offered = / { if ($1 == $4 + $7 + $10 && $1 > 0) ok = 1; print } END { exit !ok }' "$TMP/$1.err"
}
one_line() { [ "$(wc -l <"$TMP/err")" -eq 1 ] && grep -qE -- "$1" "$TMP/err"; }
# refuses STATUS PATTERN COMMAND...: exit status and one clear line.
refuses() {
	local want=$1 pattern=$2 rc; shift 2
	timeout "$((20 + ${TEST_EMULATED:-0}))" "$@" >"$TMP/o" 2>"$TMP/err"; rc=$?
	[ $rc -eq "$want" ] && one_line "$pattern" || { echo "status $rc"; cat "$TMP/err"; return 1; }
}
