// SPDX-License-Identifier: GPL-2.0-only
/*
 * How full a table is: by looking at some of its sets, since a large table is
 * gigabytes. Sets are chosen by a keyed hash, so any of them will do.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include "usage.h"

static u32 busy_in(const struct icmpguard_set *set, u64 now)
{
	u32 busy = 0;
	int way;

	for (way = 0; way < ICMPGUARD_WAYS; way++)
		busy += icmpguard_gcra_debt(atomic64_read(&set->way[way]) & ICMPGUARD_TIME_MASK,
					    now) != 0;
	return busy;
}

/**
 * icmpguard_usage_read() - say how full a table is
 * @table: the table
 * @now: the time
 * @usage: filled in; exact for regions of up to ICMPGUARD_USAGE_SETS sets
 *
 * A table that was replaced and still has debts isn't looked at.
 *
 * Context: process, RCU; packets may be charged meanwhile. Looks at
 * ICMPGUARD_REGIONS x ICMPGUARD_USAGE_SETS sets at most.
 */
void icmpguard_usage_read(const struct icmpguard_table *table, u64 now,
			  struct icmpguard_usage *usage)
{
	u64 sets = table->mask + 1, looked = min_t(u64, sets, ICMPGUARD_USAGE_SETS);
	u64 stride = div64_u64(sets, looked), all = 0;
	unsigned int region;
	u32 most = 0;
	u64 i;

	for (region = 0; region < table->regions; region++) {
		const struct icmpguard_set *set = &table->sets[region * sets];
		u32 busy = 0;

		for (i = 0; i < looked; i++)
			busy += busy_in(&set[i * stride], now);
		all += busy;
		most = max(most, busy);
	}
	usage->busy = all * stride;
	usage->fullest = div64_u64((u64)most * ICMPGUARD_USAGE_WHOLE, looked * ICMPGUARD_WAYS);
}
