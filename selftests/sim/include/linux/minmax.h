/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_MINMAX_H
#define _SIM_MINMAX_H

#define min_t(type, a, b) ({				\
	type _a = (a), _b = (b);			\
	_a < _b ? _a : _b; })
#define max_t(type, a, b) ({				\
	type _a = (a), _b = (b);			\
	_a > _b ? _a : _b; })

#define min(a, b)	min_t(__typeof__((a) + (b)), a, b)
#define max(a, b)	max_t(__typeof__((a) + (b)), a, b)

#define clamp(x, low, high)	min(max(x, low), high)

#endif /* _SIM_MINMAX_H */
