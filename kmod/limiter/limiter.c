// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter: finding, charging and taking over buckets.
 *
 * The order of a packet's work: look at the source's set, look at the total,
 * and only if both let it pass write both. So a refused packet writes nothing
 * and its cache line stays shared by all processors.
 */
#include <linux/prefetch.h>
#include "limiter.h"

/* Lost races after which a packet is refused rather than tried again */
#define TRIES		8

/**
 * struct view - a bucket as it was seen
 * @slot: where
 * @word: what was read
 * @own: it is the source's; else it is the one to take over
 * @debt: what a packet's cost is added to
 * @standing: what is left of the source's
 * @rises: it goes up by one, unless the total is pressed
 * @moved: the source's bucket in a table that was replaced, as a word for this
 *	one; 0: it has none there
 */
struct view {
	atomic64_t *slot;
	u64 word;
	bool own;
	u64 debt;
	unsigned int standing;
	bool rises;
	u64 moved;
};

/* The source's own bucket in a set; NULL: it has none. */
static __always_inline atomic64_t *find_own(struct icmpguard_set *set, u64 hash, u64 *word)
{
	unsigned int i = icmpguard_slot_home(hash);

	*word = atomic64_read(&set->way[i]);
	if (likely(icmpguard_slot_is_own(*word, hash)))
		return &set->way[i];
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		*word = atomic64_read(&set->way[i]);
		if (icmpguard_slot_is_own(*word, hash))
			return &set->way[i];
	}
	return NULL;
}

/*
 * The bucket to take over: the one idle for longest, or else the one with the
 * smallest debt. Of equals it is the source's home.
 */
static __always_inline atomic64_t *find_least(struct icmpguard_set *set, u64 hash, u64 now,
					      u64 *word)
{
	unsigned int i, least = icmpguard_slot_home(hash);
	u64 best;

	*word = atomic64_read(&set->way[least]);
	best = icmpguard_slot_rank(*word, now);
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		u64 other = atomic64_read(&set->way[i]);
		u64 rank = icmpguard_slot_rank(other, now);

		if (rank < best) {
			best = rank;
			least = i;
			*word = other;
		}
	}
	return &set->way[least];
}

/*
 * Whether a source whose bucket is full when it comes, in another of its epochs
 * than before, goes up: a flood never lets a bucket fill, and a random address
 * doesn't come back. Half of a set is left to newcomers.
 */
static noinline bool may_rise(struct icmpguard_set *set, u64 word, u64 now)
{
	int i, others = 0;

	if (icmpguard_slot_is_old(word, now))
		return false;
	if (icmpguard_slot_standing(word))
		return icmpguard_slot_standing(word) < ICMPGUARD_SENIOR;
	for (i = 0; i < ICMPGUARD_WAYS; i++)
		others += !!icmpguard_slot_standing_at(atomic64_read(&set->way[i]), now);
	return others < ICMPGUARD_KNOWN_MAX;
}

/*
 * A source that is new in this table may have a bucket in an older one: what
 * it owed there it owes here.
 */
static noinline void find_older(const struct icmpguard_table *table, u64 hash, u8 group, u64 mask,
				u64 now, struct view *view)
{
	u64 word, debt;
	int i;

	for (i = 0; i < ICMPGUARD_OLDER_MAX; i++) {
		table = rcu_dereference_check(table->older, true);
		if (!table)
			return;
		if (find_own(icmpguard_table_set(table, hash, group), hash, &word))
			break;
	}
	if (i == ICMPGUARD_OLDER_MAX)
		return;
	view->standing = icmpguard_slot_standing_at(word, now);
	debt = icmpguard_gcra_debt(icmpguard_slot_time(word), now);
	view->moved = icmpguard_slot_word(now, max(view->debt, debt), mask, view->standing, hash);
	if (debt < view->debt)
		return;
	view->debt = debt;
	view->moved |= word & ICMPGUARD_PENALTY;
}

