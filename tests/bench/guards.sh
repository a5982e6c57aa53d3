# SPDX-License-Identifier: GPL-2.0
# guards.sh - what the policers that know protocols cost: sourced by run.
cat <<-EOT

## The guards

BPF_PROG_TEST_RUN with repeat, each policer alone in a chain as it is when nothing is configured, or in
a flood where that is said. A difference is the median of the differences within a round, to an
empty chain, or to the row above where that invents sources.

EOT
"$B/tests/bench/bench_guards" || exit 1
