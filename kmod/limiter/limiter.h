/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limiter: charging a packet to its source's bucket and to the total.
 *
 * What nearly every packet of a flood, or of a source that is known, needs is
 * inlined into the hook; everything else is icmpguard_table_charge_slow().
 */
#ifndef _ICMPGUARD_LIMITER_H
#define _ICMPGUARD_LIMITER_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/types.h>
#include "gcra.h"
#include "jitter.h"
#include "slot.h"
#include "source.h"
#include "table.h"

/* Known sources may fill half of a set. */
#define ICMPGUARD_KNOWN_MAX	(ICMPGUARD_WAYS / 2)

/**
 * struct icmpguard_aggregate_bucket - a bucket that all sources share
 * @tat: its theoretical arrival time
 */
struct icmpguard_aggregate_bucket {
	atomic64_t tat;
} ____cacheline_aligned_in_smp;

/**
 * struct icmpguard_aggregate - the limit of all sources together
 * @bucket: their bucket; NULL: none
 * @rate: its rate
 * @newcomers: largest debt of @bucket with which a source that isn't known
 *	still passes: trunk reservation keeps the rest for known ones
 * @jitter: the edge of @bucket is uncertain by this much, in 2^32 of time, so
 *	that nobody can count other sources' packets by finding it (RFC 5927 8;
 *	Man et al., DNS Cache Poisoning Attack Reloaded, 2020: SAD DNS)
 */
struct icmpguard_aggregate {
	struct icmpguard_aggregate_bucket *bucket;
	struct icmpguard_gcra rate;
	u64 newcomers;
	u32 jitter;
};

void icmpguard_aggregate_forget(struct icmpguard_aggregate_bucket *bucket, u64 now);
void icmpguard_aggregate_clamp(struct icmpguard_aggregate_bucket *bucket,
			       const struct icmpguard_gcra *rate, u64 now);
void icmpguard_aggregate_sweep(struct icmpguard_aggregate_bucket *bucket, u64 now);

/**
 * icmpguard_aggregate_divide() - say whose a total is
 * @aggregate: the limit, its rate compiled
 *
 * A quarter of the burst is for known sources, an eighth is uncertain. Of a
 * small burst a quarter is less than the packet by which newcomers overshoot
 * their edge: then that packet and what is uncertain are kept.
 *
 * Context: any.
 */
static inline void icmpguard_aggregate_divide(struct icmpguard_aggregate *aggregate)
{
	u64 tolerance = aggregate->rate.tolerance, reserve = tolerance / 4;

	if (tolerance >= 3 * aggregate->rate.cost)
		reserve = max(reserve, aggregate->rate.cost + tolerance / 8 + 1);
	aggregate->newcomers = tolerance - reserve;
	aggregate->jitter = tolerance / 8 >> 32;
}

/**
 * icmpguard_aggregate_refuses() - whether a total has no room
 * @aggregate: the limit; it has a total
 * @known: the packet's source is known
 * @salt: the hash of it
 * @now: the time
 *
 * The edge moves with every tick of the clock, for every source in its own
 * way; its secret is that of the source's hash.
 *
 * Context: any. Only reads.
 */
static __always_inline bool icmpguard_aggregate_refuses(const struct icmpguard_aggregate *aggregate,
							bool known, u64 salt, u64 now)
{
	u64 debt = icmpguard_gcra_debt(atomic64_read(&aggregate->bucket->tat), now);
	u64 reserve = aggregate->rate.tolerance - aggregate->newcomers;
	/* Without a branch: known sources and others come as they like. */
	u64 edge = aggregate->newcomers + (reserve & -(u64)known);

	salt = (salt ^ now) * ICMPGUARD_GOLDEN >> 32;
	return debt > edge - salt * aggregate->jitter;
}

/**
 * icmpguard_aggregate_add() - charge a total that was just seen to have room
 * @aggregate: the limit; it has a total
 * @now: the time
 *
 * Several processors may do so at once; none is turned back, so it may be
 * exceeded by one packet for each of them, and the debt they leave is paid for
 * by the next.
 *
 * Context: any.
 */
