/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sampling: which drops are recorded with their source, and which are only
 * counted.
 *
 * Each processor records ICMPGUARD_SAMPLES_A_TICK drops a jiffy; below that
 * every drop is recorded. Those between two records are counted for the source
 * of the second, so that the sum stays right and the heaviest stay visible.
 */
#ifndef _ICMPGUARD_SAMPLER_H
#define _ICMPGUARD_SAMPLER_H

#include <linux/jiffies.h>
#include <linux/types.h>

#define ICMPGUARD_SAMPLES_A_TICK	64

/**
 * struct icmpguard_sampler - one processor's
 * @tick: jiffies when @left was last filled
 * @left: drops to be recorded within it
 * @skipped: drops since the last record
 */
struct icmpguard_sampler {
	unsigned long tick;
	u32 left;
	u32 skipped;
};

/**
 * icmpguard_sampler_skips() - whether a drop is only counted; it then was
 * @sampler: of this processor
 *
 * Context: bottom halves off. Return: false where icmpguard_sampler_takes() is
 * to be asked.
 */
static __always_inline bool icmpguard_sampler_skips(struct icmpguard_sampler *sampler)
{
	unsigned long tick = jiffies;

	if (sampler->left || sampler->tick != tick)
		return false;
	sampler->skipped++;
	return true;
}

/**
 * icmpguard_sampler_takes() - whether a drop is to be recorded
 * @sampler: of this processor
 *
 * Context: bottom halves off.
 */
static inline bool icmpguard_sampler_takes(struct icmpguard_sampler *sampler)
{
	unsigned long tick = jiffies;

	if (sampler->tick != tick) {
		sampler->tick = tick;
		sampler->left = ICMPGUARD_SAMPLES_A_TICK;
	}
	if (!sampler->left) {
		sampler->skipped++;
		return false;
	}
	sampler->left--;
	return true;
}

#endif /* _ICMPGUARD_SAMPLER_H */
