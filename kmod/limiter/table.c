// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables: making, dividing, sweeping, freeing.
 */
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "../compat.h"
#include "table.h"

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
			atomic64_set(&table->sets[i].way[way], icmpguard_slot_of_nobody(now));
		if (!(i % 4096))
			cond_resched();
	}
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
			icmpguard_slot_sweep(&table->sets[i].way[way], now);
		if (!(i % 4096))
			cond_resched();
	}
}

/*
 * Too large a request gets an error; no process is killed and nothing is logged.
 */
static struct icmpguard_set *alloc_sets(u64 sets)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	u64 bytes = sets * sizeof(struct icmpguard_set);

	/* kvmalloc() warns of more than that, and has none. */
	if (bytes <= INT_MAX)
		return kvmalloc_array(sets, sizeof(struct icmpguard_set), gfp);
	return bytes == (size_t)bytes ? vmalloc_huge(bytes, gfp) : NULL;
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
 * Context: process.
 * Return: the table, NULL without memory.
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
	table->regions = 1;
	icmpguard_table_forget(table, now);
	return table;
}

static u8 regions_of(const unsigned long *groups, u64 sets)
{
	unsigned int n = bitmap_weight(groups, ICMPGUARD_GROUPS);

	return min_t(u64, roundup_pow_of_two(clamp(n, 1U, 1U * ICMPGUARD_REGIONS)), sets);
}

/**
 * icmpguard_table_suits() - whether a divided table will do for groups of rates
 * @table: the table
 * @groups: ICMPGUARD_GROUPS bits: those in use
 *
 * Context: any.
 * Return: whether each has a region, and no half of the table is
 * kept for groups that are no longer there.
 */
bool icmpguard_table_suits(const struct icmpguard_table *table, const unsigned long *groups)
{
	u64 sets = icmpguard_table_sources(table) / ICMPGUARD_WAYS;

	return bitmap_subset(groups, table->groups, ICMPGUARD_GROUPS) &&
	       regions_of(groups, sets) == table->regions;
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
	unsigned int group, next = 0;
	u64 sets = table->mask + 1;

	table->regions = regions_of(groups, sets);
	/* A power of two: some kernels have no 64-bit division. */
	table->mask = (sets >> ilog2(table->regions)) - 1;
	for_each_set_bit(group, groups, ICMPGUARD_GROUPS) {
		table->region[group] = next < table->regions ? next : 0;
		table->first[group] = table->region[group] * (table->mask + 1);
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

	/* On 32 bits a packet may see half of a change: it is judged too strictly, once. */
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

static void table_free_rcu(struct rcu_head *rcu)
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
		call_rcu(&table->rcu, table_free_rcu);
}

/**
 * icmpguard_table_free_all() - free a table and those it replaced, likewise
 * @table: the table; NULL is nothing
 *
 * Context: process, with no other task that replaces tables.
 */
void icmpguard_table_free_all(struct icmpguard_table *table)
{
	while (table) {
		struct icmpguard_table *older = rcu_dereference_protected(table->older, true);

		icmpguard_table_free_rcu(table);
		table = older;
	}
}

/**
 * icmpguard_table_drain() - free the tables that a table replaced
 * @table: the table; NULL is nothing
 *
 * Context: process, with no other task that replaces tables, when no debt in them is
 * left.
 */
void icmpguard_table_drain(struct icmpguard_table *table)
{
	if (table)
		icmpguard_table_free_all(rcu_replace_pointer(table->older, NULL, true));
}

/**
 * icmpguard_table_limit_older() - free the tables that are too many
 * @table: the table; NULL is nothing
 *
 * Tables that are replaced faster than their debts run out: the oldest are lost.
 *
 * Context: process, with no other task that replaces tables.
 */
void icmpguard_table_limit_older(struct icmpguard_table *table)
{
	unsigned int n;

	for (n = 0; table && n < ICMPGUARD_OLDER_MAX; n++)
		table = rcu_dereference_protected(table->older, true);
	icmpguard_table_drain(table);
}

static u32 busy_in(const struct icmpguard_set *set, u64 now)
{
	u32 busy = 0;
	int way;

	for (way = 0; way < ICMPGUARD_WAYS; way++)
		busy += icmpguard_gcra_debt(atomic64_read(&set->way[way]) & ICMPGUARD_TIME_MASK,
					    now) != 0;
	return busy;
}

/**
 * icmpguard_table_usage() - say how full a table is
 * @table: the table
 * @now: the time
 * @usage: filled in; exact for regions of up to ICMPGUARD_USAGE_SETS sets
 *
 * Some sets are looked at, since a large table is gigabytes. They are chosen by
 * a keyed hash, so any will do. A table that was replaced and still has debts
 * isn't looked at.
 *
 * Context: process, RCU; packets may be charged meanwhile. Looks at
 * ICMPGUARD_REGIONS x ICMPGUARD_USAGE_SETS sets at most.
 */
void icmpguard_table_usage(const struct icmpguard_table *table, u64 now,
			   struct icmpguard_usage *usage)
{
	u64 sets = table->mask + 1, looked = min_t(u64, sets, ICMPGUARD_USAGE_SETS);
	u64 stride = div64_u64(sets, looked), all = 0;
	unsigned int region;
	u32 most = 0;
	u64 i;

	for (region = 0; region < table->regions; region++) {
		const struct icmpguard_set *set = &table->sets[region * sets];
		u32 busy = 0;

		for (i = 0; i < looked; i++)
			busy += busy_in(&set[i * stride], now);
		all += busy;
		most = max(most, busy);
	}
	usage->busy = all * stride;
	usage->fullest = div64_u64((u64)most * ICMPGUARD_USAGE_WHOLE, looked * ICMPGUARD_WAYS);
}
