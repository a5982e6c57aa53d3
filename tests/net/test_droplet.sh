#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The command droplet: each command and each line that it says, with real packets.
# Runs in namespaces and a BPF filesystem of its own, so nothing is left and nobody is met.
set -u
if [ "${1:-}" != inside ]; then
	exec unshare --mount --net --propagation private "$0" inside
fi
mount -t bpf bpf /sys/fs/bpf
cd "$(dirname "$0")/../.." || exit 1
droplet=${B:-build}/droplet
tmp=$(mktemp -d)

# The other side: a network namespace that lives as long as its only process.
unshare --net sleep infinity &
peer=$!
trap 'kill $peer 2>/dev/null; wait 2>/dev/null; umount /sys/fs/bpf; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

. tests/cases.sh

# says NAME STATUS OUT ERR COMMAND... - the command ends with STATUS and says exactly one line
# (or nothing, "") that matches the pattern, on standard output and on standard error.
says() {
	local name=$1 status=$2 out=$3 err=$4 rc what
	shift 4
	run "$@"
	rc=$?
	[ $rc -eq "$status" ] || { not_ok "$name" "exit status $rc, not $status"; return; }
	for what in out err; do
		if [ -z "${!what}" ]; then
			[ -s "$tmp/$what" ] && { not_ok "$name" "says something on std$what"; return; }
		elif [ "$(wc -l <"$tmp/$what")" -ne 1 ]; then
			not_ok "$name" "not one line on std$what"
			return
		elif ! grep -qE -- "${!what}" "$tmp/$what"; then
			not_ok "$name" "no '${!what}' on std$what"
			return
		fi
	done
	ok "$name"
}

status() { "$droplet" status "$1" --json | jq -e "$2" >/dev/null; }
hits() { "$droplet" list -i "$1" --json | jq -r "select(.prefix == \"$2\") | .hits"; }
pings() { from_peer ping -c1 -W1 -I "$1" "$2"; }
drops() { ! from_peer ping -c1 -W0.2 -I "$1" "$2"; }
no_xdp() { ! ip -d link show "$1" | grep -q prog/xdp; }

until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
ip link set lo up
for i in a b; do
	ip link add d$i type veth peer name d$i netns $peer
	from_peer ip link set d$i up
	ip link set d$i up
	from_peer ethtool -K d$i gro on >/dev/null 2>&1
done
ip addr add 10.1.0.1/24 dev da
ip addr add 2001:db8:a::1/64 dev da nodad
ip addr add 10.2.0.1/24 dev db
from_peer ip addr add 10.1.0.2/24 dev da
from_peer ip addr add 10.1.0.3/24 dev da
from_peer ip addr add 2001:db8:a::2/64 dev da nodad
from_peer ip addr add 2001:db8:a::3/64 dev da nodad
from_peer ip addr add 10.2.0.2/24 dev db
until_true pings 10.1.0.2 10.1.0.1
until_true pings 2001:db8:a::2 2001:db8:a::1
until_true pings 10.2.0.2 10.2.0.1

# --- usage and errors without a chain -------------------------------------------------------------
holds help "$droplet" --help
holds help-of-a-command "$droplet" block --help
says version 0 "^droplet $(cat VERSION)$" '' "$droplet" --version
says no-command 2 '' '^droplet: no command' "$droplet"
says wrong-command 2 '' '^droplet: frobnicate: no such command' "$droplet" frobnicate
says attach-nothing 2 '' 'missing argument' "$droplet" attach
says attach-two 2 '' 'unexpected argument' "$droplet" attach da db
says attach-mode 2 '' '^droplet: --mode: fast: neither native nor generic' \
	"$droplet" attach da --mode fast
says attach-max 2 '' '^droplet: --max-prefixes: 0: not a number from 1 to' \
	"$droplet" attach da --max-prefixes 0
says attach-old-kernel 1 '' '^droplet: Linux 2\.6\..* is too old: 6\.1 or newer is needed$' \
	setarch "$(uname -m)" --uname-2.6 "$droplet" attach da
says attach-no-interface 1 '' '^droplet: nosuch0: no such interface' "$droplet" attach nosuch0
says detach-no-interface 1 '' '^droplet: nosuch0: no such interface' "$droplet" detach nosuch0
says detach-no-chain 1 '' '^droplet: da: no chain here, make one: droplet attach da' \
	"$droplet" detach da
says status-no-chain 1 '' '^droplet: da: no chain here, make one: droplet attach da' \
	"$droplet" status da
for c in status list "block 192.0.2.1" "unblock 192.0.2.1" "limit 10"; do
	says "no-chain-at-all-${c%% *}" 1 '' 'make one: droplet attach IFACE' "$droplet" $c
