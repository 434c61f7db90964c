// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter: one source, several, a full set, take-over. What known sources,
 * totals, penalties and ladders add, and the table, have suites of their own.
 */
#include "../limiter/limiter.c"
#include "../limiter/table.c"
#include "world.h"

KUNIT_ARRAY_PARAM(start, starts, start_name);

struct count_case {
	const char *name;
	u32 packets, period, burst;	/* the limit */
	u32 offered, seconds;		/* a second, for how long */
};

static const struct count_case count_cases[] = {
	{ "100/second against 10/second burst 20", 10, 1, 20, 100, 10 },
	{ "100/second against 10/second burst 1", 10, 1, 1, 100, 10 },
	{ "10/second against 10/second burst 1", 10, 1, 1, 10, 10 },
	{ "11/second against 10/second burst 1", 10, 1, 1, 11, 10 },
	{ "5/second against 10/second burst 20", 10, 1, 20, 5, 10 },
	{ "1000/second against 50/second burst 100", 50, 1, 100, 1000, 10 },
	{ "64/second against 300/minute burst 5", 300, 60, 5, 64, 30 },
	{ "10/second against 1/minute burst 3", 1, 60, 3, 10, 300 },
	{ "1/second against 10/hour burst 1", 10, 3600, 1, 1, 3600 },
	{ "20000/second against 1000/second burst 5", 1000, 1, 5, 20000, 3 },
};

static void count_name(const struct count_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(count, count_cases, count_name);

/*
 * A token bucket, the definition an operator has in mind, in whole numbers: it
 * holds a burst and gains @packets a period. Every packet's verdict must be
 * the same, where times and rates divide without rest.
 */
static void limiter_is_token_bucket(struct kunit *test)
{
	const struct count_case *c = test->param_value;
	struct world *w = world_at(test, 8, -5 * SECOND);
	struct limit limit = limit_of(test, c->packets, c->period, c->burst);
	const u64 full = (u64)c->burst * c->period * c->offered;
	const u32 most = min(c->offered * c->seconds,
			     c->packets * c->seconds / c->period + c->burst);
	u64 tokens = full, start = w->now;
	u32 i, differ = 0, passed = 0, model = 0;

	for (i = 0; i < c->offered * c->seconds; i++) {
		bool expected = tokens >= (u64)c->period * c->offered;
		bool got;

		/* Rounded up, as costs are */
		w->now = start + round_up(DIV_ROUND_UP_ULL(i * SECOND, c->offered), UNIT);
		got = packet(w, 1, &limit) == PASS;
		passed += got;
		model += expected;
		differ += got != expected;
		if (expected)
			tokens -= (u64)c->period * c->offered;
		tokens = min(full, tokens + c->packets);
	}
	if (limit.source.cost * c->packets == c->period * SECOND &&
	    SECOND % ((u64)c->offered * UNIT) == 0)
		KUNIT_EXPECT_EQ(test, differ, 0U);
	KUNIT_EXPECT_LE(test, passed, most);
	KUNIT_EXPECT_LE(test, max(passed, model) - min(passed, model), 1 + model / 100);
}

static void limiter_one_source(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 i, passed = 0;

	/* 100 packets a second for 10 s: 20 at once, then 10 a second */
	for (i = 0; i < 1000; i++) {
		passed += packet(w, 1, &limit) == PASS;
		wait_for(w, SECOND / 100);
	}
	KUNIT_EXPECT_GE(test, passed, 119U);
	KUNIT_EXPECT_LE(test, passed, 120U);
	/* Full again after its burst's time, and not before */
	wait_for(w, 2 * SECOND);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), 0ULL);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 10U);
}

static void limiter_sources_apart(struct kunit *test)
{
	struct world *w = world_of(test, 16);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag, set;

	/* Both sets full of sources, each with all that it may */
	for (set = 0; set < 2; set++)
		for (tag = 1; tag <= 8; tag++) {
			u32 passed = 0;

			while (packet_in(w, set, tag, &limit) == PASS)
				passed++;
			KUNIT_EXPECT_EQ(test, passed, 20U);
		}
	wait_for(w, SECOND / 2);
	for (tag = 1; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, drain(w, tag, &limit), 5U);
}

