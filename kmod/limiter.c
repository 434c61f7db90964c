// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter: finding, charging and taking over buckets.
 *
 * The order of a packet's work: look at the source's set, look at the total,
 * and only if both let it pass write both. So a refused packet writes nothing
 * and its cache line stays shared by all processors.
 */
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "limiter.h"

/*
 * A processor may have read the clock so long before another that a debt looks
 * larger to it by this: a virtual processor that wasn't scheduled, at worst.
 */
#define LATE		ICMPGUARD_SECOND

/* Lost races after which a packet is refused rather than tried again */
#define TRIES		8

/*
 * An idle bucket older than this is rewritten to be just as old. A sweep at
 * least every ICMPGUARD_SWEEP_PERIOD keeps every bucket's age below the three
 * quarters of the range from which on it would look like a debt.
 */
#define AGE_KEPT	BIT_ULL(61)

/*
 * The lowest bit of a TAT tells a penalty from a debt run up by packets, so
 * that a penalty that is about to end isn't taken for a reason to begin one.
 * The cost of a limit with a penalty is even.
 */
#define PENALTY		ICMPGUARD_TIME_UNIT

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

/* Never 0, which is nobody's */
static u64 tag_of(u64 hash)
{
	u64 tag = hash >> (64 - ICMPGUARD_TAG_BITS);

	return tag + !tag;
}

static u64 time_of(u64 word)
{
	return word & ICMPGUARD_TIME_MASK;
}

/*
 * The way a source takes when it is free, so that it is found again with one
 * look. These bits of the hash choose neither the set nor the tag.
 */
static unsigned int home_of(u64 hash)
{
	return hash >> (64 - ICMPGUARD_TAG_BITS - 3) & (ICMPGUARD_WAYS - 1);
}

static bool is_own(u64 word, u64 hash)
{
	return (word & ICMPGUARD_TAG_MASK) == tag_of(hash);
}

/* The source's own bucket in a set; NULL: it has none. */
static __always_inline atomic64_t *find_own(struct icmpguard_set *set, u64 hash, u64 *word)
{
	unsigned int i = home_of(hash);

	*word = atomic64_read(&set->way[i]);
	if (likely(is_own(*word, hash)))
		return &set->way[i];
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		*word = atomic64_read(&set->way[i]);
		if (is_own(*word, hash))
			return &set->way[i];
	}
	return NULL;
}

/*
 * How late a bucket is taken over: the order of TATs, counted from the oldest
 * that can be told from a debt. A known source's bucket stands in it as if
 * its TAT were ICMPGUARD_KNOWN_TIME later.
 */
static u64 rank_of(u64 word, u64 now)
{
	u64 known = (word & ICMPGUARD_KNOWN) << (ICMPGUARD_KNOWN_SHIFT - ICMPGUARD_TAG_BITS);

	return word + known - (now + ICMPGUARD_DEBT_MAX + ICMPGUARD_KNOWN_TIME + 1);
}

/*
 * The bucket to take over: the one idle for longest, or else the one with the
 * smallest debt. Of equals it is the source's home.
 */
static __always_inline atomic64_t *find_least(struct icmpguard_set *set, u64 hash, u64 now,
					      u64 *word)
{
	unsigned int i, least = home_of(hash);
	u64 best;

	*word = atomic64_read(&set->way[least]);
	best = rank_of(*word, now);
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		u64 other = atomic64_read(&set->way[i]);
		u64 rank = rank_of(other, now);

		if (rank < best) {
			best = rank;
			least = i;
			*word = other;
		}
	}
	return &set->way[least];
}

static bool is_known(u64 word, u64 now)
{
	return word & ICMPGUARD_KNOWN &&
	       now + ICMPGUARD_DEBT_MAX - time_of(word) < ICMPGUARD_DEBT_MAX + ICMPGUARD_KNOWN_TIME;
}