done
says block-nothing 2 '' '^droplet: no prefix: name one' "$droplet" block
says block-bad-prefix 2 '' '^droplet: 10.1.0.300: not an address or prefix' \
	"$droplet" block 10.1.0.300
says block-bad-length 2 '' 'from 0 to 32' "$droplet" block 10.1.0.0/33
says block-host-bits 2 '' '10.1.0.7/24: .*the network is 10.1.0.0/24' "$droplet" block 10.1.0.7/24
says block-bad-duration 2 '' '^droplet: 10: not a duration' "$droplet" block 10.1.0.7 --for 10
says block-long-note 2 '' '^droplet: --note: longer than 63 bytes' \
	"$droplet" block 10.1.0.7 --note "$(printf 'x%.0s' {1..64})"
says block-note-control 2 '' '^droplet: --note: control characters' \
	"$droplet" block 10.1.0.7 --note $'a\033[31mb'
says block-note-utf8 2 '' '^droplet: --note: not in UTF-8' "$droplet" block 10.1.0.7 --note $'\xff'
says limit-bad-rate 2 '' '^droplet: fast: not a rate like' "$droplet" limit fast
says limit-zero 2 '' '^droplet: 0: a rate is 1 to' "$droplet" limit 0
says limit-bad-burst 2 '' '^droplet: --burst: 0: not a number' "$droplet" limit 10 --burst 0
says limit-big-burst 2 '' 'a burst is at most' "$droplet" limit 1 --burst 3601
says limit-bad-per 2 '' '^droplet: --per: 129: not a number from 0 to 128' \
	"$droplet" limit 10 --per 129
says limit-bad-per4 2 '' '^droplet: --per: 33: not a number from 0 to 32' \
	"$droplet" limit 10 --per 33,64
says wrong-option 2 '' 'unrecognized option' "$droplet" block --frobnicate
printf '192.0.2.1\n# fine\n\n192.0.2.0/24 # too\n192.0.2.7/24\n' >"$tmp/bad"
says file-bad-line 1 '' "^droplet: $tmp/bad:5: 192.0.2.7/24: .*192.0.2.0/24" \
	"$droplet" block -f "$tmp/bad"
says file-missing 1 '' "^droplet: $tmp/none: No such file" "$droplet" block -f "$tmp/none"
says file-is-folder 1 '' "^droplet: $tmp: Is a directory" "$droplet" block -f "$tmp"
says not-root 1 '' '^droplet: not permitted: run as root' \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$droplet" status
says not-root-attach 1 '' '^droplet: not permitted: run as root' \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$droplet" attach da
says no-capability 1 '' '^droplet: .*CAP_BPF|^droplet: not permitted' \
	setpriv --bounding-set -all --inh-caps -all "$droplet" attach da
holds nothing-left-by-errors no_xdp da

# --- attach, policing, counters -------------------------------------------------------------------
says attach 0 '^da: attached in native mode, blocklist in slot 1, ratelimit in slot 2$' '' \
	"$droplet" attach da
says attach-again 1 '' '^droplet: da: attached already, in native mode' "$droplet" attach da
says attach-other-mode 1 '' '^droplet: da: its chain is in native mode' \
	"$droplet" attach da --mode generic
holds attach-again-left-it status da '.stages | length == 2'
says attach-generic 0 '^db: attached in generic mode' '' "$droplet" attach db --mode generic
says attach-falls-back 0 '^lo: attached in generic mode' '^droplet: lo: native XDP is refused' \
	"$droplet" attach lo
says attach-mode-of-the-chain 1 '' '^droplet: lo: its chain is in generic mode' \
	"$droplet" attach lo --mode native
says detach 0 '^lo: detached$' '' "$droplet" detach lo
says attach-native-refused 1 '' 'lo: .*--mode generic' "$droplet" attach lo --mode native
holds attach-refused-left-nothing test ! -e /sys/fs/bpf/xdpchain/lo
holds status "$droplet" status
holds status-of-both test "$(grep -cE '^d[ab]: (native|generic) mode' "$tmp/out")" -eq 2

holds before-block pings 10.1.0.2 10.1.0.1
says block 0 '^da: blocked 10.1.0.2/32, rule 1$' '' "$droplet" block 10.1.0.2 -i da
holds blocked drops 10.1.0.2 10.1.0.1
holds blocked-counts test "$(hits da 10.1.0.2/32)" -ge 1
holds others-pass pings 10.1.0.3 10.1.0.1
holds other-chain-passes pings 10.2.0.2 10.2.0.1
before=$(hits da 10.1.0.2/32)
says block-again 0 '^da: updated 10.1.0.2/32, rule 1, for 10m$' '' \
	"$droplet" block 10.1.0.2 --for 10m --note 'port scan' -i da