static void limiter_tags(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	static const u32 tags[] = { 1, 3, 0x8000, 0xffff };
	int i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		KUNIT_EXPECT_EQ(test, drain(w, tags[i], &limit), 20U);
	for (i = 0; i < ARRAY_SIZE(tags); i++)
		KUNIT_EXPECT_EQ(test, debt_of(w, tags[i]), 2 * SECOND);
	/* A source that never came owes nothing, nor does one with the tag of an unowned bucket. */
	KUNIT_EXPECT_EQ(test, debt_of(w, 2), 0ULL);
	KUNIT_EXPECT_EQ(test, debt_of(w, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, drain(w, 0, &limit), 20U);
	KUNIT_EXPECT_EQ(test, debt_of(w, 0), 2 * SECOND);
}

/* Let source i of 1 to 8 owe i packets. */
static void owe_one_to_eight(struct kunit *test, struct world *w, const struct limit *limit)
{
	u32 tag, i;

	for (tag = 1; tag <= 8; tag++)
		for (i = 0; i < tag; i++)
			KUNIT_ASSERT_EQ(test, packet(w, tag, limit), PASS);
}

static void limiter_takes_smallest_debt(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag;

	owe_one_to_eight(test, w, &limit);
	/* The newcomer takes the first's bucket, with its debt. */
	KUNIT_EXPECT_EQ(test, packet(w, 9, &limit), PASS);
	KUNIT_EXPECT_EQ(test, debt_of(w, 9), 2 * limit.source.cost);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), 0ULL);
	for (tag = 2; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, debt_of(w, tag), tag * limit.source.cost);
	/* What it inherited counts against its burst. */
	KUNIT_EXPECT_EQ(test, drain(w, 9, &limit), 18U);
}

static void limiter_takes_idle_first(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 tag;

	owe_one_to_eight(test, w, &limit);
	wait_for(w, 3 * limit.source.cost);
	/* 1, 2 and 3 are idle now, 1 for longest: nothing is inherited. */
	for (tag = 11; tag <= 13; tag++) {
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), PASS);
		KUNIT_EXPECT_EQ(test, debt_of(w, tag), limit.source.cost);
	}
	for (tag = 4; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, debt_of(w, tag), (tag - 3) * limit.source.cost);
}

static void limiter_refuses_newcomer(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct snapshot before;
	u32 tag;

	for (tag = 1; tag <= 8; tag++)
		drain(w, tag, &limit);
	before = snapshot_of(w);
	for (tag = 9; tag < 200; tag++)
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), SOURCE);
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
	/* One more packet a bucket for the first source that comes, and no more */
	wait_for(w, limit.source.cost);
	for (tag = 9; tag < 17; tag++)
		KUNIT_EXPECT_EQ(test, packet(w, tag, &limit), PASS);
	KUNIT_EXPECT_EQ(test, packet(w, 17, &limit), SOURCE);
}

static void limiter_refusal_writes_nothing(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct snapshot before;
	int i;

	packet(w, 2, &limit);
	drain(w, 1, &limit);
	before = snapshot_of(w);
	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, packet(w, 1, &limit), SOURCE);
		wait_for(w, limit.source.cost / 1001);
	}
	KUNIT_EXPECT_TRUE(test, is_unchanged(w, &before));
}

/* Random sources may get no more of a set than its eight buckets hold. */
static void limiter_set_capacity(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	const u32 most = 8 * (20 + 10 * 20);
	struct rnd_state random;
	u32 i, passed = 0;

	prandom_seed_state(&random, 3);
	for (i = 0; i < 20 * 1000; i++) {
		u32 tag = 1 + prandom_u32_state(&random) % ICMPGUARD_TAG_MASK;

		passed += packet(w, tag, &limit) == PASS;
		wait_for(w, SECOND / 1000);
	}
	KUNIT_EXPECT_LE(test, passed, most);
	KUNIT_EXPECT_GE(test, passed, most - most / 100);
}

