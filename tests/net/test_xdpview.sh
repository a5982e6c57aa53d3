#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The screens of xdpview, with a capture for its input: every view at two sizes against saved ones,
# keys, filters, the mouse, colours and none, what is written, and who is asked to block.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
. tests/view.sh
FILE=$TMP/attack.pcapng
python3 tests/golden/view_make.py "$FILE" || exit 1

on() { view "$@" -r "$FILE"; }

# --- every view, at two sizes ------------------------------------------------------------------------
screens() {
	on "$2" "$3" || { not_ok "start-$1" "$(shot | tr '\n' ' ')"; return; }
	check "chain-$1" golden "view_chain.$1"
	press 2
	check "reasons-$1" golden "view_reasons.$1"
	press 3
	check "events-$1" golden "view_events.$1"
	press Home Down Enter Down Down Down Down Down Down Down Down Down
	check "packet-$1" golden "view_packet.$1"
	press 4
	check "talkers-$1" golden "view_talkers.$1"
	press p
	check "prefixes-$1" golden "view_prefixes.$1"
	press 5
	check "lb-$1" golden "view_lb.$1"
	press 6
	check "incidents-$1" golden "view_incidents.$1"
	press '?'
	check "help-$1" golden "view_help.$1"
	press q
	check "end-$1" ended 0
}
screens 80x24 80 24
screens 200x50 200 50

# --- keys ----------------------------------------------------------------------------------------------
on 80 24
press j j Enter
check enter-opens-stage see '^eth0 slot 15: lb '
press l
check next-stage see '^eth1 slot 2: ratelimit \(shadow\)'
press h h
check stage-before see '^eth0 slot 2: ratelimit '
press Escape
check back see '15 lb '
press 3 / ; type_in '203.0.113'; press Enter
check search-found see '^[0-9:.]+ DROP +blocklist: prefix'
press / ; type_in 'no such text'; press Enter
check search-not-found see '^not found: no such text'
press '\'; type_in 'drop reason=prefix'; press Enter
check filter-words see '^only packets: drop reason=prefix'
check filter-hides gone 'ratelimit: rate'
press '\' C-u; type_in 'stage=lb reason=new len < 100'; press Enter
check filter-both see '^only packets: stage=lb'
check filter-both-new see 'lb: new'
check filter-both-hides gone 'lb: known'
press '\' C-u; type_in 'reason=nonsense'
check filter-wrong-reason see 'reason=nonsense: no stage gives it'
press C-u; type_in 'udp prt 53'
check filter-wrong-text see 'syntax error'
red() { $TERMINAL capture-pane -e -p | grep -q '31mudp p'; }
not_red() { ! red; }
check filter-red wait_for 5 red
press Enter
check filter-wrong-stays see '^.udp prt 53'
press BSpace BSpace BSpace BSpace BSpace BSpace;type_in 'port 53'
check filter-mended wait_for 5 not_red
press Enter
check filter-ports see '2001:db8:f::10.53'
press '\' C-u; type_in 'reason=prefix'; press Enter 4
check filter-talkers see '^203\.0\.113\.5 +0\.2 '
check filter-talkers-hides gone '^198\.51'
press '\' C-u Enter 1
first() { shot | sed -n 5p; }
press '>' '>' '>' '>' '>' '>'

is_first() { first | grep -qE "$1"; }
check sorted wait_for 5 is_first 'ratelimit.*6\.1'
press I
check reversed wait_for 5 is_first ' 0 '
press I j j j z '<' '<' '<' '<' '<' '<'
check frozen-on-top wait_for 5 is_first 'lb|guard|end|blocklist'
press z 3 End
check follow see 'guard|lb: known|end of chain'
press Space
check paused see 'PAUSED'
press Space
check not-paused gone 'PAUSED'
press 1 t
check span see 'sparklines of 1 minutes$'
press Tab Tab
check tab see '^time +verdict'
press BTab
check back-tab see '^eth0 slot'
press q
check quit ended 0

