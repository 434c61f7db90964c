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
 * @context: the command's; -j is passed on
 * @name: the command's; the program's is this after "icmpguard-"
 * @words: its arguments, at most HELPER_WORDS; NULL ends them
 * @packages: Debian's that it is built with
 *
 * Return: only where there is none: STATUS_REFUSED, and the error says so.
 */
int helper_run(struct context *context, const char *name, const char *const *words,
	       const char *packages)
{
	char program[64], own[4096], path[4096 + 128];
	const char *argv[HELPER_WORDS + 3] = { program };
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	size_t i, next = 1;

	snprintf(program, sizeof(program), "icmpguard-%s", name);
	if (context->out.json)
		argv[next++] = "-j";
	for (i = 0; i < HELPER_WORDS && words[i]; i++)
		argv[next++] = words[i];
	own[length > 0 ? length : 0] = '\0';
	for (i = 0; length > 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(strrchr(own, '/') - own + 1), own,
			 places[i], program);
		execv(path, (char *const *)argv);
	}
	error_set(&context->error, NULL,
		  "'%s' needs the program %s, which isn't here: Debian's package icmpguard has it, and 'make tool' builds it where %s",
		  name, program, packages);
	return STATUS_REFUSED;
}
