/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz targets share. A target is one function that is given bytes;
 * libFuzzer calls it with whatever reaches new code, replay.c with the cases
 * that are kept.
 */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A violated invariant: stops as a sanitizer would. */
#define PROMISE(condition, ...) do {				\
	if (!(condition)) {					\
		fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);	\
		fprintf(stderr, __VA_ARGS__);			\
		fputc('\n', stderr);				\
		abort();					\
	}							\
} while (0)

/**
 * struct input - bytes that are consumed one by one
 * @at: the next one
 * @left: how many there are; after the last one come zeros
 */
struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t take(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

static inline uint16_t take16(struct input *input)
{
	uint16_t high = take(input);

	return high << 8 | take(input);
}

static inline uint32_t take32(struct input *input)
{
	uint32_t high = take16(input);

	return high << 16 | take16(input);
}

static inline uint64_t take64(struct input *input)
{
	uint64_t high = take32(input);

	return high << 32 | take32(input);
}

#endif /* _FUZZ_H */
