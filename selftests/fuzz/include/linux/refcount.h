/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_REFCOUNT_H
#define _FUZZ_REFCOUNT_H

#include <stdlib.h>
#include <linux/types.h>

typedef struct {
	int refs;
} refcount_t;

static inline void refcount_set(refcount_t *r, int n)
{
	r->refs = n;
}

/* Stops where the kernel would warn. */
static inline void refcount_inc(refcount_t *r)
{
	if (r->refs++ <= 0)
		abort();
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	if (r->refs <= 0)
		abort();
	return !--r->refs;
}

#endif /* _FUZZ_REFCOUNT_H */
