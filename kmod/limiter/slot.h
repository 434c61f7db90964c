/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bucket's word: the upper 46 bits are its TAT, the lowest 17 the tag of its
 * source, the bit between is set for a known source. Eight words fill a cache
 * line, which is a set. A word changes by one compare-and-exchange, so it is
 * never half changed. See Documentation/design.rst.
 *
 * Pure: integers only.
 */
#ifndef _ICMPGUARD_SLOT_H
#define _ICMPGUARD_SLOT_H

#include <linux/types.h>
#include "gcra.h"

#define ICMPGUARD_WAYS		8
#define ICMPGUARD_TAG_BITS	17
#define ICMPGUARD_TAG_MASK	GENMASK_ULL(ICMPGUARD_TAG_BITS - 1, 0)
#define ICMPGUARD_KNOWN		BIT_ULL(ICMPGUARD_TAG_BITS)

/* A known source stays known for this long after its last packet: minutes. */
#define ICMPGUARD_KNOWN_SHIFT	50
#define ICMPGUARD_KNOWN_TIME	BIT_ULL(ICMPGUARD_KNOWN_SHIFT)

/*
 * The lowest bit of a TAT tells a penalty from a debt run up by packets, so
 * that a penalty that is about to end isn't taken for a reason to begin one.
 * The cost of a limit with a penalty is even.
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

static __always_inline bool icmpguard_slot_is_known(u64 word, u64 now)
{
	return word & ICMPGUARD_KNOWN &&
	       now + ICMPGUARD_DEBT_MAX - icmpguard_slot_time(word) <
	       ICMPGUARD_DEBT_MAX + ICMPGUARD_KNOWN_TIME;
}

/*
 * How late a bucket is taken over: the order of TATs, counted from the oldest
 * that can be told from a debt. A known source's bucket stands in it as if
 * its TAT were ICMPGUARD_KNOWN_TIME later.
 */
static __always_inline u64 icmpguard_slot_rank(u64 word, u64 now)
{
	u64 known = (word & ICMPGUARD_KNOWN) << (ICMPGUARD_KNOWN_SHIFT - ICMPGUARD_TAG_BITS);

	return word + known - (now + ICMPGUARD_DEBT_MAX + ICMPGUARD_KNOWN_TIME + 1);
}

/**
 * icmpguard_slot_word() - a source's bucket with a debt
 * @now: the time
 * @debt: the debt, a packet's cost included
 * @mask: the bits that a TAT of the source's rate may have
 * @known: ICMPGUARD_KNOWN or 0
 * @hash: the source's
 *
 * Context: any.
 */
static __always_inline u64 icmpguard_slot_word(u64 now, u64 debt, u64 mask, u64 known, u64 hash)
{
	return ((now + debt) & mask) | known | icmpguard_slot_tag(hash);
}

/*
 * An idle bucket of nobody's, as old as is kept. One in 131072 sources has the
 * same tag; to find its full bucket there is no different from finding none.
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

#endif /* _ICMPGUARD_SLOT_H */