static noinline u64 room_for_known(struct icmpguard_set *set, u64 now)
{
	int i, others = 0;

	for (i = 0; i < ICMPGUARD_WAYS; i++)
		others += is_known(atomic64_read(&set->way[i]), now);
	return others < ICMPGUARD_KNOWN_MAX ? ICMPGUARD_KNOWN : 0;
}

/*
 * The known bit of a source whose bucket is about to be charged. It becomes
 * known by coming back when its bucket is full again: a flood never lets it
 * fill, and a random address doesn't come back.
 */
static __always_inline u64 known_of(struct icmpguard_set *set, const struct view *view, u64 debt,
				    u64 now)
{
	if (!view->own)
		return 0;
	if (debt)
		return view->word & ICMPGUARD_KNOWN;
	if (now - time_of(view->word) >= ICMPGUARD_KNOWN_TIME)
		return 0;
	return view->word & ICMPGUARD_KNOWN ?: room_for_known(set, now);
}

/*
 * A source that is new in this table may have a bucket in an older one: what
 * it owed there it owes here. Return: whether it has.
 */
static noinline bool older_debt(const struct icmpguard_table *table, u64 hash, u8 group, u64 now,
				u64 *debt, u64 *known)
{
	int i;

	for (i = 0; i < ICMPGUARD_OLDER_MAX; i++) {
		u64 word;

		table = rcu_dereference_check(table->older, true);
		if (!table)
			break;
		if (find_own(icmpguard_table_set(table, hash, group), hash, &word)) {
			*known = is_known(word, now) ? ICMPGUARD_KNOWN : 0;
			*debt = max(*debt, icmpguard_gcra_debt(time_of(word), now));
			return true;
		}
	}
	return false;
}

/*
 * A source that is refused for what it owes in an older table takes the debt
 * along: a flood would otherwise never have a bucket here, and be forgotten when
 * tables are replaced again and again. It is written once a table, by a packet
 * that is refused anyway; a lost race is made good by the next.
 */
static noinline void bring_along(atomic64_t *slot, u64 word, u64 hash, u64 tat, u64 known)
{
	s64 old = word;

	atomic64_try_cmpxchg(slot, &old, tat | known | tag_of(hash));
}

static bool total_refuses(const struct icmpguard_shared *shared, bool known, u64 salt, u64 now)
{
	u64 debt = icmpguard_gcra_debt(atomic64_read(&shared->total->tat), now);
	u64 edge = known ? shared->all.tolerance : shared->newcomers;

	/*
	 * The edge moves with every tick of the clock, for every source in its
	 * own way; its secret is that of the source's hash.
	 */
	salt = (salt ^ now) * 0x9e3779b97f4a7c15ULL >> 32;
	return debt > edge - salt * shared->jitter;
}

/*
 * Charge a total that has just been seen not to refuse. Several processors
 * may do so at once; none is turned back, so it may be exceeded by one packet
 * for each of them, and the debt they leave is paid for by the next.
 */
static void total_add(const struct icmpguard_shared *shared, u64 now)
{
	s64 tat = atomic64_read(&shared->total->tat);

	if (!icmpguard_gcra_debt(tat, now) &&
	    atomic64_try_cmpxchg(&shared->total->tat, &tat, now + shared->all.cost))
		return;
	/* Of a total of days, two costs may be more than a debt can be. */
	if (icmpguard_gcra_debt(tat, now) <= ICMPGUARD_DEBT_MAX - shared->all.cost)
		atomic64_add(shared->all.cost, &shared->total->tat);
}

/**
 * icmpguard_total_charge() - charge a packet to all sources' bucket alone
 * @shared: the limit; it has a total
 * @now: the time
 *
 * Context: any. Return: ICMPGUARD_CHARGE_PASS or ICMPGUARD_CHARGE_TOTAL.
 */
enum icmpguard_charge icmpguard_total_charge(const struct icmpguard_shared *shared, u64 now)
{
	if (total_refuses(shared, true, 0, now))
		return ICMPGUARD_CHARGE_TOTAL;
	total_add(shared, now);
	return ICMPGUARD_CHARGE_PASS;
}

