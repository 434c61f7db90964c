// SPDX-License-Identifier: GPL-2.0-only
/*
 * The standing of sources, and the total they share with newcomers.
 */
#include "world.h"

KUNIT_ARRAY_PARAM(start, starts, start_name);

/* A total divided as the policy does it, with exact edges */
static void divide(struct limit *limit)
{
	icmpguard_aggregate_divide(&limit->aggregate);
	limit->aggregate.jitter = 0;
}

/* A packet an epoch for a while, as a host that pings every day */
static void come_back(struct kunit *test, struct world *w, u32 tag, const struct limit *limit)
{
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, packet(w, tag, limit), PASS);
		wait_for(w, EPOCH);
	}
}

/* Until it can't rise any more: hours. Return: how many packets that took. */
static u32 become_senior(struct world *w, u32 tag, const struct limit *limit)
{
	u32 n = 0;

	while (standing_of(w, tag) < ICMPGUARD_SENIOR && n++ < 100) {
		packet(w, tag, limit);
		wait_for(w, EPOCH << ICMPGUARD_EPOCH_STEP);
	}
	return n;
}

static void standing_by_coming_back(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
	/* In the same epoch nothing comes of it. */
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
	wait_for(w, EPOCH);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
	/* And so it is while it has a debt. */
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
}

/* Each epoch begins somewhere in it for a source, so a step takes up to one more. */
static void standing_steps(struct kunit *test)
{
	const u32 longer = 1 << ICMPGUARD_EPOCH_STEP;
	struct world *w = world_of(test, 1024);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag, least = U32_MAX, most = 0;
	struct rnd_state random;

	prandom_seed_state(&random, 7);
	for (tag = 1; tag <= 64; tag++) {
		u32 n = become_senior(w, tag, &limit);

		least = min(least, n);
		most = max(most, n);
		/* Any part of the next one's epochs */
		wait_for(w, (u64)prandom_u32_state(&random) << 22);
	}
	KUNIT_EXPECT_GE(test, least, 4U);
	KUNIT_EXPECT_LE(test, least, longer / 2);
	KUNIT_EXPECT_GE(test, most, longer);
	KUNIT_EXPECT_LE(test, most, 3 + longer);
}

static void standing_not_by_flooding(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	int i;

	for (i = 0; i < 10000; i++) {
		packet(w, 1, &limit);
		wait_for(w, SECOND / 100);
	}
	wait_for(w, 3 * SECOND);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
}

/* Nor by what is given back: a bucket that it fills is of the same epoch. */
static void standing_not_by_refund(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	int i;

	for (i = 0; i < 100; i++) {
		packet(w, 1, &limit);
		icmpguard_table_refund(w->table, hash_of(0, 1), &limit.source, 0, NULL, 1, 0,
				       w->now);
	}
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
}

/* A source that presses a total doesn't rise, nor for a minute after that. */
static void standing_not_while_pressed(struct kunit *test)
{
	struct world *w = world_of(test, 64);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag;

	set_total(test, &limit, 1000, 100);
	divide(&limit);
	packet(w, 1, &limit);
	wait_for(w, EPOCH);
	for (tag = 100; tag < 125; tag++)
		packet_in(w, 1, tag, &limit);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
	for (tag = 0; tag < 3; tag++) {
		wait_for(w, EPOCH);
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
		KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
	}
	wait_for(w, ICMPGUARD_PRESSED_TIME);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
}

static void standing_kept(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	unsigned int left;

	become_senior(w, 1, &limit);
	packet(w, 1, &limit);
	wait_for(w, limit.source.cost - UNIT);
	for (left = ICMPGUARD_SENIOR; left; left--) {
		wait_for(w, ICMPGUARD_KEPT_TIME);
		KUNIT_EXPECT_EQ(test, standing_of(w, 1), left);
		wait_for(w, UNIT);
		KUNIT_EXPECT_EQ(test, standing_of(w, 1), left - 1);
		wait_for(w, -UNIT);
	}
	/* After that it begins again. */
	wait_for(w, UNIT);
	packet(w, 1, &limit);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
	wait_for(w, EPOCH);
	packet(w, 1, &limit);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
}

/* One that stayed away for long goes on with what is left. */
static void standing_left(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	become_senior(w, 1, &limit);
	wait_for(w, ICMPGUARD_KEPT_TIME);
	packet(w, 1, &limit);
	wait_for(w, SECOND);
	packet(w, 1, &limit);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_REGULAR);
}

