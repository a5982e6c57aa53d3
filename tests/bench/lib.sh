# SPDX-License-Identifier: GPL-2.0
# lib.sh - what the parts of the benchmark share: sourced by run.

# Memory that the host of a virtual machine has yet to give costs 5 us a page; let it be given now.
warm() {
	local mib
	mib=$(awk '/MemAvailable/ { n = $2 / 2048; print int(n < 4096 ? n : 4096) }' /proc/meminfo)
	head -c "${mib}M" /dev/zero >"$TMP/warm"
	rm "$TMP/warm"
}

# Nothing but what we send: the kernel would ask for routers and neighbours.
interface() {
	ip link add "$1" type veth peer name "$1p"
	sysctl -qw "net.ipv6.conf.$1.disable_ipv6=1" "net.ipv6.conf.$1p.disable_ipv6=1"
	ip link set "$1" up
	ip link set "$1p" up
}

cpu_ns() { cut -d' ' -f1 "/proc/$1/schedstat"; }
# The median of the numbers in column N of a file; least and most.
median() { sort -n -k "$1,$1" "$2" | awk -v n="$1" '{ v[NR] = $n } END { print v[int((NR + 1) / 2)] }'; }
least() { sort -n -k "$1,$1" "$2" | awk -v n="$1" 'NR == 1 { print $n }'; }
most() { sort -n -k "$1,$1" "$2" | awk -v n="$1" 'END { print $n }'; }
total() { awk -v n="$1" '{ t += $n } END { printf "%d", t }' "$2"; }
# Packets a second in millions.
millions() { awk -v n="$1" 'BEGIN { printf "%.2f", n / 1e6 }'; }

# begin COMMAND...: on CPU 0, until it listens; P is its process.
begin() {
	: >"$TMP/err"			# what the one before said is not to be waited for
	taskset -c 0 "$@" 2>"$TMP/err" &
	P=$!
	until grep -q '^\(xdpdump: \|tcpdump: \|\)listening on' "$TMP/err"; do
		kill -0 $P 2>/dev/null || return 1
		sleep 0.02
	done
}
# Until the process has nothing left to do: it may have been kept from its CPU.
idle() {
	local was=0 now
	sleep "$1"
	now=$(cpu_ns $P)
	while [ $((now - was)) -gt 5000000 ]; do
		was=$now
		sleep 0.2
		now=$(cpu_ns $P)
	done
}
end() { kill -INT $P; wait $P; }
load() { "$B/tests/bench/bench_load" "$@"; }
