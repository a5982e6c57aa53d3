#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The daemon of droplet: what it does to chains and what it says, when all goes well and when not.
# Runs in namespaces, a BPF filesystem and a /run/xdpchain of its own.
set -u
if [ "${1:-}" != inside ]; then
	exec unshare --mount --net --propagation private "$0" inside
fi
mount -t bpf bpf /sys/fs/bpf
mkdir -p /run/xdpchain
mount -t tmpfs -o mode=0755,size=256k tmpfs /run/xdpchain
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
droplet=$B/droplet
tmp=$(mktemp -d)
conf=$tmp/droplet.yaml
sock=/run/xdpchain/droplet.sock
failed=0 daemon=

unshare --net sleep infinity &
peer=$!
trap 'kill -9 $daemon $peer 2>/dev/null; wait 2>/dev/null; umount /sys/fs/bpf; umount -l /run/xdpchain; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1: $2"
	sed 's/^/    /' "$tmp/out" "$tmp/err"
	failed=1
}
run() { "$@" >"$tmp/out" 2>"$tmp/err"; }

# says NAME STATUS OUT ERR COMMAND... - it ends with STATUS, some line of standard output matches
# OUT, and of standard error exactly one line is there and matches ERR ("": nothing is said).
says() {
	local name=$1 status=$2 out=$3 err=$4 rc
	shift 4
	run "$@"
	rc=$?
	if [ $rc -ne "$status" ]; then not_ok "$name" "exit status $rc, not $status"
	elif [ -n "$out" ] && ! grep -qE -- "$out" "$tmp/out"; then not_ok "$name" "no '$out'"
	elif [ -z "$out" ] && [ -s "$tmp/out" ]; then not_ok "$name" "says something"
	elif [ -z "$err" ] && [ -s "$tmp/err" ]; then not_ok "$name" "says something on stderr"
	elif [ -n "$err" ] && [ "$(wc -l <"$tmp/err")" -ne 1 ]; then not_ok "$name" "not one line"
	elif [ -n "$err" ] && ! grep -qE -- "$err" "$tmp/err"; then not_ok "$name" "no '$err'"
	else ok "$name"; fi
}
holds() {
	local name=$1
	shift
	if run "$@"; then ok "$name"; else not_ok "$name" "failed: $*"; fi
}
# held NAME out|err PATTERN - what the last command said.
held() {
	if grep -qE -- "$3" "$tmp/$2"; then ok "$1"; else not_ok "$1" "no '$3'"; fi
}
until_true() {
	local end=$((SECONDS + ${TEST_EMULATED:-10}))
	until run "$@"; do
		[ $SECONDS -lt $end ] || return 1
	done
}
from_peer() { nsenter --net=/proc/$peer/ns/net "$@"; }
pings() { from_peer ping -c1 -W1 10.1.0.1; }
drops() { ! from_peer ping -c1 -W0.2 10.1.0.1; }
logged() { grep -qE -- "$1" "$tmp/log"; }
stages() { "$droplet" status da --json | jq -c '[.stages[] | [.slot, .name, .prog_id, .shadow]]'; }
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
member() { setpriv --reuid 65534 --regid 65534 --groups adm "$@"; }
serves() { "$droplet" reload -s "$sock"; }

# start [ARGUMENT...] - the daemon, until it answers.
start() {
	"$droplet" run -c "$conf" --foreground "$@" 2>>"$tmp/log" &
	daemon=$!
	until_true test -S $sock
	until_true serves
}
stop() {
	kill "$daemon"
	wait "$daemon"
}

# What is configured in most cases: a policer with state, and one in shadow mode.
write() {
	cat >"$conf" <<-YAML
	interfaces: [da]
	policers:
	- {name: noping, kind: object, file: noping.bpf.o$1}
	- {name: odd, kind: malformed, mode: shadow}
	control: {group: adm}
	$2
	YAML
}

until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
ip link set lo up
ip link add da type veth peer name da netns $peer
from_peer ip link set da up
ip link set da up
from_peer ethtool -K da gro on >/dev/null 2>&1
ip addr add 10.1.0.1/24 dev da
from_peer ip addr add 10.1.0.2/24 dev da
until_true pings
cp "$B/obj/tests/net/noping.bpf.o" "$tmp"

