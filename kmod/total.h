/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Totals: a bucket that all sources of a type share, with a part of its burst
 * kept for known ones.
 */
#ifndef _ICMPGUARD_TOTAL_H
#define _ICMPGUARD_TOTAL_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/types.h>
#include "jitter.h"

/**
 * struct icmpguard_total - a bucket that all sources share
 * @tat: its theoretical arrival time
 */
struct icmpguard_total {
	atomic64_t tat;
} ____cacheline_aligned_in_smp;

/**
 * struct icmpguard_shared - the limit of all sources together
 * @total: their bucket; NULL: none
 * @all: its rate
 * @newcomers: largest debt of @total with which a source that isn't known
 *	still passes: trunk reservation keeps the rest for known ones
 * @jitter: the edge of @total is uncertain by this much, in 2^32 of time, so
 *	that nobody can count other sources' packets by finding it (RFC 5927 8;
 *	Man et al., DNS Cache Poisoning Attack Reloaded, 2020: SAD DNS)
 */
struct icmpguard_shared {
	struct icmpguard_total *total;
	struct icmpguard_gcra all;
	u64 newcomers;
	u32 jitter;
};

void icmpguard_total_forget(struct icmpguard_total *total, u64 now);
void icmpguard_total_clamp(struct icmpguard_total *total, const struct icmpguard_gcra *all,
			   u64 now);
void icmpguard_total_sweep(struct icmpguard_total *total, u64 now);

/**
 * icmpguard_shared_divide() - say whose a total is
 * @shared: the limit, its rate compiled
 *
 * A quarter of the burst is for known sources, an eighth is uncertain. Of a
 * small burst a quarter is less than the packet by which newcomers overshoot
 * their edge: then that packet and what is uncertain are kept.
 *
 * Context: any.
 */
static inline void icmpguard_shared_divide(struct icmpguard_shared *shared)
{
	u64 tolerance = shared->all.tolerance, reserve = tolerance / 4;

	if (tolerance >= 3 * shared->all.cost)
		reserve = max(reserve, shared->all.cost + tolerance / 8 + 1);
	shared->newcomers = tolerance - reserve;
	shared->jitter = tolerance / 8 >> 32;
}

/**
 * icmpguard_total_refuses() - whether a total has no room
 * @shared: the limit; it has a total
 * @known: the packet's source is known
 * @salt: the hash of it
 * @now: the time
 *
 * The edge moves with every tick of the clock, for every source in its own
 * way; its secret is that of the source's hash.
 *
 * Context: any. Only reads.
 */
static __always_inline bool icmpguard_total_refuses(const struct icmpguard_shared *shared,
						    bool known, u64 salt, u64 now)
{
	u64 debt = icmpguard_gcra_debt(atomic64_read(&shared->total->tat), now);
	u64 reserve = shared->all.tolerance - shared->newcomers;
	/* Without a branch: known sources and others come as they like. */
	u64 edge = shared->newcomers + (reserve & -(u64)known);

	salt = (salt ^ now) * ICMPGUARD_GOLDEN >> 32;
	return debt > edge - salt * shared->jitter;
}

/**
 * icmpguard_total_add() - charge a total that was just seen to have room
 * @shared: the limit; it has a total
 * @now: the time
 *
 * Several processors may do so at once; none is turned back, so it may be
 * exceeded by one packet for each of them, and the debt they leave is paid for
 * by the next.
 *
 * Context: any.
 */
static __always_inline void icmpguard_total_add(const struct icmpguard_shared *shared, u64 now)
{
	s64 tat = atomic64_read(&shared->total->tat);

	if (!icmpguard_gcra_debt(tat, now) &&
	    atomic64_try_cmpxchg(&shared->total->tat, &tat, now + shared->all.cost))
		return;
	/* Of a total of days, two costs may be more than a debt can be. */
	if (icmpguard_gcra_debt(tat, now) <= ICMPGUARD_DEBT_MAX - shared->all.cost)
		atomic64_add(shared->all.cost, &shared->total->tat);
}

#endif /* _ICMPGUARD_TOTAL_H */
