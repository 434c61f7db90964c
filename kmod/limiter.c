// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter: finding, charging and taking over buckets.
 *
 * The order of a packet's work: look at the source's set, look at the total,
 * and only if both let it pass write both. So a refused packet writes nothing
 * and its cache line stays shared by all processors.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "limiter.h"

/* Lost races after which a packet is refused rather than tried again */
#define TRIES		8

/*
 * An idle bucket older than this is rewritten to be just as old. A sweep at
 * least every ICMPGUARD_SWEEP_PERIOD keeps every bucket's age below the three
 * quarters of the range from which on it would look like a debt.
 */
#define AGE_KEPT	(1ULL << 61)

/**
 * struct view - a bucket as it was seen
 * @slot: where
 * @word: what was read
 * @own: it is the source's; else it is the one to take over
 */
struct view {
	atomic64_t *slot;
	u64 word;
	bool own;
};

static u64 tag_of(u64 hash)
{
	return hash >> (64 - ICMPGUARD_TAG_BITS);
}

static u64 time_of(u64 word)
{
	return word & ICMPGUARD_TIME_MASK;
}

static struct icmpguard_set *set_of(const struct icmpguard_table *table, u64 hash)
{
	return &table->sets[hash & table->mask];
}

/*
 * The source's own bucket, or else the one idle for longest, or else the one
 * with the smallest debt: all three are one order, that of the TATs, counted
 * from the oldest that can be told from a debt.
 */
static __always_inline void find(struct icmpguard_set *set, u64 tag, u64 now, struct view *view)
{
	u64 oldest = now + ICMPGUARD_DEBT_MAX + 1;
	u64 best = U64_MAX;
	int i;

	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		u64 word = atomic64_read(&set->way[i]);

		if ((word & ICMPGUARD_TAG_MASK) == tag) {
			view->slot = &set->way[i];
			view->word = word;
			view->own = true;
			return;
		}
	}

	view->own = false;
	view->slot = &set->way[0];
	view->word = atomic64_read(view->slot);
	best = view->word - oldest;
	for (i = 1; i < ICMPGUARD_WAYS; i++) {
		u64 word = atomic64_read(&set->way[i]);

		if (word - oldest < best) {
			best = word - oldest;
			view->slot = &set->way[i];
			view->word = word;
		}
	}
}

static bool total_refuses(const struct icmpguard_total *total, const struct icmpguard_gcra *all,
			  u64 now)
{
	return icmpguard_gcra_debt(atomic64_read(&total->tat), now) > all->tolerance;
}

/*
 * Charge a total that has just been seen not to refuse. Several processors
 * may do so at once; none is turned back, so it may be exceeded by one packet
 * for each of them, and the debt they leave is paid for by the next.
 */
static void total_add(struct icmpguard_total *total, const struct icmpguard_gcra *all, u64 now)
{
	s64 tat = atomic64_read(&total->tat);

	if (!icmpguard_gcra_debt(tat, now) &&
	    atomic64_try_cmpxchg(&total->tat, &tat, now + all->cost))
		return;
	atomic64_add(all->cost, &total->tat);
}

/**
 * icmpguard_total_charge() - charge a packet to all sources' bucket alone
 * @total: the bucket
 * @all: its rate
 * @now: the time
 *
 * Context: any. Return: ICMPGUARD_CHARGE_PASS or ICMPGUARD_CHARGE_TOTAL.
 */
