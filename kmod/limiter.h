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
#include <linux/cache.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "gcra.h"

#define ICMPGUARD_WAYS		8
#define ICMPGUARD_TAG_BITS	17
#define ICMPGUARD_TAG_MASK	((1ULL << ICMPGUARD_TAG_BITS) - 1)

/* Sources a table may be sized for: one set, and 8 GiB of sets */
#define ICMPGUARD_TABLE_MIN	ICMPGUARD_WAYS
#define ICMPGUARD_TABLE_MAX	(1U << 30)

/* Jiffies between two sweeps: a sixteenth of the range of times, days */
#define ICMPGUARD_SWEEP_PERIOD	(1UL << (60 - ICMPGUARD_TIME_SHIFT - ICMPGUARD_JIFFY_SHIFT))

/**
 * struct icmpguard_set - the buckets that share a cache line
 * @way: in no order
 */
struct icmpguard_set {
	atomic64_t way[ICMPGUARD_WAYS];
} __aligned(64);

/**
 * struct icmpguard_table - the buckets of a network namespace
 * @sets: @mask + 1 of them
 * @mask: the bits of a hash that choose the set
 * @rcu: frees it after the last packet that saw it
 */
struct icmpguard_table {
	struct icmpguard_set *sets;
	u64 mask;
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
 * enum icmpguard_charge - what became of a packet
 * @ICMPGUARD_CHARGE_PASS: charged to the source and to the total
 * @ICMPGUARD_CHARGE_SOURCE: refused by the source's bucket; nothing written
 * @ICMPGUARD_CHARGE_TOTAL: refused by the total; nothing written
 */
enum icmpguard_charge {
	ICMPGUARD_CHARGE_PASS,
	ICMPGUARD_CHARGE_SOURCE,
	ICMPGUARD_CHARGE_TOTAL,
};

struct icmpguard_table *icmpguard_table_alloc(u32 sources, u64 now);
void icmpguard_table_free(struct icmpguard_table *table);
void icmpguard_table_free_rcu(struct icmpguard_table *table);
void icmpguard_table_forget(struct icmpguard_table *table, u64 now);
void icmpguard_table_sweep(struct icmpguard_table *table, u64 now);
u64 icmpguard_table_debt(const struct icmpguard_table *table, u64 hash, u64 now);

enum icmpguard_charge icmpguard_table_charge(const struct icmpguard_table *table, u64 hash,
					     const struct icmpguard_gcra *source,
					     struct icmpguard_total *total,
					     const struct icmpguard_gcra *all, u64 now);
enum icmpguard_charge icmpguard_total_charge(struct icmpguard_total *total,
					     const struct icmpguard_gcra *all, u64 now);
void icmpguard_total_forget(struct icmpguard_total *total, u64 now);
void icmpguard_total_clamp(struct icmpguard_total *total, const struct icmpguard_gcra *all, u64 now);
void icmpguard_total_sweep(struct icmpguard_total *total, u64 now);

static inline u32 icmpguard_table_sources(const struct icmpguard_table *table)
{
	return (table->mask + 1) * ICMPGUARD_WAYS;
}

/**
 * icmpguard_table_prefetch() - fetch a source's set before it is needed
 * @table: the table
 * @hash: the source's
 *
 * Context: any.
 */
static inline void icmpguard_table_prefetch(const struct icmpguard_table *table, u64 hash)
{
	prefetch(&table->sets[hash & table->mask]);
}

#endif /* _ICMPGUARD_LIMITER_H */