/*
 * A packet that exceeds its source's rate. With a penalty the debt jumps to
 * it; while it lasts every packet adds its cost up to the penalty again, so
 * it ends for a source that sends less than the rate and stays for others. At the
 * penalty nothing is left to write.
 *
 * More than the region's @edge no source runs up by itself: it was inherited
 * with a penalty that was cut. A penalty for that would be cut for the next
 * newcomer, and a flood of sources with two packets each would meet no limit.
 */
static noinline enum icmpguard_charge table_punish(atomic64_t *slot, u64 word,
						   const struct icmpguard_gcra *rate, u64 penalty,
						   u64 debt, u64 edge, u64 now, bool looks)
{
	u64 most = rate->tolerance + penalty, next;
	bool serving = word & ICMPGUARD_PENALTY;
	s64 old = word;

	if (!serving && debt > max(edge, rate->tolerance + rate->cost))
		return ICMPGUARD_CHARGE_SOURCE;
	next = serving ? debt + rate->cost : most;
	if (next > debt && next <= most) {
		if (looks)
			return ICMPGUARD_CHARGE_UNDECIDED;
		atomic64_try_cmpxchg(slot, &old, (now + next - ICMPGUARD_PENALTY) |
				     ICMPGUARD_PENALTY | (word & ~ICMPGUARD_TIME_MASK));
	}
	return serving ? ICMPGUARD_CHARGE_PENALTY : ICMPGUARD_CHARGE_SOURCE;
}

/*
 * A debt comes along with the first packet, also with one that is refused: a
 * table that is replaced again and again must not make it forgotten.
 */
static noinline enum icmpguard_charge slot_move(const struct view *view, u64 penalty)
{
	s64 old = view->word;

	atomic64_try_cmpxchg(view->slot, &old, view->moved);
	return penalty && view->moved & ICMPGUARD_PENALTY ? ICMPGUARD_CHARGE_PENALTY :
							  ICMPGUARD_CHARGE_SOURCE;
}

/* @looks: only say what it would be; UNDECIDED where a refusal writes */
static __always_inline enum icmpguard_charge table_refuse(const struct icmpguard_table *table,
							  const struct view *view,
							  const struct icmpguard_gcra *rate,
							  u64 penalty, u64 now, bool looks)
{
	if (unlikely(view->moved))
		return looks ? ICMPGUARD_CHARGE_UNDECIDED : slot_move(view, penalty);
	if (likely(!penalty || !view->own))
		return ICMPGUARD_CHARGE_SOURCE;
	return table_punish(view->slot, view->word, rate, penalty, view->debt,
			    icmpguard_table_edge(table, rate->group), now, looks);
}

/* An inherited debt and the cost may be more than a debt can be, and would be none. */
static u64 at_most(u64 debt, const struct icmpguard_gcra *rate)
{
	return min(debt, ICMPGUARD_DEBT_MAX - ICMPGUARD_LATE - rate->cost);
}

/*
 * The bucket of a source's packet and the debt it would meet. A newcomer passes
 * with a debt that any rate of its region can have run up, so that long bursts
 * don't keep short ones out. Return: whether it is refused.
 */
