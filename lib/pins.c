// SPDX-License-Identifier: GPL-2.0
#include "lib/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <bpf/bpf.h>

#include "lib/util.h"
#include "xdpchain/chain.h"

#define BPFFS	     "/sys/fs/bpf"
#define LOCK_WAIT_NS (5 * NSEC)

void pins_path(char path[PINS_PATH], const char *ifname, const char *name)
{
	char dir[32];
	size_t i;

	for (i = 0; ifname[i] && i < sizeof(dir) - 1; i++)
		dir[i] = ifname[i] == '.' ? ':' : ifname[i];
	dir[i] = 0;
	snprintf(path, PINS_PATH, "%s/%s%s%s", CHAIN_PIN_ROOT, dir, name ? "/" : "",
		 name ? name : "");
}

void pins_ifname(char *ifname, size_t size, const char *name)
{
	size_t i;

	for (i = 0; name[i] && i < size - 1; i++)
		ifname[i] = name[i] == ':' ? '.' : name[i];
	ifname[i] = 0;
}

int pins_check(struct fail *f)
{
	struct statfs fs;

	if (geteuid() && access(CHAIN_PIN_ROOT, X_OK) && errno == EACCES)
		return fail_set(f, EPERM, "not permitted: run as root");
	if (statfs(BPFFS, &fs))
		return fail_set(f, errno == EACCES ? EPERM : ENOTSUP, BPFFS ": %s",
				strerror(errno));
	if (fs.f_type != BPF_FS_MAGIC)
		return fail_set(f, ENOTSUP,
				BPFFS " is not a BPF filesystem: mount -t bpf bpf " BPFFS
				      " (`ip netns exec` hides it: enter with nsenter --net=...)");
	return 0;
}

static int lock(__u64 until, struct fail *f)
{
	int fd;

	if (mkdir(CHAIN_PIN_ROOT, 0700) && errno != EEXIST)
		return fail_set(f, errno == EACCES ? EPERM : errno,
				errno == EACCES || errno == EPERM ? "not permitted: run as root"
								  : "cannot make " CHAIN_PIN_ROOT
								    ": %s",
				strerror(errno));
	fd = open(CHAIN_PIN_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_set(f, errno == EACCES ? EPERM : errno, "not permitted: run as root");
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			goto err;
		if (now_ns() > until) {
			errno = EBUSY;
			goto err;
		}
		usleep(10000);
	}
	return fd;
err:
	fail_set(f, errno,
		 errno == EBUSY ? "another command is changing a chain and holds the lock "
				  "on " CHAIN_PIN_ROOT ": try again when it is done"
				: "cannot lock " CHAIN_PIN_ROOT);
	close(fd);
	return errno == EBUSY ? -EBUSY : -EIO;
}

int pins_lock(struct fail *f)
{
	return lock(now_ns() + LOCK_WAIT_NS, f);
}

int pins_try_lock(void)
{
	return lock(0, NULL);
}

/* Who may not give it to that group leaves it private. */
static void share(const char *path, mode_t own, mode_t most)
{
	struct stat root;

	if (stat(CHAIN_PIN_ROOT, &root) || !(root.st_mode & 070))
		return;
	if (!chown(path, -1, root.st_gid))
		chmod(path, own | (root.st_mode & most));
}

int pins_mkdir(const char *path)
{
	if (mkdir(path, 0700))
		return -errno;
	share(path, 0700, 070);
	return 0;
}

int pins_pin(int fd, const char *path)
{
	if (bpf_obj_pin(fd, path))
		return -errno;
	share(path, 0600, 060);
	return 0;
}

int pins_link(const char *ifname, __u32 *prog_id, __u32 *ifindex)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	char path[PINS_PATH];
	int fd, err;

	pins_path(path, ifname, "link");
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	*prog_id = info.prog_id;
	*ifindex = info.xdp.ifindex;
	return err;
}

int pins_remove_dir(const char *path)
{
	char name[PINS_PATH + 256];
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		unlink(name);
	}
	closedir(d);
	return rmdir(path) && errno != ENOENT ? -errno : 0;
}

int pins_remove(const char *ifname)
{
	char path[PINS_PATH], name[PINS_PATH + 256];
	struct dirent *e;
	DIR *d;

	pins_path(path, ifname, NULL);
	d = opendir(path);
	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		pins_remove_dir(name);
	}
	closedir(d);
	return pins_remove_dir(path);
}