static __always_inline void icmpguard_aggregate_add(const struct icmpguard_aggregate *aggregate,
						    u64 now)
{
	s64 tat = atomic64_read(&aggregate->bucket->tat);

	if (!icmpguard_gcra_debt(tat, now) &&
	    atomic64_try_cmpxchg(&aggregate->bucket->tat, &tat, now + aggregate->rate.cost))
		return;
	/* Of a total of days, two costs may be more than a debt can be. */
	if (icmpguard_gcra_debt(tat, now) <= ICMPGUARD_DEBT_MAX - aggregate->rate.cost)
		atomic64_add(aggregate->rate.cost, &aggregate->bucket->tat);
}

/**
 * enum icmpguard_charge - what became of a packet
 * @ICMPGUARD_CHARGE_PASS: charged to the source and to the total
 * @ICMPGUARD_CHARGE_SOURCE: refused by a bucket of the source's; without a
 *	penalty nothing was written
 * @ICMPGUARD_CHARGE_PENALTY: refused because of a penalty
 * @ICMPGUARD_CHARGE_AGGREGATE: refused by the total; nothing was written
 * @ICMPGUARD_CHARGE_UNDECIDED: not decided, and nothing was written: it has to be
 *	charged the long way. Only inline functions named near say so
 */
enum icmpguard_charge {
	ICMPGUARD_CHARGE_PASS,
	ICMPGUARD_CHARGE_SOURCE,
	ICMPGUARD_CHARGE_PENALTY,
	ICMPGUARD_CHARGE_AGGREGATE,
	ICMPGUARD_CHARGE_UNDECIDED,
};

/**
 * struct icmpguard_debt - what a table knows of a source
 * @debt: its debt
 * @known: whether it is known
 */
struct icmpguard_debt {
	u64 debt;
	bool known;
};

enum icmpguard_charge icmpguard_table_charge_slow(const struct icmpguard_table *table, u64 hash,
						  const struct icmpguard_gcra *rate, u64 penalty,
						  const struct icmpguard_aggregate *aggregate,
						  u64 now);
enum icmpguard_charge icmpguard_table_charge_ladder(const struct icmpguard_table *table,
						    const u64 *hash,
						    const struct icmpguard_gcra *step,
						    unsigned int steps, u64 penalty,
						    const struct icmpguard_aggregate *aggregate,
						    u64 now);
void icmpguard_table_refund(const struct icmpguard_table *table, u64 hash,
			    const struct icmpguard_gcra *rate, u64 penalty,
			    const struct icmpguard_aggregate *aggregate, unsigned int packets,
			    u64 now);
enum icmpguard_charge icmpguard_aggregate_charge(const struct icmpguard_aggregate *aggregate,
						 u64 hash, u64 now);
struct icmpguard_debt icmpguard_table_debt(const struct icmpguard_table *table, u64 hash,
					   u8 group, u64 now);

enum icmpguard_charge icmpguard_table_charge_last(const struct icmpguard_table *table, u64 hash,
						  const struct icmpguard_gcra *step,
						  bool jittered, u64 now);

/**
 * enum icmpguard_look - what a source's bucket says of a packet
 * @ICMPGUARD_LOOK_PASS: it may be charged
 * @ICMPGUARD_LOOK_SOURCE: it exceeds the source's rate
 * @ICMPGUARD_LOOK_PENALTY: it does so during a penalty, and can't lengthen that
 * @ICMPGUARD_LOOK_UNDECIDED: nothing, or more than one look tells
 */
enum icmpguard_look {
	ICMPGUARD_LOOK_PASS,
	ICMPGUARD_LOOK_SOURCE,
	ICMPGUARD_LOOK_PENALTY,
	ICMPGUARD_LOOK_UNDECIDED,
};

/**
 * struct icmpguard_home - a source's bucket, where it is looked for first
 * @slot: where
 * @word: what was read
 * @debt: the bucket's
 * @known: ICMPGUARD_KNOWN, or 0
 */
struct icmpguard_home {
	atomic64_t *slot;
	u64 word;
	u64 debt;
	u64 known;
};

/**
 * icmpguard_table_look() - look at a source's bucket where it is looked for first
 * @table: the buckets
 * @hash: of the source
 * @rate: its rate
 * @jittered: with a jittered limit, see icmpguard_jitter_exceeds()
 * @penalty: penalty for exceeding it
 * @now: the time
 * @home: filled in; complete for PASS
 *
 * Context: as icmpguard_table_charge(). Only reads.
 * Return: enum icmpguard_look.
 */
