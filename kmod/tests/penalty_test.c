// SPDX-License-Identifier: GPL-2.0-only
/*
 * Penalties for a source that exceeds its rate.
 */
#include "world.h"

KUNIT_ARRAY_PARAM(start, starts, start_name);

static void penalty_begins(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 60);
	int i;

	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	/* The first is over the rate, those after it are penalised. */
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PENALTY_HIT);
	/* A unit of time less at the most: where it is odd it isn't to be exceeded. */
	KUNIT_EXPECT_GE(test, debt_of(w, 1), limit.source.tolerance + 60 * SECOND - UNIT);
	KUNIT_EXPECT_LE(test, debt_of(w, 1), limit.source.tolerance + 60 * SECOND);
	/* No other source's */
	KUNIT_EXPECT_EQ(test, debt_of(w, 2), 0ULL);
	KUNIT_EXPECT_EQ(test, packet(w, 2, &limit), PASS);
}

static void penalty_ends(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 60);

	drain(w, 1, &limit);
	wait_for(w, 59 * SECOND);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PENALTY_HIT);
	wait_for(w, SECOND + limit.source.cost + UNIT);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	/* What was left of the burst comes back at the rate, not at once. */
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
}

/* A source that sends less than the rate gets out, though each packet costs something. */
static void penalty_ends_for_calm(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 60);
	u32 seconds = 0;

	drain(w, 1, &limit);
	while (packet(w, 1, &limit) != PASS && seconds < 600) {
		wait_for(w, SECOND);
		seconds++;
	}
	/* Each of the packets adds a tenth of a second. */
	KUNIT_EXPECT_GE(test, seconds, 60U);
	KUNIT_EXPECT_LE(test, seconds, 68U);
}

/* A source that goes on flooding stays out, at the cost of a write now and then. */
static void penalty_stays_for_flood(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 5);
	u32 i, passed = 0, refused = 0, written = 0;

	drain(w, 1, &limit);
	for (i = 0; i < 60 * 100; i++) {
		struct snapshot before = snapshot_of(w);

		passed += packet(w, 1, &limit) == PASS;
		refused += packet(w, 1, &limit) == PENALTY_HIT;
		written += !is_unchanged(w, &before);
		wait_for(w, SECOND / 100);
	}
	KUNIT_EXPECT_EQ(test, passed, 0U);
	KUNIT_EXPECT_EQ(test, refused, 6000U);
	KUNIT_EXPECT_LE(test, written, 601U);
	KUNIT_EXPECT_LE(test, debt_of(w, 1), limit.source.tolerance + 5 * SECOND + UNIT);
	/* And then it ends as any other. */
	wait_for(w, 5 * SECOND + UNIT);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
}

/* A newcomer to a full set hasn't exceeded anything. */
static void penalty_not_for_newcomer(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 60);
	struct limit plain = limit_of(test, 10, 1, 20);
	struct snapshot before;
	u32 tag;

	for (tag = 1; tag <= 8; tag++)
		drain(w, tag, &plain);
	before = snapshot_of(w);
	for (tag = 9; tag < 20; tag++)
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), SOURCE);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
}

/* Eight penalised sources don't keep others out. */
static void penalty_not_inherited(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 3600);
	u32 tag, held = 0;

	for (tag = 1; tag <= 8; tag++)
		drain(w, tag, &limit);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &limit), PASS);
	/* More than it can have run up, so that its next one begins no penalty */
	KUNIT_EXPECT_LE(test, debt_of(w, 9), limit.source.tolerance + 2 * limit.source.cost);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &limit), SOURCE);
	KUNIT_EXPECT_LE(test, debt_of(w, 9), limit.source.tolerance + 2 * limit.source.cost);
	KUNIT_EXPECT_EQ(test, packet(w, 10, &limit), SOURCE);
	wait_for(w, 2 * limit.source.cost);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &limit), PASS);
	for (tag = 1; tag <= 8; tag++)
		held += packet(w, tag, &limit) == PENALTY_HIT;
	KUNIT_EXPECT_EQ(test, held, 7U);
}

/* A penalty never makes a debt smaller: more than the rate can't pass. */
static void penalty_shorter_than_cost(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 6, 3600, 2, 60);
	u32 i, passed = 0;
	u64 before;

	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	before = debt_of(w, 1);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	KUNIT_EXPECT_GE(test, debt_of(w, 1), before);
	for (i = 0; i < 7200; i++) {
		passed += packet(w, 1, &limit) == PASS;
		wait_for(w, SECOND);
	}
	KUNIT_EXPECT_LE(test, passed, 12U);
}

/* A penalty that is configured away ends with the next packet. */
static void penalty_configured_away(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 3600);
	struct limit plain = limit_of(test, 10, 1, 20);

	drain(w, 1, &limit);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PENALTY_HIT);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &plain), PASS);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &plain), SOURCE);
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &plain), 10U);
}

/* A penalty that is configured isn't served before it is earned, whatever debt there is. */
static void penalty_configured(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	u32 packets, i;

	for (packets = 1; packets <= 64; packets++) {
		struct limit plain = limit_of(test, packets, 1, 5);
		struct limit limit = limit_block(test, packets, 1, 5, 60);

		/* Full again, at odd moments and at even ones */
		wait_for(w, 100 * SECOND + UNIT);
		for (i = 0; i < 5; i++)
			KUNIT_EXPECT_EQ(test, packet(w, 1, &plain), PASS);
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PENALTY_HIT);
		KUNIT_EXPECT_GE(test, debt_of(w, 1), 60 * SECOND);
	}
}

/* Over and over: each excess begins one penalty. */
static void penalty_again(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 10, 1, 20, 10);
	int i;

	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PENALTY_HIT);
		wait_for(w, 13 * SECOND + UNIT * (i + 1));
	}
}

/* The rate holds with a penalty, which needs a bit of the time, as without. */
static void penalty_rate_holds(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_block(test, 1000, 1, 5, 1);
	u32 i, passed = 0;

	/* Just under the rate, at odd moments */
	for (i = 0; i < 20000; i++) {
		passed += packet(w, 1, &limit) == PASS;
		wait_for(w, limit.source.cost + UNIT * (i & 1));
	}
	KUNIT_EXPECT_EQ(test, passed, 20000U);
	/* Just over it */
	for (i = 0; i < 20000 && packet(w, 1, &limit) == PASS; i++)
		wait_for(w, limit.source.cost - limit.source.cost / 100);
	KUNIT_EXPECT_GE(test, i, 300U);
	KUNIT_EXPECT_LE(test, i, 510U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(penalty_begins, start_gen_params),
	KUNIT_CASE_PARAM(penalty_ends, start_gen_params),
	KUNIT_CASE_PARAM(penalty_ends_for_calm, start_gen_params),
	KUNIT_CASE_PARAM(penalty_stays_for_flood, start_gen_params),
	KUNIT_CASE_PARAM(penalty_not_for_newcomer, start_gen_params),
	KUNIT_CASE_PARAM(penalty_not_inherited, start_gen_params),
	KUNIT_CASE_PARAM(penalty_shorter_than_cost, start_gen_params),
	KUNIT_CASE_PARAM(penalty_configured_away, start_gen_params),
	KUNIT_CASE_PARAM(penalty_configured, start_gen_params),
	KUNIT_CASE_PARAM(penalty_again, start_gen_params),
	KUNIT_CASE_PARAM(penalty_rate_holds, start_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-penalty",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
