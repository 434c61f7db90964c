/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_BITS_H
#define _FUZZ_BITS_H

#include_next <linux/bits.h>

#define BIT(n)	(1UL << (n))

#endif /* _FUZZ_BITS_H */
