#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdp-tools and our chain on one interface: whoever comes second is refused, and told so.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_small

PASS=$B/obj/tests/net/pass.bpf.o
L="nsenter --net=/run/netns/$T-lb --"
# refused PATTERN COMMAND...: it fails, and a line of what it says has the pattern.
refused() {
	local pattern=$1; shift
	timeout 60 "$@" >"$TMP/o" 2>&1 && { echo "not refused"; cat "$TMP/o"; return 1; }
	grep -qE -- "$pattern" "$TMP/o" || { cat "$TMP/o"; return 1; }
}
# refuses PATTERN COMMAND...: the same, and the line is all it says.
refuses() { refused "$@" && [ "$(wc -l <"$TMP/o")" -eq 1 ] || { cat "$TMP/o"; return 1; }; }
program() { ip -n "$T-lb" -j -d link show "$LB_IF" | jq -r '.[0].xdp.prog | "\(.id) \(.name)"'; }
counted() { droplet status "$LB_IF" --json | jq .end.packets; }
grows() {
	local n; n=$(counted)
	at client ping -n -q -c 3 -i 0.02 -W 5 10.30.0.2 && [ "$(counted)" -gt "$n" ]
}

# --- ours is there -------------------------------------------------------------------------------
check attach droplet attach "$LB_IF"
OURS=$(program)
for mode in native skb; do
	check "loader-refused-$mode" refused "Couldn't attach XDP program on iface '$LB_IF'.*busy" \
		$L xdp-loader load -m $mode "$LB_IF" "$PASS"
done
check loader-cannot-take-it-off refused 'Unable to detach XDP program.*busy' \
	$L xdp-loader unload "$LB_IF" --all
check ours-stays test "$(program)" = "$OURS"
check ours-counts grows
check detach droplet detach "$LB_IF"

# --- theirs is there -----------------------------------------------------------------------------
check load $L xdp-loader load "$LB_IF" "$PASS"
THEIRS=$(program)
case $THEIRS in
*xdp_dispatcher*)
	SAYS="$LB_IF: the dispatcher of xdp-tools \(id ${THEIRS% *}\) is attached, take it off first: xdp-loader unload $LB_IF --all\$" ;;
*)
	skip dispatcher "this kernel lets xdp-loader load a program only alone"
	SAYS="$LB_IF: another XDP program \(id ${THEIRS% *}\) is attached, take it off first: ip link set dev $LB_IF xdp off\$" ;;
esac
check droplet-refused refuses "$SAYS" $L "$B/droplet" attach "$LB_IF"
check droplet-refused-generic refuses "$SAYS" $L "$B/droplet" attach "$LB_IF" --mode generic
check xdplb-refused refuses "$SAYS" $L "$B/xdplb" attach "$LB_IF"
check theirs-stays test "$(program)" = "$THEIRS"
check nothing-pinned test ! -e "/sys/fs/bpf/xdpchain/$LB_IF"
WAY=$($L "$B/droplet" attach "$LB_IF" 2>&1 | sed -n 's/.* first: //p')
check way-out $L $WAY
check attach-then droplet attach "$LB_IF"
check counts-then grows
exit $FAILED
