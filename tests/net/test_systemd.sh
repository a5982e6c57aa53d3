#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The units of the daemons, as `make install` leaves them, under a real systemd: what start, reload,
# restart, a kill and stop do to the chains, and that their sandbox hinders nothing.
. "$(dirname "$0")/../booted.sh"

conf=/etc/xdpchain/droplet.yaml
metrics=/var/lib/prometheus/node-exporter
unshare --net sleep infinity &
peer=$!
trap 'kill $peer; [ $failed -eq 0 ] || journalctl -b -u droplet -u xdplb --no-pager | tail -n 60' EXIT
until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
ip link set lo up
ip link add da type veth peer name da netns $peer
from_peer ip link set da up
ip link set da up
from_peer ethtool -K da gro on >/dev/null 2>&1
ip addr add 10.1.0.1/24 dev da
from_peer ip addr add 10.1.0.2/24 dev da
mkdir -p $metrics
# A build with AddressSanitizer looks for leaks by tracing itself, which no unit of ours may.
for u in droplet xdplb; do
	mkdir -p /run/systemd/system/$u.service.d
	printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0 XDPCHAIN_COMPILE_SECONDS=60\n' \
		>/run/systemd/system/$u.service.d/test.conf
done
systemctl daemon-reload

pings() { from_peer ping -c1 -W1 10.1.0.1; }
drops() { ! from_peer ping -c1 -W0.2 10.1.0.1 >/dev/null; }
state() { [ "$(systemctl show -P "$2" "$1")" = "$3" ]; }
pid() { systemctl show -P MainPID "$1"; }
journal() { journalctl -q -b -u "$1" --no-pager -o cat | grep -qE -- "$2"; }
# again UNIT [PID]: systemd has started it again, and it is active with another pid.
again() {
	[ -n "${2:-}" ] || { [ "$(systemctl show -P NRestarts "$1")" -gt 0 ]; return; }
	state "$1" ActiveState active && [ "$(pid "$1")" != "$2" ]
}
# stage KEY: of the policer noping.
stage() { droplet status da --json | jq -r ".stages[] | select(.name == \"noping\") | .$1"; }
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
member() { setpriv --reuid 65534 --regid 65534 --groups adm "$@"; }
fails() { ! "$@"; }

# noping: drops pings, in C; $1: what else is configured.
write() {
	cat >$conf <<-YAML
	interfaces: [da]
	policers:
	- {name: blocklist, kind: blocklist, params: {max_prefixes: 1000}}
	- {name: noping, kind: source, file: noping.c}
	$1
	control: {group: adm}
	metrics: {textfile: $metrics/xdpchain.prom, every: 1s}
	YAML
}
cat >/etc/xdpchain/noping.c <<'C'
#include "xdpchain/stage.bpf.h"
enum noping_reason { NOPING_PING = 1 };
STAGE(noping)
{
	return pkt->ipproto == 1 ? DROP(NOPING_PING) : NEXT;
}
C
# A compiler that can be made to wait, and tells who it is.
cat >/usr/local/bin/clang <<'SH'
#!/bin/sh
until [ -e /run/compile ]; do :; done
echo "in the jail: uid $(id -u)" $(grep -E 'CapEff|NoNewPrivs' /proc/self/status) >&2
exec /usr/bin/clang "$@"
SH
chmod 755 /usr/local/bin/clang

# --- start ----------------------------------------------------------------------------------------
holds peer until_true pings
holds start-refused fails systemctl start droplet
holds start-refused-line until_true journal droplet '^droplet: /etc/xdpchain/droplet.yaml:[0-9]+: eth0: no such interface$'
holds start-refused-never-ready state droplet ActiveEnterTimestampMonotonic 0
holds start-tried-again until_true again droplet
systemctl stop droplet
write ""
systemctl start --no-block droplet
holds start-compiles until_true pgrep -f usr/local/bin/clang
holds not-active-yet state droplet ActiveState activating
holds not-policed-yet pings
touch /run/compile
until_true state droplet ActiveState active
holds active-is-enforcing drops
holds status-text state droplet StatusText '2 policers on 1 interface'
holds jailed journal droplet 'in the jail: uid 65534 .*CapEff: *0000000000000000 NoNewPrivs: 1'
holds metrics until_true grep -q 'stage="noping"' $metrics/xdpchain.prom
holds metrics-for-others nobody cat $metrics/xdpchain.prom
holds socket test "$(stat -c '%a %U %G' /run/xdpchain/droplet.sock)" = '660 root adm'
holds member member droplet status
holds member-reload member droplet reload
holds not-a-member fails nobody droplet reload

