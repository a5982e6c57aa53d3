#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The daemon of droplet: what it does to chains and what it says, when all goes well and when not.
. "$(dirname "$0")/../daemon.sh"

# --- check ----------------------------------------------------------------------------------------
write "" ""
says check 0 "^$conf: fine, 2 policers on 1 interface$" '' "$droplet" check "$conf"
says check-missing 1 '' "^droplet: $tmp/none: No such file" "$droplet" check "$tmp/none"
says check-nothing 2 '' 'missing argument' "$droplet" check
holds check-changes-nothing test ! -e /sys/fs/bpf/xdpchain/da
holds check-changes-no-interface sh -c '! ip -d link show da | grep -q prog/xdp'
sed 's/\[eth0\]/[lo]/; s/^- eth0$/- lo/' packaging/droplet.yaml >"$tmp/example.yaml"
says check-example 0 'fine, [0-9]+ policers' '' "$droplet" check "$tmp/example.yaml"
says check-not-root 1 '' 'not permitted' nobody "$mine" check "$tmp/example.yaml"
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
	nobody "$mine" run -c "$tmp/example.yaml" -F
cp "$tmp/check.yaml" "$tmp/bad.yaml"
run "$droplet" run -c "$tmp/bad.yaml" -F
held run-no-interface err '^droplet: .*bad.yaml:1: nosuch0: no such interface'
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

says attach-beside 0 '^da: attached in native mode' '^droplet: da: a daemon keeps its chain as' \
	"$droplet" attach da
says attach-undone 0 '^da: blocklist: removed from slot' '' "$droplet" reload

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
refused no-interface "^droplet: $conf:1: nosuch0: no such interface"
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
says nobody-reload 1 '' 'not permitted: run as root, or as a member of the group' \
	nobody "$mine" reload
says nobody-status 1 '' '^droplet: .*not permitted' nobody "$mine" status
says member-reload 0 'kept in slot 1' '' member "$mine" reload
holds member-log logged 'reload, by nobody \(uid 65534, pid [0-9]+, droplet\)'
says member-status 0 '^da: native mode' '' member "$mine" status
says member-rules 0 '^INTERFACE' '' member "$mine" rules
says member-top 0 '^no rule has been hit$' '' member "$mine" top
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

# --- commands that the daemon does ---------------------------------------------------------------------
ip link add de type veth peer name df
ip link set de up
ip link set df up
says attach-another 0 '^de: attached' '' "$droplet" attach de
says block 0 '^de: blocked 192.0.2.0/24, rule [0-9]+, for 1h$' '' \
	"$droplet" block 192.0.2.0/24 --for 1h --note scanner
holds block-log logged '^droplet: block 192.0.2.0/24 for 1h: scanner, by root \(uid 0'
says block-member 0 '^de: blocked 198.51.100.7/32, rule [0-9]+$' '' \
	member "$mine" block 198.51.100.7 -i de
holds block-member-log logged '^droplet: block 198.51.100.7/32, by nobody \(uid 65534'
says block-json 0 '"added": ?1|"rules"' '' member "$mine" block 198.51.100.8 --json
holds blocked test "$("$droplet" list -i de --json | jq -r .prefix | sort | xargs)" = \
	'192.0.2.0/24 198.51.100.7/32 198.51.100.8/32'
says block-nowhere 1 '' '^droplet: nosuch0: no such interface' member "$mine" block 192.0.2.9 -i nosuch0
says block-bad 2 '' '^droplet: 10.1.0.300: not an address' member "$mine" block 10.1.0.300
says unblock-member 0 '^198.51.100.7/32: unblocked$' '' member "$mine" unblock 198.51.100.7
says unblock-again 1 '' '198.51.100.7/32: not blocked' member "$mine" unblock 198.51.100.7
holds unblock-log logged '^droplet: unblock 198.51.100.7/32, by nobody'
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "172.16.%d.%d\n", i / 256, i % 256 }' >"$tmp/list"
says block-file 0 '^de: 20000 prefixes blocked, 0 updated$' '' member "$mine" block -f - <"$tmp/list"
holds block-file-log logged '^droplet: block 172.16.0.0/32, 172.16.0.1/32, 172.16.0.2/32 and 8189 more, by'
says unblock-file 0 '^20000 prefixes unblocked$' '' member "$mine" unblock -f - <"$tmp/list"
says limit 0 '^de: limit 1000/s' '' member "$mine" limit 1k
holds limit-log logged '^droplet: limit 1000/s, .*by nobody'
cat >"$tmp/raw.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
for line in sys.argv[2:]:
    s.sendall(line.encode() + b"\n")
    print(s.makefile().readline(), end="")