view 80 24 -r "$FILE" -f 'stage=blocklist drop'
check filter-option see '^only packets: stage=blocklist drop'
press 3
check filter-option-events see '^[0-9:.]+ DROP +blocklist: prefix'
check filter-option-hides sees_not 'ratelimit: rate'
press Home z
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do press j; done
press k k k
top() { shot | sed -n 5p | grep -q '^14:13:22'; }
check frozen-stays-on-top wait_for 5 top
press z

view 120 24 -r "$FILE" --clock 1790000007
check clock see '2026-09-21 14:13:27$'

# --- the mouse -------------------------------------------------------------------------------------------
# click COLUMN LINE (from 0), as xterm says it
click() {
	local x y
	x=$(printf '%02x' $(($1 + 33))) y=$(printf '%02x' $(($2 + 33)))
	press -H 1b 5b 4d 20 "$x" "$y" 1b 5b 4d 23 "$x" "$y"
}
on 80 24
click 25 2
check click-on-tab see '^time +verdict'
click 20 10
check click-on-row see '^q Quit'
press Enter
check clicked-row-opens see '^fields'
press -H 1b 5b 4d 60 21 21
check wheel see '^fields'
press 1
click 31 3
check click-on-column see '^ +[0-9]+ '

# --- colours, and none ------------------------------------------------------------------------------------
colored() { $TERMINAL capture-pane -e -p | grep -qE $'\e\\[([0-9;]*;)?(3|4)[0-7]m'; }
plain() { ! colored; }
check colors colored
VIEW_ENV=NO_COLOR=1 on 80 24
check no-color plain
check no-color-reverse sh -c "$TERMINAL capture-pane -e -p | grep -q '\[[0-9;]*7m'"
view 80 24 -r "$FILE" --color never
check color-never plain
VIEW_ENV="TERM=vt100" on 80 24
check vt100 plain
VIEW_ENV="TERM=xterm NO_COLOR=" on 80 24
check colors-16 colored
ascii() { ! shot | LC_ALL=C grep -q '[^ -~]'; }
check utf8-spark sh -c "$TERMINAL capture-pane -p | grep -q '█'"
view 80 24 -r "$FILE" --ascii
check ascii ascii
VIEW_ENV="LC_ALL=C" on 80 24
check ascii-by-locale ascii

# --- resize ------------------------------------------------------------------------------------------------
on 80 24
for i in 1 2 3 4 5 6 7 8 9 10; do
	$TERMINAL resize-window -x $((20 + 19 * i)) -y $((3 + 5 * i))
	press $((i % 6 + 1))
done
$TERMINAL resize-window -x 30 -y 5
check too-small see 'too small: 40x8'
$TERMINAL resize-window -x 80 -y 24
press 1
check resized-back golden view_chain.80x24

# --- what is written ------------------------------------------------------------------------------------------
press 3 '\'; type_in 'verdict=drop'; press Enter w C-u; type_in "$TMP/out.pcapng"; press Enter
check write see "^380 packets written to $TMP/out.pcapng"
check written-verdicts sh -c "$B/xdpdump -n -r $TMP/out.pcapng 2>/dev/null | grep -c '| DROP' | grep -qx 380"
check written-tshark sh -c "tshark -r $TMP/out.pcapng -Y 'frame.verdict.ebpf_xdp == 1' 2>/dev/null | wc -l | grep -qx 380"
press w C-u; type_in "$TMP/out.pcapng"; press Enter
check write-twice see 'out.pcapng: File exists'
press b
check block-in-file see 'a capture file: nobody can be blocked'
view 80 24 -r "$FILE" --read-only
press 3 w
check read-only-w see 'w: not with --read-only'
press b
check read-only-b see 'b: not with --read-only'
check read-only-footer sees_not 'w Write'

