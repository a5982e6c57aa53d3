#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xdpdump while it runs: SIGUSR1, --stats, another user (-Z), colour, completion, and what is
# refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/xdpdump.sh
topo_small
droplet attach "$LB_IF" >"$TMP/attach" 2>&1 || { cat "$TMP/attach"; exit 1; }

D=$B/xdpdump
L="nsenter --net=/run/netns/$T-lb --"

start() { capture "$1" "$D" -i "$LB_IF" -B 1024 "${@:2}"; }
ping4() { at client ping -n -q -c "${1:-3}" -i 0.05 -W 1 10.30.0.2 >/dev/null 2>&1; }

# --- SIGUSR1, --stats ------------------------------------------------------------------------------
start info icmp
ping4 3
lines3() { [ "$(wc -l <"$TMP/info.out")" -ge 3 ]; }
wait_for 5 lines3
kill -USR1 "$P"
check sigusr1-line wait_for 5 grep -qx 'xdpdump: 3 packets captured, 3 packets received by filter, 0 packets dropped by kernel' "$TMP/info.err"
ping4 1
lines() { [ "$(wc -l <"$TMP/$1")" -ge "$2" ]; }
check sigusr1-goes-on wait_for 5 lines info.out 4
stop
check sigusr1-end grep -qx '4 packets captured' "$TMP/info.err"
start stats --stats icmp
ping4 4
LINE='^offered [0-9]+ captured 4 filtered [0-9]+ lost 0, [0-9]+ events/s, rings [0-9]+ KiB, out of order 0, buffers and caches at most [0-9]+ KiB, resident [0-9]+ KiB$'
check stats-line wait_for 5 grep -qE "$LINE" "$TMP/stats.err"
check stats-each-second wait_for 10 lines stats.err 4
stop
check stats-rate grep -qE 'captured 4 .* lost 0, [34] events/s' "$TMP/stats.err"

# --- another user ------------------------------------------------------------------------------------
at lb "$B/droplet" block 10.10.0.7 --note test >/dev/null
ip -n "$T-client" addr add 10.10.0.7/24 dev eth0
chmod 711 "$TMP"
mkdir "$TMP/theirs"
chown nobody "$TMP/theirs"
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
start user -Z nobody icmp
check user-id test "$(field "$P" Uid | tr '\t' ' ')" = "$(id -u nobody) $(id -u nobody) $(id -u nobody) $(id -u nobody)"
check user-groups test "$(field "$P" Gid | cut -f1)" = "$(id -g nobody)"
for c in CapInh CapPrm CapEff CapBnd CapAmb; do check "user-$c" test "$(field "$P" $c)" = 0000000000000000; done
check user-no-new-privs test "$(field "$P" NoNewPrivs)" = 1
ping4 1
at client ping -n -q -c 1 -W 1 -I 10.10.0.7 10.30.0.2 >/dev/null 2>&1
# A policer that comes meanwhile has a name too.
at lb "$B/droplet" limit 1 --burst 1 >/dev/null
ping4 4
check user-new-stage wait_for 5 grep -q 'droplet/ratelimit: [a-z]' "$TMP/user.out"
stop
check user-exit test $? -eq 0
check user-names grep -q 'DROP droplet/blocklist: prefix rule [0-9]* (10.10.0.7/32)' "$TMP/user.out"
check user-accounting sums user
at lb "$B/droplet" limit 100000 >/dev/null
start user-file -Z nobody -w "$TMP/u.pcapng" -c 2 icmp
ping4 3
ends
start drop -w "$TMP/drop.pcapng" -c 1 --verdict drop
at client ping -n -q -c 2 -W 1 -I 10.10.0.7 10.30.0.2 >/dev/null 2>&1
ends
check user-file-before-drop test "$(tshark -r "$TMP/u.pcapng" 2>/dev/null | wc -l)" -eq 2
start user-files -Z nobody -C 1k -w "$TMP/theirs/u.pcapng" icmp
ping4 20
stop
check user-files-exit test $? -eq 0
check user-files-theirs test "$(stat -c %U "$TMP/theirs/u.pcapng" "$TMP/theirs/u.pcapng1" | sort -u)" = nobody
check user-files-refused refuses 1 'no.pcapng: Permission denied' $L "$D" -i "$LB_IF" -Z nobody -C 1 -w "$TMP/no.pcapng"
start user-root -Z root --count icmp
check user-root-caps test "$(field "$P" CapEff)$(field "$P" CapBnd)" = 00000000000000000000000000000000
ping4 2
stop
check user-root-count test "$(cat "$TMP/user-root.out")" = '2 packets'
check user-unknown refuses 1 '-Z: nosuchuser: no such user' $L "$D" -i "$LB_IF" -Z nosuchuser
cp "$TMP/u.pcapng" "$TMP/theirs/in.pcapng"
check user-reads test "$("$D" -Z nobody --count -r "$TMP/theirs/in.pcapng" 2>/dev/null)" = '2 packets'
start user-stats -Z nobody --stats icmp
ping4 2
check user-stats wait_for 5 grep -qE '^offered [0-9]+ captured 2 ' "$TMP/user-stats.err"
# Killed hard, it leaves nothing: neither the child nor its place.
CHILD=$(pgrep -P "$P")
kill -9 "$P"; wait "$P" 2>/dev/null
check user-child-goes wait_for 5 not_running "$CHILD"
tap_empty() {
	bpftool -j map dump pinned "/sys/fs/bpf/xdpchain/$LB_IF/tap" |
		jq -e '[.[] | select(.value | type == "array")] | length == 0'
}
check user-kill-leaves-nothing wait_for 5 tap_empty
start user-down -Z nobody
droplet detach "$LB_IF" >/dev/null 2>&1
ends
check user-chain-down test $? -eq 1
check user-chain-down-says grep -q 'the chain was taken down' "$TMP/user-down.err"
droplet attach "$LB_IF" >/dev/null 2>&1