# --- check ----------------------------------------------------------------------------------------
write "" ""
says check 0 "^$conf: fine, 2 policers on 1 interface$" '' "$droplet" check "$conf"
says check-missing 1 '' "^droplet: $tmp/none: No such file" "$droplet" check "$tmp/none"
says check-nothing 2 '' 'missing argument' "$droplet" check
holds check-changes-nothing test ! -e /sys/fs/bpf/xdpchain/da
holds check-changes-no-interface sh -c '! ip -d link show da | grep -q prog/xdp'
sed 's/\[eth0\]/[lo]/; s/^- eth0$/- lo/' packaging/droplet.yaml >"$tmp/example.yaml"
says check-example 0 'fine, [0-9]+ policers' '' "$droplet" check "$tmp/example.yaml"
says check-not-root 1 '' 'not permitted' nobody "$droplet" check packaging/droplet.yaml
sed 's/\[da\]/[da, nosuch0]/' "$conf" >"$tmp/other.yaml"
cp "$tmp/other.yaml" "$tmp/check.yaml"
says check-no-interface 0 'fine, 2 policers on 2 interfaces' \
	"check.yaml:1: nosuch0: there is no such interface now" "$droplet" check "$tmp/check.yaml"

says kinds 0 '^malformed +drop impossible' '' "$droplet" kinds
says kinds-one 0 '^  martians: TEXT .*\(host\)$' '' "$droplet" kinds malformed
says kinds-none 2 '' '^droplet: frob: no such kind: droplet kinds' "$droplet" kinds frob

# --- start, status --------------------------------------------------------------------------------
says no-daemon-reload 1 '' "$sock: no daemon is there, start one: droplet run" "$droplet" reload
says no-daemon-promote 1 '' 'no daemon is there' "$droplet" promote odd
says run-missing 1 '' "^droplet: $tmp/none: No such file" "$droplet" run -c "$tmp/none" -F
says run-not-root 1 '' '^droplet: /run/xdpchain/.*: (not permitted|Permission)' \
	nobody "$droplet" run -c packaging/droplet.yaml -F
cp "$tmp/check.yaml" "$tmp/bad.yaml"
run "$droplet" run -c "$tmp/bad.yaml" -F
held run-no-interface err '^droplet: nosuch0: no such interface'
holds run-refused-leaves-nothing test ! -e /sys/fs/bpf/xdpchain/da
start
holds started grep -q '"noping"' <<<"$(stages)"
says started-policers 0 'da +1 +noping +object +enforce' '' "$droplet" policers
holds started-shadow test "$("$droplet" policers --json | jq -r 'select(.policer == "odd") | .mode')" = shadow
says status-daemon 0 "^daemon: pid $daemon, $conf, applied [0-9]+[a-z]+ ago$" '' "$droplet" status
holds socket-mode test "$(stat -c '%a %U %G' $sock)" = '660 root adm'
says second-daemon 1 '' "^droplet: another daemon runs in this network namespace \(pid $daemon\)" \
	"$droplet" run -c "$conf" -F
holds second-changed-nothing serves
holds log-start logged '^droplet: start: 2 changes, 0 policers kept'