enum icmpguard_charge icmpguard_total_charge(struct icmpguard_total *total,
					     const struct icmpguard_gcra *all, u64 now)
{
	if (total_refuses(total, all, now))
		return ICMPGUARD_CHARGE_TOTAL;
	total_add(total, all, now);
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_charge() - charge a packet to its source and to the total
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @source: the source's rate, limited
 * @total: all sources' bucket; NULL: none
 * @all: its rate
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * A source without a bucket takes over the one of its set with the least debt
 * and inherits that debt (Metwally et al., Efficient Computation of Frequent
 * and Top-k Elements in Data Streams, 2005: Space-Saving), so the packets
 * that a set lets pass are bounded by its eight buckets, whoever sends them.
 * A debt that a bucket of this rate can't have run up is a slower limiter's,
 * or from before the rate was changed; it is cut to the tolerance, or slow
 * sources would keep fast ones out.
 *
 * Context: softirq, or process with bottom halves off. No lock, no
 * allocation. Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_table_charge(const struct icmpguard_table *table, u64 hash,
					     const struct icmpguard_gcra *source,
					     struct icmpguard_total *total,
					     const struct icmpguard_gcra *all, u64 now)
{
	struct icmpguard_set *set = set_of(table, hash);
	u64 tag = tag_of(hash);
	int try;

	for (try = 0; try < TRIES; try++) {
		struct view view;
		u64 debt, word;
		s64 old;

		find(set, tag, now, &view);
		debt = icmpguard_gcra_debt(time_of(view.word), now);
		if (debt > source->tolerance) {
			if (debt <= source->tolerance + source->cost)
				return ICMPGUARD_CHARGE_SOURCE;
			debt = source->tolerance;
		}
		if (total && total_refuses(total, all, now))
			return ICMPGUARD_CHARGE_TOTAL;

		word = (now + debt + source->cost) | tag;
		old = view.word;
		if (atomic64_try_cmpxchg(view.slot, &old, word)) {
			if (total)
				total_add(total, all, now);
			return ICMPGUARD_CHARGE_PASS;
		}
	}
	return ICMPGUARD_CHARGE_SOURCE;
}

/**
 * icmpguard_table_debt() - a source's debt, without changing it
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @now: the time
 *
 * Context: any. Return: the debt; 0 for a source that has no bucket.
 */
u64 icmpguard_table_debt(const struct icmpguard_table *table, u64 hash, u64 now)
{
	struct view view;

	find(set_of(table, hash), tag_of(hash), now, &view);
	return view.own ? icmpguard_gcra_debt(time_of(view.word), now) : 0;
}

/* An idle bucket of nobody's, as old as is kept */
static u64 word_of_nobody(u64 now)
{
	return now - AGE_KEPT;
}

/**
 * icmpguard_table_forget() - make every source new
 * @table: the buckets
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_table_forget(struct icmpguard_table *table, u64 now)
{
	u64 i;
	int way;

	for (i = 0; i <= table->mask; i++) {
		for (way = 0; way < ICMPGUARD_WAYS; way++)
			atomic64_set(&table->sets[i].way[way], word_of_nobody(now));
		if (!(i % 4096))
			cond_resched();
	}
}

static bool is_stale(u64 word, u64 now)
{
	u64 debt = time_of(word) - now;

	return debt > ICMPGUARD_DEBT_MAX && now - time_of(word) > AGE_KEPT;
}

/**
 * icmpguard_table_sweep() - keep idle buckets from growing old enough to look busy
 * @table: the buckets
 * @now: the time
 *
 * Context: process, at least every ICMPGUARD_SWEEP_PERIOD; packets may be
 * charged meanwhile.
 */
void icmpguard_table_sweep(struct icmpguard_table *table, u64 now)
{
	u64 i;
	int way;

	for (i = 0; i <= table->mask; i++) {
		for (way = 0; way < ICMPGUARD_WAYS; way++) {
			atomic64_t *slot = &table->sets[i].way[way];
			s64 old = atomic64_read(slot);

			if (is_stale(old, now))
				atomic64_try_cmpxchg(slot, &old, word_of_nobody(now));
		}
		if (!(i % 4096))
			cond_resched();
	}
}

/**
 * icmpguard_total_forget() - fill a bucket
 * @total: the bucket
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_total_forget(struct icmpguard_total *total, u64 now)
{
	atomic64_set(&total->tat, word_of_nobody(now));
}

/**
 * icmpguard_total_clamp() - cut a debt that a new rate can't have run up
 * @total: the bucket
 * @all: its new rate
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_total_clamp(struct icmpguard_total *total, const struct icmpguard_gcra *all, u64 now)
{
	s64 old = atomic64_read(&total->tat);

	if (icmpguard_gcra_debt(old, now) > all->tolerance)
		atomic64_try_cmpxchg(&total->tat, &old, now + all->tolerance);
}

/**
 * icmpguard_total_sweep() - keep a bucket from growing old enough to look busy
 * @total: the bucket
 * @now: the time
 *
 * Context: process, at least every ICMPGUARD_SWEEP_PERIOD; packets may be
 * charged meanwhile.
 */
void icmpguard_total_sweep(struct icmpguard_total *total, u64 now)
{
	s64 old = atomic64_read(&total->tat);

	if (is_stale(old, now))
		atomic64_try_cmpxchg(&total->tat, &old, word_of_nobody(now));
}

/**
 * icmpguard_table_alloc() - make a table of full buckets
 * @sources: to be tracked, ICMPGUARD_TABLE_MIN to ICMPGUARD_TABLE_MAX;
 *	rounded up to a power of two
 * @now: the time
 *
 * Context: process. Return: the table, NULL without memory.
 */
struct icmpguard_table *icmpguard_table_alloc(u32 sources, u64 now)
{
	u64 sets = roundup_pow_of_two(sources) / ICMPGUARD_WAYS;
	struct icmpguard_table *table;

	table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	table->sets = kvmalloc_array(sets, sizeof(*table->sets), GFP_KERNEL_ACCOUNT);
	if (!table->sets) {
		kfree(table);
		return NULL;
	}
	table->mask = sets - 1;
	icmpguard_table_forget(table, now);
	return table;
}

/**
 * icmpguard_table_free() - free a table that no packet can see
 * @table: the table; NULL is nothing
 *
 * Context: any but hard interrupt.
 */
void icmpguard_table_free(struct icmpguard_table *table)
{
	if (!table)
		return;
	kvfree(table->sets);
	kfree(table);
}

static void free_rcu(struct rcu_head *rcu)
{
	icmpguard_table_free(container_of(rcu, struct icmpguard_table, rcu));
}

/**
 * icmpguard_table_free_rcu() - free a table when the last packet has left it
 * @table: the table; NULL is nothing
 *
 * Context: any. The module waits for it with rcu_barrier() before it goes.
 */
void icmpguard_table_free_rcu(struct icmpguard_table *table)
{
	if (table)
		call_rcu(&table->rcu, free_rcu);
}
