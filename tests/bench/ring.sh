# SPDX-License-Identifier: GPL-2.0
# ring.sh - what an event costs the reader: sourced by run.

# ring_once FILE LEN COUNT RATE OPTION...: producer ns, packets/s, reader ns an event, offered,
# captured, lost.
ring_once() {
	local file=$1 len=$2 count=$3 rate=$4 a b r; shift 4
	begin "$B/xdpdump" -i $IF -B 65536 "$@" -w "$file" || exit 1
	a=$(cpu_ns $P)
	r=$(load $IF "$len" "$count" 1 "$rate")
	idle 0.1			# the reader's timer is 20 ms
	b=$(cpu_ns $P)
	end
	[ "$file" = /dev/null ] || rm -f "$file"
	awk -v r="$r" -v t=$((b - a)) '/ offered = / {
		split(r, v, " "); printf "%d %d %d %d %d %d\n", v[1], v[2], t / $4, $1, $4, $10 }' "$TMP/err"
}

# ring_row WHAT GOAL FILE LEN COUNT RATE OPTION...: the median of five; losses of all five together.
ring_row() {
	local what=$1 goal=$2 r=$TMP/runs i; shift 2
	for i in 1 2 3 4 5; do ring_once "$@"; done >"$r"
	echo "| $what | $(median 1 "$r") | $(millions "$(median 2 "$r")") | $(median 3 "$r")" \
		"($(least 3 "$r")–$(most 3 "$r")) | $goal | $(total 4 "$r") | $(total 5 "$r") | $(total 6 "$r") |"
}

mkdir "$TMP/huge"
cat <<-EOT

## Events through the ring into a file

One CPU runs packets through root and both policers (BPF_PROG_TEST_RUN), at a rate or as fast
as it can; the built xdpdump on the other writes pcapng with trails to tmpfs; 64 MiB a ring. The
reader's time is that of the whole process on its CPU, the writing included. The goals are for
3 M events/s of 64 bytes and 2.5 M/s of 256 without a loss, and as few ns an event. Huge pages:
a tmpfs mounted with \`huge=within_size\`, the others as \`mount -t tmpfs\` makes it.

| what | producer, ns a packet | M events/s | reader, ns an event (least–most) | goal | offered | captured | lost |
|---|---|---|---|---|---|---|---|
EOT
ring_row '64 bytes, 3 M/s' '≤ 80, no loss' "$TMP/x.pcapng" 64 4000000 3000000
ring_row '256 bytes, 2.5 M/s' '≤ 160, no loss' "$TMP/x.pcapng" 256 3000000 2500000
ring_row '1400 bytes, 0.5 M/s' '≤ 700' "$TMP/x.pcapng" 1400 1000000 500000
if mount -t tmpfs -o huge=within_size tmpfs "$TMP/huge" 2>/dev/null; then
	ring_row '64 bytes, 3 M/s, huge pages' '≤ 80, no loss' "$TMP/huge/x.pcapng" 64 4000000 3000000
	ring_row '256 bytes, 2.5 M/s, huge pages' '≤ 160, no loss' "$TMP/huge/x.pcapng" 256 3000000 2500000
	ring_row '1400 bytes, 0.5 M/s, huge pages' '≤ 700' "$TMP/huge/x.pcapng" 1400 1000000 500000
	umount "$TMP/huge"
fi
ring_row '64 bytes, all that goes' '' "$TMP/x.pcapng" 64 4000000 0
ring_row '256 bytes, all that goes' '' "$TMP/x.pcapng" 256 3000000 0
ring_row '1400 bytes, all that goes' '' "$TMP/x.pcapng" 1400 1000000 0
ring_row '1400 bytes, 64 taken, all that goes' '' "$TMP/x.pcapng" 1400 3000000 0 -s 64
ring_row '64 bytes, 3 M/s, time of each stage' '' "$TMP/x.pcapng" 64 4000000 3000000 --step-times
ring_row '64 bytes, 3 M/s, as pcapng to /dev/null: without the file system' '' /dev/null 64 4000000 3000000
ring_row '64 bytes, 3 M/s, as classic pcap, without trails' '' "$TMP/x.pcap" 64 4000000 3000000
cat <<-EOT

With its trail a 64-byte packet takes 184 bytes of pcapng, 22 of them a page of tmpfs. To allocate
and fill pages is more than half of what the reader takes: compare the row to /dev/null, and those
with huge pages. At 1400 bytes the producer is faster than any writer: what does not fit is lost,
counted, and said.
EOT