# --- colour ------------------------------------------------------------------------------------------
R="$D -r $TMP/theirs/u.pcapng"
ESC=$(printf '\033')
plain() { sed "s/$ESC\[[0-9;]*m//g"; }
check color-always grep -q "| $ESC\[32mPASS$ESC\[m end of chain\$" <($R --color=always 2>/dev/null)
check color-bare grep -q "$ESC\[32mPASS$ESC\[m" <($R --color 2>/dev/null)
check color-only-adds cmp <($R -v --color=always 2>/dev/null | plain) <($R -v 2>/dev/null)
check color-not-into-pipe test "$($R 2>/dev/null | grep -c "$ESC")" -eq 0
tty() { env -u NO_COLOR TERM=xterm "$@" script -qec "$R" /dev/null 2>/dev/null </dev/null; }
check color-terminal grep -q "$ESC\[32mPASS" <(tty env)
check color-no-color test "$(tty env NO_COLOR=1 | grep -c "$ESC")" -eq 0
check color-dumb test "$(tty env TERM=dumb | grep -c "$ESC")" -eq 0
check color-drop grep -q "| $ESC\[1;31mDROP$ESC\[m droplet/blocklist" <("$D" --color -r "$TMP/drop.pcapng" 2>/dev/null)
check color-bad refuses 2 'use auto, always or never' $R --color=sometimes

