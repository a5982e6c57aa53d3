#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Policers in C under the daemon: a file that is changed and reloaded, what survives, what is refused
# with the line; a compiler that hangs, or is not there. The chain goes on through all of it.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small
chmod 755 "$TMP"
LIMIT=${TEST_EMULATED:+40}
export XDPCHAIN_COMPILE_SECONDS=${LIMIT:=5}
CONF=$TMP/droplet.yaml
SOCK=$TMP/droplet.sock
mkdir "$TMP/bin"
real_clang() { ln -sf "$(PATH=/usr/local/bin:/usr/bin:/bin command -v clang)" "$TMP/bin/clang"; }
real_clang

W=${TEST_EMULATED:+5}
ping_() { at client ping -n -q -c 1 -W "${W:-0.5}" "$@" 10.30.0.2 >/dev/null; }
reload() { droplet reload --socket "$SOCK" >"$TMP/reload" 2>"$TMP/reload.err"; }
# refused PATTERN: a reload fails; the first line says why, and the chain still drops what it did.
refused() {
	! reload && head -1 "$TMP/reload.err" | grep -qE -- "$1" && ! ping_ -s 100 && ping_ ||
		{ head -3 "$TMP/reload.err"; return 1; }
}
# policer LENGTH [LINE]: drops echo requests to us of so many bytes or more, after 3 of them.
policer() {
	cat >"$TMP/pings.c" <<-EOT
		#include "xdpchain/stage.bpf.h"
		enum pings_reason { PINGS_LONG = 1, PINGS_FRIEND };
		const volatile __u32 most = 3;
		struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(max_entries, 1);
			__type(key, __u32);
			__type(value, __u64);
		} seen SEC(".maps");
		struct {
			__uint(type, BPF_MAP_TYPE_HASH);
			__uint(max_entries, 1);
			__type(key, __be32);
			__type(value, __u8);
		} friends SEC(".maps");
		STAGE(pings)
		{
			__u32 zero = 0;
			__be32 source = pkt->saddr[0];
			__u64 *n = bpf_map_lookup_elem(&seen, &zero);
			${2:-}
			if (!n || pkt->ipproto != PKT_ICMP || pkt->icmp_type != 8 || pkt->len < $1)
				return NEXT;
			if (bpf_map_lookup_elem(&friends, &source))
				return NEXT_NOTE(PINGS_FRIEND);
			return __sync_fetch_and_add(n, 1) >= most ? DROP(PINGS_LONG) : NEXT;
		}
	EOT
}
configure() {
	cat >"$CONF" <<-EOT
		interfaces: [$LB_IF]
		control: {socket: $SOCK}
		policers:
		  - name: pings
		    kind: source
		    file: pings.c
		    maps: {friends: friends.txt}
		    ${1:-}
	EOT
}
dropped() { ! ping_ -s "$1"; }
four() { for _ in 1 2 3; do ping_ -s 100 || return 1; done; dropped 100; }

policer 142
echo '# none' >"$TMP/friends.txt"
configure
check check-compiles env PATH="$TMP/bin" "$B/droplet" check "$CONF"
bg lb env PATH="$TMP/bin" "$B/droplet" run -c "$CONF" --foreground 2>"$TMP/log"
check daemon-up wait_for 10 reload
check enforces four
check others-pass ping_

# --- a changed file: at once, and what it knew goes on ----------------------------------------------
policer 182
start=$(date +%s%N)
reload
rc=$?
took=$((($(date +%s%N) - start) / 1000000))
echo "changed source to enforcing: $took ms"
check changed-in-2s test $rc -eq 0 -a $took -le $((${TEST_EMULATED:+30} + 2))000
check changed-passes ping_ -s 100
check changed-drops dropped 140
check state-survived grep -q 'pings: replaced in slot' "$TMP/reload"
check nothing-lost eval '! grep -q "begin empty" "$TMP/reload"'

# --- a changed file of a map -------------------------------------------------------------------------
echo '10.10.0.2 # the client' >"$TMP/friends.txt"
check map-reloads reload
check map-fed ping_ -s 140
echo '10.10.0.3' >"$TMP/friends.txt"
check map-reloads-again reload
check map-follows dropped 140

# --- what is refused ---------------------------------------------------------------------------------
policer 142
check back reload
policer 142 'int x = y;'
check refuses-syntax refused "droplet: $CONF:4: pings: $TMP/pings.c:21: use of undeclared identifier 'y'"
policer 142 'if (((__u8 *)(long)ctx->data)[200]) return NEXT;'
check refuses-verifier refused "pings: the verifier refuses it .*pings\.c:21: if \(\(\(__u8 .*outside of the packet"
policer 142
configure 'params: {mst: 4}'
check refuses-parameter refused "droplet: $CONF:8: pings: mst: no such parameter: most"
configure
echo '10.10.0.300' >"$TMP/friends.txt"
check refuses-map-line refused "droplet: $CONF:7: pings: maps: friends: $TMP/friends.txt:1: 10.10.0.300: an IPv4 address"
echo '10.10.0.3' >"$TMP/friends.txt"

policer 142 '/* another */'
rm "$TMP/bin/clang"
check refuses-no-clang refused "pings\.c: no clang to compile it: install clang, or compile it elsewhere and use kind object$"
printf '#!/bin/sh\n/bin/sleep 4712.%s & /bin/sleep 4712.%s\n' $$ $$ >"$TMP/bin/clang"
chmod 755 "$TMP/bin/clang"
SECONDS=0
check refuses-hang refused "pings\.c: the compiler was ended after $LIMIT.0 s$"
check hang-is-short test $SECONDS -lt $((LIMIT + 5 + ${TEST_EMULATED:-0}))
check hang-is-gone wait_for 5 eval "! grep -qs 4712.$$ /proc/[0-9]*/cmdline"
rm "$TMP/bin/clang"
real_clang

# --- and on it goes; warnings are said -----------------------------------------------------------------
policer 142 'int unused;'
check goes-on reload
check warns grep -q 'pings\.c:21:.*warning: unused variable' "$TMP/reload.err"
check warns-in-log grep -q 'pings\.c:21:.*warning: unused variable' "$TMP/log"
check still-drops dropped 100
exit $FAILED
