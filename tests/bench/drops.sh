# SPDX-License-Identifier: GPL-2.0
# drops.sh - what it costs to drop a packet, here and by other means: sourced by run.
DROP_IF=xd$$			# veth; what is sent comes from its peer. No other's thread is called so
DROP_N=1000000
DROP_WARM=100000
DROP_ROUNDS=9
interface $DROP_IF
ip link set $DROP_IF address 02:00:00:00:00:01 # whom the frames are for
ethtool -K $DROP_IF gro on	# without a program, a veth takes frames of XDP by NAPI alone

bare_on() { ip link set dev $DROP_IF xdp obj "$B/obj/tests/bench/drop.bpf.o" sec xdp; }
bare_off() { ip link set dev $DROP_IF xdp off; }
bare_count() { drop_stat $DROP_IF rx_queue_0_xdp_drops; }
# With neither program nor GRO a veth has nobody who takes frames of XDP: they go back to the sender.
nobody_on() { ethtool -K $DROP_IF gro off; }
nobody_off() { ethtool -K $DROP_IF gro on; }
nobody_count() { echo 0; }
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

drop_stat() { ethtool -S "$1" | awk -v n="$2:" '$1 == n { print $2 }'; }
# How many frames the ring of the receiving end has taken; those that it refused are not among them.
drop_taken() { drop_stat ${DROP_IF}p tx_queue_0_xdp_xmit; }
# /sys shows the interfaces of the namespace that it was mounted in.
drop_threaded() {
	unshare --mount --propagation private \
		sh -c "mount -t sysfs sysfs /sys && echo $1 >/sys/class/net/$DROP_IF/threaded"
}
# drop_send CPU N: ns a frame. Before all others, or their turns would be counted as ours.
drop_send() { chrt -f 1 "$B/tests/bench/bench_blast" ${DROP_IF}p 64 "$2" "$1"; }
# Until the thread P has slept for a while: then all has been taken, and its clock has been read out.
drop_idle() {
	local was=-1 now
	now=$(cpu_ns $P)
	while [ "$now" != "$was" ]; do
		was=$now
		sleep 0.02
		now=$(cpu_ns $P)
	done
}

# drop_one WAY: one CPU sends and drops. A line: ns a frame, taken, counted.
drop_one() {
	local taken counted ns
	"$1_on" 2>"$TMP/err.$1" || return
	drop_send 1 $DROP_WARM >/dev/null
	taken=$(drop_taken) counted=$("$1_count")
	ns=$(drop_send 1 $DROP_N)
	echo "$ns $(($(drop_taken) - taken)) $(($("$1_count") - counted))" >>"$TMP/one.$1"
	"$1_off"
}

# drop_two WAY: CPU 0 sends, CPU 1 drops. A line: ns of CPU 1 a frame that it took, taken, counted,
# percent of the time that it was at work, drops in a second.
drop_two() {
	local taken counted ns busy
	"$1_on" 2>"$TMP/err.$1" || return
	P=$(pgrep "^napi/$DROP_IF-")
	taskset -cp 1 "$P" >/dev/null
	chrt -f -p 1 "$P"
	drop_send 0 $DROP_WARM >/dev/null
	drop_idle
	busy=$(cpu_ns $P) taken=$(drop_taken) counted=$("$1_count")
	ns=$(drop_send 0 $DROP_N)
	drop_idle
	awk -v busy=$(($(cpu_ns $P) - busy)) -v taken=$(($(drop_taken) - taken)) -v n=$DROP_N -v ns="$ns" \
		-v counted=$(($("$1_count") - counted)) 'BEGIN { printf "%.1f %d %d %.0f %d\n",
		busy / taken, taken, counted, 100 * busy / (n * ns), counted * 1e9 / (n * ns) }' >>"$TMP/two.$1"
	"$1_off"
}

# drop_counted FILE TAKEN COUNTED: the two columns' sums; they are to be the same.
drop_counted() { echo "$(total 3 "$1") of $(total 2 "$1")"; }
drop_refused() { awk -v n=$DROP_N '{ t += $2 } END { printf "%.0f %%", 100 * (1 - t / (NR * n)) }' "$1"; }
# drop_rate NS BASE: M a second, and how many times what the chain takes, whose ns is BASE.
drop_rate() { awk -v n="$1" -v c="$2" 'BEGIN { printf "%.2f | %.2f", 1e3 / n, n / c }'; }
drop_less() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a - b }'; }

