// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include "memory.h"

/**
 * memory_get() - make or enlarge an array
 * @old: the array, NULL: none yet
 * @n: how many are to fit, 1 at least
 * @size: of each
 *
 * A tool that ends in a moment has no better answer to a lack of memory than
 * to end now: nothing has been asked of the kernel yet.
 *
 * Return: the array, always.
 */
void *memory_get(void *old, size_t n, size_t size)
{
	void *array = reallocarray(old, n, size);

	if (!array) {
		fputs("icmpguardctl: not enough memory\n", stderr);
		exit(1);
	}
	return array;
}
