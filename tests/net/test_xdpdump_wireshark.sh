#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump and Wireshark: the extcap that `make install` installs, asked by hand and by tshark; the
# fields of a file; the script that makes fields of trails; the recipes of the manual page.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }
droplet block 10.10.0.7 --note test >/dev/null
droplet limit 100000 --burst 100000 >/dev/null
ip -n "$T-client" addr add 10.10.0.7/24 dev eth0

D=$(realpath "$B/xdpdump")
L="nsenter --net=/run/netns/$T-lb --"
IF=xdpchain:$LB_IF
WS=/usr/lib/$(gcc -print-multiarch)/wireshark

# --- make install ------------------------------------------------------------------------------------
# What is built is installed as it is: how it was built, a sanitizer with it, is not known here.
make_() { env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -o all --no-print-directory B="$B" "$@"; }
files() { (cd "$1" && find . ! -type d | sort); }
check install-destdir make_ install DESTDIR="$TMP/root"
check install-extcap test "$(readlink "$TMP/root$WS/extcap/xdpdump")" = /usr/local/sbin/xdpdump
check install-lua cmp wireshark/xdpchain.lua "$TMP/root$WS/plugins/xdpchain.lua"
check uninstall make_ uninstall DESTDIR="$TMP/root"
check uninstall-all test -z "$(files "$TMP/root")"
# Where tshark looks: in a mount namespace of our own, so nothing is left there.
check install make_ install PREFIX="$TMP/usr" EXTCAPDIR="$TMP/extcap" PLUGINDIR="$TMP/plugins"
mount --bind "$TMP/extcap" "$WS/extcap"
mount --bind "$TMP/plugins" "$WS/plugins"
mkdir "$TMP/home"

# tshark as a person runs it, in the balancer. What it says is in $TMP/ts.
ts() { $L env HOME="$TMP/home" tshark "$@" 2>"$TMP/ts"; }
# Nothing but what tshark says whenever root captures.
silent() {
	! grep -vE "Running as user|^Capturing on|Main MESSAGE|^tshark: *\$|^[0-9]+ packets? captured|^\$" "$TMP/ts"
}
lua_fine() { ! grep -iE 'lua|error' "$TMP/ts"; }
no_capture() { ! pgrep -f -- "--capture --extcap-interface $IF" >/dev/null; }
tap_empty() {
	local prog map
	prog=$(bpftool -j link show pinned "/sys/fs/bpf/xdpchain/$LB_IF/link" | jq .prog_id)
	for map in $(bpftool -j prog show id "$prog" | jq '.map_ids[]'); do
		bpftool -j map show id "$map" | jq -e '.name == "tap"' >/dev/null || continue
		bpftool -j map dump id "$map" | jq -e '[.[] | select(.value | type == "array")] | length == 0'
		return
	done
	return 1
}
tap_full() { ! tap_empty; }
gone() { wait_for 5 no_capture && wait_for 5 tap_empty; }
ping_from() { at client ping -n -q -c "$2" -i 0.02 -W 1 -I "$1" 10.30.0.2 >/dev/null 2>&1; }

# --- the questions, by hand ----------------------------------------------------------------------------
VERSION="extcap {version=$(cat VERSION)}{display=xdpdump}"
check interfaces test "$($L "$D" --extcap-interfaces --extcap-version=4.0 2>&1)" = "$VERSION
interface {value=$IF}{display=XDP chain of $LB_IF (native: blocklist, ratelimit)}"
check version test "$($L "$D" --extcap-version 2>&1)" = "$VERSION"
user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
cp "$D" "$TMP/xdpdump"; chmod 711 "$TMP"
check interfaces-as-user test "$($L setpriv --reuid=65534 --regid=65534 --clear-groups "$TMP/xdpdump" --extcap-interfaces 2>&1; echo $?)" = "$VERSION
0"
check interfaces-elsewhere test "$(at client "$D" --extcap-interfaces 2>&1; echo $?)" = "$VERSION
0"
check dlts test "$($L "$D" --extcap-dlts --extcap-interface "$IF" 2>&1)" = 'dlt {number=1}{name=EN10MB}{display=Ethernet}'
$L "$D" --extcap-config --extcap-interface "$IF" >"$TMP/config" 2>&1
check config-verdicts test "$(grep -c '{value=[a-z]*}.*{enabled=true}' "$TMP/config")" -eq 5
check config-stage grep -qxF 'value {arg=1}{value=droplet/ratelimit}{display=droplet/ratelimit}{default=false}' "$TMP/config"
# Each is an option, and has a number of its own, from 0 on.
sed -n 's/.*{call=\([^}]*\)}.*/\1/p' "$TMP/config" >"$TMP/calls"
check config-some test "$(wc -l <"$TMP/calls")" -ge 8
for c in $(cat "$TMP/calls"); do check "config:$c" grep -qE -- "$c( |\$)" <("$D" --help); done
check config-numbers cmp <(sed -n 's/^arg {number=\([0-9]*\)}.*/\1/p' "$TMP/config") <(seq 0 $(($(wc -l <"$TMP/calls") - 1)))
check config-reload cmp <(grep '^value {arg=1}' "$TMP/config") \
	<($L "$D" --extcap-config --extcap-interface "$IF" --extcap-reload-option stage --verdict drop --no-step-times false 2>&1)
