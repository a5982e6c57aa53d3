# SPDX-License-Identifier: GPL-2.0
# lb.sh - what a packet costs in the load balancer: sourced by run.
cat <<-EOT

## The load balancer

One VIP with ten reals, nothing else in the chain. As above, a program puts the packet back between
repeats, and where there are many flows makes it the next one's. The base of each row is the same
program before a bare XDP_TX that makes room for the same headers.

EOT
"$B/tests/bench/bench_lb" || exit 1
cat <<-EOT

SYNs of 4 M flows from each CPU, each of which displaces another from a table of 1 M:

EOT
"$B/tests/bench/bench_cpus" || exit 1
