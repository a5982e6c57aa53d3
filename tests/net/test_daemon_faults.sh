#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The daemon of droplet where things go wrong around it: a full disk, a closed pipe, a compiler that
# hangs, a kill in the middle; and what systemd, its journal and its unit make of it.
. "$(dirname "$0")/../daemon.sh"

# --- a full disk, a closed pipe, systemd ------------------------------------------------------------
# The configuration is a link, and later leads elsewhere.
write "" ""
grep -v odd "$conf" >"$tmp/other.yaml"
mv "$conf" "$tmp/one.yaml"
ln -s one.yaml "$conf"
start
ln -sf other.yaml "$conf"
says link-leads-elsewhere 0 '^da: odd: removed from slot 2$' '' "$droplet" reload
ln -sf one.yaml "$conf"
holds link-back serves
rm "$conf"
write "" ""
holds three-pings eval 'pings && pings && pings && drops'
before=$(stages)
dd if=/dev/zero of=/run/xdpchain/fill bs=1k 2>/dev/null
says full-promote 1 '' 'droplet.state: No space left on device: it cannot be remembered, nothing is changed' \
	"$droplet" promote odd
holds full-untouched test "$(stages)" = "$before"
says full-reload 0 'kept in slot 1' '' "$droplet" reload
rm /run/xdpchain/fill
holds full-over "$droplet" promote odd
stop
"$droplet" run -c "$conf" --foreground 2> >(exec 0<&-) &
daemon=$!
holds pipe-closed until_true serves
stop
# --- a socket elsewhere: found by the configuration, or told ------------------------------------------
write "" ""
mkdir -p "$tmp/etc/xdpchain"
cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache "$tmp/etc"
cp "$tmp/noping.bpf.o" "$tmp/etc/xdpchain"
sed 's|^control: .*|control: {socket: /run/xdpchain/sub/other.sock}|' "$conf" >"$tmp/etc/xdpchain/droplet.yaml"
in_etc() { unshare --mount --propagation private sh -c "mount --bind $tmp/etc /etc && exec \"\$@\"" sh "$@"; }
in_etc "$droplet" run --foreground 2>>"$tmp/log" &
daemon=$!
holds elsewhere until_true in_etc "$droplet" reload
says elsewhere-told 0 'kept in slot 1' '' "$droplet" reload -s /run/xdpchain/sub/other.sock
says elsewhere-not-found 1 '' 'no daemon is there' "$droplet" reload
kill "$(pgrep -P $daemon || echo $daemon)"
wait $daemon

