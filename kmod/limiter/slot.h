/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bucket's word: the upper 46 bits are its TAT, the lowest 16 the tag of its
 * source, the two between the source's standing. Eight words fill a cache
 * line, which is a set. A word changes by one compare-and-exchange, so it is
 * never half changed. See Documentation/design.rst.
 *
 * Pure: integers only.
 */
#ifndef _ICMPGUARD_SLOT_H
#define _ICMPGUARD_SLOT_H

#include <linux/atomic.h>
#include <linux/types.h>
#include "gcra.h"

#define ICMPGUARD_WAYS		8
#define ICMPGUARD_TAG_BITS	16
#define ICMPGUARD_TAG_MASK	GENMASK_ULL(ICMPGUARD_TAG_BITS - 1, 0)

/**
 * enum icmpguard_standing - for how long a source has been coming at its own pace
 * @ICMPGUARD_NEWCOMER: not yet
 * @ICMPGUARD_RETURNED: it came back in another epoch of 16 seconds
 * @ICMPGUARD_REGULAR: and then in another one of 4 minutes
 * @ICMPGUARD_SENIOR: and then in another one of 70 minutes
 * @ICMPGUARD_STANDINGS: how many there are
 */
enum icmpguard_standing {
	ICMPGUARD_NEWCOMER,
	ICMPGUARD_RETURNED,
	ICMPGUARD_REGULAR,
	ICMPGUARD_SENIOR,
	ICMPGUARD_STANDINGS,
};

#define ICMPGUARD_STANDING_SHIFT	ICMPGUARD_TAG_BITS
#define ICMPGUARD_STANDING_MASK		((ICMPGUARD_STANDINGS - 1ULL) << ICMPGUARD_STANDING_SHIFT)

/* An epoch of a newcomer; that of each standing is 2^4 times as long. */
#define ICMPGUARD_EPOCH_SHIFT		46
#define ICMPGUARD_EPOCH_STEP		4

/* A source that stays away loses a standing each time this is over: 8 minutes. */
#define ICMPGUARD_KEPT_SHIFT		51
#define ICMPGUARD_KEPT_TIME		BIT_ULL(ICMPGUARD_KEPT_SHIFT)

/*
 * The lowest bit of a TAT distinguishes a penalty from a debt run up by packets, so
 * that a penalty that is about to end isn't taken for a reason to begin one.
 * The cost of every source's limit is even, without a penalty too: buckets outlive a
 * change that brings one.
 */
#define ICMPGUARD_PENALTY	ICMPGUARD_TIME_UNIT

/*
 * An idle bucket older than this is rewritten to be just as old. A sweep at
 * least every ICMPGUARD_SWEEP_PERIOD keeps every bucket's age below the three
 * quarters of the range from which on it would look like a debt.
 */
#define ICMPGUARD_AGE_KEPT	BIT_ULL(61)

static __always_inline u64 icmpguard_slot_tag(u64 hash)
{
	return hash >> (64 - ICMPGUARD_TAG_BITS);
}

static __always_inline u64 icmpguard_slot_time(u64 word)
{
	return word & ICMPGUARD_TIME_MASK;
}

/*
 * The way a source takes when it is free, so that it is found again with one
 * look. These bits of the hash choose neither the set nor the tag.
 */
static __always_inline unsigned int icmpguard_slot_home(u64 hash)
{
	return hash >> (64 - ICMPGUARD_TAG_BITS - 3) & (ICMPGUARD_WAYS - 1);
}

static __always_inline bool icmpguard_slot_is_own(u64 word, u64 hash)
{
	return (word & ICMPGUARD_TAG_MASK) == icmpguard_slot_tag(hash);
}

/* As it was when the source's last packet passed */
static __always_inline unsigned int icmpguard_slot_standing(u64 word)
{
	return word >> ICMPGUARD_STANDING_SHIFT & (ICMPGUARD_STANDINGS - 1);
}

/* What is left of it */
static __always_inline unsigned int icmpguard_slot_standing_at(u64 word, u64 now)
{
	unsigned int standing = icmpguard_slot_standing(word);
	u64 lost = (now - icmpguard_slot_time(word)) >> ICMPGUARD_KEPT_SHIFT;

	if (icmpguard_gcra_debt(icmpguard_slot_time(word), now))
		return standing;
	return standing > lost ? standing - lost : ICMPGUARD_NEWCOMER;
}

/*
 * Whether a TAT is in another epoch than a source's bucket. Each source's epochs
 * begin at a time of its own, which is a secret.
 */
static __always_inline bool icmpguard_slot_enters_epoch(u64 word, u64 tat, u64 hash)
{
	return ((word + hash) ^ (tat + hash)) >>
	       (ICMPGUARD_EPOCH_SHIFT + ICMPGUARD_EPOCH_STEP * icmpguard_slot_standing(word));
}

static __always_inline bool icmpguard_slot_is_old(u64 word, u64 now)
{
	return now - icmpguard_slot_time(word) >= ICMPGUARD_KEPT_TIME;
}

/*
 * How late a bucket is taken over: the order of TATs, counted from the oldest
 * that can't be taken for a debt. A source's bucket stands in it as if its TAT
 * were later by what it takes to lose its standing.
 */
static __always_inline u64 icmpguard_slot_rank(u64 word, u64 now)
{
	u64 kept = (word & ICMPGUARD_STANDING_MASK) <<
		   (ICMPGUARD_KEPT_SHIFT - ICMPGUARD_STANDING_SHIFT);

	return word + kept - (now + ICMPGUARD_DEBT_MAX +
			      ICMPGUARD_SENIOR * ICMPGUARD_KEPT_TIME + 1);
}

/**
 * icmpguard_slot_word() - a source's bucket with a debt
 * @now: the time
 * @debt: the debt, a packet's cost included
 * @mask: the bits that a TAT of the source's rate may have
 * @standing: enum icmpguard_standing
 * @hash: the source's
 *
 * Context: any.
 * Return: the word to store.
 */
static __always_inline u64 icmpguard_slot_word(u64 now, u64 debt, u64 mask, u64 standing, u64 hash)
{
	return ((now + debt) & mask) | standing << ICMPGUARD_STANDING_SHIFT |
	       icmpguard_slot_tag(hash);
}

/*
 * An unowned bucket, AGE_KEPT old. One in 65536 sources has the same tag; finding
 * a full bucket there is no different from finding none.
 */
static inline u64 icmpguard_slot_of_nobody(u64 now)
{
	return now - ICMPGUARD_AGE_KEPT;
}

static inline bool icmpguard_slot_is_nobody(u64 word)
{
	return !(word & ~ICMPGUARD_TIME_MASK);
}

static inline bool icmpguard_slot_is_stale(u64 word, u64 now)
{
	u64 debt = icmpguard_slot_time(word) - now;

	return debt > ICMPGUARD_DEBT_MAX && now - icmpguard_slot_time(word) > ICMPGUARD_AGE_KEPT;
}

/* Keep a time of the past from growing old enough to look new; packets may change it. */
static inline void icmpguard_slot_sweep(atomic64_t *word, u64 now)
{
	s64 old = atomic64_read(word);

	if (icmpguard_slot_is_stale(old, now))
		atomic64_try_cmpxchg(word, &old, icmpguard_slot_of_nobody(now));
}

#endif /* _ICMPGUARD_SLOT_H */
