# SPDX-License-Identifier: GPL-2.0
# drops.sh - what it costs to drop a packet, here and by other means: sourced by run.
DROP_IF=xdrop			# veth; what is sent comes from its peer, xdropp
DROP_N=2000000
interface $DROP_IF
ip link set $DROP_IF address 02:00:00:00:00:01 # whom the frames are for
ethtool -K $DROP_IF gro on	# without a program, a veth takes frames of XDP by NAPI alone

bare_on() { ip link set dev $DROP_IF xdp obj "$B/obj/tests/bench/drop.bpf.o" sec xdp; }
bare_off() { ip link set dev $DROP_IF xdp off; }
chain_on() { "$B/droplet" attach $DROP_IF >/dev/null && "$B/droplet" block 10.1.2.3 -i $DROP_IF >/dev/null; }
chain_off() { "$B/droplet" detach $DROP_IF >/dev/null; }
chain_count() { "$B/droplet" status $DROP_IF --json | jq '[.. | objects | .verdicts? // empty | .drop? // empty | .packets? // .] | add // 0'; }
filter_on() { xdp-filter load -m native -f ipv4 $DROP_IF >/dev/null && xdp-filter ip -m src 10.1.2.3 >/dev/null; }
filter_off() { xdp-filter unload $DROP_IF >/dev/null; }
filter_count() { xdp-filter status 2>/dev/null | awk '/XDP_DROP/ { print $2; exit }'; }
ingress_on() {
	nft -f - <<-EOT
	table netdev t { chain c { type filter hook ingress device $DROP_IF priority -500; ip saddr 10.1.2.3 counter drop; }; }
	EOT
}
ingress_off() { nft delete table netdev t; }
nft_count() { nft list ruleset | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p' | head -1; }
ingress_count() { nft_count; }
prerouting_on() {
	nft -f - <<-EOT
	table ip t { chain c { type filter hook prerouting priority raw; ip saddr 10.1.2.3 counter drop; }; }
	EOT
}
prerouting_off() { nft delete table ip t; }
prerouting_count() { nft_count; }
raw_on() { iptables-legacy -t raw -A PREROUTING -s 10.1.2.3 -j DROP 2>/dev/null || iptables -t raw -A PREROUTING -s 10.1.2.3 -j DROP; }
raw_off() { iptables-legacy -t raw -F 2>/dev/null; iptables -t raw -F 2>/dev/null; }
raw_count() { { iptables-legacy -t raw -nvxL PREROUTING; iptables -t raw -nvxL PREROUTING; } 2>/dev/null | awk '/DROP/ { print $1; exit }'; }

DROP_WAYS="bare chain filter ingress prerouting raw"
DROP_ROUNDS=7

# drop_once WAY: a run of it; what was counted at the end of the last one is in $TMP/count.WAY.
drop_once() {
	"$1_on" 2>"$TMP/err.$1" || return
	"$B/tests/bench/bench_blast" ${DROP_IF}p 64 100000 1 >/dev/null # warm
	"$B/tests/bench/bench_blast" ${DROP_IF}p 64 $DROP_N 1 >>"$TMP/drop.$1"
	[ "$1" = bare ] || "$1_count" >"$TMP/count.$1"
	"$1_off"
}

# drop_row WAY NAME
drop_row() {
	local r="$TMP/drop.$1" ns
	if [ ! -s "$r" ]; then
		echo "| $2 | it does not run here: \`$(tail -1 "$TMP/err.$1")\` | | | |"
		return
	fi
	ns=$(median 1 "$r")
	echo "| $2 | $ns ($(least 1 "$r")–$(most 1 "$r")) |" \
		"$(awk -v n="$ns" 'BEGIN { printf "%.2f", 1e3 / n }') |" \
		"$(awk -v n="$ns" -v c="$(median 1 "$TMP/drop.chain")" 'BEGIN { printf "%.2f", n / c }') |" \
		"$([ "$1" = bare ] && echo "" || echo "$(cat "$TMP/count.$1") of $((DROP_N + 100000))") |"
}

for i in $(seq $DROP_ROUNDS); do
	for way in $DROP_WAYS; do drop_once $way; done
done

cat <<-EOT

## To drop a packet, beside others

Live frames of 64 bytes out of one end of a veth into the other, on one CPU: what a packet takes is
to make it, to send it and to drop it there, by its source address. $DROP_ROUNDS rounds of $DROP_N each. The goals:
as many a second as xdp-filter, four times those of nftables at ingress, and at most 40 ns more than
a bare XDP_DROP.

| who drops | ns a packet (least–most) | M drops/s | × the chain | counted |
|---|---|---|---|---|
EOT
drop_row bare "a bare XDP_DROP"
drop_row chain "the chain: root, blocklist"
drop_row filter "xdp-filter (xdp-tools)"
drop_row ingress "nftables, netdev ingress"
drop_row prerouting "nftables, prerouting (raw)"
drop_row raw "iptables, raw PREROUTING"
awk -v b="$(median 1 "$TMP/drop.bare")" -v c="$(median 1 "$TMP/drop.chain")" 'BEGIN { printf "\nThe chain over a bare XDP_DROP: %.0f ns (goal: at most 40).\n", c - b }'
