# SPDX-License-Identifier: GPL-2.0
# feel.sh - what somebody at a terminal waits for: text, and the first line. Sourced by run.

# text_once FILE RATE COUNT: ns a line, bytes a line, captured, lost.
text_once() {
	local a b bytes=0
	begin "$B/xdpdump" -n -i $IF -B 65536 >"$1" || exit 1
	a=$(cpu_ns $P)
	load $IF 64 "$3" 1 "$2" >/dev/null
	idle 0.1
	b=$(cpu_ns $P)
	end
	[ -f "$1" ] && bytes=$(stat -c %s "$1") && rm "$1"
	awk -v t=$((b - a)) -v bytes="$bytes" '/ offered = / {
		printf "%d %d %d %d\n", t / $4, bytes / $4, $4, $10 }' "$TMP/err"
}

text_row() {
	local what=$1 r=$TMP/runs i; shift
	for i in 1 2 3 4 5; do text_once "$@"; done >"$r"
	echo "| $what | $(median 1 "$r") ($(least 1 "$r")–$(most 1 "$r")) | ≤ 1000 | $(total 3 "$r") | $(total 4 "$r") |"
}

# start_row OPTION...: from exec to the first line, while packets come.
start_row() {
	local r=$TMP/runs i
	for i in 1 2 3 4 5 6 7 8 9; do
		start=$EPOCHREALTIME
		"$B/xdpdump" -n -i $IF "$@" 2>/dev/null | {
			read -r _ || exit 1
			awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d\n", (b - a) * 1000 }'
		}
	done >"$r"
	echo "| \`xdpdump -n -i $IF${*:+ $*}\` | $(median 1 "$r") ($(least 1 "$r")–$(most 1 "$r")) | ≤ 100 |"
}

cat <<-EOT

## At a terminal

\`xdpdump -n -i\`, TCP packets of 64 bytes at 1 M/s, a line of text each, with its trail and times.

| to | ns a line (least–most) | goal | lines | lost |
|---|---|---|---|---|
EOT
text_row /dev/null /dev/null 1000000 1000000
text_row 'a file on tmpfs' "$TMP/x.txt" 1000000 1000000

"$B/droplet" block 10.1.2.0/24 -i $IF >&2
(while load $IF 64 20000 1 100000; do :; done >/dev/null) &
feeder=$!
cat <<-EOT

From exec to the first line on its standard output, while 100,000 packets come in a second that a
rule of the blocklist drops:

| command | ms (least–most) of 9 | goal |
|---|---|---|
EOT
start_row
start_row tcp port 80
start_row --verdict drop
start_row --stage blocklist
start_row --reason prefix
start_row --rule 1
start_row -Z nobody
kill $feeder
wait $feeder 2>/dev/null
"$B/droplet" unblock 10.1.2.0/24 -i $IF >&2