# --- completion -----------------------------------------------------------------------------------------
"$D" --completion bash >"$TMP/complete.bash"
check completion-bash-syntax bash -n "$TMP/complete.bash"
# complete WORD...: what bash would offer for the last of them.
complete_() {
	bash -c '. "$1"; shift; COMP_WORDS=(xdpdump "$@"); COMP_CWORD=$#; _xdpdump; printf "%s\n" "${COMPREPLY[@]}"' \
		- "$TMP/complete.bash" "$@" | tr '\n' ' '
}
check completion-registers grep -q '_xdpdump xdpdump' <(bash -c '. "$1"; complete -p xdpdump' - "$TMP/complete.bash")
check completion-long test "$(complete_ --ver)" = '--verdict --version '
check completion-all test "$(complete_ - | wc -w)" -ge 45
check completion-interface grep -qw lo <(complete_ -i '')
check completion-interface-some test "$(complete_ --interface lo)" = 'lo '
check completion-verdict test "$(complete_ -i lo --verdict d)" = 'drop '
check completion-verdict-list test "$(complete_ --verdict drop,re)" = 'drop,redirect '
check completion-equals test "$(complete_ --verdict = t)" = 'tx '
check completion-source test "$(complete_ -i lo --source p)" = 'program pcap '
check completion-color test "$(complete_ --color = a)" = 'auto always '
check completion-user grep -qw nobody <(complete_ -Z nob)
check completion-file test "$(complete_ -w a)" = ' '
"$D" --completion zsh >"$TMP/complete.zsh"
"$D" --completion fish >"$TMP/complete.fish"
check completion-zsh grep -qF "'*--interface=[the interface whose chain to look at; again for several, any-chain for all]:IFACE:_net_interfaces'" "$TMP/complete.zsh"
check completion-fish grep -qF -- "-s 'i' -l interface -x -a 'any-chain (ls /sys/class/net)'" "$TMP/complete.fish"
check completion-all-options test "$(grep -c '^complete -c xdpdump -[sl]' "$TMP/complete.fish")" -eq "$("$D" --help | grep -c '^ \{2,6\}-')"
if command -v zsh >/dev/null; then check completion-zsh-syntax zsh -n "$TMP/complete.zsh"; fi
if command -v fish >/dev/null; then check completion-fish-syntax fish -n "$TMP/complete.fish"; fi
check completion-unknown refuses 2 'use bash, zsh or fish' "$D" --completion tcsh

# --- options of tcpdump's that are not there ------------------------------------------------------------
for o in -I -J '-j adapter' -K '-y EN10MB' -L '-Q in' -p -O '-E x' '-M x' '-T vxlan' '-m x' -a -b -f -H -N -u '-V x' \
	--monitor-mode '--direction=in' --no-promiscuous-mode '--linktype=EN10MB' '--time-stamp-type=host'; do
	check "refused:$o" refuses 2 "^xdpdump: -[A-Za-z]: an option of tcpdump that xdpdump has not: " "$D" -i lo $o
done
check unknown-option test "$("$D" --nosuch 2>&1 | wc -l)" -eq 2
# Each option is in --help and in the manual page.
"$D" --help | sed -n 's/^  \(-.\),\{0,1\} .*/\1/p; s/^ .* --\([a-z-]*\).*/--\1/p' | sort -u >"$TMP/options"
sed 's/\\-/-/g; s/\\f[BRIP]//g' man/xdpdump.8 >"$TMP/man"
check options-some test "$(wc -l <"$TMP/options")" -ge 40
while read -r o; do
	grep -qF -- "$o" "$TMP/man" || { check "man:$o" false; }
done <"$TMP/options"
check man-warnings test -z "$(man --warnings -l man/xdpdump.8 2>&1 >/dev/null)"

# Each example of the manual page, on this interface and for a second, with tshark for wireshark.
sed -n '/^\.SH EXAMPLES/,/^\.fi/p' "$TMP/man" | grep xdpdump |
	sed "s/eth0/$LB_IF/; s/--duration 10//; s/^ssh balancer //; s/xdpdump -i/xdpdump --duration 1 -i/
	     s/xdpdump -n -i/xdpdump --duration 1 -n -i/; s/wireshark -k -i -/tshark -r -/
	     s,/var/cap,$TMP/theirs,; s,limited\.pcap,$TMP/&,g; s,ring\.pcapng,$TMP/&," >"$TMP/examples"
check examples-some test "$(wc -l <"$TMP/examples")" -ge 12
mkdir "$TMP/bin"
ln -s "$PWD/$D" "$TMP/bin/xdpdump" 2>/dev/null || ln -s "$D" "$TMP/bin/xdpdump"
at lb "$B/droplet" limit 10 --burst 1 >/dev/null
( while :; do at client ping -n -q -c 20 -i 0.05 -W 1 10.30.0.2; done ) >/dev/null 2>&1 &
PING=$!; PIDS="$PIDS $PING"
while read -r line; do
	name=${line//$TMP\//}
	check "example: ${name//$LB_IF/eth0}" $L env PATH="$TMP/bin:$PATH" bash -o pipefail -c "$line" </dev/null
done <"$TMP/examples"
check example-limited grep -q ratelimit <("$D" -r "$TMP/limited.pcapng" 2>/dev/null)

exit $FAILED
