/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_ERR_H
#define _FUZZ_ERR_H

#include <sys/types.h>
#include <linux/errno.h>
#include <linux/types.h>

#define MAX_ERRNO	4095

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-MAX_ERRNO;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline int PTR_ERR_OR_ZERO(const void *p)
{
	return IS_ERR(p) ? PTR_ERR(p) : 0;
}

#endif /* _FUZZ_ERR_H */
