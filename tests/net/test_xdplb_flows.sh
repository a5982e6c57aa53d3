#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Established connections while reals come, drain, change their weights and die; and the commands
# that tell of connections.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_up
set -- $PIDS
WWW1=$1
X="nsenter --net=/run/netns/$T-lb -- $B/xdplb"
V=$VIP4:80/tcp
V6="[$VIP6]:80/tcp"
CONNS=400

# Connections that each ask again and again, as long as there is no file STOP; and a new one beside.
cat >"$TMP/flows.py" <<'PY'
import http.client, os, sys
vip, count, port, stop = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
def ask(c):
    c.request("GET", "/")
    return c.getresponse().read().decode().split()[-1]
def new(source=None):
    return http.client.HTTPConnection(vip, 80, timeout=3, source_address=source)
flows, home, broken, strange, requests, fresh, refused = [], [], {}, 0, 0, 0, 0
for i in range(count):
    flows.append(new(("", port + i)))
    home.append(ask(flows[i]))
print("open", *("%s=%d" % (h, home.count(h)) for h in sorted(set(home))), flush=True)
while True:
    last = os.path.exists(stop)
    for i, c in enumerate(flows):
        if c is None: continue
        try:
            requests += 1
            strange += ask(c) != home[i]
        except Exception:
            broken[home[i]] = broken.get(home[i], 0) + 1
            flows[i] = None
        if i % 20 == 0:
            try: n = new(); ask(n); n.close(); fresh += 1
            except Exception: refused += 1
    if last: break
print("strange=%d" % strange, "requests=%d" % requests, "fresh=%d" % fresh, "refused=%d" % refused,
      *("broken-%s=%d" % b for b in sorted(broken.items())), flush=True)
PY
# flows NAME VIP PORT: in the background, until `ended`.
flows() {
	rm -f "$TMP/stop"
	bg client python3 "$TMP/flows.py" "$2" $CONNS "$3" "$TMP/stop" >"$TMP/flows"
	FLOWS=$!
	check "$1" wait_for 20 grep -q ^open "$TMP/flows"
}
ended() { touch "$TMP/stop"; wait "$FLOWS"; cat "$TMP/flows"; }
all_live() { ended >"$TMP/o"; cat "$TMP/o"; grep -q '^strange=0 .* refused=0$' "$TMP/o"; }
# moving: a thousand packets more have been balanced.
packets() { $X vip list --json | jq -s 'map(.packets) | add'; }
moving() { local from; from=$(packets); wait_for 10 eval "[ \$(packets) -ge $((from + 1000)) ]"; }

$X attach "$LB_IF" --lru-size 65536 >/dev/null
for v in "$V 10.20" "$V6 2001:db8"; do $X vip add "${v% *}"; done
$X real add $V 10.20.1.2
$X real add "$V6" 2001:db8:21::2

# --- a real more, weights, draining, another program; with an upload beside ------------------------
head -c 2500000 /dev/zero >"$TMP/big"
for family in 4 6; do
	vip=$VIP4 v=$V second=10.20.2.2 first=10.20.1.2
	[ $family = 6 ] && vip=$VIP6 v=$V6 second=2001:db8:22::2 first=2001:db8:21::2
	flows "v$family-open" "$vip" $((family * 5000))
	check "v$family-one-real" grep -q "^open backend1=$CONNS$" "$TMP/flows"
	host=$vip; [ $family = 6 ] && host="[$vip]"
	bg client curl -g -s --limit-rate 1M --data-binary "@$TMP/big" "http://$host/" >"$TMP/upload"
	UPLOAD=$!
	check "v$family-moving" moving
	$X real add "$v" $second
	check "v$family-added" moving
	for w in 5 1 10 3; do $X real set "$v" $second --weight $w; $X real set "$v" $first --weight $w; done
	check "v$family-weights" moving
	$X real drain "$v" $first --no-wait >/dev/null
	check "v$family-drained" moving
	$X attach "$LB_IF" >/dev/null
	check "v$family-attached-again" moving
	$X real set "$v" $first --mode up
	$X real set "$v" $second --mode down
	$X real set "$v" $second --mode up
	wait $UPLOAD
	check "v$family-upload" grep -qx 2500000 "$TMP/upload"
	check "v$family-none-breaks" all_live
done

