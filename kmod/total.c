// SPDX-License-Identifier: GPL-2.0-only
/*
 * Totals: what a packet doesn't do with them.
 */
#include "slot.h"
#include "total.h"

/**
 * icmpguard_total_forget() - fill a bucket
 * @total: the bucket
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_total_forget(struct icmpguard_total *total, u64 now)
{
	atomic64_set(&total->tat, icmpguard_slot_of_nobody(now));
}

/**
 * icmpguard_total_clamp() - cut a debt that a new rate can't have run up
 * @total: the bucket
 * @all: its new rate
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_total_clamp(struct icmpguard_total *total, const struct icmpguard_gcra *all, u64 now)
{
	s64 old = atomic64_read(&total->tat);

	if (icmpguard_gcra_debt(old, now) > all->tolerance)
		atomic64_try_cmpxchg(&total->tat, &old, now + all->tolerance);
}

/**
 * icmpguard_total_sweep() - keep a bucket from growing old enough to look busy
 * @total: the bucket
 * @now: the time
 *
 * Context: process, at least every ICMPGUARD_SWEEP_PERIOD; packets may be
 * charged meanwhile.
 */
void icmpguard_total_sweep(struct icmpguard_total *total, u64 now)
{
	s64 old = atomic64_read(&total->tat);

	if (icmpguard_slot_is_stale(old, now))
		atomic64_try_cmpxchg(&total->tat, &old, icmpguard_slot_of_nobody(now));
}
