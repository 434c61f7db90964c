/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_VMALLOC_H
#define _SIM_VMALLOC_H

#include <linux/mm.h>

static inline void *__vmalloc(size_t size, gfp_t flags)
{
	return kvmalloc_array(size, 1, flags);
}

#endif /* _SIM_VMALLOC_H */
