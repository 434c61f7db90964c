/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Jitter: a source's limit that can't be found by probing.
 *
 * An attacker who shares a source's bucket, say by making a host send errors, could
 * count its other packets with an exact limit (Man et al., DNS Cache Poisoning Attack
 * Reloaded, 2020: SAD DNS).
 */
#ifndef _ICMPGUARD_JITTER_H
#define _ICMPGUARD_JITTER_H

#include "gcra.h"

/* 2^64 over the golden ratio: a factor that spreads a word's bits over it */
#define ICMPGUARD_GOLDEN	0x9e3779b97f4a7c15ULL

/**
 * icmpguard_jitter_gcra() - a source's rate with a jittered limit
 * @gcra: the rate
 * @hash: the source's, which is a secret
 * @now: the time
 *
 * The edge is less by up to an eighth of the burst and never more, so that a
 * rate and a burst stay what passes at most. It moves with every tick of the
 * clock, for every source in its own way. It is mixed twice: else each tick's
 * edge would be the one before and a constant. A burst of fewer than nine
 * packets is left as it is: an eighth of it is less than a packet. It is rounded
 * to what a bucket can store, where a penalty stands at the edge.
 *
 * Context: any.
 * Return: the rate for one packet.
 */
static inline struct icmpguard_gcra icmpguard_jitter_gcra(const struct icmpguard_gcra *gcra,
							  u64 hash, u64 now)
{
	u64 salt = (hash ^ now) * ICMPGUARD_GOLDEN;
	struct icmpguard_gcra strict = *gcra;

	if (gcra->tolerance / 8 < gcra->cost)
		return strict;
	salt = (salt ^ salt >> 32) * ICMPGUARD_GOLDEN;
	strict.tolerance -= (salt >> 32) * (gcra->tolerance / 8 >> 32);
	strict.tolerance = (strict.tolerance + ~gcra->mask) & gcra->mask;
	return strict;
}

/**
 * icmpguard_jitter_exceeds() - whether a debt is beyond a jittered limit
 * @gcra: the rate
 * @hash: the source's
 * @debt: its debt
 * @now: the time
 *
 * The edge is found only for a debt that is between its bounds.
 *
 * Context: any.
 * Return: whether it is more than the tolerance of
 * icmpguard_jitter_gcra().
 */
static __always_inline bool icmpguard_jitter_exceeds(const struct icmpguard_gcra *gcra, u64 hash,
						     u64 debt, u64 now)
{
	if (likely(debt <= gcra->tolerance - gcra->tolerance / 8))
		return false;
	return debt > gcra->tolerance || debt > icmpguard_jitter_gcra(gcra, hash, now).tolerance;
}

#endif /* _ICMPGUARD_JITTER_H */