check filter-good test -z "$($L "$D" --extcap-capture-filter 'tcp port 80' --extcap-interface "$IF" 2>&1)"
check filter-empty test -z "$($L "$D" --extcap-capture-filter '' --extcap-interface "$IF" 2>&1)"
check filter-bad test "$($L "$D" --extcap-capture-filter 'tcp port (' --extcap-interface "$IF" 2>/dev/null; echo $?)" = "can't parse filter expression: syntax error
0"
check bad-interface refuses 1 'nosuch0: no such interface' $L "$D" --extcap-config --extcap-interface xdpchain:nosuch0
check bad-no-chain refuses 1 'lo: no chain here' $L "$D" --capture --extcap-interface xdpchain:lo --fifo "$TMP/out"
check bad-no-interface refuses 2 '^xdpdump: --extcap-dlts: of which interface' "$D" --extcap-dlts
check bad-what refuses 2 '^xdpdump: --extcap-interface: what of it' "$D" --extcap-interface "$IF"
check bad-no-fifo refuses 2 '^xdpdump: --capture: where to' "$D" --capture --extcap-interface "$IF"
check bad-fifo refuses 2 '^xdpdump: --fifo: of what' "$D" -i "$LB_IF" --fifo "$TMP/fifo"
check bad-write refuses 2 '^xdpdump: --capture: with -i, -r or -w' "$D" --capture --extcap-interface "$IF" --fifo "$TMP/fifo" -w x

