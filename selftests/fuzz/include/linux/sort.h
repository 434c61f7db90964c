/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_SORT_H
#define _FUZZ_SORT_H

#include <stdlib.h>

/* Callers mustn't rely on this one being stable, as the kernel's isn't. */
static inline void sort(void *base, size_t n, size_t size,
			int (*compare)(const void *a, const void *b), void *swap)
{
	qsort(base, n, size, compare);
}

#endif /* _FUZZ_SORT_H */
