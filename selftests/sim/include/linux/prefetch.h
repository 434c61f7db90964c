/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_PREFETCH_H
#define _SIM_PREFETCH_H

#define prefetch(x)	__builtin_prefetch(x)

#endif /* _SIM_PREFETCH_H */
