# SPDX-License-Identifier: GPL-2.0
# forward.sh - packets to servers in tunnels, by IPVS and by the load balancer: sourced by run.
# FORWARD_N packets a run, FORWARD_AT_ONCE (all) before it waits for them, FORWARD_ROUNDS of them.
FWD_IF=xfwd			# the balancer's end of a veth; what is sent comes from its peer, xfwdp
FWD_N=${FORWARD_N:-1000000}
FWD_AT_ONCE=${FORWARD_AT_ONCE:-$FWD_N}
FWD_ROUNDS=${FORWARD_ROUNDS:-7}
FWD4=192.0.2.10 FWD6=2001:db8:f::10

# The VIPs are this machine's, as IPVS wants it; the servers are behind the client's end.
forward_net() {
	interface $FWD_IF
	sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.$FWD_IF.rp_filter=0
	ip link set lo up
	ip link set $FWD_IF address 02:00:00:00:00:01 addrgenmode none
	sysctl -qw net.ipv6.conf.$FWD_IF.disable_ipv6=0
	ethtool -K $FWD_IF gro on	# without a program, a veth takes frames of XDP by NAPI alone
	ip addr add $FWD4/32 dev lo
	ip addr add $FWD6/128 dev lo nodad
	ip addr add 10.30.0.2/24 dev $FWD_IF
	ip addr add 2001:db8:30::2/64 dev $FWD_IF nodad
	ip neigh add 10.30.0.1 lladdr 02:00:00:00:00:02 dev $FWD_IF
	ip neigh add 2001:db8:30::1 lladdr 02:00:00:00:00:02 dev $FWD_IF
	ip route add 10.0.0.0/8 via 10.30.0.1
	ip route add 2001:db8:9::/64 via 2001:db8:30::1
	ip route add fc00::/16 via 2001:db8:30::1
}

bare_fwd_on() { ip link set dev $FWD_IF xdp obj "$B/obj/tests/bench/restore_push.bpf.o" sec xdp.frags; }
bare_fwd_off() { ip link set dev $FWD_IF xdp off; }
lb_fwd_on() {
	local n
	"$B/xdplb" attach $FWD_IF --guard-rate 0 && "$B/xdplb" vip add $FWD4:80/tcp && "$B/xdplb" vip add "[$FWD6]:80/tcp" || return
	for n in $(seq 10); do
		"$B/xdplb" real add $FWD4:80/tcp 10.20.1.$n && "$B/xdplb" real add "[$FWD6]:80/tcp" fc00::$n || return
	done
}
lb_fwd_off() { "$B/xdplb" detach $FWD_IF; }
# The hash of the balancer too; a flow in mid-air is taken in, as the balancer does.
ipvs_fwd_on() {
	local n
	modprobe ip_vs && ipvsadm -A -t $FWD4:80 -s mh -b mh-port && ipvsadm -A -t "[$FWD6]:80" -s mh -b mh-port || return
	sysctl -qw net.ipv4.vs.sloppy_tcp=1
	for n in $(seq 10); do
		ipvsadm -a -t $FWD4:80 -r 10.20.1.$n:80 -i && ipvsadm -a -t "[$FWD6]:80" -r "[fc00::$n]:80" -i || return
	done
}
ipvs_fwd_off() { ipvsadm -C; }

# forward_once WAY KIND...: a run of each kind.
forward_once() {
	local way=$1 kind; shift
	[ "$way" != ipvs ] || [ -z "$FWD_LACKS" ] || return
	"${way}_fwd_on" >"$TMP/err.$way" 2>&1 || { "${way}_fwd_off" >/dev/null 2>&1; return; }
	for kind; do
		# a family, and how many flows; the first run fills the table
		"$B/tests/bench/bench_forward" ${FWD_IF}p ${kind/_/ } $((FWD_N / 10)) $FWD_AT_ONCE 1 >/dev/null
		"$B/tests/bench/bench_forward" ${FWD_IF}p ${kind/_/ } $FWD_N $FWD_AT_ONCE 1 >>"$TMP/forward.$way.$kind"
	done
	"${way}_fwd_off" >/dev/null
}

# forward_row WAY KIND NAME
forward_row() {
	local r="$TMP/forward.$1.$2" base="$TMP/forward.bare.${2%_*}_1" ns
	if [ ! -s "$r" ]; then
		echo "| $3 | ${FWD_LACKS:-it does not run here: \`$(tail -1 "$TMP/err.$1")\`} | | | |"
		return
	fi
	ns=$(median 1 "$r")
	echo "| $3 | $ns ($(least 1 "$r")–$(most 1 "$r")) |" \
		"$(awk -v n="$ns" -v b="$(median 1 "$base")" 'BEGIN { printf "%+.0f", n - b }') |" \
		"$(awk -v n="$ns" 'BEGIN { printf "%.2f", 1e3 / n }') |" \
		"$([ "$1" = bare ] || echo "$(total 3 "$r") of $((FWD_N * FWD_ROUNDS))") |"
}

FWD_LACKS=
modprobe ip_vs 2>/dev/null || [ -e /proc/net/ip_vs ] || FWD_LACKS="this kernel has no IPVS"
forward_net
for i in $(seq $FWD_ROUNDS); do
	forward_once bare 4_1 6_1
	forward_once lb 4_1 6_1 4_32768
	forward_once ipvs 4_1 6_1 4_32768
done

cat <<-EOT

## The load balancer beside IPVS

Live frames of 80 bytes out of one end of a veth into the other, and in a tunnel (IPIP, IP6IP6) back to
where they came from, all on one CPU: what a packet takes is to make it, to send it, to forward it and
to count it. Ten servers, Maglev's hash, flows that are in the table. $FWD_ROUNDS rounds of $FWD_N each.

| who forwards | ns a packet (least–most) | over a bare XDP_TX, ns | M packets/s | forwarded |
|---|---|---|---|---|
EOT
forward_row bare 4_1 "a bare XDP_TX, IPv4"
forward_row lb 4_1 "xdplb, IPv4"
forward_row ipvs 4_1 "IPVS, tunnel mode, IPv4"
forward_row lb 4_32768 "xdplb, IPv4, 32768 flows in turn"
forward_row ipvs 4_32768 "IPVS, tunnel mode, IPv4, 32768 flows in turn"
forward_row bare 6_1 "a bare XDP_TX, IPv6"
forward_row lb 6_1 "xdplb, IPv6"
forward_row ipvs 6_1 "IPVS, tunnel mode, IPv6"