# --- no screen ----------------------------------------------------------------------------------------------
"$B/xdpview" -r "$FILE" >"$TMP/once" 2>&1
check once diff -u $GOLDEN/view_once.txt "$TMP/once"
"$B/xdpview" -r "$FILE" --json >"$TMP/json" 2>&1
check json jq -e '.interfaces[0].stages[1] | .name == "ratelimit" and
	.verdicts.drop.packets == 360 and .reasons[0].name == "rate"' "$TMP/json"
says() {
	local want=$1 pattern=$2 rc; shift 2
	"$@" >"$TMP/o" 2>"$TMP/e" </dev/null; rc=$?
	[ $rc -eq "$want" ] && grep -qE -- "$pattern" "$TMP/e" && [ "$(wc -l <"$TMP/e")" -eq 1 ] ||
		{ echo "status $rc"; cat "$TMP/e"; return 1; }
}
check no-such-file says 1 '^xdpview: .*/none: No such file' "$B/xdpview" -r "$TMP/none"
check no-capture says 1 '^xdpview: README.md: ' "$B/xdpview" -r README.md
head -c 50000 "$FILE" >"$TMP/cut"
check cut-file says 1 '^xdpview: .*cut: at offset ' "$B/xdpview" -r "$TMP/cut"
check bad-delay says 2 '^xdpview: -d: 0: not a number from 0.1 to 60' "$B/xdpview" -d 0
check bad-word says 2 '^xdpview: argument: eth0: none is wanted' "$B/xdpview" eth0
check f-and-once says 2 'it is for packets, and --once prints counters' "$B/xdpview" -r "$FILE" -f drop --once
check i-and-r says 2 'not together with -r' "$B/xdpview" -i eth0 -r "$FILE"
check full-disk says 1 '^xdpview: standard output: No space' sh -c "$B/xdpview -r $FILE >/dev/full"
check help sh -c "$B/xdpview --help | grep -q -- --read-only"

# --- what it may -------------------------------------------------------------------------------------------
# of /proc/PID/status
status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
on 80 24
D=$(dashboard)
check no-capability test "$(status_of "$D" CapEff)$(status_of "$D" CapPrm)" = 00000000000000000000000000000000
check no-privileges-to-gain test "$(status_of "$D" NoNewPrivs)" = 1
check seccomp test "$(status_of "$D" Seccomp)" = 2
press q
on 80 24 --unconfined
check unconfined test "$(status_of "$(dashboard)" Seccomp)" = "$(status_of self Seccomp)"
press q

# --- valgrind, where the build has no checks of its own ---------------------------------------------------------
VALGRIND="valgrind -q --trace-children=yes --error-exitcode=9 --leak-check=full
	--errors-for-leak-kinds=definite,indirect --log-file=$TMP/valgrind.%p"
clean() { cat "$TMP"/valgrind.* >"$TMP/errors" && ! grep . "$TMP/errors"; }
if ! grep -q __asan_init "$B/xdpview"; then
	$VALGRIND "$B/xdpview" --unconfined -r "$FILE" >"$TMP/once" 2>&1
	check valgrind-once test $? -eq 0
	VIEW_IN=$VALGRIND on 80 24 --unconfined
	for k in 2 l 3 Home Enter Down PgDn l 4 p I '>' 5 6 Enter '?' Escape 1 j z t Space Space 3 G; do
		press "$k"
	done
	press / ; type_in 'lb'; press Enter n N
	press '\'; type_in 'drop stage=2 udp'; press Enter
	see '^only packets: drop' >/dev/null
	press w C-u; type_in "$TMP/valgrind.pcapng"; press Enter
	see 'packets written' >/dev/null
	rm -f "$TMP/valgrind.pcapng"
	$TERMINAL resize-window -x 150 -y 40
	press 3
	see '^time +iface' >/dev/null
	press q
	check valgrind-session ended 0
	check valgrind-clean clean
fi
exit $FAILED
