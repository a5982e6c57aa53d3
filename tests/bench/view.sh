# SPDX-License-Identifier: GPL-2.0
# view.sh - what the dashboard takes, and what it costs the chain: sourced by run.

VIEW_TMUX="tmux -S $TMP/tmux -f /dev/null"

# view_once KEY: ns a packet in the chain, packets/s, % of a core of xdpview, with the view of that key
# on the screen; KEY none: with no dashboard.
view_once() {
	local a b r from to
	if [ "$1" = none ]; then
		r=$(load $IF 64 2000000 1 1000000)
		echo "${r% *} ${r#* } 0"
		return
	fi
	$VIEW_TMUX send-keys -t view "$1"
	load $IF 64 300000 1 1000000 >/dev/null
	a=$(cpu_ns "$VIEW") from=${EPOCHREALTIME/./}
	r=$(load $IF 64 2000000 1 1000000)
	b=$(cpu_ns "$VIEW") to=${EPOCHREALTIME/./}
	awk -v r="$r" -v t=$((b - a)) -v us=$((to - from)) 'BEGIN {
		split(r, v, " "); printf "%d %d %.2f\n", v[1], v[2], t / us / 10 }'
}

view_up() {
	$VIEW_TMUX new-session -d -s view -x 120 -y 40 \
		"exec taskset -c 0 env TERM=screen-256color $B/xdpview -i $IF" || exit 1
	until $VIEW_TMUX capture-pane -t view -p 2>/dev/null | grep -q '^q Quit'; do sleep 0.05; done
	VIEW=$(pgrep -P "$($VIEW_TMUX list-panes -t view -F '#{pane_pid}')")
}
view_down() { $VIEW_TMUX kill-server; }

VIEW_KEYS="1 2 3 4 5 6"
declare -A VIEW_NAMES=([1]=Chain [2]=Reasons [3]=Events [4]=Talkers [5]=LB [6]=Incidents)
"$B/droplet" block 10.1.2.0/24 -i $IF >&2
for round in 1 2 3; do
	view_once none >>"$TMP/view.none"
	view_up
	for key in $VIEW_KEYS; do view_once "$key" >>"$TMP/view.$key"; done
	view_down
done
"$B/droplet" unblock 10.1.2.0/24 -i $IF >&2
cat <<-EOT

## The dashboard

\`xdpview\` on CPU 0 in a terminal of 120x40, each view in turn, while 1 M packets a second of 64 bytes,
which a rule of the blocklist drops, run through the chain on CPU 1. Goals: under 5 % of a core, and a
chain that is not slower. Events and Talkers capture, 1000 packets a second; else nothing does, but for
a quarter of a second in thirty, to time the stages.

| on the screen | xdpview, % of a core (least–most) | chain, ns a packet (least–most) | without it = 1 | chain, M packets/s |
|---|---|---|---|---|
EOT
VIEW_BASE=$(median 1 "$TMP/view.none")
view_row() {
	echo "| $1 | $(median 3 "$2") ($(least 3 "$2")–$(most 3 "$2")) | $(median 1 "$2")" \
		"($(least 1 "$2")–$(most 1 "$2")) | $(awk -v a="$(median 1 "$2")" -v b="$VIEW_BASE" \
			'BEGIN { printf "%.2f", a / b }') | $(millions "$(median 2 "$2")") |"
}
view_row 'no dashboard' "$TMP/view.none"
for key in $VIEW_KEYS; do view_row "${VIEW_NAMES[$key]}" "$TMP/view.$key"; done
for key in $VIEW_KEYS; do cat "$TMP/view.$key"; done | awk -v base="$VIEW_BASE" '{ ns += $1; all += $2; cpu += $3 }
	END { printf "| all in turn, mean | %.2f | %.1f | %.2f | %.2f |\n", cpu / NR, ns / NR, ns / NR / base,
		all / NR / 1e6 }'
