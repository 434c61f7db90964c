/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_JIFFIES_H
#define _SIM_JIFFIES_H

#ifndef HZ
#define HZ 250
#endif

/* Moved by sim_time_set() */
extern unsigned long jiffies;

#endif /* _SIM_JIFFIES_H */