/* Seconds and minutes, whatever the kernel's HZ */
static void standing_times(struct kunit *test)
{
	KUNIT_EXPECT_GE(test, EPOCH, 10 * SECOND);
	KUNIT_EXPECT_LE(test, EPOCH, 20 * SECOND);
	/* Through the five minutes between two looks of a monitoring system */
	KUNIT_EXPECT_GE(test, ICMPGUARD_KEPT_TIME, 310 * SECOND);
	KUNIT_EXPECT_LE(test, ICMPGUARD_KEPT_TIME, 600 * SECOND);
}

/* Newcomers take other buckets, for as long as there are any. */
static void standing_keeps_bucket(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag;

	come_back(test, w, 1, &limit);
	for (tag = 2; tag < 2000; tag++) {
		packet(w, tag, &limit);
		wait_for(w, SECOND / 500);
	}
	KUNIT_EXPECT_GE(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
	/* Not when it stays away */
	wait_for(w, ICMPGUARD_SENIOR * ICMPGUARD_KEPT_TIME);
	for (tag = 2000; tag < 2008; tag++)
		packet(w, tag, &limit);
	wait_for(w, SECOND);
	packet(w, 1, &limit);
	KUNIT_EXPECT_EQ(test, standing_of(w, 1), 0U + ICMPGUARD_NEWCOMER);
}

static u32 risen_in_set(struct world *w, u32 tags)
{
	u32 tag, risen = 0;

	for (tag = 1; tag <= tags; tag++)
		risen += standing_of(w, tag) > ICMPGUARD_NEWCOMER;
	return risen;
}

/* One comes back after the other, each when the others are idle. */
static void standing_half_of_set(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag;
	int i;

	for (i = 0; i < 5; i++)
		for (tag = 1; tag <= 8; tag++) {
			KUNIT_ASSERT_EQ(test, packet(w, tag, &limit), PASS);
			wait_for(w, EPOCH / 8);
		}
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, risen_in_set(w, 8), (u32)ICMPGUARD_KNOWN_MAX);
}

/* All come back at the same moment. */
static void standing_half_of_set_at_once(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag;
	int i;

	for (i = 0; i < 5; i++) {
		for (tag = 1; tag <= 8; tag++)
			KUNIT_ASSERT_EQ(test, packet(w, tag, &limit), PASS);
		wait_for(w, EPOCH);
	}
	KUNIT_EXPECT_EQ(test, risen_in_set(w, 8), (u32)ICMPGUARD_KNOWN_MAX);
}

static void standing_in_replaced_table(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);

	come_back(test, w, 1, &limit);
	w->older = w->table;
	w->table = icmpguard_table_alloc(16, w->now);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->table);
	rcu_assign_pointer(w->table->older, w->older);
	KUNIT_EXPECT_GE(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
	KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
	RCU_INIT_POINTER(w->table->older, NULL);
	wait_for(w, SECOND);
	KUNIT_EXPECT_GE(test, standing_of(w, 1), 0U + ICMPGUARD_RETURNED);
}

static void total_is_shared(struct kunit *test)
{
	struct world *w = world_of(test, 64);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 i, passed = 0;

	set_total(test, &limit, 100, 50);
	/* 500 sources a second for 4 s, each within its own rate */
	for (i = 0; i < 2000; i++) {
		passed += packet_in(w, i % 8, 1 + i % 56, &limit) == PASS;
		wait_for(w, SECOND / 500);
	}
	KUNIT_EXPECT_LE(test, passed, 450U);
	KUNIT_EXPECT_GE(test, passed, 448U);
}

static void total_refusal_writes_nothing(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct snapshot before;
	u32 tag;

	set_total(test, &limit, 1, 3);
	for (tag = 1; tag <= 3; tag++)
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), PASS);
	before = snapshot_of(w);
	for (tag = 1; tag <= 20; tag++)
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), TOTAL);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
}

/* A source that exceeds its own rate costs the others nothing. */
static void total_not_charged_by_refused(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct snapshot before;
	int i;

	set_total(test, &limit, 100, 100);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	before = snapshot_of(w);
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
	KUNIT_EXPECT_EQ(test, drain(w, 2, &limit), 20U);
}

static void total_reserve(struct kunit *test)
{
	struct world *w = world_of(test, 64);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 i, passed = 0;

	set_total(test, &limit, 1000, 100);
	divide(&limit);
	come_back(test, w, 1, &limit);
	for (i = 0; i < 300; i++)
		passed += packet_in(w, 1 + i % 7, 100 + i, &limit) == PASS;
	KUNIT_EXPECT_EQ(test, passed, 31U);
	/* More is for the one that returned, within its own rate. */
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	KUNIT_EXPECT_EQ(test, packet_in(w, 1, 5000, &limit), TOTAL);
}