drop_one_row() {
	local r="$TMP/one.$1" own send chain
	[ -s "$r" ] || { echo "| $2 | it does not run here: \`$(tail -1 "$TMP/err.$1")\` | | | | |"; return; }
	send=$(least 1 "$TMP/one.nobody")
	own=$(drop_less "$(least 1 "$r")" "$send")
	chain=$(drop_less "$(least 1 "$TMP/one.chain")" "$send")
	if [ "$1" = nobody ]; then
		echo "| $2 | $send ($(median 1 "$r")) | | | | |"
	else
		echo "| $2 | $(least 1 "$r") ($(median 1 "$r")) | $own | $(drop_rate "$own" "$chain") | $(drop_counted "$r") |"
	fi
}

drop_two_row() {
	local r="$TMP/two.$1"
	[ -s "$r" ] || { echo "| $2 | it does not run here: \`$(tail -1 "$TMP/err.$1")\` | | | | | | |"; return; }
	echo "| $2 | $(least 1 "$r") ($(median 1 "$r")) | $(drop_rate "$(least 1 "$r")" "$(least 1 "$TMP/two.chain")") |" \
		"$(millions "$(most 5 "$r")") | $(median 4 "$r") % | $(drop_refused "$r") | $(drop_counted "$r") |"
}

drop_rows() {
	"$1" bare "a bare XDP_DROP"
	"$1" chain "the chain: root, blocklist"
	"$1" filter "xdp-filter (xdp-tools)"
	"$1" ingress "nftables, netdev ingress"
	"$1" prerouting "nftables, prerouting (raw)"
	"$1" raw "iptables, raw PREROUTING"
}

for i in $(seq $DROP_ROUNDS); do
	for way in nobody $DROP_WAYS; do drop_one $way; done
done
drop_threaded 1
for i in $(seq $DROP_ROUNDS); do
	for way in $DROP_WAYS; do drop_two $way; done
done
drop_threaded 0

cat <<-EOT

## To drop a packet, beside others

Frames of 64 bytes from one source, dropped by that source. Each figure is the least of $DROP_ROUNDS rounds of
$DROP_N frames, the median in brackets. The goals: as many drops a second as xdp-filter, four times
those of nftables at ingress, and at most 40 ns more than a bare XDP_DROP.

The programs alone, by BPF_PROG_TEST_RUN with repeat:

| who drops | ns a packet | over a bare XDP_DROP |
|---|---|---|
EOT
filter_on 2>/dev/null && set -- $DROP_IF "xdp-filter (xdp-tools)" || set --
"$B/tests/bench/bench_drop" "$@"
[ $# = 0 ] || filter_off

cat <<-EOT

Live frames out of one end of a veth into the other, all on one CPU. What a frame takes is to make
it, to send it, and to drop it; to make and to send it is what the first row takes, where nobody is
on the other end. A wire would do that for us: the rest is what who drops has to do, its drops a
second are of that, and so the goals are.

| who drops | ns a frame | less the sending | M drops/s | × the chain | counted |
|---|---|---|---|---|---|
EOT
drop_one_row nobody "nobody: sent, and not taken"
drop_rows drop_one_row
awk -v b="$(least 1 "$TMP/one.bare")" -v c="$(least 1 "$TMP/one.chain")" 'BEGIN { printf "\nThe chain over a bare XDP_DROP: %.0f ns (goal: at most 40).\n", c - b }'

cat <<-EOT

The same with CPU 0 sending, and the thread that takes and drops (threaded NAPI) alone on CPU 1: its
time by the scheduler's clock, over the frames that it took; where it is at work nearly all of the
time, what it did comes to the same. Each frame comes out of the other CPU's cache, and its page
goes back there under a lock: most of a row, and nothing that a network card would cost. Where in a
cache line the frames begin moves rows by 50 ns, in no order, so this table says that what is counted
is right and what such a pair of CPUs drops, and not who is the faster by less than that. What the
ring refused, being full, is in none of the figures.

| who drops | ns of CPU 1 a frame | M drops/s it can do | × the chain | M drops/s it did | CPU 1 at work | refused | counted |
|---|---|---|---|---|---|---|---|
EOT
drop_rows drop_two_row
