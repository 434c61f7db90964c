/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_SCHED_H
#define _SIM_SCHED_H

#define cond_resched()	do { } while (0)

#endif /* _SIM_SCHED_H */