# --- reload: the difference -----------------------------------------------------------------------
before=$(stages)
says reload-nothing 0 '^da: noping: kept in slot 1$' '' "$droplet" reload
holds reload-nothing-touched test "$(stages)" = "$before"
write "" 'metrics: {textfile: x.prom, every: 1s}'
holds reload-metrics "$droplet" reload
holds metrics-file until_true grep -q 'xdpchain_.*stage="noping"' "$tmp/x.prom"
write "" 'metrics: {listen: "127.0.0.1:9435"}'
holds reload-listen "$droplet" reload
holds metrics-http sh -c 'curl -s http://127.0.0.1:9435/metrics | grep -q noping'
cat >"$tmp/three.c" <<'C'
#include "xdpchain/stage.bpf.h"
enum three_reason { THREE_NEVER = 1 };
STAGE(three)
{
	return pkt->ttl == 3 ? DROP(THREE_NEVER) : NEXT;
}
C
write "}
- {name: three, kind: source, file: three.c" ""
says reload-adds 0 '^da: three: added in slot 2$' '' "$droplet" reload
held reload-keeps out '^da: noping: kept in slot 1$'
holds reload-json test "$("$droplet" reload --json | jq -r '[.changes[].did] | unique[]')" = kept
sed -i 's/mode: shadow/mode: enforce/' "$conf"
kill -HUP "$daemon"
holds sighup until_true sh -c "$droplet status da --json | jq -e '[.stages[].shadow] | any | not'"
holds sighup-log until_true logged 'reload, by SIGHUP: 1 changes'
write "" ""
says reload-removes 0 '^da: three: removed from slot 2$' '' "$droplet" reload
holds log-who logged "^droplet: reload, by root \(uid 0, pid [0-9]+, droplet\): [0-9]+ changes"
holds log-what logged '^droplet:   da: three: removed from slot 2'

# --- what is refused leaves the chain as it is -----------------------------------------------------
holds three-pings eval 'pings && pings && pings'
holds no-more drops
before=$(stages)
# refused NAME ERR - the configuration that was just written.
refused() {
	says "refused-$1" 1 '' "$2" "$droplet" reload
	[ "$(stages)" = "$before" ] || not_ok "refused-$1" "the chain is not as it was"
	grep -qE "$2" "$tmp/log" || not_ok "refused-$1" "not in the log"
}
write "" 'polices: []'
refused unknown-key "^droplet: $conf:6: polices: no such key here, there are interfaces, policers"
write ", rate: 5" ""
refused unknown-policer-key "^droplet: $conf:3: rate: no such key here"
write ", params: {frob: 1}" ""
refused unknown-parameter "^droplet: $conf:3: noping: frob"
write "}
- {name: noping, kind: malformed" ""
refused duplicate-name "^droplet: $conf:4: name: noping: is there already, in line 3"
write "}
- {name: what, kind: frobnicate" ""
refused unknown-kind "^droplet: $conf:4: what: kind: frobnicate: no such kind, there are "
write "}
$(for i in {1..13}; do echo "- {name: p$i, kind: malformed}"; done)
- {name: p14, kind: malformed" ""
refused fifteen "^droplet: $conf:17: policers: 16 of them, a chain has room for 14"
write "}
- {name: gone, kind: object, file: gone.bpf.o" ""
refused no-file "^droplet: $conf:4: gone: .*gone.bpf.o"
echo garbage >"$tmp/garbage.o"
write "}
- {name: garbage, kind: object, file: garbage.o" ""
refused garbage "^droplet: $conf:4: garbage: "
sed 's/\[da\]/[da, nosuch0]/' -i "$conf"
write "" ""
sed 's/\[da\]/[da, nosuch0]/' -i "$conf"
refused no-interface "^droplet: nosuch0: no such interface"
printf 'interfaces: [da\n' >"$conf"
refused syntax "^droplet: $conf:[12]: did not find"
rm "$conf"
refused missing "^droplet: $conf: No such file"
printf 'stage(x) { nonsense\n' >"$tmp/three.c"
write "}
- {name: three, kind: source, file: three.c" ""
run "$droplet" reload
held refused-source err 'three.c:1:'
holds refused-source-untouched test "$(stages)" = "$before"
write "" ""
sed -i 's/group: adm/group: no-such-group/' "$conf"
cp "$conf" "$tmp/group.yaml"
write "" ""
holds refused-still-serves serves
holds refused-still-drops drops

# --- who may -------------------------------------------------------------------------------------
chmod 755 "$tmp"
cp "$droplet" "$tmp/droplet"
chmod 755 "$tmp/droplet"
mine=$tmp/droplet
says nobody-reload 1 '' 'not permitted: run as root, or as a member of the group' \
	nobody "$mine" reload
says nobody-status 1 '' '^droplet: .*not permitted' nobody "$mine" status
says member-reload 0 'kept in slot 1' '' member "$mine" reload
holds member-log logged 'reload, by nobody \(uid 65534, pid [0-9]+, droplet\)'
says member-status 0 '^da: native mode' '' member "$mine" status
says member-policers 0 'noping' '' member "$mine" policers
holds member-json test "$(member "$mine" status --json | jq -r .interface)" = da
says member-unknown 1 '' '^droplet: nothing: no such policer in .*droplet.yaml: droplet policers' \
	member "$mine" promote nothing
says member-panic 0 '^da: every policer is stepped over; back with: droplet panic --back$' '' \
	member "$mine" panic
holds panic-passes pings
says panic-policers 0 'panic: every policer is stepped over' '' "$droplet" policers
says panic-status 0 'panic: every policer is stepped over' '' "$droplet" status
holds panic-json test "$("$droplet" status --json | jq .panic)" = true
holds panic-reload "$droplet" reload
holds panic-holds pings
says panic-back 0 '^da: the policers police again$' '' "$droplet" panic --back
holds panic-back-drops drops
holds panic-log logged '^droplet: panic, by nobody \(uid 65534'
holds panic-back-log logged '^droplet: panic --back, by root \(uid 0'

# --- changes at run time --------------------------------------------------------------------------
says promote 0 '^odd: until the file says so too: mode: enforce in .*droplet.yaml, line 4$' '' \
	"$droplet" promote odd
holds promoted test "$("$droplet" policers --json | jq -r 'select(.policer == "odd") | .mode')" = enforce
says promote-twice 1 '' '^droplet: odd: is enforcing already' "$droplet" promote odd
says promoted-said 0 '^odd: is not as in .*, line 4' '' "$droplet" policers
holds promoted-reload "$droplet" reload
holds promoted-stays test "$("$droplet" policers --json | jq -r 'select(.policer == "odd") | .mode')" = enforce
says disable 0 '^da: noping: removed from slot 1$' '' "$droplet" disable noping
holds disabled-passes pings
says disabled-said 0 '^- +- +noping +object +disabled' '' "$droplet" policers
holds log-disable logged '^droplet: disable noping, by root'
says enable 0 '^da: noping: added in slot' '' "$droplet" enable noping
says enable-twice 1 '' '^droplet: noping: is enabled already' "$droplet" enable noping
holds enabled-state-new eval 'pings && pings && pings && drops'

# --- kill -9, and who comes next --------------------------------------------------------------------
before=$(stages)
drops_before=$("$droplet" policers --json | jq 'select(.policer == "noping") | .dropped')
kill -9 "$daemon"
wait "$daemon" 2>/dev/null
holds killed-drops drops
holds killed-panic "$droplet" panic
holds killed-panic-passes pings
holds killed-panic-back "$droplet" panic --back
start
holds adopted test "$(stages)" = "$before"
holds adopted-log logged '^droplet: start: 0 changes, 2 policers kept'
holds adopted-state drops
holds adopted-counters test \
	"$("$droplet" policers --json | jq 'select(.policer == "noping") | .dropped')" -ge $((drops_before + 2))
holds adopted-promoted test "$("$droplet" policers --json | jq -r 'select(.policer == "odd") | .mode')" = enforce
sed -i 's/mode: shadow/mode: enforce/' "$conf"
holds file-says-so "$droplet" reload
holds file-says-so-forgotten test ! -e /run/xdpchain/droplet.state
stop
holds stopped-drops drops
holds stopped-socket test ! -e $sock
holds stopped-log logged '^droplet: stopped; the chains go on'

# --- a full disk, a closed pipe, systemd ------------------------------------------------------------
write "" ""
start
before=$(stages)
dd if=/dev/zero of=/run/xdpchain/fill bs=1k 2>/dev/null
says full-promote 1 '' 'droplet.state: No space left on device: it cannot be remembered, nothing is changed' \
	"$droplet" promote odd
holds full-untouched test "$(stages)" = "$before"
says full-reload 0 'kept in slot 1' '' "$droplet" reload
rm /run/xdpchain/fill
holds full-over "$droplet" promote odd
stop
"$droplet" run -c "$conf" --foreground 2> >(exec 0<&-) &
daemon=$!
holds pipe-closed until_true serves
stop
cat >"$tmp/notify.py" <<'PY'
import os, socket, subprocess, sys
path = sys.argv[1] + "/notify"
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(path)
s.settimeout(20)
env = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")
d = subprocess.Popen(sys.argv[2:], env=env)
def until(word):
    while True:
        got = s.recv(4096).decode().split("\n")
        if any(l.startswith(word) for l in got): return got
got = until("READY=1")
assert "MAINPID=%d" % d.pid in got and any(l.startswith("STATUS=2 policers on 1 interfaces") for l in got), got
until("WATCHDOG=1")
d.send_signal(1)
assert any(l.startswith("MONOTONIC_USEC=") for l in until("RELOADING=1"))
until("READY=1")
d.terminate()
until("STOPPING=1")
assert d.wait() == 0
PY
holds systemd python3 "$tmp/notify.py" "$tmp" "$droplet" run -c "$conf" --foreground
caps=$(sed -n 's/^CapabilityBoundingSet=//p' packaging/droplet.service.in | sed 's/CAP_/,+/g; s/ //g' | tr A-Z a-z)
says capabilities-of-the-unit 0 '' '' sh -c "exec setpriv --no-new-privs --bounding-set '-all$caps' --inh-caps -all \
	$droplet check '$conf' >/dev/null"
exit $failed
