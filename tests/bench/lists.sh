# SPDX-License-Identifier: GPL-2.0
# lists.sh - what the policers of lists and rates cost: sourced by run.
cat <<-EOT

## Lists and rates

BPF_PROG_TEST_RUN with repeat, each policer alone in a chain behind a stage that gives each packet
another source; the base is that stage alone. A difference is the median of the differences within
a round. Sources that are listed are all those of the list, in no order: of a million, each is
in no cache. Such a packet waits for its line of the table, once, and no other packet can be worked
on meanwhile: what that row is above the one of 1000 is what one read of memory takes here. One that
is not listed asks a filter of 1 MiB, and in one case of 50 the table as well.

EOT
"$B/tests/bench/bench_lists" || exit 1