# --- how a capture ends ----------------------------------------------------------------------------------
mkfifo "$TMP/fifo"
# extcap NAME OPTION...: as Wireshark starts it. Its pid in $P.
extcap() {
	local name=$1; shift
	bg lb "$D" --capture --extcap-interface "$IF" --fifo "$TMP/fifo" "$@" >"$TMP/$name.out" 2>"$TMP/$name.err"
	P=$!
}
extcap term --extcap-capture-filter icmp
cat "$TMP/fifo" >"$TMP/term.pcapng" &
CAT=$!
wait_for 10 tap_full
ping_from 10.10.0.2 2
kill -TERM "$P"
ends
check term-exit test $? -eq 0
check term-end wait_for 5 not_running $CAT
kill $CAT 2>/dev/null # or it waits for ever where none has opened the fifo
check term-silent test ! -s "$TMP/term.err" -a ! -s "$TMP/term.out"
check term-file test "$(ts -r "$TMP/term.pcapng" | wc -l)" -eq 2
check term-statistics grep -qE '^ *Number of stat entries = 1$' <(capinfos "$TMP/term.pcapng" 2>&1)
check term-gone gone
# The reader goes, and no packet comes whose write would tell.
extcap reader --extcap-capture-filter 'udp port 9'
cat "$TMP/fifo" >/dev/null &
CAT=$!
wait_for 10 tap_full
kill $CAT
check reader-gone ends
check reader-silent test ! -s "$TMP/reader.err"
check reader-disarmed gone
# Nobody ever reads.
extcap early
# SIGTERM is one of the signals that it catches: it has got that far, and is no shell any more.
catches() { grep -qx xdpdump "/proc/$P/comm" && [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$P/status") & 1 << 14)) -ne 0 ]; }
wait_for 10 catches
kill -TERM "$P"
check early-exit ends
check early-silent test ! -s "$TMP/early.err"

# --- tshark lists and captures -----------------------------------------------------------------------------
check tshark-lists grep -qE "^[0-9]+\. $IF \(XDP chain of $LB_IF \(native: blocklist, ratelimit\)\)\$" <(ts -D)
# One that passes and one that is dropped, all the while.
bg client ping -n -q -i 0.02 10.30.0.2 >/dev/null 2>&1; PING=$!
bg client ping -n -q -i 0.02 -I 10.10.0.7 10.30.0.2 >/dev/null 2>&1; PING="$PING $!"
PREF=extcap.xdpchain_$LB_IF
# live NAME OPTION...: eight packets, with these fields.
live() {
	local name=$1; shift
	timeout "${TEST_EMULATED:-60}" $L env HOME="$TMP/home" tshark -n -i "$IF" -a packets:8 -T fields -e frame.verdict.ebpf_xdp \
		-e ip.src -e xdpchain.verdict -e xdpchain.decider -e frame.cap_len -e xdpchain.ns \
		-e icmp.type -e frame.comment "$@" >"$TMP/$name" 2>"$TMP/ts"
}
# lines NAME PATTERN: eight, and each of them is like this.
lines() { [ "$(grep -cP "$2" "$TMP/$1")" -eq 8 ] && [ "$(wc -l <"$TMP/$1")" -eq 8 ]; }
PASS='2\t10\.10\.0\.2\tPASS\tend of chain\t98\t[1-9]\d*,[1-9]\d*\t8\txdpchain/\d PASS; 1:(droplet/)?blocklist( NEXT)? \d+ns; 2:(droplet/)?ratelimit( NEXT)? \d+ns$'
DROP='1\t10\.10\.0\.7\tDROP\tdroplet/blocklist\t98\t[1-9]\d*\t8\txdpchain/\d DROP; 1:(droplet/)?blocklist DROP reason=1/prefix rule=1/10\.10\.0\.7/32 \d+ns$'
check live live live -f icmp
check live-lines lines live "^($PASS|$DROP)"
check live-pass grep -qP "^$PASS" "$TMP/live"
check live-drop grep -qP "^$DROP" "$TMP/live"
check live-silent silent
check live-gone gone
check filtered live filtered -f 'icmp and src host 10.10.0.7'
check filtered-lines lines filtered "^$DROP"
check filtered-gone gone
check verdict live verdict -f icmp -o "$PREF.verdict:pass,tx"
check verdict-lines lines verdict "^$PASS"
check stage live stage -f icmp -o "$PREF.stage:droplet/blocklist"
check stage-lines lines stage "^$DROP"
check end live end -f icmp -o "$PREF.stage:end"
check end-lines lines end "^$PASS"
check reason live reason -o "$PREF.reason:blocklist:prefix" -o "$PREF.rule:1,9"
check reason-lines lines reason "^$DROP"
check snaplen live snaplen -f 'icmp and src host 10.10.0.2' -o "$PREF.snapshotlength:60"
check snaplen-lines lines snaplen '\tPASS\tend of chain\t60\t'
check no-times live no-times -f icmp -o "$PREF.nosteptimes:true"
check no-times-lines lines no-times '\t98\t\t8\txdpchain/\d (PASS|DROP); ((?! \d+ns).)*$'
check sample live sample -f icmp -o "$PREF.sample:2" -o "$PREF.rate:100"
check sample-lines lines sample "^($PASS|$DROP)"
check point live point -f 'icmp and src host 10.10.0.2' -e xdpchain.entry -e frame.interface_description -o "$PREF.point:both"
check point-entry test "$(grep -cP '\txdpchain/\d PASS entry; .*\t1\tXDP chain, as packets come$' "$TMP/point")" -eq 4
check point-exit test "$(grep -cP '\txdpchain/\d PASS; .*\t0\tXDP chain, as packets leave it$' "$TMP/point")" -eq 4
check options-gone gone
# Recorded as it came, not as tshark writes it again: the verdicts are whole.
check record timeout "${TEST_EMULATED:-60}" $L env HOME="$TMP/home" tshark -i "$IF" -f icmp -a packets:3 -w "$TMP/record.pcapng" 2>"$TMP/ts"
check record-verdicts test "$(ts -r "$TMP/record.pcapng" -Y 'frame.verdict.ebpf_xdp >= 1 && xdpchain.ns' | wc -l)" -eq 3
check record-silent silent
# What goes wrong is what Wireshark shows.
live wrong -o "$PREF.reason:nosuch"
check wrong-nothing test ! -s "$TMP/wrong"
check wrong-said grep -q '^tshark: Error by extcap pipe: xdpdump: --reason: nosuch: no stage of' "$TMP/ts"
check wrong-gone gone

# --- recipes of the manual page ------------------------------------------------------------------------------
sed 's/\\-/-/g; s/\\f[BRIP]//g' man/xdpdump.8 | sed -n '/^\.SH WIRESHARK/,/^\.SH SIGNALS/p' >"$TMP/man"
mkdir "$TMP/bin"
ln -s "$D" "$TMP/bin/xdpdump"
# As sshd has it: the words with blanks between, to a shell. wireshark's -k is what tshark does.
printf '#!/bin/sh\nshift\nexec sh -c "$*"\n' >"$TMP/bin/ssh"
printf '#!/bin/sh\n[ "$1" = -k ] && shift\nexec tshark -n -a packets:3 "$@"\n' >"$TMP/bin/wireshark"
chmod +x "$TMP/bin/ssh" "$TMP/bin/wireshark"
grep -E '^(xdpdump|ssh|wireshark) ' "$TMP/man" | sed "s/eth0/$LB_IF/g; s/udp port 53/icmp/" >"$TMP/recipes"
check recipes-some test "$(wc -l <"$TMP/recipes")" -eq 6
recipe() {
	timeout "${TEST_EMULATED:-60}" $L env HOME="$TMP/home" PATH="$TMP/bin:$PATH" bash -o pipefail -c "$1" >"$TMP/recipe" 2>"$TMP/ts" &&
		[ "$(wc -l <"$TMP/recipe")" -eq 3 ] && grep -q 'Echo (ping) request' "$TMP/recipe"
}
while read -r line; do
	check "recipe: ${line//$LB_IF/eth0}" recipe "$line" </dev/null
	case $line in *drop*|*prefix*) check recipe-drops test "$(grep -c 10.10.0.7 "$TMP/recipe")" -eq 3 ;; esac
done <"$TMP/recipes"
check recipes-gone gone
kill $PING; wait $PING

# --- the fields of a file ------------------------------------------------------------------------------------
start() { capture "$1" "$D" -i "$LB_IF" "${@:2}"; }
CPU=$(($(nproc) - 1))
pinned() { taskset -c $CPU nsenter --net="/run/netns/$T-client" -- ping -n -q "$@" 10.30.0.2 >/dev/null 2>&1; }
# A ring of one page, and a reader that sleeps: most are lost, and the next one tells how many.
start lost -B 4 -w "$TMP/lost.pcapng" icmp
kill -STOP "$P"
pinned -f -c 400 -W 1
kill -CONT "$P"
# So many went through the filter, and those that are not lost are out of the ring.
counted() {
	kill -USR1 "$P"
	awk -v all="$1" '/^xdpdump: .* captured, / { ok = $2 + $(NF - 4) == all && $5 == all } END { exit !ok }' "$TMP/lost.err"
}
check lost-all-seen wait_for 10 counted 400
pinned -c 1 -W 1
check lost-and-one wait_for 10 counted 401
kill -INT "$P"; ends
LOST=$(sed -n 's/^[0-9]* offered = .* + \([0-9]*\) lost$/\1/p' "$TMP/lost.err")
check lost-many test "${LOST:-0}" -ge 100
ts -r "$TMP/lost.pcapng" -T fields -e frame.packet_id -e frame.drop_count >"$TMP/lost"
check lost-silent silent
check drop-count test "$(awk '{ n += $2 } END { print n }' "$TMP/lost")" = "$LOST"
check drop-count-capinfos grep -q "^ *Number of packets: *$((401 - LOST))\$" <(capinfos -M "$TMP/lost.pcapng" 2>&1)
# Interface 0, this CPU, and the number of the event: no other gap than what was lost.
check packet-id-gaps awk -v cpu=$CPU '
	{ seq = $1 % 2^44; if (int($1 / 2^44) != cpu || (NR > 1 && seq != last + 1 + $2)) exit bad = 1; last = seq }
	END { exit bad || NR < 2 }' "$TMP/lost"
for tool in "tshark -r" "capinfos" "tcpdump -n -r"; do
	check "silent: ${tool%% *}" test -z "$($tool "$TMP/lost.pcapng" 2>&1 >/dev/null | grep -vE 'Running as user|^reading from file')"
done
check tcpdump-all test "$(tcpdump -n -r "$TMP/lost.pcapng" 2>/dev/null | grep -c 'ICMP echo request')" -eq "$((401 - LOST))"

# Receive queues, as the driver counts them. Which one a flow takes is the sender's hash.
ip -n "$T-lb" link add xq0 numrxqueues 2 numtxqueues 2 type veth peer name xq1 numrxqueues 2 numtxqueues 2
ip -n "$T-lb" link set xq1 netns "$T-client"
at client sysctl -qw net.ipv6.conf.xq1.disable_ipv6=1 # which talks by itself
ip -n "$T-client" link set xq1 up
ip -n "$T-lb" link set xq0 up
at client ip addr add 10.40.0.2/24 dev xq1
at client ip neigh add 10.40.0.1 lladdr "$(at lb ip -j link show xq0 | jq -r '.[0].address')" dev xq1 nud permanent
at client ethtool -K xq1 tx off >/dev/null 2>&1
droplet attach xq0 >/dev/null
cat >"$TMP/flows.py" <<-'PY'
import socket
for port in range(2000, 2040):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("10.40.0.2", port))
    s.sendto(b"x", ("10.40.0.1", 9))