static __always_inline bool source_refuses(const struct icmpguard_table *table, u64 hash,
					   const struct icmpguard_gcra *rate, u64 penalty,
					   u64 now, struct view *view)
{
	struct icmpguard_set *set = icmpguard_table_set(table, hash, rate->group);
	u64 edge, most;
	bool own;

	view->slot = find_own(set, hash, &view->word);
	view->own = view->slot;
	own = view->own;
	if (!own)
		view->slot = find_least(set, hash, now, &view->word);
	view->debt = icmpguard_gcra_debt(icmpguard_slot_time(view->word), now);
	view->standing = own ? icmpguard_slot_standing_at(view->word, now) : ICMPGUARD_NEWCOMER;
	view->rises = own && !view->debt &&
		      icmpguard_slot_enters_epoch(view->word, now + rate->cost, hash) &&
		      may_rise(set, view->word, now);
	view->moved = 0;
	if (unlikely(rcu_access_pointer(table->older)) &&
	    (!own || (!view->debt && icmpguard_slot_is_nobody(view->word)))) {
		find_older(table, hash, rate->group, rate->mask, now, view);
		own |= !!view->moved;
	}
	if (likely(view->debt <= rate->tolerance))
		return false;

	edge = icmpguard_table_edge(table, rate->group);
	if (!own && view->debt <= edge) {
		view->debt = at_most(view->debt, rate);
		return false;
	}
	most = rate->tolerance + max(rate->cost, own ? penalty : 0);
	if (view->debt <= max(most, 2 * edge) + ICMPGUARD_LATE)
		return true;
	/* One packet, and the next not before it is paid for, from any source */
	view->debt = at_most(own ? rate->tolerance :
				   max(edge, rate->tolerance + rate->cost), rate);
	return false;
}

/* A list of forged sources that come back presses a total, and gains nothing by that. */
static noinline bool is_pressed(const struct icmpguard_aggregate *aggregate, u64 now)
{
	struct icmpguard_aggregate_bucket *bucket = aggregate->bucket;

	return bucket &&
	       (now - atomic64_read(&bucket->pressed) < ICMPGUARD_PRESSED_TIME ||
		icmpguard_aggregate_presses(aggregate,
					    icmpguard_gcra_debt(atomic64_read(&bucket->tat), now)));
}

/* @aggregate: NULL: the source doesn't rise. Return: false where another processor was faster. */
static __always_inline bool slot_take(const struct view *view, u64 hash,
				      const struct icmpguard_gcra *rate,
				      const struct icmpguard_aggregate *aggregate, u64 now)
{
	unsigned int standing = view->standing;
	s64 old = view->word;

	if (view->rises && aggregate && !is_pressed(aggregate, now))
		standing++;
	return atomic64_try_cmpxchg(view->slot, &old,
				    icmpguard_slot_word(now, view->debt + rate->cost,
							rate->mask, standing, hash));
}

/* @aggregate: NULL: another try, with a total that had room */
static __always_inline enum icmpguard_charge
table_charge(const struct icmpguard_table *table, u64 hash, const struct icmpguard_gcra *rate,
	     u64 penalty, const struct icmpguard_aggregate *aggregate, u64 now)
{
	int try;

	for (try = 0; try < TRIES; try++) {
		struct view view;

		if (source_refuses(table, hash, rate, penalty, now, &view))
			return table_refuse(table, &view, rate, penalty, now, false);
		if (aggregate && aggregate->bucket &&
		    icmpguard_aggregate_refuses(aggregate, view.standing, hash, now))
			return ICMPGUARD_CHARGE_AGGREGATE;
		if (!slot_take(&view, hash, rate, aggregate, now))
			continue;
		if (aggregate && aggregate->bucket)
			icmpguard_aggregate_add(aggregate, now);
		return ICMPGUARD_CHARGE_PASS;
	}
	return ICMPGUARD_CHARGE_SOURCE;
}

/**
 * icmpguard_aggregate_charge() - charge a packet to all sources' bucket alone
 * @aggregate: the limit; it has a total
 * @hash: of the source; the jitter depends on it
 * @now: the time
 *
 * Context: any.
 * Return: ICMPGUARD_CHARGE_PASS or ICMPGUARD_CHARGE_AGGREGATE.
 */
enum icmpguard_charge icmpguard_aggregate_charge(const struct icmpguard_aggregate *aggregate,
						 u64 hash, u64 now)
{
	enum icmpguard_charge charge = icmpguard_aggregate_look(aggregate, hash, now);

	if (charge == ICMPGUARD_CHARGE_PASS)
		icmpguard_aggregate_add(aggregate, now);
	return charge;
}

