# SPDX-License-Identifier: GPL-2.0
# chain.sh - what a packet costs in the chain: sourced by run.
cat <<-EOT

## A packet through the chain

BPF_PROG_TEST_RUN with repeat. The kernel does not put the packet back between repeats, so
rows whose packet is encapsulated run a program first that does; what that costs is a row of
its own, and their base. A difference is the median of the differences within a round.

EOT
"$B/tests/bench/bench_chain" || exit 1
