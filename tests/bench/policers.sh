# SPDX-License-Identifier: GPL-2.0
# What a packet costs in a policer, over an empty chain.
cat <<-EOF

## Policers

By BPF_PROG_TEST_RUN; the rows are measured in turn, round after round, each against the row of an
empty chain in the same round: so a figure is what the policer adds.

EOF
"$B/tests/bench/bench_policers"
