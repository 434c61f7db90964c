/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How full a table is.
 */
#ifndef _ICMPGUARD_USAGE_H
#define _ICMPGUARD_USAGE_H

#include "limiter.h"

/* Sets that are looked at in each region of a table: within a hundredth of what is so */
#define ICMPGUARD_USAGE_SETS	512

#define ICMPGUARD_USAGE_WHOLE	1000000

/**
 * struct icmpguard_usage - how full a table is
 * @busy: buckets whose debt hasn't run out
 * @fullest: share of busy buckets in the region that has most, in millionths
 */
struct icmpguard_usage {
	u32 busy;
	u32 fullest;
};

void icmpguard_usage_read(const struct icmpguard_table *table, u64 now,
			  struct icmpguard_usage *usage);

#endif /* _ICMPGUARD_USAGE_H */
