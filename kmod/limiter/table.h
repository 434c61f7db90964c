/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables: a network namespace's buckets, set-associative, with no upkeep.
 */
#ifndef _ICMPGUARD_TABLE_H
#define _ICMPGUARD_TABLE_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "limits.h"
#include "slot.h"

/* Replaced tables that may wait for their debts to run out */
#define ICMPGUARD_OLDER_MAX	3

/* Jiffies between two sweeps: a sixteenth of the range of times, days */
#define ICMPGUARD_SWEEP_PERIOD	(1UL << (60 - ICMPGUARD_TIME_SHIFT - ICMPGUARD_JIFFY_SHIFT))

/* Parts a table is divided into at most, for rates that differ much */
#define ICMPGUARD_REGIONS	8

/*
 * A processor may have read the clock so long before another that a debt looks
 * larger to it by this: a virtual processor that wasn't scheduled, at worst.
 */
#define ICMPGUARD_LATE		ICMPGUARD_SECOND

/* Sets that are looked at in each region of a table: within a hundredth of what is so */
#define ICMPGUARD_USAGE_SETS	512

#define ICMPGUARD_USAGE_WHOLE	1000000

/**
 * struct icmpguard_usage - how full a table is
 * @busy: buckets whose debt hasn't run out
 * @fullest: share of busy buckets in the region that has most, in millionths
 */
struct icmpguard_usage {
	u32 busy;
	u32 fullest;
};

/**
 * struct icmpguard_set - the buckets that share a cache line
 * @way: in no order
 */
struct icmpguard_set {
	atomic64_t way[ICMPGUARD_WAYS];
} __aligned(64);

/**
 * struct icmpguard_table - the buckets of a network namespace
 * @sets: @regions times @mask + 1 of them
 * @mask: the bits of a hash that choose the set within a region
 * @older: the table this one replaced, until its debts have run out
 * @regions: a power of two
 * @first: the first set of each group of rates: that of its region
 * @region: of each group
 * @edge: of each region: how long the longest burst of its rates lasts
 * @groups: those that were given a region
 * @rcu: frees it after the last packet that saw it
 */
struct icmpguard_table {
	struct icmpguard_set *sets;
	u64 mask;
	struct icmpguard_table __rcu *older;
	u8 regions;
	u8 region[ICMPGUARD_GROUPS];
	u32 first[ICMPGUARD_GROUPS];
	u64 edge[ICMPGUARD_REGIONS];
	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS);
	struct rcu_head rcu;
};

struct icmpguard_table *icmpguard_table_alloc(u32 sources, u64 now);
void icmpguard_table_free(struct icmpguard_table *table);
void icmpguard_table_free_rcu(struct icmpguard_table *table);
void icmpguard_table_forget(struct icmpguard_table *table, u64 now);
void icmpguard_table_sweep(struct icmpguard_table *table, u64 now);
void icmpguard_table_divide(struct icmpguard_table *table, const unsigned long *groups);
bool icmpguard_table_suits(const struct icmpguard_table *table, const unsigned long *groups);
void icmpguard_table_set_edge(struct icmpguard_table *table, u8 group, u64 edge);

void icmpguard_table_free_all(struct icmpguard_table *table);
void icmpguard_table_drain(struct icmpguard_table *table);
void icmpguard_table_limit_older(struct icmpguard_table *table);
void icmpguard_table_usage(const struct icmpguard_table *table, u64 now,
			   struct icmpguard_usage *usage);

static inline u32 icmpguard_table_sources(const struct icmpguard_table *table)
{
	return (table->mask + 1) * table->regions * ICMPGUARD_WAYS;
}

/**
 * icmpguard_table_set() - the set of a source
 * @table: the table
 * @hash: the source's
 * @group: of its rate
 *
 * Context: any.
 * Return: the set.
 */
static __always_inline struct icmpguard_set *
icmpguard_table_set(const struct icmpguard_table *table, u64 hash, u8 group)
{
	return &table->sets[table->first[group] | (hash & table->mask)];
}

/**
 * icmpguard_table_edge() - how long the longest burst of a rate's region lasts
 * @table: the table
 * @group: of the rate
 *
 * Context: any.
 * Return: the edge, as a debt.
 */
static __always_inline u64 icmpguard_table_edge(const struct icmpguard_table *table, u8 group)
{
	return READ_ONCE(table->edge[table->region[group]]);
}

#endif /* _ICMPGUARD_TABLE_H */
