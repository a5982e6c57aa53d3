# SPDX-License-Identifier: GPL-2.0
# booted.sh - sourced by a test that is to run under a real systemd: process 1 in namespaces of its
# own (processes, network, mounts, control groups), over this machine's files and a tmpfs that takes
# every write. `make install` has been done there. Nothing that this machine starts is started, but
# for the journal. What follows in the test is then a service of it, and the machine ends with it.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
if [ "${1:-}" = inside ]; then
	tmp=$(mktemp -d)
	. tests/cases.sh
	return
fi

# The files: all of them can be changed, and none is.
files() {
	local d
	mount -t tmpfs files "$work/files"
	mkdir "$work/files/up" "$work/files/work"
	mount -t overlay -o "lowerdir=/,upperdir=$work/files/up,workdir=$work/files/work" root "$root"
	# Those of another file system are not in it.
	for d in /usr "$PWD" "$(realpath "$B")"; do
		[ -n "$(ls -A "$root$d" 2>/dev/null)" ] && continue
		mkdir -p "$root$d"
		mount --bind "$d" "$root$d"
	done
	rm -rf "$root/etc/xdpchain"
	make -s -o all install B="$B" DESTDIR="$root"
	rm -rf "$root"/usr/lib/systemd/system/*.wants "$root"/usr/lib/systemd/system-generators \
		"$root"/etc/systemd/system "$root"/etc/fstab
}

# What a container has: settings of the machine can be read only.
kernel() {
	local d
	mount -t proc proc "$root/proc"
	for d in sys sysrq-trigger; do
		[ -e "$root/proc/$d" ] || continue
		mount --bind "$root/proc/$d" "$root/proc/$d"
		mount -o remount,bind,ro "$root/proc/$d"
	done
	mount -t sysfs -o ro sys "$root/sys"
	mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
	mount -t bpf bpf "$root/sys/fs/bpf"
	mount -t tmpfs -o mode=755 dev "$root/dev"
	for d in null zero full random urandom tty; do
		: >"$root/dev/$d"
		mount --bind "/dev/$d" "$root/dev/$d"
	done
	mkdir "$root/dev/shm"
	ln -s /proc/self/fd "$root/dev/fd"
	mount -t tmpfs -o mode=755 run "$root/run"
}

# The test as a service; the machine ends as it does.
service() {
	mkdir -p "$root/run/systemd/system"
	: >"$root/run/out"
	mount --bind "$work/out" "$root/run/out"
	cat >"$root/run/systemd/system/test.service" <<-UNIT
	[Unit]
	Requires=systemd-journald.service
	After=systemd-journald.service
	SuccessAction=exit-force
	FailureAction=exit-force
	[Service]
	Type=oneshot
	WorkingDirectory=$PWD
	Environment=B=$B TEST_EMULATED=${TEST_EMULATED:-}
	ExecStart=$(realpath "$0") inside
	StandardOutput=append:/run/out
	StandardError=append:/run/out
	UNIT
}

if [ "${1:-}" = boot ]; then
	set -e
	root=$work/root
	files
	kernel
	service
	cd "$root"
	mkdir -p old
	pivot_root . old
	umount -l /old
	exec env -i container=xdpchain PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		/lib/systemd/systemd --system --log-target=console --show-status=no --unit=test.service
fi

[ -x /lib/systemd/systemd ] || { echo "skip systemd: it is not installed"; exit 0; }
work=$(mktemp -d)
groups=$(findmnt -nro TARGET -t cgroup2 | head -n 1)
groups=${groups:+$groups/xdpchain-test-$$}
clean_up() {
	rm -rf "$work"
	[ -z "$groups" ] || find "$groups" -depth -type d -exec rmdir {} +
}
trap clean_up EXIT
trap 'exit 1' INT TERM
mkdir "$work/root" "$work/files"
: >"$work/out"
export work groups
# In a control group of its own, where there are any: that is the root of systemd's.
[ -z "$groups" ] || mkdir "$groups"
timeout -k 5 "${TEST_TIMEOUT:-500}" bash -c '[ -z "$groups" ] || echo $$ >"$groups/cgroup.procs"
	exec unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child --propagation private "$0" boot' \
	"$0" >"$work/console" 2>&1 </dev/null
rc=$?
cat "$work/out"
[ $rc -eq 0 ] || tail -n 20 "$work/console"
exit $rc
