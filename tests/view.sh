# SPDX-License-Identifier: GPL-2.0
# view.sh - xdpview in a terminal of its own, driven by keys: sourced after topo.sh.

TERMINAL= TERMINALS=0
export TZ=UTC LC_ALL=C.UTF-8
GOLDEN=tests/golden

# view COLS ROWS ARG...: xdpview on a new terminal; VIEW_ENV is set for it (A=b ...), VIEW_IN what
# it is run by.
view() {
	local cols=$1 rows=$2; shift 2
	terminal
	rm -f "$TMP/ended" "$TMP/stty"
	{
		printf '%q ' ${VIEW_IN:-} env TERM=screen-256color ${VIEW_ENV:-} "$B/xdpview" "$@"
		printf '\necho $? >%q\nstty -a >%q\necho READY\nexec sleep 1000\n' \
			"$TMP/ended" "$TMP/stty"
	} >"$TMP/command"
	$TERMINAL new-session -d -x "$cols" -y "$rows" "exec bash $TMP/command 2>&1"
	wait_for 10 sees '^q Quit'
}
view_off() { [ -z "$TERMINAL" ] || $TERMINAL kill-server 2>/dev/null; true; }
# Another one. A server that ends may still be asked on its socket, so each has its own.
terminal() {
	view_off
	TERMINALS=$((TERMINALS + 1))
	TERMINAL="tmux -S $TMP/tmux$TERMINALS -f /dev/null"
}
trap 'view_off; topo_down' EXIT
# The process that waits for the dashboard, and the dashboard itself.
guard() { pgrep -P "$($TERMINAL list-panes -F '#{pane_pid}')" xdpview; }
dashboard() { pgrep -P "$(guard)"; }

press() { $TERMINAL send-keys "$@"; }
type_in() { $TERMINAL send-keys -l "$1"; }
shot() { $TERMINAL capture-pane -p; }
sees() { shot | grep -qE -- "$1"; }
see() { wait_for 10 sees "$1" || { echo "no '$1' in:"; shot; return 1; }; }
sees_not() { ! shot | grep -qE -- "$1"; }
gone() { wait_for 10 sees_not "$1" || { echo "still '$1' in:"; shot; return 1; }; }
# It has ended with this status, and left the terminal as it was.
ended() {
	wait_for 10 test -s "$TMP/stty" && [ "$(cat "$TMP/ended")" = "$1" ] &&
		grep -q ' icanon' "$TMP/stty" && grep -q ' echo ' "$TMP/stty"
}

like_golden() { shot >"$TMP/shot" && diff -u "$GOLDEN/$1.txt" "$TMP/shot" >"$TMP/diff"; }
# golden NAME: the screen is tests/golden/NAME.txt. GOLDEN_NEW=1 makes it that, to be looked at.
golden() {
	if [ -n "${GOLDEN_NEW:-}" ]; then wait_for 1 false; shot >"$GOLDEN/$1.txt"; fi
	wait_for 10 like_golden "$1" || { cat "$TMP/diff"; return 1; }
}
