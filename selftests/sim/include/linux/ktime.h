/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_KTIME_H
#define _SIM_KTIME_H

#include <linux/types.h>

#define NSEC_PER_SEC	1000000000L

/* Moved by sim_time_set() */
u64 ktime_get_mono_fast_ns(void);

#endif /* _SIM_KTIME_H */
