/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_MM_H
#define _FUZZ_MM_H

#include <linux/slab.h>

#define PAGE_SHIFT	12

static inline unsigned long totalram_pages(void)
{
	return 1UL << 20;
}

/* Aligned to a cache line, as a table needs it; filled with garbage, as kvmalloc doesn't zero */
static inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	void *p;

	if (fuzz_refused() || posix_memalign(&p, 64, n * size + 1))
		return NULL;
	return memset(p, 0xa5, n * size);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	void *p = kvmalloc_array(n, size, flags);

	return p ? memset(p, 0, n * size) : NULL;
}

static inline void kvfree(const void *p)
{
	free((void *)p);
}

#endif /* _FUZZ_MM_H */
