#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A restart of the daemon, and a kill -9, also in the middle of a reload: the connection table, the
# rings and the counters of VIPs and reals are byte for byte what they were, and clients notice nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
mkdir -p /run/xdpchain
mount -t tmpfs -o mode=0755,size=256k tmpfs /run/xdpchain
topo_up
CONF=$TMP/xdplb.yaml
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
CLIENTS=60
PACE=${TEST_EMULATED:+4s} # an answer takes a second there
PACE=${PACE:-400ms}

# write WEIGHT: of the first real, of each VIP.
write() {
	local vip real
	printf 'interfaces: [{name: %s, mode: native, lru_size: 4096}]\nvips:\n' "$LB_IF"
	for vip in "$VIP4" "[$VIP6]"; do
		real=10.20.1.2 other=10.20.2.2
		[ "$vip" = "$VIP4" ] || real=2001:db8:21::2 other=2001:db8:22::2
		printf -- '- vip: "%s:80/tcp"\n  check: {type: http, interval: %s, fall: 10}\n' "$vip" $PACE
		printf '  reals: [{addr: "%s", weight: %s}, {addr: "%s"}]\n' "$real" "$1" "$other"
	done
}
start() {
	bg lb "$B/xdplb" run -c "$CONF" --foreground 2>>"$TMP/log"
	DAEMON=$!
	wait_for 10 $X health
}
# checked: each real has been, since the daemon is there, and has passed.
checked() { [ "$($X health --json | jq '.reals | length == 4 and all(.up and .passed > 2)')" = true ]; }
stop() { { kill "-$1" "$DAEMON"; wait "$DAEMON"; } 2>/dev/null; }
# state FILE: all that packets go by and are counted in.
state() {
	local dir map id
	dir=$(dirname /sys/fs/bpf/xdpchain/"$LB_IF"/stage*/rings)
	for map in conns4 conns6 vips reals heads vip_counts real_counts; do
		echo "$map"
		bpftool -j map dump pinned "$dir/$map" || return 1
	done >"$1"
	bpftool map dump pinned "$dir/rings" | sed -n -e 's/.*inner_map_id: \([0-9]*\).*/\1/p' \
		-e 's/.*value: \(..\) \(..\) \(..\) \(..\).*/0x\4\3\2\1/p' >"$TMP/ids"
	[ "$(wc -l <"$TMP/ids")" -eq 2 ] || { echo "$(wc -l <"$TMP/ids") rings"; return 1; }
	while read -r id; do echo "ring $id"; bpftool -j map dump id $((id)) || return 1; done <"$TMP/ids" >>"$1"
	$X conn list --json | jq -c 'del(.idle_seconds)' | sort >"$1.conns"
	$X status --json | jq -cS '[.reasons, .vips]' >"$1.counters"
}
# same: all of it is as at the beginning.
same() {
	state "$TMP/now" || return 1
	for part in "" .conns .counters; do
		cmp "$TMP/was$part" "$TMP/now$part" || return 1
	done
}

# Clients that keep their connections, and ask once more on each whenever they are told to.
cat >"$TMP/keep.py" <<-PY
import http.client, sys
hosts = ["$VIP4", "$VIP6"]
c = [http.client.HTTPConnection(hosts[i % 2], 80, timeout=10) for i in range($CLIENTS)]
for line in sys.stdin:
    who = []
    for x in c:
        x.request("GET", "/")
        who.append(x.getresponse().read().decode().split()[-1])
    print(*who, flush=True)
PY
mkfifo "$TMP/ask"
exec 7<>"$TMP/ask"
nsenter --net="/run/netns/$T-client" -- python3 "$TMP/keep.py" <"$TMP/ask" >"$TMP/kept" 2>&1 7>&- &
PIDS="$PIDS $!"
# asks N: for the Nth time all have been answered, on the same connections, by the same servers.
asks() {
	echo >&7
	wait_for 20 sh -c "[ \$(wc -l <$TMP/kept) -ge $1 ]"
	[ "$(wc -l <"$TMP/kept")" -eq "$1" ] && [ "$(sort -u "$TMP/kept" | wc -l)" -eq 1 ]
}

write 2 >"$CONF"
check start start
check clients asks 1
check both-servers grep -q 'backend1.*backend2\|backend2.*backend1' "$TMP/kept"
check checked wait_for 10 checked
# What acknowledges the last answers comes when it likes.
settled() { state "$TMP/was" && same; }
check state-stays wait_for 10 settled
check state-conns test "$(wc -l <"$TMP/was.conns")" = $CLIENTS
check state-counters test "$(jq '.[1] | map(.packets) | add' "$TMP/was.counters")" -ge $((CLIENTS * 3))

stop TERM
check stopped same
check restart start
check restart-checks wait_for 10 checked
check restarted same
stop KILL
check killed same
check restart-after-kill start
check restart-after-kill-checks wait_for 10 checked
check restarted-after-kill same
check reload sh -c "$X reload | grep -q '4 kept'"
check reloaded same
check clients-after asks 2

# Killed again and again while it changes weights; what comes after has the ring of the file.
state "$TMP/was"
for n in 1 2 3 4 5 6; do
	write $((n + 2)) >"$CONF"
	$X reload >/dev/null 2>&1 &
	for ((i = 0; i < n * 2500; i++)); do :; done # a moment, another each time
	stop KILL
	wait $! 2>/dev/null
	start || not_ok "start-after-$n"
done
write 2 >"$CONF"
check reload-back sh -c "$X reload | grep -q 'reals: 0 added, 2 changed'"
check after-six-kills same
check clients-after-six-kills asks 3
stop TERM
check log-quiet sh -c "! grep -E 'failed|cannot' $TMP/log"
exit $FAILED