# --- reload ---------------------------------------------------------------------------------------
before=$(stage prog_id)
write "- {name: odd, kind: malformed, mode: shadow}"
holds reload systemctl reload droplet
holds reload-applied test "$(droplet status da --json | jq -r '[.stages[].name] | join(" ")')" = 'blocklist noping odd'
holds reload-leaves-the-rest test "$(stage prog_id)" = "$before"
holds reload-said-once test "$(journalctl -q -b -u droplet -o cat | grep -c 'odd: added')" = 1
holds status-reloaded state droplet StatusText '3 policers on 1 interface'
write "- {name: odd, kind: malfromed}"
holds reload-refused fails systemctl reload droplet
holds reload-refused-line until_true journal droplet '/etc/xdpchain/droplet.yaml:5: odd: kind: malfromed: no such kind, there are '
holds reload-refused-once test "$(journalctl -q -b -u droplet -p err -o cat | grep -c malfromed)" = 1
holds reload-refused-runs state droplet ActiveState active
holds reload-refused-untouched test "$(stage prog_id)" = "$before"
holds reload-refused-drops drops
write ""
sed -i "s|textfile: [^,]*|textfile: /var/lib/elsewhere/x.prom|" $conf
mkdir -p /var/lib/elsewhere
holds reload-elsewhere systemctl reload droplet
holds elsewhere-line until_true journal droplet '/var/lib/elsewhere/x.prom: Read-only file system'
write "- {name: odd, kind: malformed, mode: shadow}"
holds reload-back systemctl reload droplet

# --- restart, kill, stop: the chain goes on ---------------------------------------------------------
holds block droplet block 198.51.100.0/24 --note kept
for how in restart kill stop; do
	was=$(pid droplet) before=$(stage prog_id)
	drops
	packets=$(stage verdicts.drop.packets)
	case $how in
	restart) holds restart systemctl restart droplet ;;
	kill) kill -9 "$was"
		holds kill-drops drops
		holds kill-again until_true again droplet "$was" ;;
	stop) holds stop systemctl stop droplet
		holds stop-drops drops
		holds stop-shows droplet status da
		holds stop-no-daemon fails droplet reload
		holds start-again systemctl start droplet ;;
	esac
	until_true state droplet ActiveState active
	holds $how-another-process test "$(pid droplet)" != "$was"
	holds $how-same-program test "$(stage prog_id)" = "$before"
	holds $how-same-counters test "$(stage verdicts.drop.packets)" -ge "$packets"
	holds $how-same-list sh -c 'droplet list | grep -q kept'
	holds $how-drops drops
done

# --- xdplb ----------------------------------------------------------------------------------------
lbconf=/etc/xdpchain/xdplb.yaml
# balance STATE OF REAL 2
balance() {
	cat >$lbconf <<-YAML
	interfaces:
	- {name: da, lru_size: 4096, gateway: "02:00:00:00:00:01"}
	vips:
	- vip: "192.0.2.10:80/tcp"
	  check: {type: tcp, interval: 200ms, timeout: 100ms}
	  reals:
	  - {addr: 10.20.1.2}
	  $1
	control: {group: adm}
	YAML
}
reals() { xdplb real list 192.0.2.10:80/tcp --json | jq -r '[.real, .mode] | join(" ")'; }
lb_program() { droplet status da --json | jq '.stages[] | select(.slot == 15) | .prog_id'; }
holds lb-start-refused fails systemctl start xdplb
holds lb-start-refused-line until_true journal xdplb '^xdplb: /etc/xdpchain/xdplb.yaml:[0-9]+: .*eth0'
holds lb-start-refused-never-ready state xdplb ActiveEnterTimestampMonotonic 0
systemctl stop xdplb
balance ""
holds lb-start systemctl start xdplb
holds lb-active-is-serving test "$(reals | wc -l)" = 1
holds lb-status-text state xdplb StatusText '1 VIP on 1 interface'
holds lb-socket test "$(stat -c '%a %U %G' /run/xdpchain/xdplb.sock)" = '660 root adm'
holds lb-member member xdplb health
holds lb-not-a-member fails nobody xdplb reload
holds lb-checks until_true sh -c "xdplb health | grep -q 'down.*, 0 passed'"
holds lb-policed-still drops
before=$(lb_program)
balance "- {addr: 10.20.2.2, weight: 2}"
holds lb-reload systemctl reload xdplb
holds lb-reload-applied test "$(reals | wc -l)" = 2
balance "- {addr: 10.20.2.2, weight: many}"
holds lb-reload-refused fails systemctl reload xdplb
holds lb-reload-refused-line until_true journal xdplb 'xdplb.yaml:[0-9]+: .*many'
holds lb-reload-refused-runs state xdplb ActiveState active
holds lb-reload-refused-untouched test "$(reals | wc -l)" = 2
was=$(pid xdplb)
[ "$was" -gt 1 ] && kill -9 "$was"
balance "- {addr: 10.20.2.2, weight: 2}"
holds lb-kill-serves test "$(reals | wc -l)" = 2
holds lb-kill-again until_true again xdplb "$was"
holds lb-same-program test "$(lb_program)" = "$before"
holds lb-stop systemctl stop xdplb
holds lb-stop-serves test "$(reals | wc -l)" = 2
holds lb-stop-droplet-runs systemctl reload droplet
exit $failed
