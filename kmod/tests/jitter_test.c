// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jitter: never further than the rate's edge, never nearer than seven eighths of
 * it, elsewhere at every tick and for every source.
 */
#include <kunit/test.h>
#include "../limiter/jitter.h"

static struct icmpguard_gcra jitter_rate(struct kunit *test, u32 packets, u32 burst)
{
	const struct icmpguard_rate rate = { packets, 1, burst };
	struct icmpguard_gcra gcra = {};

	KUNIT_ASSERT_EQ(test, icmpguard_gcra_compile(&gcra, &rate, ICMPGUARD_SOURCE_UNIT), 0);
	return gcra;
}

static void jitter_bounds(struct kunit *test)
{
	const struct icmpguard_gcra gcra = jitter_rate(test, 500, 1000);
	u64 least = U64_MAX, most = 0;
	u32 i;

	for (i = 0; i < 1000; i++) {
		struct icmpguard_gcra strict;

		strict = icmpguard_jitter_gcra(&gcra, 0x123456789abcdefULL, i * ICMPGUARD_JIFFY);
		KUNIT_ASSERT_LE(test, strict.tolerance, gcra.tolerance);
		KUNIT_ASSERT_GE(test, strict.tolerance, gcra.tolerance - gcra.tolerance / 8);
		/* Where a penalty begins, so it must fit into a bucket. */
		KUNIT_ASSERT_EQ(test, strict.tolerance & ~gcra.mask, 0ULL);
		KUNIT_ASSERT_EQ(test, strict.cost, gcra.cost);
		KUNIT_ASSERT_EQ(test, strict.group, gcra.group);
		least = min(least, strict.tolerance);
		most = max(most, strict.tolerance);
	}
	/* All of the eighth is used. */
	KUNIT_EXPECT_LT(test, least, gcra.tolerance - gcra.tolerance / 9);
	KUNIT_EXPECT_GT(test, most, gcra.tolerance - gcra.tolerance / 100);
}

static void jitter_moves(struct kunit *test)
{
	const struct icmpguard_gcra gcra = jitter_rate(test, 500, 1000);
	u64 now, edge, step = 0, previous = 0;
	u32 i, same = 0;

	for (i = 0; i < 1000; i++) {
		now = i * ICMPGUARD_JIFFY;
		edge = icmpguard_jitter_gcra(&gcra, 0x123456789abcdefULL, now).tolerance;
		/* Not where it was, and not as far from there as the last time */
		same += edge == previous;
		same += edge - previous == step;
		step = edge - previous;
		previous = edge;
		/* Another source, at the same time */
		same += icmpguard_jitter_gcra(&gcra, i + 1, now).tolerance == edge;
	}
	KUNIT_EXPECT_LT(test, same, 20U);
}

/* Of a burst that small an eighth is less than a packet. */
static void jitter_small(struct kunit *test)
{
	struct icmpguard_gcra gcra;
	u64 now;
	u32 burst;

	for (burst = 1; burst < 9; burst++) {
		gcra = jitter_rate(test, 10, burst);
		for (now = 0; now < 100 * ICMPGUARD_JIFFY; now += ICMPGUARD_JIFFY)
			KUNIT_EXPECT_EQ(test, icmpguard_jitter_gcra(&gcra, now, now).tolerance,
					gcra.tolerance);
	}
	gcra = jitter_rate(test, 10, 9);
	KUNIT_EXPECT_LT(test, icmpguard_jitter_gcra(&gcra, 1, ICMPGUARD_JIFFY).tolerance,
			gcra.tolerance);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(jitter_bounds),
	KUNIT_CASE(jitter_moves),
	KUNIT_CASE(jitter_small),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-jitter",
	.test_cases = cases,
};

kunit_test_suite(suite);
