// SPDX-License-Identifier: GPL-2.0-only
/*
 * The journal: entries in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "journal.h"

/**
 * journal_field() - add a field to an entry
 * @file: the entry
 * @prefix: what its name begins with
 * @key: and how it goes on; written in capitals
 * @value: any text
 *
 * A value of several lines has its length before it, so that a value can't add
 * fields.
 */
void journal_field(FILE *file, const char *prefix, const char *key, const char *value)
{
	uint64_t length = strlen(value);
	int i;

	fputs(prefix, file);
	for (; *key; key++)
		putc(isalnum((unsigned char)*key) ? toupper((unsigned char)*key) : '_', file);
	if (strchr(value, '\n')) {
		putc('\n', file);
		for (i = 0; i < 64; i += 8)
			putc(length >> i & 0xff, file);
	} else {
		putc('=', file);
	}
	fprintf(file, "%s\n", value);
}

/**
 * journal_open() - connect to it
 * @journal: journal_close() it in any case
 * @error: filled in otherwise
 *
 * Return: whether it is there.
 */
bool journal_open(struct journal *journal, struct error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };

	journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal->fd < 0 ||
	    connect(journal->fd, (struct sockaddr *)&address, sizeof(address)))
		return error_set(error, NULL, "the journal at %s doesn't answer: %s",
				 JOURNAL_SOCKET, strerror(errno));
	return true;
}

static bool send_once(struct journal *journal, const char *entry, size_t length)
{
	ssize_t sent;

	do
		sent = send(journal->fd, entry, length, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)length;
}

/**
 * journal_send() - send an entry
 * @journal: the connection
 * @entry: its fields
 * @length: bytes
 * @error: filled in otherwise
 *
 * A restarted journal has another socket of the same name.
 *
 * Return: whether it was taken.
 */
bool journal_send(struct journal *journal, const char *entry, size_t length, struct error *error)
{
	if (send_once(journal, entry, length))
		return true;
	journal_close(journal);
	if (!journal_open(journal, error))
		return false;
	if (send_once(journal, entry, length))
		return true;
	return error_set(error, NULL, "the journal accepts no entry: %s", strerror(errno));
}

/**
 * journal_close() - end a connection
 * @journal: whether or not it was made
 */
void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}