static __always_inline enum icmpguard_look
icmpguard_table_look(const struct icmpguard_table *table, u64 hash,
		     const struct icmpguard_gcra *rate, bool jittered, u64 penalty, u64 now,
		     struct icmpguard_home *home)
{
	struct icmpguard_set *set = icmpguard_table_set(table, hash, rate->group);
	u64 tolerance = rate->tolerance;

	home->slot = &set->way[icmpguard_slot_home(hash)];
	home->word = atomic64_read(home->slot);
	if (unlikely(!icmpguard_slot_is_own(home->word, hash)))
		return ICMPGUARD_LOOK_UNDECIDED;
	home->debt = icmpguard_gcra_debt(icmpguard_slot_time(home->word), now);
	home->known = home->word & ICMPGUARD_KNOWN;
	if (jittered ? icmpguard_jitter_exceeds(rate, hash, home->debt, now) :
			home->debt > tolerance) {
		/* More no rate can have run up. */
		u64 most = 2 * icmpguard_table_edge(table, rate->group) + ICMPGUARD_LATE;

		if (!penalty)
			return likely(home->debt <= most) ? ICMPGUARD_LOOK_SOURCE :
							    ICMPGUARD_LOOK_UNDECIDED;
		most = tolerance - (jittered ? tolerance / 8 : 0) + penalty + ICMPGUARD_LATE;
		return likely(home->word & ICMPGUARD_PENALTY && home->debt <= most &&
			      home->debt + rate->cost > tolerance + penalty) ?
			       ICMPGUARD_LOOK_PENALTY : ICMPGUARD_LOOK_UNDECIDED;
	}
	return ICMPGUARD_LOOK_PASS;
}

static __always_inline bool icmpguard_home_is_old(const struct icmpguard_home *home, u64 now)
{
	return now - icmpguard_slot_time(home->word) >= ICMPGUARD_KNOWN_TIME;
}

/*
 * Whether a total refuses. One that has no room for a known source has none for
 * one that would become known by its packet. Without a branch up to there: which
 * sources' buckets are full, and which are known, is anybody's guess.
 */
static __always_inline enum icmpguard_charge
icmpguard_home_total(const struct icmpguard_table *table, const struct icmpguard_home *home,
		     const struct icmpguard_aggregate *aggregate, u64 hash, u64 now)
{
	bool known = home->known, full = !home->debt, unknown = !known;
	bool changes = full & (unknown | icmpguard_home_is_old(home, now));

	if (!icmpguard_aggregate_refuses(aggregate, known | changes, hash, now))
		return ICMPGUARD_CHARGE_PASS;
	/* It may owe something in a table that was replaced. */
	if (unlikely(rcu_access_pointer(table->older)) && changes)
		return ICMPGUARD_CHARGE_UNDECIDED;
	return ICMPGUARD_CHARGE_AGGREGATE;
}

/* Whether charging a bucket may change what is known of its source */
static __always_inline bool icmpguard_home_changes(const struct icmpguard_home *home, u64 now)
{
	return !home->debt && unlikely(!home->known || icmpguard_home_is_old(home, now));
}

/* Return: false where another processor was faster. */
static __always_inline bool icmpguard_table_take(const struct icmpguard_home *home, u64 hash,
						 const struct icmpguard_gcra *rate, u64 now)
{
	s64 old = home->word;

	return likely(atomic64_try_cmpxchg(home->slot, &old,
					   icmpguard_slot_word(now, home->debt + rate->cost,
							       rate->mask, home->known, hash)));
}

/* What a bucket that doesn't let a packet pass says of it */
static __always_inline enum icmpguard_charge icmpguard_charge_of_look(enum icmpguard_look look)
{
	return look == ICMPGUARD_LOOK_SOURCE  ? ICMPGUARD_CHARGE_SOURCE :
	       look == ICMPGUARD_LOOK_PENALTY ? ICMPGUARD_CHARGE_PENALTY :
						ICMPGUARD_CHARGE_UNDECIDED;
}

/**
 * icmpguard_table_charge_fast() - charge a packet whose bucket is near
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @rate: the source's rate, limited
 * @jittered: with a jittered limit
 * @penalty: as icmpguard_table_charge_slow()
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * The same as icmpguard_table_charge_slow(), for a source that is found where it
 * is looked for first, in as few instructions as there can be.
 *
 * Context: as icmpguard_table_charge().
 * Return: enum icmpguard_charge.
 */
