# SPDX-License-Identifier: GPL-2.0
# memory.sh - what a capture takes of memory, and that it stays there: sourced by run.

# memory_rows WHAT OPTION...: the lines of --stats nearest to 1 and 10 million events.
memory_rows() {
	local what=$1; shift
	begin "$B/xdpdump" -i $IF -B 65536 --stats "$@" >/dev/null || exit 1
	load $IF 64 10500000 1 1000000 >/dev/null
	sleep 1.1
	end
	for n in 1000000 10000000; do
		awk -v n=$n -v what="$what" '/^offered/ && $4 >= n {
			for (i = 1; i < NF; i++) v[$i] = $(i + 1)
			printf "| %s | %.1f | %d | %d | %d |\n", what, $4 / 1e6, v["rings"], v["most"], v["resident"]
			exit }' "$TMP/err"
	done
}

cat <<-EOT

## Memory

From \`--stats\`, 64 bytes at 1 M/s, KiB:

| what | M events so far | rings | buffers and caches at most | resident |
|---|---|---|---|---|
EOT
memory_rows 'pcapng to /dev/null' -w /dev/null
memory_rows 'text to /dev/null' -n
