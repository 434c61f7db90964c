/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_BITOPS_H
#define _SIM_BITOPS_H

#include <linux/types.h>

static inline u64 rol64(u64 x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static inline bool test_bit(unsigned int bit, const unsigned long *map)
{
	return map[bit / (8 * sizeof(long))] >> bit % (8 * sizeof(long)) & 1;
}

static inline void __set_bit(unsigned int bit, unsigned long *map)
{
	map[bit / (8 * sizeof(long))] |= 1UL << bit % (8 * sizeof(long));
}

static inline int fls64(u64 value)
{
	return value ? 64 - __builtin_clzll(value) : 0;
}

#define for_each_set_bit(bit, map, bits)		\
	for ((bit) = 0; (bit) < (bits); (bit)++)	\
		if (test_bit(bit, map))

#endif /* _SIM_BITOPS_H */