PY
run python3 "$tmp/raw.py" $sock '{"cmd":"block","prefix":"203.0.113.0/24","for":"2h"}' \
	'{"cmd":"block","prefix":"x"}' '{"cmd":"frob"}' '{"cmd":"block","prefix":"192.0.2.1","note":"a\u0007"}' \
	'{"cmd":"status","netns":1}'
held raw-block out '^\{"ok":true,"chains":\[\{"interface":"de","added":1'
held raw-bad out '"ok":false,"error":"x: not an address or prefix'
held raw-unknown out '"error":"frob: no such request"'
held raw-note out 'control characters'
held raw-netns out 'another network namespace'
ip link del de
says gone-detach 0 '^de: no chain any more' '' "$droplet" detach de

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
holds stopped-leaves-nothing test -z "$(ls /run/xdpchain)"
holds stopped-log logged '^droplet: stopped; the chains go on'

# --- rules, top ---------------------------------------------------------------------------------------
cat >"$conf" <<-YAML
interfaces: [da]
policers:
- name: signatures
  kind: filter
  rules:
  - {id: 7, match: icmp and greater 200, action: drop, note: large}
  - {id: 9, match: udp port 7, action: drop}
- {name: noping, kind: object, file: noping.bpf.o}
- {name: odd, kind: malformed, mode: shadow}
control: {group: adm}
YAML
start
nsenter --net=/proc/$peer/ns/net ping -q -c1000 -i0.002 -s300 -W0.1 10.1.0.1 >/dev/null 2>&1 &
ping=$!
says top 0 '^da: [1-9][0-9]* packets dropped in [0-9.]+ s, [0-9]+ a second; [1-9][0-9]* looked at$' '' \
	"$droplet" top -t 1s
held top-rule out '^ +[1-9][0-9]* +da +signatures +7 +icmp and greater 200 +# large$'
held top-source out '^ +10\.1\.0\.2/32 +100\.0% +[1-9]'
held top-network out '^ +10\.1\.0\.0/24 +100\.0% +[1-9]'
run "$droplet" top da -n 1 -t 1s --json
holds top-json test "$(jq -r '.samples[0].sources[0].prefix, .rules[0].rule' "$tmp/out" | xargs)" = '10.1.0.2/32 7'
kill $ping
wait $ping 2>/dev/null
says rules 0 '^da +signatures +7 +[1-9][0-9]* .*icmp and greater 200 +# large$' '' "$droplet" rules
held rules-not-hit out '^da +signatures +9 +0 .*udp port 7$'
says rules-of-one 0 'signatures +9' '' "$droplet" rules signatures
holds rules-json test "$("$droplet" rules --json | jq -s 'map(.rule) | tostring')" = '"[7,9]"'
says rules-none 1 '' '^droplet: da: nothing: no such policer in its chain: droplet policers' \
	"$droplet" rules nothing
says top-bad-count 2 '' '^droplet: --count: 0: not a number from 1 to' "$droplet" top -n 0
says top-bad-time 2 '' '^droplet: 5: not a duration' "$droplet" top -t 5
write "" ""
stop
# --- lists and limits under names of their own -----------------------------------------------------------
cat >"$conf" <<-YAML
interfaces: [da]
policers:
- {name: bad, kind: blocklist, params: {max_prefixes: 1000}}
- {name: slow, kind: ratelimit, params: {rate: 100k/s}}
- {name: odd, kind: malformed, mode: shadow}
YAML
start
says named-block 0 '^da: blocked 10.1.0.2/32, rule 1$' '' "$droplet" block 10.1.0.2
holds named-block-drops drops
says named-kept 0 '^da: bad: kept in slot' '' "$droplet" reload
kill -9 "$daemon"
wait "$daemon" 2>/dev/null
start
holds named-adopted drops
holds named-adopted-hits test "$("$droplet" list --json | jq .hits)" -ge 2
says named-unblock 0 '^10.1.0.2/32: unblocked$' '' "$droplet" unblock 10.1.0.2
holds named-unblocked pings
says named-limit 0 '^da: limit 7/s' '' "$droplet" limit 7/s
holds named-limit-name test "$("$droplet" policers --json | jq -r .policer | xargs)" = 'bad slow odd'
says named-limit-stays 0 '^da: slow: kept in slot' '' "$droplet" promote odd
holds named-limit-stays-so test "$("$droplet" status da --json | jq '.stages[] | select(.name == "slow") | .limit.pps')" = 7
says named-limit-over 0 '^da: slow: replaced in slot' '' "$droplet" reload
stop
exit $failed
