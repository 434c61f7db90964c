/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GCRA, the generic cell rate algorithm (ITU-T I.371, virtual scheduling).
 *
 * The state of a bucket is one time: its theoretical arrival time (TAT). The
 * debt is how far the TAT lies ahead of now; a packet adds the bucket's cost
 * to it and passes while the debt before it is no more than the tolerance.
 * Equal to a token bucket that holds a burst and fills at the rate.
 *
 * Times wrap (see clock.h). A debt is never larger than ICMPGUARD_DEBT_MAX, a
 * quarter of the range, so a TAT further ahead than that is one that passed
 * long ago. The limiter rewrites idle buckets before the remaining three
 * quarters are over.
 *
 * Pure: `now` is an argument.
 */
#ifndef _ICMPGUARD_GCRA_H
#define _ICMPGUARD_GCRA_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include "clock.h"

#define ICMPGUARD_DEBT_MAX	BIT_ULL(62)

/*
 * The longest a burst may last: what processors charge at once comes on top. A
 * burst of one packet may be longer, so that one a week fits every HZ.
 */
#define ICMPGUARD_BURST_MAX	(ICMPGUARD_DEBT_MAX / 4 * 3)
#define ICMPGUARD_SINGLE_MAX	(ICMPGUARD_DEBT_MAX / 16 * 15)

/* Groups of rates alike enough to share sets; see icmpguard_gcra_group() */
#define ICMPGUARD_GROUPS	128

/**
 * struct icmpguard_rate - a rate as it was configured
 * @packets: packets in a @period; 0: unlimited
 * @period: seconds
 * @burst: packets that may come at once, 1 at least
 */
struct icmpguard_rate {
	u32 packets;
	u32 period;
	u32 burst;
};

/**
 * struct icmpguard_gcra - a rate, ready for the packet path
 * @cost: time a packet adds to the debt; 0: unlimited
 * @tolerance: largest debt with which a packet still passes
 * @mask: the bits that a TAT of this rate may have
 * @group: of rates alike, below ICMPGUARD_GROUPS
 */
struct icmpguard_gcra {
	u64 cost;
	u64 tolerance;
	u64 mask;
	u8 group;
};

/*
 * The group of a rate: its burst lasts as long as others' within a factor of
 * 16, and its packets are as far apart within a factor of 256. The defaults,
 * and all that is like them, are of two groups: packets of 0.6 to 130 milliseconds,
 * and, of replies and path MTUs, closer ones; bursts of 0.3 to 4 seconds.
 */
static inline u8 icmpguard_gcra_group(u64 cost, u64 span)
{
	const u32 per_nsec = ICMPGUARD_SECOND / NSEC_PER_SEC;

	return ilog2(div_u64(span, per_nsec) | 1) / 4 * 8 +
	       (ilog2(div_u64(cost, per_nsec) | 1) + 5) / 8 % 8;
}

/**
 * icmpguard_gcra_compile() - make a configured rate ready for the packet path
 * @gcra: filled in
 * @rate: as configured
 * @unit: round the cost up to a multiple of this power of two: what a
 *	source's bucket can store, ICMPGUARD_SOURCE_UNIT; 1 for a total
 *
 * A cost is rounded up, so that more than the rate never passes.
 *
 * Context: process.
 * Return: 0; -EINVAL for a period or a burst of 0; -ERANGE
 * for a burst that lasts longer than ICMPGUARD_BURST_MAX, or, of one packet,
 * than ICMPGUARD_SINGLE_MAX.
 */
static inline int icmpguard_gcra_compile(struct icmpguard_gcra *gcra,
					 const struct icmpguard_rate *rate, u64 unit)
{
	u64 span, cost, debt;

	if (!rate->packets) {
		*gcra = (struct icmpguard_gcra) {};
		return 0;
	}
	if (!rate->period || !rate->burst)
		return -EINVAL;
	if (check_mul_overflow((u64)rate->period, (u64)ICMPGUARD_SECOND, &span))
		return -ERANGE;
	cost = div_u64(span - 1, rate->packets) + 1;
	cost = round_up(cost, unit);
	if (check_mul_overflow(cost, (u64)rate->burst, &debt) ||
	    debt > (rate->burst > 1 ? ICMPGUARD_BURST_MAX : ICMPGUARD_SINGLE_MAX))
		return -ERANGE;
	gcra->cost = cost;
	gcra->tolerance = debt - cost;
	gcra->mask = ~(unit - 1);
	gcra->group = icmpguard_gcra_group(cost, debt);
	return 0;
}

/**
 * icmpguard_gcra_debt() - how far a bucket is from full
 * @tat: the bucket's theoretical arrival time
 * @now: the time
 *
 * Context: any.
 * Return: the debt; 0 for a full bucket.
 */
static inline u64 icmpguard_gcra_debt(u64 tat, u64 now)
{
	u64 debt = tat - now;

	/* Without a branch, which is unpredictable among many sources. */
	return debt & -(u64)(debt <= ICMPGUARD_DEBT_MAX);
}

/**
 * icmpguard_gcra_left() - packets that would pass at once
 * @gcra: the rate
 * @debt: the bucket's
 *
 * Context: process (it divides).
 * Return: 0 to the burst; U32_MAX: unlimited.
 */
static inline u32 icmpguard_gcra_left(const struct icmpguard_gcra *gcra, u64 debt)
{
	if (!gcra->cost)
		return U32_MAX;
	if (debt > gcra->tolerance)
		return 0;
	return div64_u64(gcra->tolerance - debt, gcra->cost) + 1;
}

/**
 * icmpguard_gcra_is_fine() - whether jiffies are too coarse for a rate
 * @gcra: the rate
 *
 * Context: any.
 * Return: true where the bucket fills in less than two jiffies.
 */
static inline bool icmpguard_gcra_is_fine(const struct icmpguard_gcra *gcra)
{
	return gcra->cost && gcra->tolerance + gcra->cost < 2 * ICMPGUARD_JIFFY;
}

/**
 * icmpguard_time_to_msecs() - a debt in milliseconds, rounded up
 * @time: the debt
 *
 * Context: process (it divides).
 * Return: milliseconds.
 */
static inline u32 icmpguard_time_to_msecs(u64 time)
{
	u64 units = (time >> ICMPGUARD_TIME_SHIFT) + !!(time & ~ICMPGUARD_TIME_MASK);

	return min_t(u64, U32_MAX, div_u64(units * 1000 + ICMPGUARD_UNITS_PER_SEC - 1,
					   ICMPGUARD_UNITS_PER_SEC));
}

#endif /* _ICMPGUARD_GCRA_H */