/*
 * A packet that exceeds its source's rate. With a penalty the debt jumps to
 * it; while it lasts every packet adds its cost up to the penalty again, so
 * it ends for who sends less than the rate and stays for who doesn't. At the
 * penalty nothing is left to write.
 */
static noinline enum icmpguard_charge punish(atomic64_t *slot, u64 word,
					     const struct icmpguard_gcra *source, u64 block,
					     u64 debt, u64 now)
{
	u64 most = source->tolerance + block, next;
	bool serving = word & PENALTY;
	s64 old = word;

	next = serving ? debt + source->cost : most;
	if (next > debt && next <= most)
		atomic64_try_cmpxchg(slot, &old, (now + next - PENALTY) | PENALTY |
				     (word & ~ICMPGUARD_TIME_MASK));
	return serving ? ICMPGUARD_CHARGE_PENALTY : ICMPGUARD_CHARGE_SOURCE;
}

/* By value: a view whose address is taken would have to be in memory. */
static __always_inline enum icmpguard_charge refuse(struct view view,
						    const struct icmpguard_gcra *source,
						    u64 block, u64 debt, u64 now)
{
	if (likely(!block || !view.own))
		return ICMPGUARD_CHARGE_SOURCE;
	return punish(view.slot, view.word, source, block, debt, now);
}

/*
 * The debt a packet of a source would meet. A newcomer passes with a debt that
 * any rate of its region can have run up, so that long bursts don't keep short
 * ones out. Return: whether it is refused; else @debt is what its cost is
 * added to.
 */
static __always_inline bool source_refuses(const struct icmpguard_table *table, u64 hash,
					   const struct icmpguard_gcra *source, u64 block,
					   u64 now, struct view *view, u64 *debt, u64 *known)
{
	struct icmpguard_set *set = icmpguard_table_set(table, hash, source->group);
	u64 edge, most, met;
	bool own;

	view->slot = find_own(set, hash, &view->word);
	view->own = view->slot;
	own = view->own;
	if (!own)
		view->slot = find_least(set, hash, now, &view->word);
	*debt = icmpguard_gcra_debt(time_of(view->word), now);
	met = *debt;
	*known = known_of(set, view, *debt, now);
	if (unlikely(rcu_access_pointer(table->older)) && !own)
		own = older_debt(table, hash, source->group, now, debt, known);
	if (likely(*debt <= source->tolerance))
		return false;

	edge = READ_ONCE(table->edge[table->region[source->group]]);
	if (!own && *debt <= edge)
		return false;
	most = source->tolerance + max(source->cost, own ? block : 0);
	if (*debt <= max(most, 2 * edge) + LATE) {
		/* A penalty is its own, and not that of whose bucket it takes. */
		if (unlikely(own && !view->own))
			bring_along(view->slot, view->word, hash, (now + *debt) &
				    ~(block && *debt == met ? PENALTY : 0), *known);
		return true;
	}
	*debt = source->tolerance;
	return false;
}

static __always_inline enum icmpguard_charge charge(const struct icmpguard_table *table, u64 hash,
						    const struct icmpguard_gcra *source,
						    u64 block,
						    const struct icmpguard_shared *shared, u64 now)
{
	int try;

	for (try = 0; try < TRIES; try++) {
		struct view view;
		u64 debt, known, tat;
		s64 old;

		if (source_refuses(table, hash, source, block, now, &view, &debt, &known))
			return refuse(view, source, block, debt, now);
		if (shared && total_refuses(shared, known, hash, now))
			return ICMPGUARD_CHARGE_TOTAL;

		tat = now + debt + source->cost;
		if (block)
			tat &= ~PENALTY;
		old = view.word;
		if (atomic64_try_cmpxchg(view.slot, &old, tat | known | tag_of(hash))) {
			if (shared)
				total_add(shared, now);
			return ICMPGUARD_CHARGE_PASS;
		}
	}
	return ICMPGUARD_CHARGE_SOURCE;
}

