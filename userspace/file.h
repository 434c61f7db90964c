/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files: read whole, split into words.
 */
#ifndef ICMPGUARDCTL_FILE_H
#define ICMPGUARDCTL_FILE_H

#include "words.h"

bool file_read_all(int fd, char **bytes, size_t *length, struct error *error);
bool file_bytes(const char *name, char **bytes, size_t *length, struct error *error);
bool file_read(const char *name, struct text *text, struct error *error);
bool file_read_config(const char *name, struct text *text, struct error *error);

#endif /* ICMPGUARDCTL_FILE_H */
