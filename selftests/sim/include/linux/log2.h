/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_LOG2_H
#define _SIM_LOG2_H

/* A constant where its argument is one, as the jiffy's shift needs it */
#define order_base_2(n)		((n) <= 1 ? 0 : 64 - __builtin_clzll((n) - 1ULL))
#define ilog2(n)		(63 - __builtin_clzll(n))
#define roundup_pow_of_two(n)	(1UL << order_base_2(n))
#define rounddown_pow_of_two(n)	(1UL << ilog2(n))

#endif /* _SIM_LOG2_H */