PY
queue() { at lb ethtool -S xq0 | sed -n "s/^ *rx_queue_$1_xdp_packets: //p"; }
check any-listed grep -qxF 'interface {value=xdpchain:any-chain}{display=XDP chains of all interfaces}' <($L "$D" --extcap-interfaces)
check any-config cmp <($L "$D" --extcap-config --extcap-interface "$IF") <($L "$D" --extcap-config --extcap-interface xdpchain:any-chain)
bg lb "$D" -i xq0 -w "$TMP/queue.pcapng" -c 40 udp port 9 2>"$TMP/queue.err"
P=$!
wait_for 10 grep -q 'listening on' "$TMP/queue.err"
Q0=$(queue 0) Q1=$(queue 1)
at client python3 "$TMP/flows.py"
ends
# The driver counts behind the packets.
all_counted() { [ $(($(queue 0) + $(queue 1) - Q0 - Q1)) -eq 40 ]; }
check queue-counted wait_for 5 all_counted
Q0=$(($(queue 0) - Q0)) Q1=$(($(queue 1) - Q1))
check queue-both test "$Q0" -gt 0 -a "$Q1" -gt 0
queues() { ts -r "$TMP/queue.pcapng" -T fields -e frame.interface_queue | sort | uniq -c | tr -s ' '; }
check queue test "$(queues)" = " $Q0 0
 $Q1 1"
