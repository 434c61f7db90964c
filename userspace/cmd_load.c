// SPDX-License-Identifier: GPL-2.0-only
/*
 * load: load the module by modprobe.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "advice.h"
#include "command.h"

#define PATH	"/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"

/* advice_refused() reads modprobe's messages, in English. Return: its process; -1: none */
static pid_t start(int errors)
{
	static char *const arguments[] = { "modprobe", "icmpguard", NULL };
	posix_spawn_file_actions_t actions;
	pid_t child;
	int err;

	setenv("PATH", PATH, 1);
	setenv("LC_ALL", "C", 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	err = posix_spawnp(&child, "modprobe", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	errno = err;
	return err ? -1 : child;
}

/* Reads to the end, so that the writer never blocks, and keeps what fits. */
static void read_all(int fd, char *text, size_t room)
{
	size_t length = 0;
	char rest[512];
	ssize_t got;

	for (;;) {
		got = length < room - 1 ? read(fd, text + length, room - 1 - length) :
					  read(fd, rest, sizeof(rest));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (length < room - 1)
			length += got;
	}
	text[length] = '\0';
}

static bool load(struct error *error)
{
	struct machine machine = { .root = "" };
	struct utsname name;
	char said[4096];
	int pipes[2], status;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC))
		return error_set(error, NULL, "can't create a pipe: %s", strerror(errno));
	child = start(pipes[1]);
	close(pipes[1]);
	if (child < 0) {
		error_set(error, NULL, "can't run modprobe: %s (it is in the package kmod)",
			  strerror(errno));
		close(pipes[0]);
		return false;
	}
	read_all(pipes[0], said, sizeof(said));
	close(pipes[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	uname(&name);
	machine.release = name.release;
	advice_refused(&machine, said, error);
	return false;
}

static int run(struct context *context)
{
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	load(&context->error);
	return command_refused(context);
}

const struct command command_load = {
	.name = "load",
	.usage = "",
	.summary = "load the module, or report why it can't be loaded",
	.details =
"Runs modprobe, with the parameters in /etc/modprobe.d; the module starts with\n"
"its defaults. If that fails, it reports the cause (kernel headers that are\n"
"missing, a key that isn't trusted, a module that is missing) and the next\n"
"step. Where icmpguard.service is installed, 'systemctl start icmpguard' does\n"
"this and applies the configuration.\n"
"\n"
"Example: icmpguardctl load\n",
	.run = run,
};