/**
 * icmpguard_table_charge_slow() - charge a packet, wherever its source's bucket is
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @rate: the source's rate, limited
 * @penalty: penalty for exceeding it, added to the debt, at most
 *	ICMPGUARD_BURST_MAX with the tolerance; 0: none
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * A source without a bucket takes over the one of its set with the least debt
 * and inherits that debt (Metwally et al., Efficient Computation of Frequent
 * and Top-k Elements in Data Streams, 2005: Space-Saving), so the packets
 * that a set lets pass are bounded by its eight buckets, whatever the sources.
 * Rates that differ much don't share sets: see icmpguard_table_divide(). A debt
 * that none of a region's rates can have run up is a penalty, or from before a
 * rate was changed; it is cut to the tolerance, so that it locks no source out.
 *
 * Context: softirq, or process with bottom halves off; RCU. No lock, no
 * allocation.
 * Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_table_charge_slow(const struct icmpguard_table *table, u64 hash,
						  const struct icmpguard_gcra *rate, u64 penalty,
						  const struct icmpguard_aggregate *aggregate,
						  u64 now)
{
	return table_charge(table, hash, rate, penalty, aggregate, now);
}

/**
 * icmpguard_table_charge_ladder() - charge a packet at several prefix lengths
 * @table: the buckets
 * @hash: of the source and of each shorter prefix that holds it
 * @step: the rate of each
 * @steps: how many, 2 to ICMPGUARD_LADDER_MAX
 * @penalty: penalty for exceeding it, added to the debt, at most
 *	ICMPGUARD_BURST_MAX with the tolerance; 0: none
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * Nothing is charged unless all steps and the total let it pass. Between that
 * look and the charge another processor may use up a step: then the steps
 * before it have been charged for a packet that is refused.
 *
 * Context: as icmpguard_table_charge().
 * Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_table_charge_ladder(const struct icmpguard_table *table,
						    const u64 *hash,
						    const struct icmpguard_gcra *step,
						    unsigned int steps, u64 penalty,
						    const struct icmpguard_aggregate *aggregate,
						    u64 now)
{
	struct view view[ICMPGUARD_LADDER_MAX];
	enum icmpguard_charge result;
	unsigned int i;

	view[0].standing = ICMPGUARD_NEWCOMER;
	for (i = 0; i < steps; i++)
		prefetch(icmpguard_table_set(table, hash[i], step[i].group));
	for (i = 0; i < steps; i++) {
		u64 own_penalty = i ? 0 : penalty;

		if (source_refuses(table, hash[i], &step[i], own_penalty, now, &view[i]))
			return table_refuse(table, &view[i], &step[i], own_penalty, now,
					    false);
	}
	if (aggregate->bucket &&
	    icmpguard_aggregate_refuses(aggregate, view[0].standing, hash[0], now))
		return ICMPGUARD_CHARGE_AGGREGATE;
	for (i = 0; i < steps; i++) {
		if (likely(slot_take(&view[i], hash[i], &step[i], aggregate, now)))
			continue;
		result = table_charge(table, hash[i], &step[i], i ? 0 : penalty, NULL, now);
		if (result != ICMPGUARD_CHARGE_PASS)
			return result;
	}
	if (aggregate->bucket)
		icmpguard_aggregate_add(aggregate, now);
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_charge_last() - charge a packet at one more prefix length
 * @table: the buckets
 * @hash: of the prefix
 * @step: its rate
 * @jittered: with a jittered limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * Where another processor used the bucket between the look and the charge.
 *
 * Context: as icmpguard_table_charge().
 * Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_table_charge_last(const struct icmpguard_table *table, u64 hash,
						  const struct icmpguard_gcra *step,
						  bool jittered, u64 now)
{
	struct icmpguard_gcra strict;

	if (jittered) {
		strict = icmpguard_jitter_gcra(step, hash, now);
		step = &strict;
	}
	return table_charge(table, hash, step, 0, NULL, now);
}

/**
 * icmpguard_table_refuses() - whether a packet would be refused, charging nothing
 * @table: the buckets
 * @hash: of the source and of each shorter prefix that holds it
 * @step: the rate of each
 * @steps: how many, 1 to ICMPGUARD_LADDER_MAX
 * @penalty: penalty for exceeding it, as icmpguard_table_charge_ladder()
 * @aggregate: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * What icmpguard_table_charge_slow() or icmpguard_table_charge_ladder() would say,
 * where they refuse and write nothing.
 *
 * Context: as icmpguard_table_charge(). Only reads.
 * Return: SOURCE, PENALTY or AGGREGATE; PASS for a packet that would be charged;
 * UNDECIDED for a refusal that writes: a debt that moves here from a table that was
 * replaced, or a penalty that begins or grows.
 */
