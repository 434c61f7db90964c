/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_MM_H
#define _SIM_MM_H

#include <linux/slab.h>

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	(void)flags;
	return aligned_alloc(64, n * size);
}

static inline void kvfree(const void *p)
{
	free((void *)p);
}

#endif /* _SIM_MM_H */
