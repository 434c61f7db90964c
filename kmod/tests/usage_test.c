// SPDX-License-Identifier: GPL-2.0-only
/*
 * How full a table is said to be.
 */
#include "world.h"

#define SETS_EXACT	ICMPGUARD_USAGE_SETS
#define SETS_LARGE	(16 * ICMPGUARD_USAGE_SETS)

KUNIT_ARRAY_PARAM(start, starts, start_name);

static struct icmpguard_usage usage_of(struct world *w)
{
	struct icmpguard_usage usage;

	icmpguard_table_usage(w->table, w->now, &usage);
	return usage;
}

static void charge(struct kunit *test, u64 hash, const struct icmpguard_gcra *gcra)
{
	const struct icmpguard_aggregate unshared = {};
	struct world *w = test->priv;

	KUNIT_ASSERT_EQ(test, (int)icmpguard_table_charge(w->table, hash, gcra, 0, &unshared,
							  w->now), (int)PASS);
}

/* A source is busy from its packet until its bucket is full again. */
static void usage_busy(struct kunit *test)
{
	struct world *w = world_of(test, 8 * SETS_EXACT);
	struct icmpguard_gcra gcra = rate_of(test, 1, 1, 5, UNIT);
	struct icmpguard_usage usage = usage_of(w);
	int i;

	KUNIT_EXPECT_EQ(test, usage.busy, 0U);
	KUNIT_EXPECT_EQ(test, usage.fullest, 0U);
	for (i = 0; i < 1024; i++)
		charge(test, hash_of(i % SETS_EXACT, 1 + i), &gcra);
	usage = usage_of(w);
	KUNIT_EXPECT_EQ(test, usage.busy, 1024U);
	KUNIT_EXPECT_EQ(test, usage.fullest, 250000U);
	w->now += SECOND - UNIT;
	KUNIT_EXPECT_EQ(test, usage_of(w).busy, 1024U);
	w->now += 2 * UNIT;
	KUNIT_EXPECT_EQ(test, usage_of(w).busy, 0U);
}

/* Of a large table some sets are looked at, spread over all of it. */
static void usage_large(struct kunit *test)
{
	struct world *w = world_of(test, 8 * SETS_LARGE);
	struct icmpguard_gcra gcra = rate_of(test, 1, 1, 5, UNIT);
	struct icmpguard_usage usage;
	int i, j;

	for (i = 0; i < SETS_LARGE; i++)
		for (j = 0; j < 2; j++)
			charge(test, hash_of(i, 1 + 2 * i + j), &gcra);
	usage = usage_of(w);
	KUNIT_EXPECT_EQ(test, usage.busy, 2U * SETS_LARGE);
	KUNIT_EXPECT_EQ(test, usage.fullest, 250000U);
}

/* One region may be full while the table as a whole is nearly idle. */
static void usage_region(struct kunit *test)
{
	struct world *w = world_of(test, 8 * SETS_EXACT);
	struct icmpguard_gcra slow = rate_of(test, 1, 3600, 5, UNIT);
	struct icmpguard_gcra fast = rate_of(test, 1000, 1, 100, UNIT);
	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS) = {};
	struct icmpguard_usage usage;
	u64 i;

	KUNIT_ASSERT_NE(test, (int)slow.group, (int)fast.group);
	__set_bit(slow.group, groups);
	__set_bit(fast.group, groups);
	icmpguard_table_divide(w->table, groups);
	KUNIT_ASSERT_EQ(test, (int)w->table->regions, 2);
	for (i = 0; i < 8 * (w->table->mask + 1); i++)
		charge(test, hash_of(i / 8, 1 + i), &slow);
	usage = usage_of(w);
	KUNIT_EXPECT_EQ(test, usage.busy, 4U * SETS_EXACT);
	KUNIT_EXPECT_EQ(test, usage.fullest, 1U * ICMPGUARD_USAGE_WHOLE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(usage_busy, start_gen_params),
	KUNIT_CASE_PARAM(usage_large, start_gen_params),
	KUNIT_CASE_PARAM(usage_region, start_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-usage",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
