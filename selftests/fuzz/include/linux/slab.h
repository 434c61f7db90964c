/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations that fail when the target says so. */
#ifndef _FUZZ_SLAB_H
#define _FUZZ_SLAB_H

#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_RETRY_MAYFAIL	0
#define __GFP_NOWARN		0

/* Which allocation from now on fails; 0: none */
extern unsigned int fuzz_refuse;

static inline bool fuzz_refused(void)
{
	return fuzz_refuse && !--fuzz_refuse;
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return fuzz_refused() ? NULL : calloc(1, size);
}

static inline void kfree(const void *p)
{
	free((void *)p);
}

#endif /* _FUZZ_SLAB_H */
