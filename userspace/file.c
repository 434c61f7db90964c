// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files: read whole, split into words.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"
#include "json.h"
#include "memory.h"

#define FILE_MAX	(256U << 20)	/* bytes; a million rules are a quarter of it */

/* How much there is to read, where that is known beforehand */
static size_t size_of(int fd)
{
	struct stat stat;

	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_size > FILE_MAX)
		return 0;
	return stat.st_size;
}

/**
 * file_read_all() - read to the end
 * @fd: what
 * @bytes: filled in, followed by a NUL; to be freed in any case
 * @length: how many, without that
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool file_read_all(int fd, char **bytes, size_t *length, struct error *error)
{
	size_t room = size_of(fd) + 65536;

	*bytes = memory_get(NULL, room, 1);
	*length = 0;
	for (;;) {
		/* text_split() needs a byte of room at the end. */
		ssize_t got = read(fd, *bytes + *length, room - *length - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, NULL, "it can't be read: %s", strerror(errno));
		if (!got) {
			(*bytes)[*length] = '\0';
			return true;
		}
		*length += got;
		if (*length > FILE_MAX)
			return error_set(error, NULL, "it is larger than %u MiB", FILE_MAX >> 20);
		if (*length + 1 == room) {
			room *= 2;
			*bytes = memory_get(*bytes, room, 1);
		}
	}
}

/**
 * file_bytes() - read a file
 * @name: its name, "-" for the standard input
 * @bytes: filled in, followed by a NUL; to be freed in any case
 * @length: how many, without that
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool file_bytes(const char *name, char **bytes, size_t *length, struct error *error)
{
	int fd = STDIN_FILENO;
	bool got;

	if (strcmp(name, "-")) {
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return error_set(error, NULL, "it can't be opened: %s", strerror(errno));
	}
	got = file_read_all(fd, bytes, length, error);
	if (fd != STDIN_FILENO)
		close(fd);
	return got;
}

/**
 * file_read() - read a file of statements
 * @name: its name, "-" for the standard input
 * @text: its words; text_release() it in any case
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool file_read(const char *name, struct text *text, struct error *error)
{
	char *bytes = NULL;
	size_t length;

	if (file_bytes(name, &bytes, &length, error))
		return text_split(text, bytes, length, error);
	text->bytes = bytes;
	return false;
}

/**
 * file_read_config() - read a file of statements, or of JSON that says the same
 * @name: its name, "-" for the standard input
 * @text: its words; text_release() it in any case
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool file_read_config(const char *name, struct text *text, struct error *error)
{
	char *bytes = NULL;
	size_t length;

	if (file_bytes(name, &bytes, &length, error))
		return (json_is(bytes, length) ? json_split : text_split)(text, bytes, length,
									   error);
	text->bytes = bytes;
	return false;
}
