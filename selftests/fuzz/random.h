/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that are the same with the same seed, and the cases that
 * a program begins from: see replay.c for their format.
 */
#ifndef _FUZZ_RANDOM_H
#define _FUZZ_RANDOM_H

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A counter, mixed: Steele et al., Fast Splittable Pseudorandom Number Generators, 2014 */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/**
 * struct seed - a case to mutate
 * @bytes: its bytes
 * @length: how many
 */
struct seed {
	uint8_t *bytes;
	size_t length;
};

static inline size_t seed_decode(char *text, uint8_t *bytes)
{
	size_t n = 0;

	while (*text && *text != '\n') {
		if (text[0] == '\\' && text[1] == 'x') {
			char digits[3] = { text[2], text[3] };

			bytes[n++] = strtoul(digits, NULL, 16);
			text += 4;
		} else {
			text += *text == '\\';
			bytes[n++] = *text++;
		}
	}
	return n;
}

/* Return: how many were read, none where the file can't be. */
static inline size_t seeds_read(const char *name, struct seed **seeds)
{
	FILE *file = fopen(name, "r");
	size_t n = 0, room = 0;
	char *line = NULL;

	*seeds = NULL;
	while (file && getline(&line, &room, file) > 0) {
		struct seed seed;

		if (*line == '#' || *line == '\n')
			continue;
		seed.bytes = malloc(strlen(line));
		seed.length = seed_decode(line, seed.bytes);
		*seeds = realloc(*seeds, (n + 1) * sizeof(**seeds));
		(*seeds)[n++] = seed;
	}
	if (file)
		fclose(file);
	free(line);
	return n;
}

#endif /* _FUZZ_RANDOM_H */