/* Newcomers have least, seniors all, and no jitter makes one's part another's. */
static void total_edges(struct kunit *test)
{
	struct limit limit = {};
	u32 burst;

	world_at(test, 8, 0);
	for (burst = 1; burst < 3000; burst++) {
		const u64 *edge = limit.aggregate.edge;
		u64 jitter, cost;
		int i;

		set_total(test, &limit, 1000, burst);
		icmpguard_aggregate_divide(&limit.aggregate);
		jitter = (u64)limit.aggregate.jitter << 32;
		cost = limit.aggregate.rate.cost;
		KUNIT_ASSERT_EQ(test, edge[ICMPGUARD_SENIOR], limit.aggregate.rate.tolerance);
		KUNIT_ASSERT_GE(test, edge[ICMPGUARD_NEWCOMER], jitter);
		for (i = 1; i < ICMPGUARD_STANDINGS; i++)
			KUNIT_ASSERT_GE(test, edge[i] - jitter, edge[i - 1]);
		if (burst > 3)
			KUNIT_ASSERT_GT(test, edge[ICMPGUARD_RETURNED] - jitter,
					edge[ICMPGUARD_NEWCOMER] + cost);
	}
}

/*
 * A host that came once a second for a minute, then random sources at a
 * hundred times the total: it keeps its replies, and the total holds.
 */
static void total_held_through_flood(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 i, flood = 0, calm = 0;
	struct rnd_state random;

	prandom_seed_state(&random, 5);
	set_total(test, &limit, 200, 100);
	divide(&limit);
	for (i = 0; i < 60; i++) {
		KUNIT_ASSERT_EQ(test, packet(w, 1, &limit), PASS);
		wait_for(w, SECOND);
	}
	for (i = 0; i < 30 * 20000; i++) {
		u32 r = prandom_u32_state(&random);

		flood += packet_in(w, r % 128, 2 + (r >> 8) % 60000, &limit) == PASS;
		if (i % 20000 == 9999)
			calm += packet(w, 1, &limit) == PASS;
		wait_for(w, SECOND / 20000);
	}
	KUNIT_EXPECT_EQ(test, calm, 30U);
	KUNIT_EXPECT_LE(test, flood + calm, 6100U);
	KUNIT_EXPECT_GE(test, flood + calm, 5700U);
}

/* The edge is somewhere in the last part of the burst, never outside. */
static void total_jitter(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag, passed = 0, first = U32_MAX, last = 0;
	u64 reach;

	set_total(test, &limit, 1000, 1000);
	reach = limit.aggregate.rate.tolerance / 8;
	limit.aggregate.jitter = reach >> 32;
	/* Each source is new, and comes at a debt that is further from the edge. */
	for (tag = 1; tag < 4000; tag++) {
		u64 edge = limit.aggregate.rate.tolerance - (u64)tag * (reach / 2000);
		bool got;

		icmpguard_table_forget(w->table, w->now);
		atomic64_set(&w->total->tat, w->now + edge);
		got = packet(w, tag, &limit) == PASS;
		passed += got;
		if (got && first == U32_MAX)
			first = tag;
		if (!got)
			last = tag;
	}
	/* Refused nearly always near the edge, never further than it reaches */
	KUNIT_EXPECT_LE(test, last, 2000U + 1);
	KUNIT_EXPECT_GE(test, last, 1500U);
	KUNIT_EXPECT_LE(test, first, 500U);
	KUNIT_EXPECT_GE(test, passed, 2000U + 800);
	KUNIT_EXPECT_LE(test, passed, 2000U + 1200);
}

static void total_alone(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = {};
	u32 passed = 0;
	u64 before;

	set_total(test, &limit, 10, 20);
	divide(&limit);
	while (icmpguard_aggregate_charge(&limit.aggregate, 0, w->now) == PASS)
		passed++;
	KUNIT_EXPECT_EQ(test, passed, 20U);
	before = atomic64_read(&w->total->tat);
	KUNIT_EXPECT_EQ(test, icmpguard_aggregate_charge(&limit.aggregate, 0, w->now), TOTAL);
	KUNIT_EXPECT_EQ(test, (u64)atomic64_read(&w->total->tat), before);
	wait_for(w, SECOND);
	for (passed = 0; icmpguard_aggregate_charge(&limit.aggregate, 0, w->now) == PASS;)
		passed++;
	KUNIT_EXPECT_EQ(test, passed, 10U);
	icmpguard_aggregate_forget(w->total, w->now);
	for (passed = 0; icmpguard_aggregate_charge(&limit.aggregate, 0, w->now) == PASS;)
		passed++;
	KUNIT_EXPECT_EQ(test, passed, 20U);
}