# --- a compiler that hangs, and one that warns: all else is answered meanwhile ------------------------
mkdir "$tmp/bin"
printf '#!/bin/sh\nuntil [ -e %s/go ]; do sleep 0.05; done\nexec /usr/bin/clang "$@"\n' "$tmp" >"$tmp/bin/clang"
chmod 755 "$tmp/bin" "$tmp/bin/clang"
list="}
- {name: blocked, kind: blocklist, params: {max_prefixes: 100}"
write "$list" ""
PATH=$tmp/bin:$PATH start
before=$(stages)
printf '#include "xdpchain/stage.bpf.h"\nenum three_reason { THREE_NO = 1 };\nSTAGE(three) { int x; return NEXT; }\n' \
	>"$tmp/three.c"
write "$list}
- {name: three, kind: source, file: three.c" ""
soon() { member timeout "${TEST_EMULATED:-3}" "$@"; }
compiling() { "$droplet" status | grep -q ', compiling three$'; }
"$droplet" reload >"$tmp/hang.out" 2>"$tmp/hang.err" &
reload=$!
holds hang-is-told until_true compiling
"$droplet" disable odd >"$tmp/disable.out" 2>&1 &
disable=$!
"$droplet" reload >"$tmp/second.out" 2>"$tmp/second.err" &
second=$!
"$droplet" disable noping >/dev/null 2>&1 &
gone=$!
waiting() { [ "$(ss -xnH state established src unix:$sock | wc -l)" -eq 4 ]; }
holds hang-others-wait until_true waiting
kill $gone
wait $gone
says block-while-it-hangs 0 'blocked' '' soon "$mine" block 10.1.0.0/24 --note hang
holds block-while-it-hangs-drops drops
holds list-while-it-hangs sh -c "$droplet list | grep -q hang"
holds rules-while-it-hangs soon "$mine" rules
holds top-while-it-hangs soon "$mine" top
holds policers-while-it-hangs soon "$mine" policers
holds unblock-while-it-hangs soon "$mine" unblock 10.1.0.0/24
says panic-while-it-hangs 0 '^da: every policer is stepped over' '' soon "$mine" panic
holds panic-while-it-hangs-passes pings
says panic-back-while-it-hangs 0 '^da: the policers police again' '' soon "$mine" panic --back
holds panic-back-while-it-hangs-drops drops
holds status-while-it-hangs soon "$mine" status
holds hang-nothing-applied test "$(stages)" = "$before"
holds hang-still-compiles compiling
wait $reload
cp "$tmp/hang.err" "$tmp/err"
held hang err "^droplet: $conf:5: three: .*the compiler was ended after [0-9]+"
holds hang-one-line test "$(wc -l <"$tmp/hang.err")" -eq 1
holds hang-panic-log logged '^droplet: panic --back, by nobody'
# Those who wait are served in turn, and what is to be compiled is compiled anew for each of them.
touch "$tmp/go"
wait $disable && ok hang-disable || not_ok hang-disable "$(cat "$tmp/disable.out")"
wait $second && ok hang-second || not_ok hang-second "$(cat "$tmp/second.err")"
cp "$tmp/second.err" "$tmp/err"
held warning err 'three.c:3:.*unused variable'
holds warning-log logged 'three.c:3:.*unused variable'
holds warning-loaded grep -q three <<<"$(stages)"
holds hang-who-left-is-left-out grep -q noping <<<"$(stages)"
holds hang-over-status sh -c "! $droplet status | grep -q compiling"
rm "$tmp/go"

# A stop does not wait for it, a SIGHUP does, and a start is told apart from one that is done.
echo >>"$tmp/three.c"
kill -HUP "$daemon"
holds hang-sighup until_true compiling
kill "$daemon"
timeout "${TEST_EMULATED:-3}" tail --pid="$daemon" -f /dev/null && ok hang-stop || not_ok hang-stop "it goes on"
wait "$daemon"
holds hang-stop-ends-the-compiler until_true sh -c "! pgrep -f '[b]in/clang'"
PATH=$tmp/bin:$PATH "$droplet" run -c "$conf" --foreground 2>>"$tmp/log" &
daemon=$!
holds hang-start until_true sh -c "$droplet status | grep -q 'not applied yet.*, compiling three$'"
holds hang-start-panic soon "$mine" panic
holds hang-start-block soon "$mine" block 198.51.100.7
holds hang-start-policers soon "$mine" policers
holds hang-start-panic-back soon "$mine" panic --back
stop && ok hang-start-stop || not_ok hang-start-stop "exit status $?"
touch "$tmp/go"
echo nonsense >>"$tmp/three.c"
PATH=$tmp/bin:$PATH run "$droplet" run -c "$conf" --foreground
held start-refused-by-the-compiler err "^droplet: $conf:5: three: .*three.c:5: unknown type name 'nonsense'$"
sed -i '$d' "$tmp/three.c"
write "" ""
start
holds odd-again "$droplet" enable odd

# --- killed in the middle of a change ------------------------------------------------------------------
for i in 1 2 3 4 5 6; do
	write ", mode: $([ $((i % 2)) = 1 ] && echo enforce || echo shadow)}
- {name: frag$i, kind: fragments" ""
	"$droplet" reload >/dev/null 2>&1 &
	reload=$!
	read -r -t "0.0$((i * 7))" <> <(:)
	kill -9 "$daemon"
	wait "$daemon" $reload 2>/dev/null
	run "$droplet" status da --json || not_ok killed-$i "no status"
	start
	jq -e '[.stages[].name] | contains(["noping", "odd", "frag'$i'"])' <<<"$("$droplet" status da --json)" >/dev/null ||
		not_ok "killed-$i" "not as configured: $(stages)"
done
write "" ""
holds killed-in-the-middle serves
holds killed-leaves-no-stages test "$(ls -d /sys/fs/bpf/xdpchain/da/stage[0-9]* | wc -l)" -eq 2
stop

# --- systemd: what it is told, and its journal ------------------------------------------------------------
cat >"$tmp/notify.py" <<'PY'
import os, socket, subprocess, sys
path = sys.argv[1] + "/notify"
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(path)
s.settimeout(20)
env = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")
d = subprocess.Popen(sys.argv[2:], env=env)
def until(word):
    while True:
        got = s.recv(4096).decode().split("\n")
        if any(l.startswith(word) for l in got): return got
got = until("READY=1")
assert "MAINPID=%d" % d.pid in got and any(l.startswith("STATUS=2 policers on 1 interface") for l in got), got
until("WATCHDOG=1")
d.send_signal(1)
assert any(l.startswith("MONOTONIC_USEC=") for l in until("RELOADING=1"))
until("READY=1")
d.terminate()
until("STOPPING=1")
assert d.wait() == 0
d = subprocess.Popen([sys.argv[2], "run", "-c", sys.argv[1] + "/refused.yaml", "-F"], env=env, stderr=subprocess.DEVNULL)
assert d.wait() == 1
s.setblocking(False)
try:
    assert "READY=1" not in s.recv(4096).decode(), "ready, and refused"
except BlockingIOError:
    pass
j = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
j.bind("/run/systemd/journal/socket")
j.settimeout(20)
d = subprocess.Popen(sys.argv[2:-1], stderr=subprocess.DEVNULL)
got = j.recv(65536).decode()
assert "SYSLOG_IDENTIFIER=droplet\n" in got and "PRIORITY=5\n" in got and "MESSAGE=start: " in got, got
d.terminate()
assert d.wait() == 0
PY
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
mkdir /run/systemd/journal
sed 's/\[da\]/[da, nosuch0]/' "$conf" >"$tmp/refused.yaml"
holds systemd python3 "$tmp/notify.py" "$tmp" "$droplet" run -c "$conf" --foreground

# --- the unit: what it leaves to the daemon is enough ---------------------------------------------------
sed "s|@SBINDIR@|$tmp|" packaging/droplet.service.in >"$tmp/droplet.service"
if command -v systemd-analyze >/dev/null; then
	holds unit systemd-analyze --man=no verify "$tmp/droplet.service"
else
	echo "skip unit: no systemd-analyze"
fi
caps=$(sed -n 's/^CapabilityBoundingSet=//p' packaging/droplet.service.in | sed 's/CAP_/,+/g; s/ //g' | tr A-Z a-z)
write "}
- {name: three, kind: source, file: three.c" "metrics: {textfile: /run/xdpchain/x.prom, every: 1s}"
# Capabilities of the unit alone, and a root file system that is read-only.
unshare --mount --propagation private sh -c 'mount -o remount,ro,bind / && exec "$@"' sh \
	setpriv --no-new-privs --bounding-set "-all$caps" --inh-caps -all \
	"$droplet" run -c "$conf" --foreground 2>>"$tmp/log" &
daemon=$!
holds unit-serves until_true serves
holds unit-compiles grep -q three <<<"$(stages)"
holds unit-remembers "$droplet" disable odd
holds unit-metrics until_true grep -q three /run/xdpchain/x.prom
holds unit-socket-group test "$(stat -c '%G' $sock)" = adm
stop
exit $failed
