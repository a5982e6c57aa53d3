#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Lists and rates under the daemon: a reload brings what the configuration owns to what it says, and
# leaves alone what a command put there.
. "$(dirname "$0")/../daemon.sh"

# write_lists RULES [MORE] - a blocklist of a file and of RULES, and MORE policers.
write_lists() {
	cat >"$conf" <<-YAML
	interfaces: [da]
	sets: {neighbours: neighbours.txt}
	policers:
	- name: bad
	  kind: blocklist
	  params: {files: [bad.txt], max_prefixes: 1000}
	  rules: [$1]
	${2:-}
	YAML
}
listed() { "$droplet" list -i da --json | jq -r .prefix | paste -sd' '; }
is() { test "$(listed)" = "$1"; }
hits() { "$droplet" list -i da --json | jq "select(.prefix == \"$1\") | .hits"; }
instance() { "$droplet" status da --json | jq '.stages[0].prog_id'; }

printf '198.51.100.0/24 # made up\n2001:db8::/32\n' >"$tmp/bad.txt"
echo 10.1.0.0/24 >"$tmp/neighbours.txt"
write_lists '{match: 10.1.0.2, note: "scanner, ticket 4711"}'
says check 0 'fine, 1 policer on 1 interface' '' "$droplet" check "$conf"
start
holds drops drops
holds listed is '10.1.0.2/32 198.51.100.0/24 2001:db8::/32'
holds note grep -q 'scanner, ticket 4711' <<<"$("$droplet" list -i da)"
before=$(instance)
holds block "$droplet" block 192.0.2.0/24
held block-rule out '192.0.2.0/24'

# --- the difference -------------------------------------------------------------------------------
count=$(hits 10.1.0.2/32)
holds counted test "$count" -ge 1
printf '198.51.100.0/24\n203.0.113.0/24\n' >"$tmp/bad.txt"
says reload-file 0 '^da: bad: kept in slot 1$' '' "$droplet" reload
holds reload-list is '10.1.0.2/32 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24'
holds reload-keeps-program test "$(instance)" = "$before"
holds reload-keeps-hits test "$(hits 10.1.0.2/32)" -ge "$count"
holds still-drops drops
write_lists ''
says reload-rules 0 '^da: bad: kept in slot 1$' '' "$droplet" reload
holds passes pings
holds reload-leaves is '192.0.2.0/24 198.51.100.0/24 203.0.113.0/24'
echo 10.1.0.2/31 >>"$tmp/bad.txt"
echo 10.1.0.3/31 >>"$tmp/bad.txt"
says bad-file 1 '' "droplet.yaml:6: bad: files: $tmp/bad.txt:4: 10.1.0.3/31" "$droplet" reload
holds bad-changed-nothing pings
sed -i '$d' "$tmp/bad.txt"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null
start
holds after-crash drops
holds after-crash-list is '10.1.0.2/31 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24'

# --- before and after it ---------------------------------------------------------------------------
cat >"$conf" <<YAML
interfaces: [da]
sets: {neighbours: neighbours.txt}
policers:
- {name: friends, kind: allowlist, rules: [{match: 10.1.0.2/32}]}
- {name: bad, kind: blocklist, params: {files: [bad.txt], max_prefixes: 1000}}
YAML
says reload-allow 0 '^da: friends: added in slot 1$' '' "$droplet" reload
held reload-moves out '^da: bad: moved to slot 2$'
holds allowed pings
holds moved-list is '10.1.0.2/31 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24'
cat >"$conf" <<YAML
interfaces: [da]
sets: {neighbours: neighbours.txt}
policers:
- {name: ours, kind: set, params: {set: [neighbours], others: drop, action: next}}
YAML
holds reload-set "$droplet" reload
holds in-set pings
holds set-rule grep -q neighbours <<<"$("$droplet" rules)"
echo 192.0.2.0/24 >"$tmp/neighbours.txt"
says set-replaced 0 '^da: ours: replaced in slot 1' '' "$droplet" reload
holds not-in-set drops

# --- rates ------------------------------------------------------------------------------------------
cat >"$conf" <<YAML
interfaces: [da]
policers:
- {name: slow, kind: ratelimit, params: {rate: 1B/s, burst: 1, by: destination}}
YAML
holds reload-rate "$droplet" reload
from_peer ping -c2 -i0.2 -W0.2 10.1.0.1 >/dev/null
holds rate-drops drops
says limit-command 0 '^da: limit 1000/s, burst 100, in all$' '' "$droplet" limit 1000/s --by all -i da
holds limit-lets-in pings
says limit-bytes 0 '^da: limit 1250000 bytes/s, burst 125000, per IPv4 /32 and IPv6 /64$' '' \
	"$droplet" limit 10Mbit/s -i da
says limit-flag 0 '^da: limit 5000 bytes/s, burst 65535, per destination' '' \
	"$droplet" limit 5k --bytes --by destination -i da
says limit-status 0 'limit 5000 bytes/s, burst 65535' '' "$droplet" status da
holds limit-json test "$("$droplet" status da --json | jq -c '.stages[0].limit | [.bytes_per_second, .by]')" = \
	'[5000,"destination"]'
says limit-bad 2 '' '^droplet: port: source, destination or all is wanted' "$droplet" limit 1 --by port
says reload-puts-back 0 '^da: slow: replaced in slot 1' '' "$droplet" reload
holds stop stop
exit $failed
