/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limiter: a set-associative table of buckets that needs no upkeep.
 *
 * A bucket is one 64-bit word: the upper 46 bits are its TAT, the lowest 17
 * the tag of its source, the bit between is set for a known source. Eight
 * fill a cache line, which is a set. A word changes by one compare-and-
 * exchange, so it is never half changed. See Documentation/design.rst.
 */
#ifndef _ICMPGUARD_LIMITER_H
#define _ICMPGUARD_LIMITER_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "gcra.h"

#define ICMPGUARD_WAYS		8
#define ICMPGUARD_TAG_BITS	17
#define ICMPGUARD_TAG_MASK	GENMASK_ULL(ICMPGUARD_TAG_BITS - 1, 0)
#define ICMPGUARD_KNOWN		BIT_ULL(ICMPGUARD_TAG_BITS)

/* A known source stays known for this long after its last packet: minutes. */
#define ICMPGUARD_KNOWN_SHIFT	50
#define ICMPGUARD_KNOWN_TIME	BIT_ULL(ICMPGUARD_KNOWN_SHIFT)

/* Known sources may fill half of a set. */
#define ICMPGUARD_KNOWN_MAX	(ICMPGUARD_WAYS / 2)

/* Sources a table may be sized for: one set, and 8 GiB of sets */
#define ICMPGUARD_TABLE_MIN	ICMPGUARD_WAYS
#define ICMPGUARD_TABLE_MAX	0x40000000U

/* Replaced tables that may wait for their debts to run out */
#define ICMPGUARD_OLDER_MAX	3

/* Jiffies between two sweeps: a sixteenth of the range of times, days */
#define ICMPGUARD_SWEEP_PERIOD	(1UL << (60 - ICMPGUARD_TIME_SHIFT - ICMPGUARD_JIFFY_SHIFT))

/**
 * struct icmpguard_set - the buckets that share a cache line
 * @way: in no order
 */
struct icmpguard_set {
	atomic64_t way[ICMPGUARD_WAYS];
} __aligned(64);

/* Parts a table is divided into at most, for rates that differ much */
#define ICMPGUARD_REGIONS	8

/**
 * struct icmpguard_table - the buckets of a network namespace
 * @sets: @regions times @mask + 1 of them
 * @mask: the bits of a hash that choose the set within a region
 * @shift: how many they are
 * @regions: a power of two
 * @region: of each group of rates
 * @edge: of each region: how long the longest burst of its rates lasts
 * @groups: those that were given a region
 * @older: the table this one replaced, until its debts have run out
 * @rcu: frees it after the last packet that saw it
 */
struct icmpguard_table {
	struct icmpguard_set *sets;
	u64 mask;
	u8 shift;
	u8 regions;
	u8 region[ICMPGUARD_GROUPS];
	u64 edge[ICMPGUARD_REGIONS];
	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS);
	struct icmpguard_table __rcu *older;
	struct rcu_head rcu;
};

/**
 * struct icmpguard_total - a bucket that all sources share
 * @tat: its theoretical arrival time
 */
struct icmpguard_total {
	atomic64_t tat;
} ____cacheline_aligned_in_smp;

/**
 * struct icmpguard_shared - the limit of all sources together
 * @total: their bucket; NULL: none
 * @all: its rate
 * @newcomers: largest debt of @total with which a source that isn't known
 *	still passes: trunk reservation keeps the rest for known ones
 * @jitter: the edge of @total is uncertain by this much, in 2^32 of time, so
 *	that nobody can count other sources' packets by finding it (RFC 5927 8;
 *	Man et al., DNS Cache Poisoning Attack Reloaded, 2020: SAD DNS)
 */
struct icmpguard_shared {
	struct icmpguard_total *total;
	struct icmpguard_gcra all;
	u64 newcomers;
	u32 jitter;
};

/**
 * enum icmpguard_charge - what became of a packet
 * @ICMPGUARD_CHARGE_PASS: charged to the source and to the total
 * @ICMPGUARD_CHARGE_SOURCE: refused by a bucket of the source's; without a
 *	penalty nothing was written
 * @ICMPGUARD_CHARGE_PENALTY: refused because of a penalty
 * @ICMPGUARD_CHARGE_TOTAL: refused by the total; nothing was written
 */
enum icmpguard_charge {
	ICMPGUARD_CHARGE_PASS,
	ICMPGUARD_CHARGE_SOURCE,
	ICMPGUARD_CHARGE_PENALTY,
	ICMPGUARD_CHARGE_TOTAL,
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

struct icmpguard_table *icmpguard_table_alloc(u32 sources, u64 now);
void icmpguard_table_free(struct icmpguard_table *table);
void icmpguard_table_free_rcu(struct icmpguard_table *table);
void icmpguard_table_forget(struct icmpguard_table *table, u64 now);
void icmpguard_table_sweep(struct icmpguard_table *table, u64 now);
struct icmpguard_debt icmpguard_table_debt(const struct icmpguard_table *table, u64 hash,
					   u8 group, u64 now);
void icmpguard_table_divide(struct icmpguard_table *table, const unsigned long *groups);
void icmpguard_table_set_edge(struct icmpguard_table *table, u8 group, u64 edge);

enum icmpguard_charge icmpguard_table_charge(const struct icmpguard_table *table, u64 hash,
					     const struct icmpguard_gcra *source, u64 block,
					     const struct icmpguard_shared *shared, u64 now);
enum icmpguard_charge icmpguard_table_charge_ladder(const struct icmpguard_table *table,
						    const u64 *hash,
						    const struct icmpguard_gcra *step,
						    unsigned int steps, u64 block,
						    const struct icmpguard_shared *shared, u64 now);
enum icmpguard_charge icmpguard_total_charge(const struct icmpguard_shared *shared, u64 now);
void icmpguard_total_forget(struct icmpguard_total *total, u64 now);
void icmpguard_total_clamp(struct icmpguard_total *total, const struct icmpguard_gcra *all,
			   u64 now);
void icmpguard_total_sweep(struct icmpguard_total *total, u64 now);

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
 */
static inline struct icmpguard_set *icmpguard_table_set(const struct icmpguard_table *table,
							u64 hash, u8 group)
{
	return &table->sets[(u64)table->region[group] << table->shift | (hash & table->mask)];
}

/**
 * icmpguard_shared_divide() - say whose a total is
 * @shared: the limit, its rate compiled
 *
 * A quarter of the burst is for known sources, an eighth is uncertain. Of a
 * small burst a quarter is less than the packet by which newcomers overshoot
 * their edge: then that packet and what is uncertain are kept.
 *
 * Context: any.
 */
static inline void icmpguard_shared_divide(struct icmpguard_shared *shared)
{
	u64 tolerance = shared->all.tolerance, reserve = tolerance / 4;

	if (tolerance >= 3 * shared->all.cost)
		reserve = max(reserve, shared->all.cost + tolerance / 8 + 1);
	shared->newcomers = tolerance - reserve;
	shared->jitter = tolerance / 8 >> 32;
}

#endif /* _ICMPGUARD_LIMITER_H */
