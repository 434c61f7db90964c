/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_CACHE_H
#define _SIM_CACHE_H

#define ____cacheline_aligned_in_smp	__attribute__((aligned(64)))

#endif /* _SIM_CACHE_H */
