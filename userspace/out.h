/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output: text for people or JSON for programs, out of the same calls.
 *
 * A call with a key and no format is for JSON only, one with a format and no
 * key is for text only.
 */
#ifndef ICMPGUARDCTL_OUT_H
#define ICMPGUARDCTL_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_DEPTH	8	/* objects and arrays in each other */

/**
 * struct out - where to, and how
 * @file: where to
 * @json: JSON
 * @depth: how many objects and arrays are open
 * @some: by depth: something is in it already
 * @array: by depth: it is an array, and what is in it has no keys
 * @lost: errno of the first output that could not be written; 0: none
 * @fields: the fields of a journal's entry instead, whose names begin so; NULL: no
 */
struct out {
	FILE *file;
	bool json;
	unsigned int depth;
	bool some[OUT_DEPTH + 1];
	bool array[OUT_DEPTH + 1];
	int lost;
	const char *fields;
};

void out_object(struct out *out, const char *key);
void out_object_end(struct out *out);
void out_array(struct out *out, const char *key);
void out_array_end(struct out *out);

void out_string(struct out *out, const char *key, const char *format, const char *value);
void out_number(struct out *out, const char *key, const char *format, uint64_t value);
void out_bool(struct out *out, const char *key, const char *text, bool value);
void out_null(struct out *out, const char *key, const char *text);
bool out_flush(struct out *out);
void out_text(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif /* ICMPGUARDCTL_OUT_H */
