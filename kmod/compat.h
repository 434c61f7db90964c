/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels: the only file that asks for a version.
 */
#ifndef _ICMPGUARD_COMPAT_H
#define _ICMPGUARD_COMPAT_H

#include <linux/version.h>

#endif /* _ICMPGUARD_COMPAT_H */
