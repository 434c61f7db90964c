/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time as the limiter counts it.
 *
 * A time is a 64-bit number that wraps. Its upper 46 bits count units of a
 * fixed fraction of a jiffy, 38 to 61 nanoseconds; the lower 18 bits are zero
 * in a source's bucket, where they hold other things, and a finer fraction
 * elsewhere. Differences are right across the wrap, as with jiffies.
 */
#ifndef _ICMPGUARD_CLOCK_H
#define _ICMPGUARD_CLOCK_H

#include <linux/bits.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/types.h>

#define ICMPGUARD_TIME_SHIFT	18
#define ICMPGUARD_TIME_UNIT	BIT_ULL(ICMPGUARD_TIME_SHIFT)
#define ICMPGUARD_TIME_MASK	(~0ULL << ICMPGUARD_TIME_SHIFT)

/*
 * What the clock and a source's costs are multiples of, so that a debt never has the bit
 * of ICMPGUARD_PENALTY
 */
#define ICMPGUARD_SOURCE_UNIT	(2 * ICMPGUARD_TIME_UNIT)

/* Units in a jiffy, a power of two: 61 ns at HZ 250 and 1000 */
#define ICMPGUARD_JIFFY_SHIFT	order_base_2(16384000 / HZ)
#define ICMPGUARD_UNITS_PER_SEC	((u64)HZ << ICMPGUARD_JIFFY_SHIFT)
#define ICMPGUARD_JIFFY		BIT_ULL(ICMPGUARD_JIFFY_SHIFT + ICMPGUARD_TIME_SHIFT)

/* One second, as a time */
#define ICMPGUARD_SECOND	(ICMPGUARD_UNITS_PER_SEC << ICMPGUARD_TIME_SHIFT)

/**
 * struct icmpguard_clock - which clock a configuration reads
 * @offset: what is added, so that a change of clock is no change of time
 * @fine: read the nanosecond clock
 *
 * Jiffies cost one load. They are exact in the long run, because a bucket
 * adds up exactly, but a bucket that fills in less than two of them would
 * overflow between two looks at the clock: a configuration with such a bucket
 * reads nanoseconds instead.
 */
struct icmpguard_clock {
	u64 offset;
	bool fine;
};

/* Time in a nanosecond, 32.32 fixed point, folded by the compiler */
#define ICMPGUARD_PER_NSEC	(((ICMPGUARD_SECOND << 20) / NSEC_PER_SEC) << 12)

static inline u64 icmpguard_clock_raw(bool fine)
{
	if (fine)
		return mul_u64_u64_shr(ktime_get_mono_fast_ns(), ICMPGUARD_PER_NSEC, 32);
	return jiffies * ICMPGUARD_JIFFY;
}

/**
 * icmpguard_clock_now() - the time
 * @clock: the configuration's
 *
 * Context: any.
 * Return: now, a multiple of ICMPGUARD_SOURCE_UNIT.
 */
static inline u64 icmpguard_clock_now(const struct icmpguard_clock *clock)
{
	return (icmpguard_clock_raw(clock->fine) + clock->offset) & -ICMPGUARD_SOURCE_UNIT;
}

/**
 * icmpguard_clock_now_coarse() - the time, of a clock that isn't fine
 * @clock: the configuration's
 *
 * Context: any.
 * Return: as icmpguard_clock_now().
 */
static __always_inline u64 icmpguard_clock_now_coarse(const struct icmpguard_clock *clock)
{
	return (jiffies * ICMPGUARD_JIFFY + clock->offset) & -ICMPGUARD_SOURCE_UNIT;
}

#endif /* _ICMPGUARD_CLOCK_H */
