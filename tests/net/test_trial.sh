#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# droplet test and droplet explain: what would be done to a packet, and nothing is done. libpcap's
# matcher (tcpdump) says which packets a policer of one rule should drop.
. "$(dirname "$0")/../topo.sh"

topo_small
cd "$(dirname "$0")/../.." || exit 1
B=$(realpath "$B")
# A capture of our own: what a client sends to closed ports, and pings.
bg lb tcpdump -i "$LB_IF" -n -U -w "$TMP/some.pcap" 'host 10.10.0.2' 2>"$TMP/tcpdump"
CAPTURE=$!
wait_for 5 grep -q listening "$TMP/tcpdump"
for port in 22 23 80 443; do at client curl -s -m 0.3 "http://10.30.0.2:$port/" >/dev/null; done
at client ping -c 3 -i 0.2 10.30.0.2 >/dev/null
seen() { [ "$(tcpdump -r "$TMP/some.pcap" --count icmp 2>/dev/null | cut -d' ' -f1)" -ge 6 ]; }
check "a capture to try on" wait_for 5 seen
kill $CAPTURE
wait $CAPTURE
all=$(tcpdump -r "$TMP/some.pcap" --count 2>/dev/null | cut -d' ' -f1)

# tried EXPRESSION: droplet drops as many of the capture as tcpdump matches.
tried() {
	local want got
	want=$(tcpdump -r "$TMP/some.pcap" --count "$1" 2>/dev/null | cut -d' ' -f1)
	got=$(droplet test "$1" "$TMP/some.pcap" --json | jq '.verdicts.drop.packets // 0')
	[ "$got" = "$want" ]
}
for e in 'tcp dst port 23' 'icmp' 'icmp[icmptype] == icmp-echo' 'tcp[tcpflags] & tcp-rst != 0' 'ip6' 'host 10.10.0.2' 'udp'; do
	check "test $e" tried "$e"
done
droplet test 'tcp dst port 23' "$TMP/some.pcap" >"$TMP/text"
check "every packet is in the sum" grep -q ": $all packets" "$TMP/text"
check "the rule is named" grep -q '  rule 1 (tcp dst port 23)' "$TMP/text"
check "what it costs is told" grep -qE '^cost: [0-9]+ ns a packet' "$TMP/text"
check "-v has a line for each that is dropped" \
	eval '[ "$(droplet test -v "tcp dst port 23" "$TMP/some.pcap" | grep -c "DROP droplet/tried")" = \
	        "$(tcpdump -r "$TMP/some.pcap" --count "tcp dst port 23" 2>/dev/null | cut -d" " -f1)" ]'
check "from standard input" eval 'droplet test icmp - <"$TMP/some.pcap" >/dev/null'
cat >"$TMP/mine.c" <<'C'
#include "xdpchain/stage.bpf.h"
enum mine_reason { MINE_PING = 1 };
STAGE(mine)
{
	return pkt->ipproto == PKT_ICMP ? DROP(MINE_PING) : NEXT;
}
C
check "a policer in C" eval 'droplet test "$TMP/mine.c" "$TMP/some.pcap" | grep -q "reason ping"'
cat >"$TMP/droplet.yaml" <<-EOT
	interfaces: [$LB_IF]
	policers:
	  - {name: pings, kind: source, file: mine.c, mode: shadow}
EOT
check "one of the configuration, in shadow mode too" \
	eval 'droplet test pings "$TMP/some.pcap" -c "$TMP/droplet.yaml" | grep -q "reason ping"'
check "nothing was attached" eval '! ls -d /sys/fs/bpf/xdpchain/* 2>/dev/null | grep -q .'

fails() { # NAME WORDS COMMAND...: it fails, with one line that has WORDS
	local name=$1 words=$2
	shift 2
	if "$@" >"$TMP/o" 2>"$TMP/e"; then not_ok "$name" "it did not fail"; return; fi
	if [ "$(wc -l <"$TMP/e")" = 1 ] && grep -q "$words" "$TMP/e"; then ok "$name"; else not_ok "$name" "$(cat "$TMP/e")"; fi
}
fails "no such capture" "none.pcap: No such file" droplet test icmp "$TMP/none.pcap"
fails "no capture" "mine.c: not a capture file" droplet test icmp "$TMP/mine.c"
fails "no expression" "frobnicate" droplet test 'frobnicate 7' "$TMP/some.pcap"
fails "no such policer" '^droplet: rate-a: .*; and no policer in /etc/xdpchain/droplet.yaml has that name: -c FILE' \
	droplet test rate-a "$TMP/some.pcap"
fails "no such policer there" "; and no policer in $TMP/droplet.yaml has that name$" \
	droplet test rate-a "$TMP/some.pcap" -c "$TMP/droplet.yaml"
fails "no such source" "^droplet: $TMP/none.c: No such file" droplet test "$TMP/none.c" "$TMP/some.pcap"
fails "no expression to explain" "^droplet: frobnicate 7: no capture file, and no filter: " droplet explain 'frobnicate 7'
fails "a capture that is cut short" "cut" eval 'head -c 200 "$TMP/some.pcap" >"$TMP/cut.pcap"; droplet test icmp "$TMP/cut.pcap"'

# explain: the same chain says it that is going to do it.
droplet attach "$LB_IF" >/dev/null
droplet block 203.0.113.0/24 --note "seen in May" >/dev/null
droplet explain 'udp and src net 203.0.113.0/24' >"$TMP/text"
check "the packet is shown" grep -q "IP 203.0.113.* > .*: UDP" "$TMP/text"
check "who stops it, why, by which rule" grep -q "slot  1  droplet/blocklist .*DROP, prefix, rule 1 (203.0.113.0/24)" "$TMP/text"
check "the verdict" grep -q "verdict  DROP" "$TMP/text"
droplet explain 'tcp dst port 443' >"$TMP/text"
check "who hands it on" eval 'grep -q "droplet/blocklist *NEXT" "$TMP/text" && grep -q "droplet/ratelimit *NEXT" "$TMP/text"'
check "that it passes" grep -q "verdict  PASS, since no stage stops it" "$TMP/text"
check "JSON" eval '[ "$(droplet explain "src host 203.0.113.9" --json | jq -r ".[0].steps[0].rule_text")" = "203.0.113.0/24" ]'
check "a capture: its first ten packets" eval '[ "$(droplet explain "$TMP/some.pcap" 2>"$TMP/e" | grep -c verdict)" = 10 ] && grep -q "only its first 10" "$TMP/e"'
fails "nothing can match" "rejects all packets" droplet explain 'tcp and udp'
# In the midst of traffic it is still this packet and no other that is told of.
at client ping -q -i 0.002 -w 5 10.30.0.2 >/dev/null &
for i in 1 2 3; do droplet explain 'icmp and src host 203.0.113.77 and icmp[icmptype] == icmp-echo'; done >"$TMP/text"
check "among live packets" eval '[ "$(grep -c "verdict  DROP" "$TMP/text")" = 3 ]'
check "it leaves no capture behind" eval '[ "$(droplet status "$LB_IF" --json | jq "[.. | objects | .captures? // empty | .[]] | length")" = 0 ]'
[ $FAILED -eq 0 ]