/**
 * icmpguard_table_charge() - charge a packet to its source and to the total
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @source: the source's rate, limited
 * @block: penalty for exceeding it, added to the debt, at most
 *	ICMPGUARD_BURST_MAX with the tolerance; the cost is then an even number of
 *	units; 0: none
 * @shared: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * A source without a bucket takes over the one of its set with the least debt
 * and inherits that debt (Metwally et al., Efficient Computation of Frequent
 * and Top-k Elements in Data Streams, 2005: Space-Saving), so the packets
 * that a set lets pass are bounded by its eight buckets, whoever sends them.
 * Rates that differ much don't share sets: see icmpguard_table_divide(). A debt
 * that none of a region's rates can have run up is a penalty, or from before a
 * rate was changed; it is cut to the tolerance, so that it shuts nobody out.
 *
 * Context: softirq, or process with bottom halves off; RCU. No lock, no
 * allocation. Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_table_charge(const struct icmpguard_table *table, u64 hash,
					     const struct icmpguard_gcra *source, u64 block,
					     const struct icmpguard_shared *shared, u64 now)
{
	return charge(table, hash, source, block, shared->total ? shared : NULL, now);
}

/**
 * icmpguard_table_charge_ladder() - charge a packet at several prefix lengths
 * @table: the buckets
 * @hash: of the source and of each shorter prefix that holds it
 * @step: the rate of each
 * @steps: how many, 2 to ICMPGUARD_LADDER_MAX
 * @block: penalty for exceeding it, added to the debt, at most
 *	ICMPGUARD_BURST_MAX with the tolerance; the cost is then an even number of
 *	units; 0: none
 * @shared: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * Nothing is charged unless all steps and the total let it pass. Between that
 * look and the charge another processor may use up a step: then the steps
 * before it have been charged for a packet that is refused.
 *
 * Context: as icmpguard_table_charge(). Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_table_charge_ladder(const struct icmpguard_table *table,
						    const u64 *hash,
						    const struct icmpguard_gcra *step,
						    unsigned int steps, u64 block,
						    const struct icmpguard_shared *shared, u64 now)
{
	u64 debt, known, source_known = 0;
	enum icmpguard_charge result;
	struct view view;
	unsigned int i;

	for (i = 0; i < steps; i++)
		prefetch(icmpguard_table_set(table, hash[i], step[i].group));
	for (i = 0; i < steps; i++) {
		u64 own_block = i ? 0 : block;

		if (source_refuses(table, hash[i], &step[i], own_block, now, &view, &debt, &known))
			return refuse(view, &step[i], own_block, debt, now);
		if (!i)
			source_known = known;
	}
	if (shared->total && total_refuses(shared, source_known, hash[0], now))
		return ICMPGUARD_CHARGE_TOTAL;
	for (i = 0; i < steps; i++) {
		result = charge(table, hash[i], &step[i], i ? 0 : block, NULL, now);
		if (result != ICMPGUARD_CHARGE_PASS)
			return result;
	}
	if (shared->total)
		total_add(shared, now);
	return ICMPGUARD_CHARGE_PASS;
}

/**
 * icmpguard_table_debt() - what a table knows of a source, without changing it
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @group: of its rate
 * @now: the time
 *
 * Context: any; RCU. Return: no debt for a source that has no bucket.
 */
