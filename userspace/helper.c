// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that the tool becomes, or asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "file.h"
#include "helper.h"

/* Beside the tool in the tree that it was built in, in libexec where it is installed */
static const char *const places[] = { "", "../libexec/icmpguard/" };

/* What each is built with, as Debian calls it */
static const struct {
	const char *name;
	const char *packages;
} built_with[] = {
	{ "import", "libnftables-dev and libjansson-dev are" },
	{ "xdp", "libbpf-dev is" },
};

#define PATH_ROOM	(4096 + 128)

/* @name is the command's; the program's is this after "icmpguard-" */
static bool find_program(const char *name, char *path, struct error *error)
{
	const char *packages = "";
	char own[4096];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	size_t i;

	own[length > 0 ? length : 0] = '\0';
	for (i = 0; length > 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PATH_ROOM, "%.*s%sicmpguard-%s",
			 (int)(strrchr(own, '/') - own + 1), own, places[i], name);
		if (!access(path, X_OK))
			return true;
	}
	for (i = 0; i < sizeof(built_with) / sizeof(built_with[0]); i++)
		if (!strcmp(built_with[i].name, name))
			packages = built_with[i].packages;
	return error_set(error, NULL,
			 "'%s' needs the program icmpguard-%s, which isn't here: Debian's package icmpguard has it, and 'make tool' builds it where %s",
			 name, name, packages);
}

/* @argv: room for HELPER_WORDS + 3 */
static void put_words(const char **argv, const char *path, bool json, const char *const *words)
{
	size_t i;

	*argv++ = path;
	if (json)
		*argv++ = "-j";
	for (i = 0; i < HELPER_WORDS && words[i]; i++)
		*argv++ = words[i];
	*argv = NULL;
}

/**
 * helper_run() - become another program
 * @context: the command's; -j is passed on
 * @name: the command's; the program's is this after "icmpguard-"
 * @words: its arguments, at most HELPER_WORDS; NULL ends them
 *
 * Return: only where there is none: STATUS_REFUSED, and the error says so.
 */
int helper_run(struct context *context, const char *name, const char *const *words)
{
	const char *argv[HELPER_WORDS + 3];
	char path[PATH_ROOM];

	if (find_program(name, path, &context->error)) {
		put_words(argv, path, context->out.json, words);
		execv(path, (char *const *)argv);
		error_set(&context->error, NULL, "can't run %s: %s", path, strerror(errno));
	}
	return STATUS_REFUSED;
}

/* A file, not a pipe: who doesn't read it ends nothing. Return: a descriptor; -1. */
static int make_input(const char *input)
{
	int fd = memfd_create("icmpguard", MFD_CLOEXEC);
	size_t length = strlen(input);
	ssize_t written;

	for (; fd >= 0 && length; input += written, length -= written) {
		written = write(fd, input, length);
		if (written < 0) {
			close(fd);
			return -1;
		}
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Return: the process; -1. */
static pid_t start(const char *const *argv, int input, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	err = posix_spawn(&child, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	errno = err;
	return err ? -1 : child;
}

/**
 * helper_ask() - run another program to its end
 * @name: as with helper_run()
 * @words: its arguments, likewise
 * @input: what it reads
 * @output: what it wrote, for the caller to free; NULL: it wasn't run
 * @error: filled in where it can't be run
 *
 * Return: whether it ended well.
 */
bool helper_ask(const char *name, const char *const *words, const char *input, char **output,
		struct error *error)
{
	const char *argv[HELPER_WORDS + 3];
	int status = -1, in, pipes[2];
	char path[PATH_ROOM];
	pid_t child = -1;
	bool read = false;
	size_t length;

	*output = NULL;
	if (!find_program(name, path, error))
		return false;
	put_words(argv, path, false, words);
	in = make_input(input);
	if (in >= 0 && !pipe2(pipes, O_CLOEXEC)) {
		child = start(argv, in, pipes[1]);
		close(pipes[1]);
		if (child >= 0)
			read = file_read_all(pipes[0], output, &length, error);
		close(pipes[0]);
	}
	if (child < 0)
		error_set(error, NULL, "can't run %s: %s", path, strerror(errno));
	if (in >= 0)
		close(in);
	while (child >= 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return read && WIFEXITED(status) && !WEXITSTATUS(status);
}
