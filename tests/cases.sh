# SPDX-License-Identifier: GPL-2.0
# cases.sh - what a case is, for scripts that have a folder $tmp and a namespace of process $peer.
failed=0

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1: $2"
	sed 's/^/    /' "$tmp/out" "$tmp/err"
	failed=1
}
run() { "$@" >"$tmp/out" 2>"$tmp/err"; }
# holds NAME COMMAND... - the command succeeds.
holds() {
	local name=$1
	shift
	if run "$@"; then ok "$name"; else not_ok "$name" "failed: $*"; fi
}
# until_true COMMAND... - wait for a condition, at most $patience (10) s, or longer in an emulated machine.
until_true() {
	local end=$((SECONDS + ${TEST_EMULATED:-${patience:-10}}))
	until run "$@"; do
		[ $SECONDS -lt $end ] || return 1
	done
}
from_peer() { nsenter --net=/proc/$peer/ns/net "$@"; }
