/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the limiter takes, on every machine: rates, bursts, tables.
 *
 * Knows integers only; the tool reads it too.
 */
#ifndef _ICMPGUARD_LIMITS_H
#define _ICMPGUARD_LIMITS_H

#include <linux/types.h>

#define ICMPGUARD_TABLE_MIN		8	/* sources: one set */
#define ICMPGUARD_TABLE_MAX		0x40000000U	/* 8 GiB of sets */
#define ICMPGUARD_LADDER_MAX		4	/* prefixes one packet is charged at */
#define ICMPGUARD_RATE_MAX		1000000U	/* packets a second */
#define ICMPGUARD_BURST_SECONDS		432000	/* a burst of several packets lasts: 5 days */

/**
 * icmpguard_rate_fits() - whether a rate isn't too fast
 * @packets: packets in a period
 * @period: seconds
 *
 * A source's cost must be a few units of the clock.
 *
 * Return: 0 for more than ICMPGUARD_RATE_MAX.
 */
static inline int icmpguard_rate_fits(__u32 packets, __u32 period)
{
	return packets <= (__u64)ICMPGUARD_RATE_MAX * period;
}

/**
 * icmpguard_default_burst() - the burst of a rate that was given none
 * @packets: packets in a period
 * @period: seconds
 *
 * Return: nft's five, or a tenth of a second's packets where that is more.
 */
static inline __u32 icmpguard_default_burst(__u32 packets, __u32 period)
{
	__u32 tenth = packets / period / 10;

	if (tenth < 5)
		return 5;
	return tenth;
}

/**
 * icmpguard_burst_fits() - whether a burst doesn't last too long
 * @packets: packets in a period
 * @period: seconds
 * @burst: packets, not 0
 *
 * A single packet's time is a week at most, which every clock has room for.
 *
 * Return: 0 for one that lasts longer than ICMPGUARD_BURST_SECONDS.
 */
static inline int icmpguard_burst_fits(__u32 packets, __u32 period, __u32 burst)
{
	return burst == 1 || (__u64)burst * period <= (__u64)packets * ICMPGUARD_BURST_SECONDS;
}

/**
 * icmpguard_penalty_fits() - whether a burst and a penalty together don't last too long
 * @packets: packets in a period
 * @period: seconds
 * @burst: packets, not 0
 * @block: seconds of penalty
 *
 * Return: 0 where a source could owe more than ICMPGUARD_BURST_SECONDS.
 */
static inline int icmpguard_penalty_fits(__u32 packets, __u32 period, __u32 burst, __u32 block)
{
	return (__u64)(burst - 1) * period + (__u64)block * packets <=
	       (__u64)packets * ICMPGUARD_BURST_SECONDS;
}

#endif /* _ICMPGUARD_LIMITS_H */