/* A random part of some time */
static void wait_up_to(struct world *w, struct rnd_state *random, u64 time)
{
	wait_for(w, mul_u64_u32_shr(time, prandom_u32_state(random), 32));
}

/*
 * Random sources at four times what a set holds, and a host at three packets a
 * second, all at random moments: some of its packets pass in every quarter of
 * a minute, and all do when the flood is over.
 */
static void limiter_nobody_locked_out(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	struct rnd_state random;
	u32 quarter, i, j, passed;

	prandom_seed_state(&random, 4);
	for (quarter = 0; quarter < 8; quarter++) {
		passed = 0;
		for (i = 0; i < 15 * 3; i++) {
			for (j = 0; j < 107; j++) {
				wait_up_to(w, &random, SECOND / 160);
				packet(w, 2 + prandom_u32_state(&random) % 60000, &limit);
			}
			wait_up_to(w, &random, SECOND / 160);
			passed += packet(w, 1, &limit) == PASS;
		}
		KUNIT_EXPECT_GE(test, passed, 1U);
	}
	wait_for(w, 2 * SECOND);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &limit), 20U);
}

/* One source floods; the others of its set don't notice. */
static void limiter_flood_beside_hosts(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 10, 1, 20);
	u32 i, flood = 0, calm = 0;

	for (i = 0; i < 60 * 100; i++) {
		flood += packet(w, 1, &limit) == PASS;
		if (i % 33 == 0)
			calm += packet(w, 2 + i / 33 % 7, &limit) == PASS;
		wait_for(w, SECOND / 100);
	}
	KUNIT_EXPECT_LE(test, flood, 620U);
	KUNIT_EXPECT_GE(test, flood, 618U);
	KUNIT_EXPECT_EQ(test, calm, 6000U / 33 + 1);
}

/* Eight debts that a fast limiter can't have run up don't keep its sources out. */
static void limiter_clamps_slow_debt(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit slow = limit_of(test, 10, 3600, 5);
	struct limit fast = limit_of(test, 10, 1, 20);
	u32 tag, passed = 0;

	for (tag = 1; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, drain(w, tag, &slow), 5U);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &fast), PASS);
	KUNIT_EXPECT_EQ(test, debt_of(w, 9), fast.source.tolerance + 2 * fast.source.cost);
	/* After that one packet the bucket is as strict as any. */
	KUNIT_EXPECT_EQ(test, packet(w, 9, &fast), SOURCE);
	wait_for(w, 2 * fast.source.cost);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &fast), PASS);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &fast), SOURCE);
	/* Other newcomers share that bucket; the slow ones keep theirs. */
	for (tag = 10; tag < 30; tag++)
		passed += packet(w, tag, &fast) == PASS;
	KUNIT_EXPECT_EQ(test, passed, 0U);
	for (tag = 2; tag <= 8; tag++)
		KUNIT_EXPECT_GT(test, debt_of(w, tag), 1700 * SECOND);
}

/* A rate that is made faster while a source owes what the old one let it. */
static void limiter_rate_made_faster(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit slow = limit_of(test, 1, 60, 5);
	struct limit fast = limit_of(test, 10, 1, 20);

	drain(w, 1, &slow);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &fast), 1U);
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain(w, 1, &fast), 10U);
}

/* The longest debt there may be, paid off across the wrap */
static void limiter_longest_debt(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = {
		.source.cost = ICMPGUARD_DEBT_MAX / 4,
		.source.tolerance = ICMPGUARD_DEBT_MAX / 4 * 3,
		.source.mask = ICMPGUARD_TIME_MASK,
	};
	u32 tag, i;

	for (tag = 1; tag <= 8; tag++)
		KUNIT_EXPECT_EQ(test, drain(w, tag, &limit), 4U);
	KUNIT_EXPECT_EQ(test, debt_of(w, 1), ICMPGUARD_DEBT_MAX);
	KUNIT_EXPECT_EQ(test, packet(w, 9, &limit), SOURCE);
	for (i = 0; i < 16; i++) {
		wait_for(w, ICMPGUARD_DEBT_MAX / 16 - UNIT);
		icmpguard_table_sweep(w->table, w->now);
		wait_for(w, UNIT);
		KUNIT_EXPECT_EQ(test, debt_of(w, 2), ICMPGUARD_DEBT_MAX / 16 * (15 - i));
		if (i % 4 == 3)
			KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), PASS);
		KUNIT_EXPECT_EQ(test, packet(w, 1, &limit), SOURCE);
	}
}

