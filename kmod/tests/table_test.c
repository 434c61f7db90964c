// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table: its size and regions, one that takes another's place, and time that
 * wraps, with and without being swept.
 */
#include "world.h"

KUNIT_ARRAY_PARAM(start, starts, start_name);

struct size_case {
	u32 asked, got;
};

static const struct size_case size_cases[] = {
	{ 8, 8 }, { 9, 16 }, { 15, 16 }, { 16, 16 }, { 17, 32 }, { 100, 128 },
	{ 1000, 1024 }, { 65537, 131072 }, { 131072, 131072 }, { 131073, 262144 },
};

static void size_name(const struct size_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u sources", c->asked);
}

KUNIT_ARRAY_PARAM(size, size_cases, size_name);

static void table_alloc(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	struct world *w = world_at(test, c->asked, 0);
	u64 i;

	KUNIT_EXPECT_EQ(test, icmpguard_table_sources(w->table), c->got);
	KUNIT_EXPECT_EQ(test, sizeof(struct icmpguard_set), (size_t)64);
	KUNIT_EXPECT_EQ(test, (unsigned long)w->table->sets % 64, 0UL);
	for (i = 0; i <= w->table->mask; i++) {
		int way, busy = 0;

		for (way = 0; way < ICMPGUARD_WAYS; way++)
			busy += icmpguard_gcra_debt(atomic64_read(&w->table->sets[i].way[way]),
						    w->now) != 0;
		KUNIT_EXPECT_EQ(test, busy, 0);
	}
}

static void table_alloc_nothing(struct kunit *test)
{
	icmpguard_table_free(NULL);
	icmpguard_table_free_rcu(NULL);
}

static void table_forget(struct kunit *test)
{
	struct world *w = world_of(test, 16);
	struct limit limit = limit_of(test, 1, 3600, 5);
	u32 tag;

	for (tag = 1; tag <= 8; tag++)
		drain(w, tag, &limit);
	while (packet_in(w, 1, 1, &limit) == PASS)
		;
	icmpguard_table_forget(w->table, w->now);
	for (tag = 1; tag <= 8; tag++) {
		KUNIT_EXPECT_EQ(test, debt_of(w, tag), 0ULL);
		KUNIT_EXPECT_EQ(test, drain(w, tag, &limit), 5U);
	}
	KUNIT_EXPECT_EQ(test, packet_in(w, 1, 1, &limit), PASS);
}

static void replace(struct kunit *test, struct world *w, u32 sources)
{
	w->older = w->table;
	w->table = icmpguard_table_alloc(sources, w->now);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->table);
	rcu_assign_pointer(w->table->older, w->older);
}

/* A table of another size takes over the debts of the one before. */
static void table_replaced(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	drain(w, 1, &limit);
	packet(w, 2, &limit);
	replace(test, w, 64);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), 2 * SECOND);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	KUNIT_EXPECT_EQ(test, drain(w, 2, &limit), 19U);
	KUNIT_EXPECT_EQ(test, drain(w, 3, &limit), 20U);
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 10U);
	KUNIT_EXPECT_EQ(test, drain(w, 2, &limit), 10U);
	/* Without the old one nothing is owed twice or forgotten. */
	RCU_INIT_POINTER(w->table->older, NULL);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	KUNIT_EXPECT_EQ(test, packet(w, 2, &limit), SOURCE);
}

/* A source that only ever was refused since is not forgotten with the old one. */
static void table_replaced_often(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	drain(w, 1, &limit);
	replace(test, w, 64);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	/* The one before is gone: what is owed must be here. */
	RCU_INIT_POINTER(w->table->older, NULL);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), 2 * SECOND);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 10U);
}

/*
 * Time goes all the way round twice. Buckets left idle at any moment never
 * look busy, where they are swept as often as promised.
 */
static void table_wrap_swept(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	const u64 period = ICMPGUARD_SWEEP_PERIOD * ICMPGUARD_JIFFY;
	u32 i, tag, stale = 0, busy = 0;

	KUNIT_EXPECT_EQ(test, period, 1ULL << 60);
	for (i = 0; i < 2 * 16 * 16; i++) {
		/* One source after the other, each never to come again */
		tag = 1 + i;
		busy += drain(w, tag, &limit) != 20;
		wait_for(w, period / 16);
		for (tag = 1; tag <= i + 1; tag++)
			stale += debt_of(w, tag) != 0;
		if (i % 16 == 15)
			icmpguard_table_sweep(w->table, w->now);
	}
	KUNIT_EXPECT_EQ(test, stale, 0U);
	KUNIT_EXPECT_EQ(test, busy, 0U);
}

static u64 debt_in(struct world *w, int way)
{
	u64 word = atomic64_read(&w->table->sets[0].way[way]);

	return icmpguard_gcra_debt(icmpguard_slot_time(word), w->now);
}