static void total_clamp(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit slow = {}, fast = {};

	set_total(test, &slow, 1, 100);
	set_total(test, &fast, 10, 20);
	while (icmpguard_aggregate_charge(&slow.aggregate, 0, w->now) == PASS)
		;
	icmpguard_aggregate_clamp(w->total, &fast.aggregate.rate, w->now);
	KUNIT_EXPECT_EQ(test, atomic64_read(&w->total->tat) - w->now,
			fast.aggregate.rate.tolerance);
	KUNIT_EXPECT_EQ(test, icmpguard_aggregate_charge(&fast.aggregate, 0, w->now), PASS);
	KUNIT_EXPECT_EQ(test, icmpguard_aggregate_charge(&fast.aggregate, 0, w->now), TOTAL);
	/* A debt the rate can have run up stays. */
	icmpguard_aggregate_forget(w->total, w->now);
	KUNIT_EXPECT_EQ(test, icmpguard_aggregate_charge(&fast.aggregate, 0, w->now), PASS);
	icmpguard_aggregate_clamp(w->total, &fast.aggregate.rate, w->now);
	KUNIT_EXPECT_EQ(test, atomic64_read(&w->total->tat) - w->now, fast.aggregate.rate.cost);
}

/* As a source's bucket: swept, it never looks busy, nor pressed. */
static void total_wrap_swept(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = {};
	u32 i, refused = 0, pressed = 0;

	set_total(test, &limit, 10, 1);
	atomic64_set(&w->total->pressed, w->now);
	icmpguard_aggregate_charge(&limit.aggregate, 0, w->now);
	for (i = 0; i < 64; i++) {
		wait_for(w, ICMPGUARD_SWEEP_PERIOD * ICMPGUARD_JIFFY);
		refused += icmpguard_gcra_debt(atomic64_read(&w->total->tat), w->now) != 0;
		pressed += w->now - atomic64_read(&w->total->pressed) < ICMPGUARD_PRESSED_TIME;
		icmpguard_aggregate_sweep(w->total, w->now);
	}
	KUNIT_EXPECT_EQ(test, pressed, 0U);
	KUNIT_EXPECT_EQ(test, refused, 0U);
	KUNIT_EXPECT_EQ(test, icmpguard_aggregate_charge(&limit.aggregate, 0, w->now), PASS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(standing_by_coming_back, start_gen_params),
	KUNIT_CASE_PARAM(standing_steps, start_gen_params),
	KUNIT_CASE_PARAM(standing_not_by_flooding, start_gen_params),
	KUNIT_CASE_PARAM(standing_not_by_refund, start_gen_params),
	KUNIT_CASE_PARAM(standing_not_while_pressed, start_gen_params),
	KUNIT_CASE_PARAM(standing_kept, start_gen_params),
	KUNIT_CASE_PARAM(standing_left, start_gen_params),
	KUNIT_CASE(standing_times),
	KUNIT_CASE_PARAM(standing_keeps_bucket, start_gen_params),
	KUNIT_CASE_PARAM(standing_half_of_set, start_gen_params),
	KUNIT_CASE_PARAM(standing_half_of_set_at_once, start_gen_params),
	KUNIT_CASE_PARAM(standing_in_replaced_table, start_gen_params),
	KUNIT_CASE_PARAM(total_is_shared, start_gen_params),
	KUNIT_CASE_PARAM(total_refusal_writes_nothing, start_gen_params),
	KUNIT_CASE_PARAM(total_not_charged_by_refused, start_gen_params),
	KUNIT_CASE_PARAM(total_reserve, start_gen_params),
	KUNIT_CASE(total_edges),
	KUNIT_CASE_PARAM(total_held_through_flood, start_gen_params),
	KUNIT_CASE_PARAM(total_jitter, start_gen_params),
	KUNIT_CASE_PARAM(total_alone, start_gen_params),
	KUNIT_CASE_PARAM(total_clamp, start_gen_params),
	KUNIT_CASE_PARAM(total_wrap_swept, start_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-standing",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
