/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_BITMAP_H
#define _SIM_BITMAP_H

#include <linux/bitops.h>
#include <linux/types.h>

#define SIM_LONG_BITS		(8 * sizeof(long))
#define SIM_LONGS(bits)		(((bits) + SIM_LONG_BITS - 1) / SIM_LONG_BITS)
#define DECLARE_BITMAP(name, bits)	unsigned long name[SIM_LONGS(bits)]

static inline unsigned int bitmap_weight(const unsigned long *map, unsigned int bits)
{
	unsigned int i, weight = 0;

	for (i = 0; i < bits; i++)
		weight += test_bit(i, map);
	return weight;
}

static inline bool bitmap_subset(const unsigned long *map, const unsigned long *of,
				 unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < bits; i++)
		if (test_bit(i, map) && !test_bit(i, of))
			return false;
	return true;
}

static inline void bitmap_copy(unsigned long *to, const unsigned long *from, unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < SIM_LONGS(bits); i++)
		to[i] = from[i];
}

#endif /* _SIM_BITMAP_H */
