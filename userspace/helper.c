// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that the tool becomes.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "helper.h"

/* Beside the tool in the tree that it was built in, in libexec where it is installed */
static const char *const places[] = { "", "../libexec/icmpguard/" };

/**
 * helper_run() - become another program
 * @argv: its name and its arguments; NULL ends them
 *
 * Returns only where there is none.
 */
void helper_run(const char *const *argv)
{
	char own[4096], path[4096 + 64];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	size_t i;

	if (length <= 0)
		return;
	own[length] = '\0';
	own[strrchr(own, '/') - own + 1] = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", own, places[i], argv[0]);
		execv(path, (char *const *)argv);
	}
}
