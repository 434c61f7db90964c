// SPDX-License-Identifier: GPL-2.0-only
/*
 * apply, check: a file with a whole configuration.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "command.h"
#include "memory.h"

#define FILE_MAX	(256U << 20)	/* octets; a million rules are a quarter of it */

/* How much there is to read, where that is known beforehand */
static size_t size_of(int fd)
{
	struct stat stat;

	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_size > FILE_MAX)
		return 0;
	return stat.st_size;
}

static bool read_all(int fd, char **octets, size_t *length, struct error *error)
{
	size_t room = size_of(fd) + 65536;

	*octets = memory_get(NULL, room, 1);
	*length = 0;
	for (;;) {
		/* text_split() wants an octet of room behind. */
		ssize_t got = read(fd, *octets + *length, room - *length - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, NULL, "it can't be read: %s", strerror(errno));
		if (!got)
			return true;
		*length += got;
		if (*length > FILE_MAX)
			return error_set(error, NULL, "it is larger than %u MiB", FILE_MAX >> 20);
		if (*length + 1 == room) {
			room *= 2;
			*octets = memory_get(*octets, room, 1);
		}
	}
}

static bool read_file(const char *name, struct text *text, struct error *error)
{
	int fd = STDIN_FILENO;
	char *octets = NULL;
	size_t length;
	bool got;

	if (strcmp(name, "-")) {
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return error_set(error, NULL, "it can't be opened: %s", strerror(errno));
	}
	got = read_all(fd, &octets, &length, error);
	if (fd != STDIN_FILENO)
		close(fd);
	if (got)
		return text_split(text, octets, length, error);
	text->octets = octets;
	return false;
}

static int run(struct context *context, bool send)
{
	const struct word *word = words_read(&context->words);
	struct change change = { .replace = true };
	struct text text = { 0 };

	if (!word) {
		error_set(&context->error, NULL, "the name of a file is missing");
		return STATUS_USAGE;
	}
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	context->file = strcmp(word->text, "-") ? word->text : "standard input";
	if (read_file(word->text, &text, &context->error) &&
	    parse_text(&text, &change, &context->error) && send)
		command_send(context, &change);
	change_release(&change);
	text_release(&text);
	return command_refused(context);
}

static int run_apply(struct context *context)
{
	return run(context, true);
}

static int run_check(struct context *context)
{
	return run(context, false);
}

const struct command command_apply = {
	.name = "apply",
	.usage = "FILE|-",
	.summary = "replace the whole configuration by a file's, or change nothing",
	.details =
"The file has one statement a line, as 'show' prints them; a # begins a\n"
"comment. What it doesn't mention is as the defaults say. No packet is judged\n"
"by half of it, and a file with an error in it changes nothing.\n"
"\n"
"Example: icmpguardctl apply /etc/icmpguard/icmpguard.conf\n",
	.run = run_apply,
};

const struct command command_check = {
	.name = "check",
	.usage = "FILE|-",
	.summary = "say what is wrong with a file, changing nothing",
	.details =
"It needs neither the module nor root. What depends on the kernel, such as how\n"
"large a table may be, only 'apply' finds out.\n"
"\n"
"Example: icmpguardctl check icmpguard.conf && icmpguardctl apply icmpguard.conf\n",
	.run = run_check,
};
