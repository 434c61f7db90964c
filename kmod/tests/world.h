/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the limiter's suites have in common: a table, a total, and a time that
 * the test moves. Sources are given by set and tag, so that a test chooses which of
 * them share a set.
 */
#ifndef _ICMPGUARD_TESTS_WORLD_H
#define _ICMPGUARD_TESTS_WORLD_H

#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include "../limiter/limiter.h"

#define SECOND		ICMPGUARD_SECOND
#define UNIT		ICMPGUARD_TIME_UNIT
#define TAG_SHIFT	(64 - ICMPGUARD_TAG_BITS)
#define EPOCH		BIT_ULL(ICMPGUARD_EPOCH_SHIFT)

#define PASS		ICMPGUARD_CHARGE_PASS
#define SOURCE		ICMPGUARD_CHARGE_SOURCE
#define PENALTY_HIT	ICMPGUARD_CHARGE_PENALTY
#define TOTAL		ICMPGUARD_CHARGE_AGGREGATE

/**
 * struct limit - one limiter's rates
 * @source: a source's
 * @block: penalty; 0: none
 * @aggregate: all sources'
 */
struct limit {
	struct icmpguard_gcra source;
	u64 block;
	struct icmpguard_aggregate aggregate;
};

/**
 * struct world - where a test takes place
 * @table: the buckets
 * @older: a table that was replaced; NULL: none
 * @total: all sources' bucket
 * @now: the time
 */
struct world {
	struct icmpguard_table *table;
	struct icmpguard_table *older;
	struct icmpguard_aggregate_bucket *total;
	u64 now;
};

/* Times to start at: every behaviour is the same at each. */
struct start {
	const char *name;
	u64 now;
};

static const struct start starts[] __maybe_unused = {
	{ "from zero", 0 },
	{ "across the wrap", -2 * SECOND },
	{ "across half of the range", (1ULL << 63) - 2 * SECOND },
	{ "at a quarter of the range", 1ULL << 62 },
};

static inline void start_name(const struct start *start, char *desc)
{
	strscpy(desc, start->name, KUNIT_PARAM_DESC_SIZE);
}

static inline int world_init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	test->priv = w;
	w->total = kunit_kzalloc(test, sizeof(*w->total), GFP_KERNEL);
	return w->total ? 0 : -ENOMEM;
}

static inline void world_exit(struct kunit *test)
{
	struct world *w = test->priv;

	icmpguard_table_free(w->older);
	icmpguard_table_free(w->table);
}

static inline struct world *world_at(struct kunit *test, u32 sources, u64 now)
{
	struct world *w = test->priv;

	w->now = now;
	w->table = icmpguard_table_alloc(sources, now);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->table);
	icmpguard_aggregate_forget(w->total, now);
	return w;
}

/* For tests that take a start as parameter; one set unless more are asked for */
static inline struct world *world_of(struct kunit *test, u32 sources)
{
	const struct start *start = test->param_value;

	return world_at(test, sources, start->now);
}

static inline struct icmpguard_gcra rate_of(struct kunit *test, u32 packets, u32 period, u32 burst,
					    u64 unit)
{
	const struct icmpguard_rate rate = { packets, period, burst };
	struct icmpguard_gcra gcra = {};

	KUNIT_ASSERT_EQ(test, icmpguard_gcra_compile(&gcra, &rate, unit), 0);
	return gcra;
}

static inline struct limit limit_of(struct kunit *test, u32 packets, u32 period, u32 burst)
{
	return (struct limit) { .source = rate_of(test, packets, period, burst,
						  ICMPGUARD_SOURCE_UNIT) };
}

static inline struct limit limit_block(struct kunit *test, u32 packets, u32 period, u32 burst,
				       u32 block)
{
	return (struct limit) {
		.source = rate_of(test, packets, period, burst, ICMPGUARD_SOURCE_UNIT),
		.block = block * SECOND,
	};
}

/* A total whose every packet newcomers may have, with an exact edge */
static inline void set_total(struct kunit *test, struct limit *limit, u32 packets, u32 burst)
{
	struct world *w = test->priv;
	int i;

	limit->aggregate.bucket = w->total;
	limit->aggregate.rate = rate_of(test, packets, 1, burst, 1);
	for (i = 0; i < ICMPGUARD_STANDINGS; i++)
		limit->aggregate.edge[i] = limit->aggregate.rate.tolerance;
	limit->aggregate.jitter = 0;
}

/*
 * Tag 0 is also that of an unowned bucket, so tests number sources from 1. The
 * bits below the tag choose the way a source takes when it is free.
 */
static inline u64 hash_of(u32 set, u32 tag)
{
	return (u64)tag << TAG_SHIFT | (u64)(tag % ICMPGUARD_WAYS) << (TAG_SHIFT - 3) | set;
}

static inline enum icmpguard_charge packet_in(struct world *w, u32 set, u32 tag,
					      const struct limit *limit)
{
	return icmpguard_table_charge(w->table, hash_of(set, tag), &limit->source, limit->block,
				      &limit->aggregate, w->now);
}

/* In the first set */
static inline enum icmpguard_charge packet(struct world *w, u32 tag, const struct limit *limit)
{
	return packet_in(w, 0, tag, limit);
}

static inline u64 debt_of(struct world *w, u32 tag)
{
	return icmpguard_table_debt(w->table, hash_of(0, tag), 0, w->now).debt;
}

static inline unsigned int standing_of(struct world *w, u32 tag)
{
	return icmpguard_table_debt(w->table, hash_of(0, tag), 0, w->now).standing;
}

static inline void wait_for(struct world *w, u64 time)
{
	w->now = (w->now + time) & ICMPGUARD_TIME_MASK;
}

/* Packets of a source until one is refused. Return: how many passed. */
static inline u32 drain(struct world *w, u32 tag, const struct limit *limit)
{
	u32 passed = 0;

	while (packet(w, tag, limit) == ICMPGUARD_CHARGE_PASS)
		passed++;
	return passed;
}

/* A copy of the first set and of the total, to compare with later */
struct snapshot {
	u64 way[ICMPGUARD_WAYS];
	u64 total;
};

static inline struct snapshot snapshot_of(struct world *w)
{
	struct snapshot snapshot = { .total = atomic64_read(&w->total->tat) };
	int i;

	for (i = 0; i < ICMPGUARD_WAYS; i++)
		snapshot.way[i] = atomic64_read(&w->table->sets[0].way[i]);
	return snapshot;
}

static inline bool is_unchanged(struct world *w, const struct snapshot *before)
{
	struct snapshot after = snapshot_of(w);

	return !memcmp(before, &after, sizeof(after));
}

#endif /* _ICMPGUARD_TESTS_WORLD_H */
