# SPDX-License-Identifier: GPL-2.0
# daemon.sh - the daemon of droplet in namespaces, a BPF filesystem and a /run/xdpchain of its own:
# sourced by its tests. An interface `da`, and a peer that pings it.
set -u
if [ "${1:-}" != inside ]; then
	exec unshare --mount --net --propagation private "$0" inside
fi
mount -t bpf bpf /sys/fs/bpf
mkdir -p /run/xdpchain
mount -t tmpfs -o mode=0755,size=256k tmpfs /run/xdpchain
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
droplet=$B/droplet
tmp=$(mktemp -d)
conf=$tmp/droplet.yaml
sock=/run/xdpchain/droplet.sock
daemon=

unshare --net sleep infinity &
peer=$!
trap 'kill -9 $daemon $peer 2>/dev/null; wait 2>/dev/null; umount /sys/fs/bpf; umount -l /run/xdpchain; umount -l /run/systemd 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

. tests/cases.sh

# says NAME STATUS OUT ERR COMMAND... - it ends with STATUS, some line of standard output matches
# OUT, and of standard error exactly one line is there and matches ERR ("": nothing is said).
says() {
	local name=$1 status=$2 out=$3 err=$4 rc
	shift 4
	run "$@"
	rc=$?
	if [ $rc -ne "$status" ]; then not_ok "$name" "exit status $rc, not $status"
	elif [ -n "$out" ] && ! grep -qE -- "$out" "$tmp/out"; then not_ok "$name" "no '$out'"
	elif [ -z "$out" ] && [ -s "$tmp/out" ]; then not_ok "$name" "says something"
	elif [ -z "$err" ] && [ -s "$tmp/err" ]; then not_ok "$name" "says something on stderr"
	elif [ -n "$err" ] && [ "$(wc -l <"$tmp/err")" -ne 1 ]; then not_ok "$name" "not one line"
	elif [ -n "$err" ] && ! grep -qE -- "$err" "$tmp/err"; then not_ok "$name" "no '$err'"
	else ok "$name"; fi
}
# held NAME out|err PATTERN - what the last command said.
held() {
	if grep -qE -- "$3" "$tmp/$2"; then ok "$1"; else not_ok "$1" "no '$3'"; fi
}
pings() { from_peer ping -c1 -W1 10.1.0.1; }
drops() { ! from_peer ping -c1 -W0.2 10.1.0.1; }
logged() { grep -qE -- "$1" "$tmp/log"; }
stages() { "$droplet" status da --json | jq -c '[.stages[] | [.slot, .name, .prog_id, .shadow]]'; }
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
member() { setpriv --reuid 65534 --regid 65534 --groups adm "$@"; }
serves() { "$droplet" reload -s "$sock"; }

# start [ARGUMENT...] - the daemon, until it answers.
start() {
	"$droplet" run -c "$conf" --foreground "$@" 2>>"$tmp/log" &
	daemon=$!
	until_true test -S $sock
	until_true serves
}
stop() {
	kill "$daemon"
	wait "$daemon"
}

# What is configured in most cases: a policer with state, and one in shadow mode.
write() {
	cat >"$conf" <<-YAML
	interfaces: [da]
	policers:
	- {name: noping, kind: object, file: noping.bpf.o$1}
	- {name: odd, kind: malformed, mode: shadow}
	control: {group: adm}
	$2
	YAML
}

until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
ip link set lo up
ip link add da type veth peer name da netns $peer
from_peer ip link set da up
ip link set da up
from_peer ethtool -K da gro on >/dev/null 2>&1
ip addr add 10.1.0.1/24 dev da
from_peer ip addr add 10.1.0.2/24 dev da
until_true pings
cp "$B/obj/tests/net/noping.bpf.o" "$tmp"

chmod 755 "$tmp" # others run a copy of ours
mine=$tmp/droplet
cp "$droplet" "$mine"
chmod 755 "$mine"