struct icmpguard_debt icmpguard_table_debt(const struct icmpguard_table *table, u64 hash,
					   u8 group, u64 now)
{
	u64 word, known = 0, debt = 0;

	if (!find_own(icmpguard_table_set(table, hash, group), hash, &word)) {
		older_debt(table, hash, group, now, &debt, &known);
		return (struct icmpguard_debt) { debt, known };
	}
	return (struct icmpguard_debt) {
		icmpguard_gcra_debt(time_of(word), now), is_known(word, now),
	};
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
	u64 i, sets = icmpguard_table_sources(table) / ICMPGUARD_WAYS;
	int way;

	for (i = 0; i < sets; i++) {
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

static void sweep(atomic64_t *bucket, u64 now)
{
	s64 old = atomic64_read(bucket);

	if (is_stale(old, now))
		atomic64_try_cmpxchg(bucket, &old, word_of_nobody(now));
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
	u64 i, sets = icmpguard_table_sources(table) / ICMPGUARD_WAYS;
	int way;

	for (i = 0; i < sets; i++) {
		for (way = 0; way < ICMPGUARD_WAYS; way++)
			sweep(&table->sets[i].way[way], now);
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
	sweep(&total->tat, now);
}

/*
 * Somebody who asks for too much gets an error, and no process is killed and
 * nothing logged for it.
 */
static struct icmpguard_set *alloc_sets(u64 sets)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	u64 octets = sets * sizeof(struct icmpguard_set);

	/* kvmalloc() warns of more than that, and has none. */
	if (octets <= INT_MAX)
		return kvmalloc_array(sets, sizeof(struct icmpguard_set), gfp);
	return octets == (size_t)octets ? vmalloc_huge(octets, gfp) : NULL;
}

/**
 * icmpguard_table_alloc() - make a table of full buckets
 * @sources: to be tracked, ICMPGUARD_TABLE_MIN to ICMPGUARD_TABLE_MAX;
 *	rounded up to a power of two
 * @now: the time
 *
 * kvmalloc() takes huge pages for a large one where the architecture has
 * them; a flood over a table of small ones pays mostly for their translation.
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
	table->sets = alloc_sets(sets);
	if (!table->sets) {
		kfree(table);
		return NULL;
	}
	table->mask = sets - 1;
	table->shift = ilog2(sets);
	table->regions = 1;
	icmpguard_table_forget(table, now);
	return table;
}

/**
 * icmpguard_table_divide() - give groups of rates regions of their own
 * @table: a table that no packet can see yet
 * @groups: ICMPGUARD_GROUPS bits: those in use
 *
 * Rates that differ much don't share sets. A source of a slow one would leave
 * debts that shut out new sources of a fast one for long; cutting such debts
 * instead would let a flood of the one make room for a flood of the other. With
 * more groups than regions, or fewer sets, the last groups share the first
 * region nevertheless.
 *
 * Context: process.
 */
void icmpguard_table_divide(struct icmpguard_table *table, const unsigned long *groups)
{
	unsigned int n = bitmap_weight(groups, ICMPGUARD_GROUPS), group, next = 0;
	u64 sets = table->mask + 1;

	table->regions = min_t(u64, roundup_pow_of_two(clamp(n, 1U, 1U * ICMPGUARD_REGIONS)), sets);
	table->mask = (sets >> ilog2(table->regions)) - 1;
	table->shift = ilog2(table->mask + 1);
	for_each_set_bit(group, groups, ICMPGUARD_GROUPS) {
		table->region[group] = next < table->regions ? next : 0;
		next++;
	}
	bitmap_copy(table->groups, groups, ICMPGUARD_GROUPS);
}

/**
 * icmpguard_table_set_edge() - say how long the longest burst of a region lasts
 * @table: the table
 * @group: of rates
 * @edge: tolerance and cost of the one with the longest burst
 *
 * The region may have several groups: the longest counts.
 *
 * Context: process; packets may be charged meanwhile.
 */
void icmpguard_table_set_edge(struct icmpguard_table *table, u8 group, u64 edge)
{
	u64 *longest = &table->edge[table->region[group]];

	if (edge > *longest)
		WRITE_ONCE(*longest, edge);
}

/**
 * icmpguard_table_free() - free a table that no packet can see
 * @table: the table, without older ones; NULL is nothing
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
 * @table: the table, without older ones; NULL is nothing
 *
 * Context: any. The module waits for it with rcu_barrier() before it goes.
 */
void icmpguard_table_free_rcu(struct icmpguard_table *table)
{
	if (table)
		call_rcu(&table->rcu, free_rcu);
}
