/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_KERNEL_H
#define _SIM_KERNEL_H

/* @unit is a power of two */
#define round_up(x, unit)	((((x) - 1) | ((__typeof__(x))(unit) - 1)) + 1)

#endif /* _SIM_KERNEL_H */