holds block-again-keeps-hits test "$(hits da 10.1.0.2/32)" -ge "$before"
holds list-shows-all sh -c "$droplet list | grep -qE '^da +1 +10.1.0.2/32 +[0-9]+ .* 9m5[0-9]s +port scan$'"
holds status-names-the-reason status da \
	'.stages[0] | .name == "blocklist" and .reasons[0].name == "prefix" and .rules[0].note == "port scan"'
holds status-counts status da \
	'.stages[0].verdicts.drop.packets == .stages[0].reasons[0].packets and .end.packets > 0'
holds status-text sh -c "$droplet status da | grep -qE 'rule 1 +10.1.0.2/32 +[0-9]+ hits, .* left, port scan'"
says block-v6 0 '^da: blocked 2001:db8:a::2/128, rule 2$' '' "$droplet" block 2001:db8:a::2 -i da
holds blocked-v6 drops 2001:db8:a::2 2001:db8:a::1
holds others-pass-v6 pings 2001:db8:a::3 2001:db8:a::1

holds block-on-all "$droplet" block 10.1.0.0/24 10.2.0.0/24
holds block-on-all-says test "$(wc -l <"$tmp/out")" -eq 4
holds blocked-on-a drops 10.1.0.3 10.1.0.1
holds blocked-on-b drops 10.2.0.2 10.2.0.1
says unblock-held 1 '' '^droplet: da: 10.1.0.3/32: not blocked itself, but 10.1.0.0/24 is' \
	"$droplet" unblock 10.1.0.3 -i da
says unblock-unknown 1 '' '^droplet: da: 192.0.2.9/32: not blocked' "$droplet" unblock 192.0.2.9
says unblock-no-blocklist 1 '' '^droplet: lo: no chain here' "$droplet" unblock 192.0.2.9 -i lo
holds unblock "$droplet" unblock 10.1.0.0/24 10.2.0.0/24
says unblock-where-it-is 0 '^2001:db8:a::2/128: unblocked$' '' "$droplet" unblock 2001:db8:a::2
holds unblocked pings 2001:db8:a::2 2001:db8:a::1
holds unblocked-b pings 10.2.0.2 10.2.0.1
holds still-blocked drops 10.1.0.2 10.1.0.1
holds unblock-last "$droplet" unblock 10.1.0.2

# --- expiry ---------------------------------------------------------------------------------------
holds block-for "$droplet" block 10.1.0.2 --for 1s -i da
holds expires until_true pings 10.1.0.2 10.1.0.1
holds expired-not-shown test -z "$("$droplet" list -i da)"
holds expired-swept "$droplet" block 192.0.2.1 -i da
holds expired-swept-count status da '.stages[0].prefixes == 1'

# --- limit ----------------------------------------------------------------------------------------
says limit 0 '^da: limit 1/s, burst 3, per IPv4 /32 and IPv6 /64$' '' \
	"$droplet" limit 1/s --burst 3 -i da
from_peer ping -c8 -i0.01 -W0.2 -I 10.1.0.2 10.1.0.1 >"$tmp/ping"
holds limited grep -q ' [34] received' "$tmp/ping"
holds limited-others-pass pings 10.1.0.3 10.1.0.1
holds limited-reason status da '.stages[1] | .reasons[0].name == "rate" and .limit.pps == 1'
says limit-per 0 'per IPv4 /24 and IPv6 /48$' '' "$droplet" limit 20k --per 24,48 -i da
says limit-per-6 0 '^da: limit 20000/s, burst 2000, per IPv4 /32 and IPv6 /56$' '' \
	"$droplet" limit 20k --per 56 -i da
says limit-off 0 '^da: no limit$' '' "$droplet" limit off -i da
from_peer ping -c8 -i0.01 -W0.2 -I 10.1.0.2 10.1.0.1 >"$tmp/ping"
holds not-limited grep -q ' 8 received' "$tmp/ping"
holds limit-everywhere "$droplet" limit 1M
holds limit-everywhere-says test "$(grep -c 'limit 1000000/s' "$tmp/out")" -eq 2

# --- files, a full list ---------------------------------------------------------------------------
printf '10.9.%d.0/24 # made up\n' {0..49} >"$tmp/list"
printf '2001:db8:%x::/48\n' {1..50} >>"$tmp/list"
says file 0 '^da: 100 prefixes blocked, 0 updated' '' "$droplet" block -f "$tmp/list" -i da
says file-again 0 '^da: 0 prefixes blocked, 100 updated' '' "$droplet" block -f "$tmp/list" -i da
says stdin 0 '^da: blocked 10.10.0.0/16' '' \
	sh -c "echo 10.10.0.0/16 | $droplet block -f - -i da"