/*
 * A rate of one packet in the longest time there may be: newcomers inherit nearly
 * all that a debt can be, and what they owe then isn't forgotten.
 */
static void limiter_longest_inherited(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit = limit_of(test, 1, 604800, 1);
	u32 i, passed = 0;

	icmpguard_table_set_edge(w->table, limit.source.group,
				 limit.source.tolerance + limit.source.cost);
	for (i = 0; i < 2000; i++) {
		passed += packet(w, 1 + i, &limit) == PASS;
		wait_for(w, UNIT);
	}
	/* Each bucket once, and once more for a newcomer that it doesn't shut out */
	KUNIT_EXPECT_EQ(test, passed, 16U);
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		u64 word = atomic64_read(&w->table->sets[0].way[i]);

		KUNIT_EXPECT_GT(test, icmpguard_gcra_debt(icmpguard_slot_time(word), w->now), 0ULL);
	}
}

/*
 * Random sources of two limiters whose bursts last differently long, in one
 * set: together they get no more than its eight buckets let pass.
 */
static void limiter_mixed_bursts(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	struct limit limit[] = { limit_of(test, 50, 1, 100), limit_of(test, 10, 1, 5) };
	u32 passed[2] = {}, i;
	struct rnd_state random;

	KUNIT_ASSERT_EQ(test, limit[0].source.group, limit[1].source.group);
	for (i = 0; i < 2; i++)
		icmpguard_table_set_edge(w->table, limit[i].source.group,
					 limit[i].source.tolerance + limit[i].source.cost);
	prandom_seed_state(&random, 6);
	for (i = 0; i < 60 * 2000; i++) {
		u32 tag = 1 + prandom_u32_state(&random) % 60000;

		passed[i & 1] += packet(w, tag, &limit[i & 1]) == PASS;
		wait_for(w, SECOND / 2000);
	}
	/* In units of the faster one's cost: eight buckets, their bursts, 60 s */
	KUNIT_EXPECT_LE(test, passed[0] + 5 * passed[1], 8 * (100 + 5 + 50 * 60));
	/* And neither shuts the other out. */
	KUNIT_EXPECT_GE(test, passed[0], 8 * 10 * 60 / 4);
	KUNIT_EXPECT_GE(test, passed[1], 8 * 10 * 60 / 4);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(limiter_is_token_bucket, count_gen_params),
	KUNIT_CASE_PARAM(limiter_one_source, start_gen_params),
	KUNIT_CASE_PARAM(limiter_sources_apart, start_gen_params),
	KUNIT_CASE_PARAM(limiter_tags, start_gen_params),
	KUNIT_CASE_PARAM(limiter_takes_smallest_debt, start_gen_params),
	KUNIT_CASE_PARAM(limiter_takes_idle_first, start_gen_params),
	KUNIT_CASE_PARAM(limiter_refuses_newcomer, start_gen_params),
	KUNIT_CASE_PARAM(limiter_refusal_writes_nothing, start_gen_params),
	KUNIT_CASE_PARAM(limiter_set_capacity, start_gen_params),
	KUNIT_CASE_PARAM(limiter_nobody_locked_out, start_gen_params),
	KUNIT_CASE_PARAM(limiter_flood_beside_hosts, start_gen_params),
	KUNIT_CASE_PARAM(limiter_clamps_slow_debt, start_gen_params),
	KUNIT_CASE_PARAM(limiter_rate_made_faster, start_gen_params),
	KUNIT_CASE_PARAM(limiter_longest_debt, start_gen_params),
	KUNIT_CASE_PARAM(limiter_longest_inherited, start_gen_params),
	KUNIT_CASE_PARAM(limiter_mixed_bursts, start_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-limiter",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
