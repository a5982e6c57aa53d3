# SPDX-License-Identifier: GPL-2.0
# lists.sh - what the policers of lists and rates cost: sourced by run.
cat <<-EOT

## Lists and rates

BPF_PROG_TEST_RUN with repeat, each policer alone in a chain behind a stage that gives each packet
another source; the base is that stage alone. A difference is the median of the differences within
a round. Sources that are listed are all those of the list, in no order: of a million, each is
in no cache.

EOT
"$B/tests/bench/bench_lists" || exit 1