says file-unblock 0 '^100 prefixes unblocked' '' "$droplet" unblock -f "$tmp/list" -i da
holds file-unblocked test "$("$droplet" list -i da --json | wc -l)" -eq 2
says file-bad-changes-nothing 1 '' ':5:' "$droplet" block -f "$tmp/bad" -i da
holds file-bad-changed-nothing test "$("$droplet" list -i da --json | wc -l)" -eq 2
says detach-generic 0 '^db: detached$' '' "$droplet" detach db
says attach-small 0 'db: attached' '' "$droplet" attach db --max-prefixes 2
holds fills "$droplet" block 192.0.2.1 10.2.0.2 -i db
says full 1 '' '^droplet: db: 192.0.2.3/32: the list is full with 2 prefixes: .*--max-prefixes' \
	"$droplet" block 192.0.2.3 -i db
holds full-still-works drops 10.2.0.2 10.2.0.1
holds full-update "$droplet" block 10.2.0.2 --for 1h -i db
says full-file 1 '^db: 0 prefixes blocked' '^droplet: db: .*the list is full' \
	"$droplet" block -f "$tmp/list" -i db

# --- several writers, killed writers --------------------------------------------------------------
# Each waits for those before it, 5 s at most: an emulated machine does fewer in that time.
writers=${TEST_EMULATED:+5} writers=${writers:-20}
for ((i = 1; i <= writers; i++)); do "$droplet" block 10.20.$i.0/24 -i da & done >/dev/null
for i in $(jobs -p); do [ "$i" = $peer ] || wait "$i"; done
holds writers-at-once test "$("$droplet" list -i da --json | grep -c '"10\.20\.')" -eq $writers
holds writers-at-once-rules test \
	"$("$droplet" list -i da --json | jq .rule | sort | uniq -d | wc -l)" -eq 0
exec 9</sys/fs/bpf/xdpchain
flock 9
says lock-held 1 '' '^droplet: another command is changing a chain' "$droplet" block 192.0.2.5 -i da
holds lock-held-reads "$droplet" status da
exec 9<&-

# At the lowest priority, so that this script sees it at work before it is done; where looking is as
# much work as writing, at the same.
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "172.%d.%d.%d\n", i / 65536 + 16, i / 256 % 256, i % 256 }' \
	>"$tmp/many"
low=${TEST_EMULATED:+0}
nice -n "${low:-19}" "$droplet" block -f "$tmp/many" -i da >/dev/null &
writer=$!
patience=60 until_true sh -c "$droplet list -i da --json | head -n 1000 | grep -q '\"172'"
kill -9 $writer
wait $writer 2>/dev/null
n=$("$droplet" list -i da --json | grep -c '"172')
holds killed-in-the-middle test "$n" -gt 0 -a "$n" -lt 300000
holds killed-usable "$droplet" block 10.1.0.2 -i da
holds killed-usable-blocks drops 10.1.0.2 10.1.0.1
holds killed-counts status da ".stages[0].prefixes == $((n + writers + 3))"
holds killed-again "$droplet" block -f "$tmp/many" -i da
holds killed-again-all status da ".stages[0].prefixes == $((300003 + writers))"

# --- what may be around a chain -------------------------------------------------------------------
says other-namespace 1 '' '^droplet: da: its chain is on an interface of another network namespace' \
	nsenter --net=/proc/$peer/ns/net "$droplet" status da
says other-namespace-detach 1 '' 'another network namespace' \
	nsenter --net=/proc/$peer/ns/net "$droplet" detach da
says other-namespace-all 1 '' 'no chain in this network namespace' \
	nsenter --net=/proc/$peer/ns/net "$droplet" status
says bpffs-not-mounted 1 '' '^droplet: /sys/fs/bpf is not a BPF filesystem: mount -t bpf' \
	unshare --mount sh -c "mount -t tmpfs none /sys/fs/bpf; exec $droplet status"
says detach-native 0 '^da: detached$' '' "$droplet" detach da
holds detach-leaves-no-xdp no_xdp da
holds detach-leaves-no-pin test ! -e /sys/fs/bpf/xdpchain/da
holds detach-lets-all-in pings 10.1.0.2 10.1.0.1
says detach-twice 1 '' '^droplet: da: no chain here' "$droplet" detach da
ip link del db
says gone-status 1 '' '^droplet: db: the chain.s interface is gone.*droplet detach db' \
	"$droplet" status db
says gone-detach 0 '^db: no chain any more, removed what was left of it' '' "$droplet" detach db
says gone-detach-again 1 '' '^droplet: db: no such interface' "$droplet" detach db
holds left-nothing test -z "$(ls -A /sys/fs/bpf/xdpchain)"
exit $failed
