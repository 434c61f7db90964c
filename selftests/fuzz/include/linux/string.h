/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_STRING_H
#define _FUZZ_STRING_H

#include <string.h>
#include <linux/err.h>

/* lib/string.c: what fits, and always an end */
static inline ssize_t strscpy(char *to, const char *from, size_t room)
{
	size_t length = strnlen(from, room);

	if (!room)
		return -E2BIG;
	if (length == room) {
		memcpy(to, from, room - 1);
		to[room - 1] = '\0';
		return -E2BIG;
	}
	memcpy(to, from, length + 1);
	return length;
}

#endif /* _FUZZ_STRING_H */
