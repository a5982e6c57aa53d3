#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a kernel lacks: one that is too old is refused by name; without BTF of its own, and where
# opening a perf ring needs more than it used to, it works or says so in one line.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
L="nsenter --net=/run/netns/$T-lb --"

start() { capture "$1" "$B/xdpdump" -i "$LB_IF" -B 256 "${@:2}"; }
ping4() { at client ping -n -q -c 2 -i 0.05 -W 5 10.30.0.2; }
two() { [ "$(grep -c 'ICMP echo request' "$TMP/$1.out")" -eq 2 ]; }

# --- too old -------------------------------------------------------------------------------------
OLD='setarch --uname-2.6'
TOO_OLD='Linux 2\.6\.[^ ]* is too old: 6\.1 or newer is needed$'
check old-droplet refuses 1 "^droplet: $TOO_OLD" $OLD $L "$B/droplet" attach "$LB_IF"
check old-xdplb refuses 1 "^xdplb: $TOO_OLD" $OLD $L "$B/xdplb" attach "$LB_IF"
check old-left-nothing test ! -e "/sys/fs/bpf/xdpchain/$LB_IF"

# --- no BTF of the kernel --------------------------------------------------------------------------
mount -t tmpfs none /sys/kernel/btf
check no-btf-attach droplet attach "$LB_IF"
check no-btf-lb xdplb attach "$LB_IF"
droplet block 10.10.0.2 >/dev/null
start no-btf -n icmp
check no-btf-drops eval '! at client ping -n -q -c 2 -i 0.05 -W 1 10.30.0.2'
check no-btf-names wait_for 10 grep -q 'DROP droplet/blocklist: prefix rule 1 (10.10.0.2/32)' "$TMP/no-btf.out"
stop
check no-btf-detach-lb xdplb detach "$LB_IF"
check no-btf-detach droplet detach "$LB_IF"
# Nor can somebody else's program be traced then; libpcap goes without.
ip -n "$T-lb" link set dev "$LB_IF" xdp obj "$B/obj/tests/net/pass.bpf.o" sec xdp
start no-btf-foreign -n icmp
check no-btf-foreign-says grep -q "^xdpdump: $LB_IF: no chain here" "$TMP/no-btf-foreign.err"
check no-btf-foreign-passes ping4
check no-btf-foreign-captures wait_for 10 two no-btf-foreign
stop
ip -n "$T-lb" link set dev "$LB_IF" xdp off
umount /sys/kernel/btf

# --- perf_event_paranoid 3 -------------------------------------------------------------------------
# Debian's: only CAP_SYS_ADMIN opens a ring. It is set here only on a machine of our own.
PARANOID=$(sysctl -n kernel.perf_event_paranoid)
[ -z "${TEST_EMULATED:-}" ] || sysctl -qw kernel.perf_event_paranoid=3
if [ "$(sysctl -n kernel.perf_event_paranoid)" -ge 3 ]; then
	CAPS=-all,+bpf,+perfmon,+net_admin
	check paranoid-attach droplet attach "$LB_IF"
	check paranoid-says refuses 1 'CAP_SYS_ADMIN where kernel.perf_event_paranoid is 3$' \
		$L setpriv --bounding-set $CAPS --inh-caps $CAPS "$B/xdpdump" -i "$LB_IF" -B 256
	# Opened first, dropped then: who gives up all capabilities goes on reading.
	start paranoid -Z nobody -n icmp
	check paranoid-passes ping4
	check paranoid-captures wait_for 10 two paranoid
	stop
else
	skip paranoid "kernel.perf_event_paranoid is $PARANOID, not Debian's 3"
fi
[ -z "${TEST_EMULATED:-}" ] || sysctl -qw "kernel.perf_event_paranoid=$PARANOID"
exit $FAILED
