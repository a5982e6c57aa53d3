# SPDX-License-Identifier: GPL-2.0
# peers.sh - xdpdump beside tcpdump and the xdpdump of xdp-tools: sourced by run.
PEER=$(dpkg -L xdp-tools 2>/dev/null | grep '/xdpdump$')
PEER_IF=xalone			# without a program, for the peer that brings its own
interface $PEER_IF

# peer_begin TOOL FILE: sets ON, where the packets are to go.
peer_begin() {
	ON=$IF
	case $1 in
	ours) begin "$B/xdpdump" -i $IF -B 65536 -w "$2" ;;
	tcpdump) begin tcpdump -i $IF -n -Z root -B 65536 -w "$2" ;;
	peer) ON=$PEER_IF; begin "$PEER" -i $PEER_IF --load-xdp-program -w "$2" ;;
	esac
}
# What a tool says that it lost.
peer_lost() { sed -n 's/.* + \([0-9]*\) lost$/\1/p; s/^\([0-9]*\) packets dropped by .*/\1/p' "$TMP/err" | tail -1; }

# peer_once TOOL LEN COUNT RATE: packets/s, ns a packet in the file, in the file, said to be lost.
peer_once() {
	local a b r n
	peer_begin "$1" "$TMP/x.cap" || return 1
	a=$(cpu_ns $P)
	r=$(load $ON "$2" "$3" 1 "$4" live)
	idle 1.2			# tcpdump's reader waits for up to a second
	b=$(cpu_ns $P)
	end >/dev/null
	n=$(tcpdump -r "$TMP/x.cap" --count 2>/dev/null | cut -d' ' -f1)
	rm -f "$TMP/x.cap"
	echo "${r#* } $(((b - a) / (n + !n))) $n $(peer_lost)"
}

# peer_row TOOL NAME LEN COUNT RATE
peer_row() {
	local r=$TMP/runs i offered=$((3 * $4)) in lost
	for i in 1 2 3; do
		peer_once "$1" "$3" "$4" "$5" && continue
		echo "| $2 | $3 | it does not run here: \`$(tail -1 "$TMP/err")\` | | | | | | |"
		break
	done >"$r"
	if grep -q '^|' "$r"; then
		cat "$r"
		return
	fi
	in=$(total 3 "$r") lost=$(total 4 "$r")
	echo "| $2 | $3 | $(millions "$(median 1 "$r")") | $(median 2 "$r") | $offered | $in |" \
		"$(awk -v n=$((offered - in)) -v of=$offered 'BEGIN { printf "%.1f %%", n * 100 / of }') |" \
		"$lost | $([ $((in + lost)) -eq $offered ] && echo yes || echo "no: $((offered - in - lost)) of them in no count") |"
}

cat <<-EOT

## Beside others

Live frames (BPF_F_TEST_XDP_LIVE_FRAMES) that come in on a veth on one CPU, pass the chain and go
on into the stack, where tcpdump sees them; the tool on the other CPU writes to tmpfs; the same
packets for each, three runs. tcpdump stands behind XDP: it sees what the chain passes, no drop,
and never why; it has 64 MiB (\`-B 65536\`) as xdpdump has. The xdpdump of xdp-tools has no such
option.

EOT
if begin "$PEER" -i $IF --rx-capture exit -w "$TMP/x.cap"; then
	end >/dev/null
	cat <<-EOT
	The xdpdump of xdp-tools attaches to the chain here, but traces the root alone. It is measured
	alone on an interface, with the program that it brings.
	EOT
else
	cat <<-EOT
	The xdpdump of xdp-tools cannot look at the chain on this kernel: it ends with
	\`$(tail -1 "$TMP/err")\`. It is measured alone on an interface without a chain,
	with the program that it brings.
	EOT
fi
cat <<-EOT

| tool | bytes | offered, M/s | CPU, ns a packet in the file | offered | in the file | not there | its own count of these | adds up |
|---|---|---|---|---|---|---|---|---|
EOT
for rate in 500000 0; do
	for len in 64 256 1400; do
		n=$((rate ? 500000 : 1000000))
		[ $len = 1400 ] && n=500000
		peer_row ours "xdpdump${rate#500000}" $len $n $rate
		peer_row tcpdump "tcpdump${rate#500000}" $len $n $rate
		peer_row peer "xdp-tools${rate#500000}" $len $((rate ? n : 300000)) $rate
	done
done | sed 's/^\(| [a-z-]*\)0 |/\1, all that goes |/'
