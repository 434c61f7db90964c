// SPDX-License-Identifier: GPL-2.0-only
/*
 * Giving back what was charged.
 */
#include "world.h"

KUNIT_ARRAY_PARAM(start, starts, start_name);

static void refund(struct world *w, u32 tag, const struct limit *limit, unsigned int packets)
{
	icmpguard_table_refund(w->table, hash_of(0, tag), &limit->source, limit->block,
			       &limit->aggregate, packets, 0, w->now);
}

/* What the rate has paid since isn't given back: it was made use of. */
static void refund_old(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u64 begun = w->now, debt;
	int i;

	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	w->now += ICMPGUARD_SECOND & ICMPGUARD_TIME_MASK;
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	debt = debt_of(w, 1);
	icmpguard_table_refund(w->table, hash_of(0, 1), &limit.source, 0, NULL, 20, w->now - begun,
			       w->now);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), debt - (20 * limit.source.cost - (w->now - begun)));
	/* Long ago it was paid in full. */
	debt = debt_of(w, 1);
	icmpguard_table_refund(w->table, hash_of(0, 1), &limit.source, 0, NULL, 20,
			       3 * ICMPGUARD_SECOND, w->now);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), debt);
}

static void refund_all(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	int i, round;

	for (round = 0; round < 10; round++) {
		for (i = 0; i < 20; i++)
			KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
		refund(w, 1, &limit, 20);
		KUNIT_EXPECT_EQ(test, debt_of(w, 1), 0ULL);
	}
}

static void refund_some(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	refund(w, 1, &limit, 3);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), 17 * limit.source.cost);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 3U);
}

/* A bucket never holds more than its burst. */
static void refund_too_much(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	set_total(test, &limit, 1000, 50);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	refund(w, 1, &limit, 1000);
	refund(w, 1, &limit, UINT_MAX);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	/* 20 of the total's 50 are charged, and no credit was left. */
	KUNIT_EXPECT_EQ(test, drain(w, 2, &limit) + drain(w, 3, &limit), 30U);
}

/* A slow rate, whose cost times some packets overflows */
static void refund_slow(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 1, 86400, 3);

	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 3U);
	refund(w, 1, &limit, UINT_MAX);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 3U);
}

/* Nothing for others, known or unknown, and nothing of theirs */
static void refund_own_only(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct snapshot before;
	u32 tag;

	for (tag = 1; tag <= ICMPGUARD_WAYS; tag++)
		drain(w, tag, &limit);
	before = snapshot_of(w);
	refund(w, ICMPGUARD_WAYS + 1, &limit, 20);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
	refund(w, 1, &limit, 20);
	for (tag = 2; tag <= ICMPGUARD_WAYS; tag++)
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), SOURCE);
}

/* The total's part, also where a source is unlimited or has no bucket any more */
static void refund_total(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 1000, 1, 1000);
	struct limit unlimited = {};

	set_total(test, &limit, 10, 20);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	refund(w, 1, &limit, 5);
	KUNIT_EXPECT_EQ(test, drain(w, 2, &limit), 5U);
	unlimited.aggregate = limit.aggregate;
	refund(w, 99, &unlimited, 4);
	KUNIT_EXPECT_EQ(test, drain(w, 3, &limit), 4U);
	icmpguard_table_refund(w->table, hash_of(0, 1), &limit.source, 0, NULL, 5, 0, w->now);
	KUNIT_EXPECT_EQ(test, packet(w, 4, &limit), TOTAL);
}

/* A penalty is served, whatever is given back meanwhile. */
static void refund_penalty(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 60);
	u64 debt;

	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	debt = debt_of(w, 1);
	refund(w, 1, &limit, 1000);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), debt);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PENALTY_HIT);
	/* One that didn't begin isn't begun by it either. */
	KUNIT_EXPECT_EQ(test, packet(w, 2, &limit), PASS);
	wait_for(w, UNIT);
	refund(w, 2, &limit, 5);
	KUNIT_EXPECT_EQ(test, drain(w, 2, &limit), 20U);
	KUNIT_EXPECT_GE(test, debt_of(w, 2), 59 * SECOND);
}

/* What has been forgotten by itself isn't given back a second time. */
static void refund_late(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct snapshot before;

	drain(w, 1, &limit);
	wait_for(w, 3 * SECOND);
	before = snapshot_of(w);
	refund(w, 1, &limit, 20);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(refund_all, start_gen_params),
	KUNIT_CASE_PARAM(refund_some, start_gen_params),
	KUNIT_CASE_PARAM(refund_old, start_gen_params),
	KUNIT_CASE_PARAM(refund_too_much, start_gen_params),
	KUNIT_CASE_PARAM(refund_slow, start_gen_params),
	KUNIT_CASE_PARAM(refund_own_only, start_gen_params),
	KUNIT_CASE_PARAM(refund_total, start_gen_params),
	KUNIT_CASE_PARAM(refund_penalty, start_gen_params),
	KUNIT_CASE_PARAM(refund_late, start_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-refund",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
