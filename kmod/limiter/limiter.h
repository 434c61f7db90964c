/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limiter: charging a packet to its source's bucket and to the total.
 *
 * What nearly every packet of a flood, or of a source that has been there
 * before, needs is inlined into the hook; everything else is icmpguard_table_charge_slow().
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

/* Sources of standing may fill half of a set. */
#define ICMPGUARD_KNOWN_MAX	(ICMPGUARD_WAYS / 2)

/* No source's standing rises for so long after a total was pressed. */
#define ICMPGUARD_PRESSED_TIME	(60 * ICMPGUARD_SECOND)

/**
 * struct icmpguard_aggregate_bucket - a bucket that all sources share
 * @tat: its theoretical arrival time
 * @pressed: when a packet last passed that found it pressed
 */
struct icmpguard_aggregate_bucket {
	atomic64_t tat;
	atomic64_t pressed;
} ____cacheline_aligned_in_smp;

/**
 * struct icmpguard_aggregate - the limit of all sources together
 * @bucket: their bucket; NULL: none
 * @rate: its rate
 * @edge: largest debt of @bucket with which a source of each standing still
 *	passes: trunk reservation keeps the rest for those of higher ones
 * @jitter: an edge of @bucket is jittered by this much, in 2^32 of time, so
 *	that no one can count other sources' packets by finding it (RFC 5927 8;
 *	Man et al., DNS Cache Poisoning Attack Reloaded, 2020: SAD DNS)
 */