static __always_inline enum icmpguard_charge
icmpguard_table_charge_fast(const struct icmpguard_table *table, u64 hash,
			    const struct icmpguard_gcra *rate, bool jittered, u64 penalty,
			    const struct icmpguard_aggregate *aggregate, u64 now)
{
	enum icmpguard_charge charge;
	struct icmpguard_home home = {};
	enum icmpguard_look look;

	look = icmpguard_table_look(table, hash, rate, jittered, penalty, now, &home);
	if (look != ICMPGUARD_LOOK_PASS)
		return icmpguard_charge_of_look(look);
	if (aggregate->bucket) {
		charge = icmpguard_home_total(table, &home, aggregate, hash, now);
		if (charge != ICMPGUARD_CHARGE_PASS)
			return charge;
	}
	if (icmpguard_home_changes(&home, now) || !icmpguard_table_take(&home, hash, rate, now))
		return ICMPGUARD_CHARGE_UNDECIDED;
	if (aggregate->bucket)
		icmpguard_aggregate_add(aggregate, now);
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_charge_fast2() - charge a packet at two prefix lengths
 * @table: the buckets
 * @hash: of the source and of the shorter prefix that holds it
 * @step: the rate of each
 * @jittered: with a jittered limit
 * @penalty: as icmpguard_table_charge_slow()
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * The same as icmpguard_table_charge_ladder(), where both are found where they
 * are looked for first.
 *
 * Context: as icmpguard_table_charge().
 * Return: enum icmpguard_charge.
 */
static __always_inline enum icmpguard_charge
icmpguard_table_charge_fast2(const struct icmpguard_table *table, const u64 *hash,
			     const struct icmpguard_gcra *step, bool jittered, u64 penalty,
			     const struct icmpguard_aggregate *aggregate, u64 now)
{
	struct icmpguard_home home = {}, wide = {};
	enum icmpguard_charge charge;
	enum icmpguard_look look;

	look = icmpguard_table_look(table, hash[0], &step[0], jittered, penalty, now, &home);
	if (look != ICMPGUARD_LOOK_PASS)
		return icmpguard_charge_of_look(look);
	look = icmpguard_table_look(table, hash[1], &step[1], jittered, 0, now, &wide);
	if (look != ICMPGUARD_LOOK_PASS)
		return icmpguard_charge_of_look(look);
	if (aggregate->bucket) {
		charge = icmpguard_home_total(table, &home, aggregate, hash[0], now);
		if (charge != ICMPGUARD_CHARGE_PASS)
			return charge;
	}
	if (icmpguard_home_changes(&home, now) || icmpguard_home_changes(&wide, now) ||
	    !icmpguard_table_take(&home, hash[0], &step[0], now))
		return ICMPGUARD_CHARGE_UNDECIDED;
	if (unlikely(!icmpguard_table_take(&wide, hash[1], &step[1], now))) {
		charge = icmpguard_table_charge_last(table, hash[1], &step[1], jittered, now);
		if (charge != ICMPGUARD_CHARGE_PASS)
			return charge;
	}
	if (aggregate->bucket)
		icmpguard_aggregate_add(aggregate, now);
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_charge() - charge a packet to its source and to the total
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @rate: the source's rate, limited
 * @penalty: as icmpguard_table_charge_slow()
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * Context: softirq, or process with bottom halves off; RCU. No lock, no
 * allocation.
 * Return: enum icmpguard_charge.
 */
static __always_inline enum icmpguard_charge
icmpguard_table_charge(const struct icmpguard_table *table, u64 hash,
		       const struct icmpguard_gcra *rate, u64 penalty,
		       const struct icmpguard_aggregate *aggregate, u64 now)
{
	enum icmpguard_charge charge;

	charge = icmpguard_table_charge_fast(table, hash, rate, false, penalty, aggregate, now);
	if (likely(charge != ICMPGUARD_CHARGE_UNDECIDED))
		return charge;
	return icmpguard_table_charge_slow(table, hash, rate, penalty, aggregate, now);
}

#endif /* _ICMPGUARD_LIMITER_H */