# --- what commands tell of them ------------------------------------------------------------------
flows listed $VIP4 24000
one=10.10.0.2:24007
check find sh -c "$X conn find $one $V | grep -qE '^$one $V port 80 to 10.20.[12].2, open, idle [0-9]+ s$'"
check find-json test "$($X conn find $one $V --json | jq -r '.client + " " + .vip')" = "$one $V"
check find-unknown sh -c "$X conn find 10.10.0.3:1 $V 2>&1 | grep -q 'not in the table: see xdplb where'"
check find-bad sh -c "$X conn find 10.10.0.2 $V 2>&1 | grep -q 'not a client: write ADDR:PORT'"
check list test "$($X conn list $V --json | jq -r 'select(.state == "open") | .client' | grep -cE ':24[0-3]..$')" -eq $CONNS
check where-table test "$($X where 10.10.0.2:24001 $V --json | jq -r .by)" = table
check where-new test "$($X where 10.10.0.2:24001 $V --new --json | jq -r '.by + " " + (.real == .ring_real | tostring)')" = "ring true"
check where-none sh -c "$X where 10.10.0.2:1 192.0.2.99:80/tcp 2>&1 | grep -q 'port 80 is of no VIP'"
check list-6 sh -c "$X conn list '$V6' --json | jq -e .real"
check purge sh -c "$X conn purge $V | grep -qE '^$V: [0-9]+ connections forgotten$'"
ended >/dev/null
# The last packets of those that have ended may come, and make entries, after a purge.
purged() { $X conn purge $V >/dev/null && [ "$($X conn list $V | wc -l)" -eq 0 ]; }
check purge-json test "$($X conn purge 10.20.1.2 --json | jq 'has("purged")')" = true
check purge-empty wait_for 10 purged
check purge-unknown sh -c "$X conn purge 192.0.2.99:80/tcp 2>&1 | grep -q 'no such VIP'"

# --- a change foretold -----------------------------------------------------------------------------
$X real set $V 10.20.1.2 --weight 1
$X real set $V 10.20.2.2 --weight 1
foretold=$($X simulate $V --weight 10.20.2.2=3 --json)
$X real set $V 10.20.2.2 --weight 3
check simulate-right test "$(echo "$foretold" | jq -c '[.reals[] | .planned_percent * 1000 | round]')" = "$($X real list $V --json | jq -s -c '[.[] | .share_percent * 1000 | round]')"
check simulate-collateral sh -c "$X simulate $V --add 10.20.3.2 --json | jq -e '.moved_percent >= .needed_percent and .collateral_percent < 1 and .needed_percent > 15'"
check simulate-changes-nothing test "$($X real list $V | wc -l)" -eq 2
check simulate-text sh -c "$X simulate $V --del 10.20.1.2 | grep -qE '^of new connections, 2[0-9.]+ % go elsewhere; 2[0-9.]+ % must, 0.00 % are collateral$'"
check simulate-colon test "$($X simulate $V --weight 10.20.2.2:1 --json)" = "$($X simulate $V --weight 10.20.2.2=1 --json)"
check simulate-weight-missing sh -c "$X simulate $V --weight 10.20.2.2 2>&1 | grep -q 'write ADDR=WEIGHT'"
check simulate-add-weight test "$($X simulate $V --add 10.20.3.2=3 --json)" = "$($X simulate $V --add 10.20.3.2:3 --json)"
check simulate-add-weight-share sh -c "$X simulate $V --add 10.20.3.2=1000 --json | jq -e 'any(.reals[]; .real == \"10.20.3.2\" and .planned_percent > 99)'"
check simulate-nothing sh -c "$X simulate $V 2>&1 | grep -q 'nothing to change'"
check simulate-unknown sh -c "$X simulate $V --del 10.9.9.9 2>&1 | grep -q 'no such real'"

# --- a real that is killed takes its own connections with it, and no others --------------------------
$X real set $V 10.20.2.2 --weight 1
flows killed-open $VIP4 28000
lost=$(grep -o 'backend1=[0-9]*' "$TMP/flows" | cut -d= -f2)
kill "$WWW1"
$X real set $V 10.20.1.2 --mode down
check killed-moving moving
ended >"$TMP/o"
check killed-only-its-own grep -qE "^strange=0 .* broken-backend1=$lost$" "$TMP/o"
exit $FAILED