enum icmpguard_charge icmpguard_table_refuses(const struct icmpguard_table *table,
					      const u64 *hash, const struct icmpguard_gcra *step,
					      unsigned int steps, u64 penalty,
					      const struct icmpguard_aggregate *aggregate, u64 now)
{
	unsigned int i, standing = ICMPGUARD_NEWCOMER;

	for (i = 0; i < steps; i++)
		prefetch(icmpguard_table_set(table, hash[i], step[i].group));
	for (i = 0; i < steps; i++) {
		u64 own_penalty = i ? 0 : penalty;
		struct view view;

		if (source_refuses(table, hash[i], &step[i], own_penalty, now, &view))
			return table_refuse(table, &view, &step[i], own_penalty, now, true);
		if (!i)
			standing = view.standing;
	}
	if (aggregate->bucket && icmpguard_aggregate_refuses(aggregate, standing, hash[0], now))
		return ICMPGUARD_CHARGE_AGGREGATE;
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_refuses_slow() - likewise, of a source without shorter prefixes
 * @table: the buckets
 * @hash: of the source
 * @rate: its rate
 * @jittered: with a jittered limit
 * @penalty: penalty for exceeding it
 * @aggregate: all sources' limit
 * @now: the time
 *
 * What icmpguard_table_refuses_fast() can't tell.
 *
 * Context: as icmpguard_table_charge(). Only reads.
 * Return: as icmpguard_table_refuses().
 */
enum icmpguard_charge icmpguard_table_refuses_slow(const struct icmpguard_table *table, u64 hash,
						   const struct icmpguard_gcra *rate,
						   bool jittered, u64 penalty,
						   const struct icmpguard_aggregate *aggregate,
						   u64 now)
{
	struct icmpguard_gcra strict;

	if (jittered) {
		strict = icmpguard_jitter_gcra(rate, hash, now);
		rate = &strict;
	}
	return icmpguard_table_refuses(table, &hash, rate, 1, penalty, aggregate, now);
}

/* What is left after @age of the debt of so many packets. More than can be is all of it. */
static u64 debt_left(const struct icmpguard_gcra *rate, unsigned int packets, u64 age)
{
	u64 debt;

	if (check_mul_overflow(rate->cost, (u64)packets, &debt))
		debt = ICMPGUARD_DEBT_MAX;
	return debt - min(debt, age);
}

/* A debt less what is given back of it; a penalty is no debt that was run up. */
static u64 debt_less(u64 word, u64 back, u64 penalty, u64 now)
{
	u64 debt = icmpguard_gcra_debt(icmpguard_slot_time(word), now);

	if (penalty && word & ICMPGUARD_PENALTY)
		return word;
	word -= min(debt, back);
	return penalty ? word & ~ICMPGUARD_PENALTY : word;
}

static void aggregate_refund(struct icmpguard_aggregate_bucket *bucket, u64 back, u64 now)
{
	s64 tat = atomic64_read(&bucket->tat);
	int try;

	/* Another processor's charge in between: once more, with what it left. */
	for (try = 0; try < TRIES; try++)
		if (atomic64_try_cmpxchg(&bucket->tat, &tat,
					 tat - min(icmpguard_gcra_debt(tat, now), back)))
			return;
}

/**
 * icmpguard_table_refund() - give back what a source was charged
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @rate: the source's rate; unlimited: only the total was charged
 * @penalty: its penalty
 * @aggregate: all sources' limit; NULL: not to be given back
 * @packets: how many
 * @age: how long ago they were charged; what the rates have paid of them since isn't
 *	given back, or who has the same packets charged and given back again and again would
 *	have more and more of them
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * For what proves later to be worth nothing of a limit. No bucket becomes more
 * than full, and a source whose bucket was taken over gets nothing back: the
 * debt is another's then.
 *
 * Context: as icmpguard_table_charge().
 */
void icmpguard_table_refund(const struct icmpguard_table *table, u64 hash,
			    const struct icmpguard_gcra *rate, u64 penalty,
			    const struct icmpguard_aggregate *aggregate, unsigned int packets,
			    u64 age, u64 now)
{
	u64 word, back = debt_left(rate, packets, age);
	atomic64_t *slot = NULL;
	int try;

	if (back)
		slot = find_own(icmpguard_table_set(table, hash, rate->group), hash, &word);
	for (try = 0; slot && try < TRIES && icmpguard_slot_is_own(word, hash); try++) {
		s64 old = word;

		if (atomic64_try_cmpxchg(slot, &old, debt_less(word, back, penalty, now)))
			break;
		word = old;
	}
	if (!aggregate || !aggregate->bucket)
		return;
	aggregate_refund(aggregate->bucket, debt_left(&aggregate->rate, packets, age), now);
}

/**
 * icmpguard_table_debt() - what a table knows of a source, without changing it
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @group: of its rate
 * @now: the time
 *
 * Context: any; RCU.
 * Return: no debt for a source that has no bucket.
 */
struct icmpguard_debt icmpguard_table_debt(const struct icmpguard_table *table, u64 hash,
					   u8 group, u64 now)
{
	struct view view = {};
	u64 word;

	if (find_own(icmpguard_table_set(table, hash, group), hash, &word))
		return (struct icmpguard_debt) {
			icmpguard_gcra_debt(icmpguard_slot_time(word), now),
			icmpguard_slot_standing_at(word, now),
		};
	find_older(table, hash, group, ICMPGUARD_TIME_MASK, now, &view);
	return (struct icmpguard_debt) { view.debt, view.standing };
}

/**
 * icmpguard_aggregate_forget() - fill a bucket
 * @bucket: the bucket
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_aggregate_forget(struct icmpguard_aggregate_bucket *bucket, u64 now)
{
	atomic64_set(&bucket->tat, icmpguard_slot_of_nobody(now));
	atomic64_set(&bucket->pressed, icmpguard_slot_of_nobody(now));
}

/**
 * icmpguard_aggregate_clamp() - cut a debt that a new rate can't have run up
 * @bucket: the bucket
 * @rate: its new rate
 * @now: the time
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_aggregate_clamp(struct icmpguard_aggregate_bucket *bucket,
			       const struct icmpguard_gcra *rate, u64 now)
{
	s64 old = atomic64_read(&bucket->tat);

	if (icmpguard_gcra_debt(old, now) > rate->tolerance)
		atomic64_try_cmpxchg(&bucket->tat, &old, now + rate->tolerance);
}

/**
 * icmpguard_aggregate_sweep() - keep a bucket from growing old enough to look busy or pressed
 * @bucket: the bucket
 * @now: the time
 *
 * Context: process, at least every ICMPGUARD_SWEEP_PERIOD; packets may be
 * charged meanwhile.
 */
void icmpguard_aggregate_sweep(struct icmpguard_aggregate_bucket *bucket, u64 now)
{
	icmpguard_slot_sweep(&bucket->tat, now);
	icmpguard_slot_sweep(&bucket->pressed, now);
}
