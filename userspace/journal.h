/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal: entries in its native protocol, a datagram each.
 */
#ifndef ICMPGUARDCTL_JOURNAL_H
#define ICMPGUARDCTL_JOURNAL_H

#include <stdio.h>
#include "words.h"

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"

/**
 * struct journal - a connection to it
 * @fd: the socket; -1: there is none
 */
struct journal {
	int fd;
};

void journal_field(FILE *file, const char *prefix, const char *key, const char *value);
bool journal_open(struct journal *journal, struct error *error);
bool journal_send(struct journal *journal, const char *entry, size_t length, struct error *error);
void journal_close(struct journal *journal);

#endif /* ICMPGUARDCTL_JOURNAL_H */