droplet detach xq0 >/dev/null

# --- the script ------------------------------------------------------------------------------------------------
start mixed --step-times -w "$TMP/mixed.pcapng" icmp
ping_from 10.10.0.2 3
ping_from 10.10.0.7 2
kill -INT "$P"; ends
fields() { ts -r "$@" -T fields -E separator=' ' -E aggregator=, -e xdpchain.verdict -e xdpchain.stage -e xdpchain.slot -e xdpchain.said; }
check lua-fields test "$(fields "$TMP/mixed.pcapng" | sort | uniq -c | tr -s ' ')" = " 2 DROP droplet/blocklist 1 DROP
 3 PASS droplet/blocklist,droplet/ratelimit 1,2 NEXT,NEXT"
check lua-fine lua_fine
check lua-expert test "$(ts -r "$TMP/mixed.pcapng" -Y xdpchain.drop | wc -l)" -eq 2
check lua-text grep -qE '^    droplet/blocklist DROP: prefix rule 1 \(10\.10\.0\.7/32\), [0-9]+ ns$' <(ts -r "$TMP/mixed.pcapng" -V)
# The nanoseconds of every step, by tshark and by our own reader.
check lua-ns cmp <(ts -r "$TMP/mixed.pcapng" -T fields -e xdpchain.ns | tr ',' '\n') \
	<("$D" -v -r "$TMP/mixed.pcapng" 2>/dev/null | grep -oE '[0-9]+ ns' | cut -d' ' -f1)
python3 tests/tools/comments.py "$TMP/comments.pcapng"
# Damaged and foreign ones too, what ours makes of a comment is what the script makes of it.
ts -r "$TMP/comments.pcapng" -T fields -E aggregator=$'\001' \
	$(python3 tests/tools/comments.py --fields | sed 's/^/-e /') >"$TMP/theirs"