struct icmpguard_aggregate {
	struct icmpguard_aggregate_bucket *bucket;
	struct icmpguard_gcra rate;
	u64 edge[ICMPGUARD_STANDINGS];
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
 * Newcomers may fill 5/16 of the burst, and sources of each standing more. An
 * eighth is jittered, and the edges are so far apart that the lowest of one is
 * never below the highest of the one before. Of a small burst that isn't enough
 * for the packet by which newcomers overshoot their edge: then they have less.
 *
 * Context: any.
 */
static inline void icmpguard_aggregate_divide(struct icmpguard_aggregate *aggregate)
{
	u64 tolerance = aggregate->rate.tolerance, cost = aggregate->rate.cost;
	u64 *edge = aggregate->edge;

	edge[ICMPGUARD_NEWCOMER] = tolerance / 32 * 10;
	edge[ICMPGUARD_RETURNED] = tolerance / 32 * 22;
	edge[ICMPGUARD_REGULAR] = tolerance / 32 * 27;
	edge[ICMPGUARD_SENIOR] = tolerance;
	if (tolerance >= 3 * cost)
		edge[ICMPGUARD_NEWCOMER] = min(edge[ICMPGUARD_NEWCOMER],
					       edge[ICMPGUARD_RETURNED] - tolerance / 8 - cost - 1);
	aggregate->jitter = tolerance / 8 >> 32;
}

/**
 * icmpguard_aggregate_refuses() - whether a total has no room
 * @aggregate: the limit; it has a total
 * @standing: of the packet's source
 * @salt: the hash of it
 * @now: the time
 *
 * The edge moves with every tick of the clock, for every source in its own
 * way; its secret is that of the source's hash.
 *
 * Context: any. Only reads.
 * Return: true when the packet has to be refused.
 */
static __always_inline bool icmpguard_aggregate_refuses(const struct icmpguard_aggregate *aggregate,
							unsigned int standing, u64 salt, u64 now)
{
	u64 debt = icmpguard_gcra_debt(atomic64_read(&aggregate->bucket->tat), now);

	salt = (salt ^ now) * ICMPGUARD_GOLDEN >> 32;
	/* Without a branch: sources of any standing come as they like. */
	return debt > aggregate->edge[standing] - salt * aggregate->jitter;
}

/* Whether a debt is one that newcomers alone run up only when they are too many */
static __always_inline bool icmpguard_aggregate_presses(const struct icmpguard_aggregate *aggregate,
							u64 debt)
{
	return debt > aggregate->edge[ICMPGUARD_NEWCOMER] / 4 * 3;
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
	if (unlikely(icmpguard_aggregate_presses(aggregate, icmpguard_gcra_debt(tat, now))))
		atomic64_set(&aggregate->bucket->pressed, now);
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
 *	charged by the slow function. Only fast functions return it
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
 * @standing: what is left of its standing
 */
struct icmpguard_debt {
	u64 debt;
	unsigned int standing;
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
enum icmpguard_charge icmpguard_table_refuses(const struct icmpguard_table *table,
					      const u64 *hash, const struct icmpguard_gcra *step,
					      unsigned int steps, u64 penalty,
					      const struct icmpguard_aggregate *aggregate,
					      u64 now);
enum icmpguard_charge icmpguard_table_refuses_slow(const struct icmpguard_table *table, u64 hash,
						   const struct icmpguard_gcra *rate,
						   bool jittered, u64 penalty,
						   const struct icmpguard_aggregate *aggregate,
						   u64 now);
void icmpguard_table_refund(const struct icmpguard_table *table, u64 hash,
			    const struct icmpguard_gcra *rate, u64 penalty,
			    const struct icmpguard_aggregate *aggregate, unsigned int packets,
			    u64 age, u64 now);
enum icmpguard_charge icmpguard_aggregate_charge(const struct icmpguard_aggregate *aggregate,
						 u64 hash, u64 now);
struct icmpguard_debt icmpguard_table_debt(const struct icmpguard_table *table, u64 hash,
					   u8 group, u64 now);

enum icmpguard_charge icmpguard_table_charge_last(const struct icmpguard_table *table, u64 hash,
						  const struct icmpguard_gcra *step,
						  bool jittered, u64 now);

/**
 * icmpguard_aggregate_look() - what icmpguard_aggregate_charge() would say
 * @aggregate: the limit
 * @hash: of the source
 * @now: the time
 *
 * Context: any. Only reads.
 * Return: ICMPGUARD_CHARGE_PASS, also without a total, or ICMPGUARD_CHARGE_AGGREGATE.
 */
static inline enum icmpguard_charge
icmpguard_aggregate_look(const struct icmpguard_aggregate *aggregate, u64 hash, u64 now)
{
	return aggregate->bucket &&
	       icmpguard_aggregate_refuses(aggregate, ICMPGUARD_SENIOR, hash, now) ?
		       ICMPGUARD_CHARGE_AGGREGATE : ICMPGUARD_CHARGE_PASS;
}

/**
 * enum icmpguard_look - what a source's bucket says of a packet
 * @ICMPGUARD_LOOK_PASS: it may be charged
 * @ICMPGUARD_LOOK_SOURCE: it exceeds the source's rate
 * @ICMPGUARD_LOOK_PENALTY: it does so during a penalty, and can't lengthen that
 * @ICMPGUARD_LOOK_UNDECIDED: it takes more than one look
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
 */
struct icmpguard_home {
	atomic64_t *slot;
	u64 word;
	u64 debt;
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

/* Whether charging a bucket may change its source's standing */
static __always_inline bool icmpguard_home_changes(const struct icmpguard_home *home, u64 hash,
						   const struct icmpguard_gcra *rate, u64 now)
{
	return !home->debt &&
	       unlikely(icmpguard_slot_enters_epoch(home->word, now + rate->cost, hash) ||
			icmpguard_slot_is_old(home->word, now));
}

/* Whether a total refuses: one that does so to a standing does so to what is left of it. */
static __always_inline enum icmpguard_charge
icmpguard_home_total(const struct icmpguard_table *table, const struct icmpguard_home *home,
		     const struct icmpguard_aggregate *aggregate, u64 hash, u64 now)
{
	if (!icmpguard_aggregate_refuses(aggregate, icmpguard_slot_standing(home->word), hash, now))
		return ICMPGUARD_CHARGE_PASS;
	/* It may owe something in a table that was replaced. */
	if (unlikely(rcu_access_pointer(table->older)) && !home->debt &&
	    icmpguard_slot_is_old(home->word, now))
		return ICMPGUARD_CHARGE_UNDECIDED;
	return ICMPGUARD_CHARGE_AGGREGATE;
}

/* Return: false where another processor was faster. */
static __always_inline bool icmpguard_table_take(const struct icmpguard_home *home,
						 const struct icmpguard_gcra *rate, u64 now)
{
	s64 old = home->word;

	return likely(atomic64_try_cmpxchg(home->slot, &old,
					   ((now + home->debt + rate->cost) & rate->mask) |
					   (home->word & ~ICMPGUARD_TIME_MASK)));
}

/* What a bucket that doesn't let a packet pass says of it */
static __always_inline enum icmpguard_charge icmpguard_charge_of_look(enum icmpguard_look look)
{
	return look == ICMPGUARD_LOOK_SOURCE  ? ICMPGUARD_CHARGE_SOURCE :
	       look == ICMPGUARD_LOOK_PENALTY ? ICMPGUARD_CHARGE_PENALTY :
						ICMPGUARD_CHARGE_UNDECIDED;
}

/**
 * icmpguard_table_charge_fast() - charge a packet whose bucket is where it is preferred
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
	if (icmpguard_home_changes(&home, hash, rate, now) ||
	    !icmpguard_table_take(&home, rate, now))
		return ICMPGUARD_CHARGE_UNDECIDED;
	if (aggregate->bucket)
		icmpguard_aggregate_add(aggregate, now);
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_refuses_fast() - whether a packet would be refused, by one look
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @rate: the source's rate, limited
 * @jittered: with a jittered limit
 * @penalty: as icmpguard_table_charge_slow()
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * What icmpguard_table_charge_fast() would say, and nothing is charged.
 *
 * Context: as icmpguard_table_charge(). Only reads.
 * Return: as icmpguard_table_refuses(); UNDECIDED where icmpguard_table_refuses_slow() has to
 * be asked.
 */
static __always_inline enum icmpguard_charge
icmpguard_table_refuses_fast(const struct icmpguard_table *table, u64 hash,
			     const struct icmpguard_gcra *rate, bool jittered, u64 penalty,
			     const struct icmpguard_aggregate *aggregate, u64 now)
{
	struct icmpguard_home home = {};
	enum icmpguard_look look;

	look = icmpguard_table_look(table, hash, rate, jittered, penalty, now, &home);
	if (look != ICMPGUARD_LOOK_PASS)
		return icmpguard_charge_of_look(look);
	return aggregate->bucket ? icmpguard_home_total(table, &home, aggregate, hash, now) :
				   ICMPGUARD_CHARGE_PASS;
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
	if (icmpguard_home_changes(&home, hash[0], &step[0], now) ||
	    icmpguard_home_changes(&wide, hash[1], &step[1], now) ||
	    !icmpguard_table_take(&home, &step[0], now))
		return ICMPGUARD_CHARGE_UNDECIDED;
	if (unlikely(!icmpguard_table_take(&wide, &step[1], now))) {
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
