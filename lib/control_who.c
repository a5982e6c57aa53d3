// SPDX-License-Identifier: GPL-2.0
/* Who asks, in words for a log. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "lib/control.h"

void control_who(const struct control_peer *peer, char who[CONTROL_WHO])
{
	char path[64], comm[32] = "?", buf[4096];
	struct passwd user, *found = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", peer->pid);
	file = fopen(path, "re");
	if (file && fgets(comm, sizeof(comm), file))
		comm[strcspn(comm, "\n")] = 0;
	if (file)
		fclose(file);
	getpwuid_r(peer->uid, &user, buf, sizeof(buf), &found);
	snprintf(who, CONTROL_WHO, "%.64s (uid %u, pid %d, %s)", found ? found->pw_name : "?",
		 peer->uid, peer->pid, comm);
}
