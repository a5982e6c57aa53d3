// SPDX-License-Identifier: GPL-2.0
/* droplet new - a file to write a policer in. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "droplet/droplet.h"
#include "lib/sdk.h"
#include "lib/util.h"

/* A name in C, in small letters: that of the stage, of its enum of reasons, of the file. */
static int check_name(const char *name)
{
	/* of the skeleton and the SDK, and words of C that could be meant */
	static const char *const taken[] = {
		"auto",	  "break", "case",   "char",  "const",	 "default", "do",     "double",
		"else",	  "enum",  "extern", "float", "for",	 "goto",    "if",     "inline",
		"int",	  "long",  "return", "short", "signed",	 "sizeof",  "static", "struct",
		"switch", "union", "void",   "while", "friends", "limit",   "port",   "seen",
		"slots",  "tap",   "cpus",   "stage", "linux",	 "unix",    "pkt",    "ctx",
	};

	if (!islower((unsigned char)*name) || strlen(name) >= CHAIN_NAME_LEN)
		return say_usage("new: %s: a name begins with a letter a-z, and has at most %d",
				 name, CHAIN_NAME_LEN - 1);
	for (const char *p = name; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
			return say_usage("new: %s: a name is made of a-z, 0-9 and _", name);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (!strcmp(name, taken[i]))
			return say_usage("new: %s: that name is taken, choose another", name);
	return CLI_OK;
}

static void put_name(FILE *out, const char *name, int capitals)
{
	for (; *name; name++)
		fputc(capitals ? toupper((unsigned char)*name) : *name, out);
}

static void put_skeleton(FILE *out, const char *name)
{
	const char *p = sdk_skeleton[0].data, *end = p + sdk_skeleton[0].size;

	while (p < end) {
		const char *at = memchr(p, SDK_NAME[0], end - p);

		fwrite(p, 1, (at ? at : end) - p, out);
		p = at ? at : end;
		if (end - p >= (long)strlen(SDK_NAME) && !memcmp(p, SDK_NAME, strlen(SDK_NAME))) {
			put_name(out, name, 0);
			p += strlen(SDK_NAME);
		} else if (end - p >= (long)strlen(SDK_CAPS) &&
			   !memcmp(p, SDK_CAPS, strlen(SDK_CAPS))) {
			put_name(out, name, 1);
			p += strlen(SDK_CAPS);
		} else if (p < end) {
			fputc(*p++, out);
		}
	}
}

static int say_errno(const char *path, int err)
{
	fprintf(stderr, "droplet: new: %s: %s\n", path,
		err == EEXIST ? "is there already, and left as it is" : strerror(err));
	return CLI_FAILED;
}

int cmd_new(int argc, char **argv)
{
	char path[CHAIN_NAME_LEN + 2];
	int exit_status = check_name(argv[1]), fd, failed;
	FILE *out;

	(void)argc;
	if (exit_status)
		return exit_status;
	snprintf(path, sizeof(path), "%s.c", argv[1]);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		return say_errno(path, errno);
	put_skeleton(out, argv[1]);
	failed = ferror(out);
	if (fclose(out) || failed) {
		int err = errno;

		unlink(path);
		return say_errno(path, err);
	}
	printf("%s: written; how it gets into droplet.yaml is said in it, and all else in "
	       "xdpchain-policer(7)\n",
	       path);
	return CLI_OK;
}