/* One bucket, used once, then looked at over two rounds of time */
static void table_wrap_swept_idle(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	const u64 period = ICMPGUARD_SWEEP_PERIOD * ICMPGUARD_JIFFY;
	u32 i, stale = 0;

	drain(w, 1, &limit);
	wait_for(w, 2 * SECOND);
	for (i = 0; i < 2 * 16 * 64; i++) {
		int way;

		for (way = 0; way < ICMPGUARD_WAYS; way++)
			stale += debt_in(w, way) != 0;
		wait_for(w, period / 64);
		if (i % 64 == 63)
			icmpguard_table_sweep(w->table, w->now);
	}
	KUNIT_EXPECT_EQ(test, stale, 0U);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
}

/* Without a sweep: a bucket looks idle for three quarters of the range, no longer. */
static void table_wrap_unswept(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	packet(w, 1, &limit);
	wait_for(w, limit.source.cost + 3 * (1ULL << 62) - UNIT);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), 0ULL);
	wait_for(w, UNIT);
	KUNIT_EXPECT_NE(test, debt_of(w, 1), 0ULL);
}

static void table_sweep_leaves_debts(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 1, 3600, 100);
	struct snapshot before;
	u32 tag;

	for (tag = 1; tag <= 8; tag++)
		drain(w, tag, &limit);
	before = snapshot_of(w);
	icmpguard_table_sweep(w->table, w->now);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
	/* Nor does it touch what has been idle for no longer than is kept. */
	wait_for(w, 360000 * SECOND + ICMPGUARD_AGE_KEPT);
	icmpguard_table_sweep(w->table, w->now);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
	wait_for(w, UNIT);
	icmpguard_table_sweep(w->table, w->now);
	KUNIT_EXPECT_FALSE(test, is_unchanged(w, &before));
	for (tag = 1; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, debt_of(w, tag), 0ULL);
}

/* Rates that differ much don't meet in a set. */
static void table_regions(struct kunit *test)
{
	struct world *w = test->priv;
	struct limit fast = limit_of(test, 50, 1, 100), slow = limit_of(test, 1, 3600, 5);
	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS) = {};
	struct icmpguard_table *table;
	u32 tag, passed = 0;

	KUNIT_ASSERT_NE(test, fast.source.group, slow.source.group);
	__set_bit(fast.source.group, groups);
	__set_bit(slow.source.group, groups);
	table = icmpguard_table_alloc(16, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
	w->table = table;
	icmpguard_table_divide(table, groups);
	KUNIT_EXPECT_EQ(test, table->regions, 2);
	KUNIT_EXPECT_EQ(test, table->mask, 0ULL);
	KUNIT_EXPECT_EQ(test, icmpguard_table_sources(table), 16U);
	for (tag = 1; tag <= 1000; tag++)
		passed += packet(w, tag, &slow) == PASS;
	/* Eight buckets, of which each let five in, and then one each. */
	KUNIT_EXPECT_LE(test, passed, 8 * 5U);
	for (tag = 1; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, drain(w, tag, &fast), 100U);
}

/* A region that no rate has use for any more is given back. */
static void table_suits(struct kunit *test)
{
	struct world *w = test->priv;
	struct limit fast = limit_of(test, 50, 1, 100), slow = limit_of(test, 1, 3600, 5);
	DECLARE_BITMAP(both, ICMPGUARD_GROUPS) = {};
	DECLARE_BITMAP(one, ICMPGUARD_GROUPS) = {};

	__set_bit(fast.source.group, one);
	__set_bit(fast.source.group, both);
	__set_bit(slow.source.group, both);
	w->table = icmpguard_table_alloc(16, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->table);
	icmpguard_table_divide(w->table, both);
	KUNIT_EXPECT_TRUE(test, icmpguard_table_suits(w->table, both));
	KUNIT_EXPECT_FALSE(test, icmpguard_table_suits(w->table, one));
	icmpguard_table_divide(w->table, one);
	KUNIT_EXPECT_FALSE(test, icmpguard_table_suits(w->table, both));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(table_alloc, size_gen_params),
	KUNIT_CASE(table_alloc_nothing),
	KUNIT_CASE_PARAM(table_forget, start_gen_params),
	KUNIT_CASE_PARAM(table_replaced, start_gen_params),
	KUNIT_CASE_PARAM(table_replaced_often, start_gen_params),
	KUNIT_CASE_PARAM(table_wrap_swept, start_gen_params),
	KUNIT_CASE_PARAM(table_wrap_swept_idle, start_gen_params),
	KUNIT_CASE_PARAM(table_wrap_unswept, start_gen_params),
	KUNIT_CASE_PARAM(table_sweep_leaves_debts, start_gen_params),
	KUNIT_CASE(table_regions),
	KUNIT_CASE(table_suits),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-table",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
