#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the balancer sends is lost where the peer of its veth runs no XDP: status says so, and the
# way out that it names is one.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/topo.sh
topo_up

LOST='^frames it sends are lost.*: its peer to-lb runs no XDP program'
says() { "$1" status | grep -qE "$2"; }
silent() { ! "$1" status | grep -q 'are lost'; }
json() { [ "$("$1" status --json | jq -c "$2")" = "$3" ]; }
get() { at client curl -s -m "${1:-10}" -o /dev/null "http://$VIP4/"; }
peer() { ip -n "$T-router" link set dev to-lb "$@"; }
refused() { at lb ethtool -S "$LB_IF" | awk '/xdp_tx_errors/ { n += $2 } END { print n + 0 }'; }

xdplb attach "$LB_IF" >/dev/null
droplet attach "$LB_IF" >/dev/null
xdplb vip add "$VIP4:80/tcp"
xdplb real add "$VIP4:80/tcp" 10.20.1.2
check arrives get
check says-nothing silent xdplb
check says-nothing-droplet silent droplet
check json-has-none json xdplb .sent_lost null

peer xdp off
check still-nothing-refused test "$(refused)" -eq 0
check does-not-arrive eval '! get 2'
N=$(refused)
check refused-some test "$N" -gt 0
check says says xdplb "$LOST"
check says-how-many says xdplb "are lost \($N refused\)"
check says-droplet says droplet "$LOST"
check json json xdplb .sent_lost "{\"peer\":\"to-lb\",\"refused\":$N}"
check json-droplet json droplet .sent_lost "{\"peer\":\"to-lb\",\"refused\":$N}"

# With GRO the peer takes them in, and leaves them where they are.
at router ethtool -K to-lb gro on >/dev/null
check gro-does-not-arrive eval '! get 2'
check gro-says says xdplb "$LOST"
# Nor does a generic program help.
peer xdpgeneric obj "$B/obj/tests/net/pass.bpf.o" sec xdp
check generic-says says xdplb "$LOST"
peer xdpgeneric off

FIX=$(xdplb status | sed -n 's/.* will do: droplet //p')
check way-out test "$FIX" = 'attach to-lb --mode native'
check way-out-works at router "$B/droplet" $FIX
check way-out-silent silent xdplb
check way-out-arrives get
at router "$B/droplet" detach to-lb >/dev/null

# Generic mode sends them another way.
xdplb detach "$LB_IF"
droplet detach "$LB_IF" >/dev/null
xdplb attach "$LB_IF" --mode generic >/dev/null
xdplb vip add "$VIP4:80/tcp"
xdplb real add "$VIP4:80/tcp" 10.20.1.2
check generic-arrives get
check generic-says-nothing silent xdplb
exit $FAILED
