/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_BITS_H
#define _SIM_BITS_H

#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(high, low)	(~0ULL >> (63 - (high)) & ~0ULL << (low))

#endif /* _SIM_BITS_H */