check lua-comments-fine lua_fine
check lua-comments python3 tests/tools/comments.py --compare "$TMP/comments.pcapng" "$D" "$TMP/theirs"

# Display filters of the manual page, on a file that has something for each.
grep -E '^(frame|xdpchain)\.[a-z_.]+ ' "$TMP/man" >"$TMP/filters"
check filters-some test "$(wc -l <"$TMP/filters")" -eq 8
# Wireshark 4.0 writes a verdict as a queue, and then minds it; we read that, and put it right.
editcap -F pcapng "$TMP/mixed.pcapng" "$TMP/edited.pcapng" >/dev/null 2>&1
"$D" -r "$TMP/edited.pcapng" -w "$TMP/mended.pcapng" 2>/dev/null
check mended cmp <(fields "$TMP/mixed.pcapng" -e frame.verdict.ebpf_xdp) <(fields "$TMP/mended.pcapng" -e frame.verdict.ebpf_xdp)
"$D" -r "$TMP/mixed.pcapng" -w "$TMP/plain.pcap" 2>/dev/null
editcap -F pcapng -a '1:xdpchain/1 PASS; 2:droplet/ratelimit would-DROP reason=1/rate 1200ns' \
	"$TMP/plain.pcap" "$TMP/shadow.pcapng" >/dev/null 2>&1
cat "$TMP/mixed.pcapng" "$TMP/lost.pcapng" "$TMP/shadow.pcapng" >"$TMP/all.pcapng"
ALL=$(ts -r "$TMP/all.pcapng" | wc -l)
some() { local n; n=$(ts -r "$TMP/all.pcapng" -Y "$1" | wc -l); [ "$n" -gt 0 ] && [ "$n" -lt "$ALL" ] || { echo "$n of $ALL"; cat "$TMP/ts"; return 1; }; }
while read -r line; do check "filter: $line" some "$line" </dev/null; done <"$TMP/filters"

# --- as a user --------------------------------------------------------------------------------------------------
# Of a group that may, as the manual page has it; and one who may not.
GROUP=64242 USER=64243
MAY="setpriv --reuid $USER --regid $USER --groups $GROUP --inh-caps -all env HOME=$TMP/user"
MAY_NOT="setpriv --reuid $USER --regid $USER --clear-groups --inh-caps -all env HOME=$TMP/user"
[ -z "${TEST_EMULATED:-}" ] || sysctl -qw kernel.perf_event_paranoid=2
install -d -o $USER "$TMP/user"
install -m 755 "$D" "$TMP/usr/sbin/xdpdump"
setcap cap_bpf,cap_perfmon,cap_net_admin=ep "$TMP/usr/sbin/xdpdump"
droplet detach "$LB_IF" >/dev/null
chgrp $GROUP /sys/fs/bpf/xdpchain
chmod g+rwx /sys/fs/bpf/xdpchain
droplet attach "$LB_IF" >/dev/null
check user-lists grep -qF ". $IF (XDP chain of $LB_IF (" <($L $MAY tshark -D 2>/dev/null)
check user-may-not test "$($L $MAY_NOT tshark -D 2>"$TMP/ts" | grep -c xdpchain)" -eq 0
check user-may-not-silent silent
bg client ping -n -q -i 0.02 10.30.0.2 >/dev/null 2>&1; PING=$!
user_captures() {
	timeout "${TEST_EMULATED:-60}" $L $MAY tshark -n -i "$IF" -f icmp -a packets:3 -T fields -e xdpchain.verdict >"$TMP/user.out" 2>"$TMP/ts"
	if [ "$(sysctl -n kernel.perf_event_paranoid)" -lt 3 ]; then
		[ "$(grep -c PASS "$TMP/user.out")" -eq 3 ] && silent || { cat "$TMP/user.out" "$TMP/ts"; return 1; }
	else
		grep -q '^tshark: Error by extcap pipe: xdpdump: .*CAP_SYS_ADMIN' "$TMP/ts"
	fi
}
check user-captures user_captures
check user-gone gone
kill $PING; wait $PING

# --- without a chain -------------------------------------------------------------------------------------------
droplet detach "$LB_IF" >/dev/null
check no-chain test "$($L "$D" --extcap-interfaces 2>&1; echo $?)" = "$VERSION
0"
check no-chain-tshark test "$(ts -D | grep -c xdpchain)" -eq 0
check no-chain-silent silent

exit $FAILED
