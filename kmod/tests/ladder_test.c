// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix ladders: one packet charged at several prefix lengths.
 */
#include "world.h"

#define STEPS	3

KUNIT_ARRAY_PARAM(start, starts, start_name);

/* The rates of a source, of a prefix of many, and of a prefix of all of these */
struct ladder {
	struct icmpguard_gcra step[STEPS];
	struct limit limit;
};

static struct ladder ladder_of(struct kunit *test, u32 packets, u32 burst)
{
	static const u32 factor[STEPS] = { 1, 4, 16 };
	struct ladder ladder = {};
	int i;

	for (i = 0; i < STEPS; i++)
		ladder.step[i] = rate_of(test, packets * factor[i], 1, burst * factor[i],
					 2 * UNIT);
	return ladder;
}

static u64 hash_of_host(u32 wide, u32 middle, u32 host)
{
	return hash_of(16 + (wide * 8 + middle * 8 + host) % 64,
		       wide << 12 | middle << 8 | host);
}

/* Host @host in the middle prefix @middle in the wide prefix @wide */
static enum icmpguard_charge packet_of(struct world *w, u32 wide, u32 middle, u32 host,
				       const struct ladder *ladder)
{
	const u64 hash[STEPS] = {
		hash_of_host(wide, middle, host), hash_of(1, wide << 4 | middle), hash_of(2, wide),
	};

	return icmpguard_table_charge_ladder(w->table, hash, ladder->step, STEPS,
					     ladder->limit.block, &ladder->limit.aggregate, w->now);
}

static u32 drain_of(struct world *w, u32 wide, u32 middle, u32 host, const struct ladder *ladder)
{
	u32 passed = 0;

	while (packet_of(w, wide, middle, host, ladder) == PASS)
		passed++;
	return passed;
}

/* Whether anything in the whole table has changed */
static u64 sum_of(struct world *w)
{
	u64 i, sum = atomic64_read(&w->total->tat);
	int way;

	for (i = 0; i <= w->table->mask; i++)
		for (way = 0; way < ICMPGUARD_WAYS; way++)
			sum = sum * 31 + atomic64_read(&w->table->sets[i].way[way]);
	return sum;
}

static void ladder_one_source(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 20);

	/* The narrowest step is what holds one source. */
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 1, 1, &ladder), 20U);
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 1, 1, &ladder), 10U);
	/* Its neighbour has its own. */
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 1, 2, &ladder), 20U);
}

static void ladder_one_prefix(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 20);
	u32 host, passed = 0;

	/* Eight hosts of one prefix share four hosts' rate. */
	for (host = 1; host <= 8; host++)
		passed += drain_of(w, 1, 1, host, &ladder);
	KUNIT_EXPECT_EQ(test, passed, 80U);
	/* Another prefix isn't touched. */
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 2, 1, &ladder), 20U);
}

static void ladder_widest(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 2);
	u32 middle, host, passed = 0;

	/* Seven prefixes of eight hosts: two for a host, eight for a prefix, 32 in all */
	for (middle = 1; middle <= 7; middle++)
		for (host = 1; host <= 8; host++)
			passed += drain_of(w, 1, middle, host, &ladder);
	KUNIT_EXPECT_EQ(test, passed, 32U);
}

static void ladder_refusal_writes_nothing(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 20);
	u32 host;
	u64 before;

	/* Refused by the narrowest */
	drain_of(w, 1, 1, 1, &ladder);
	before = sum_of(w);
	KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 1, &ladder), SOURCE);
	KUNIT_EXPECT_EQ(test, sum_of(w), before);
	/* Refused by a wider one: nothing is charged to the host. */
	for (host = 2; host <= 4; host++)
		drain_of(w, 1, 1, host, &ladder);
	before = sum_of(w);
	KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 5, &ladder), SOURCE);
	KUNIT_EXPECT_EQ(test, sum_of(w), before);
	KUNIT_EXPECT_EQ(test, icmpguard_table_debt(w->table, hash_of_host(1, 1, 5), 0, w->now).debt,
			0ULL);
}

static void ladder_total(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 20);
	u64 before;

	set_total(test, &ladder.limit, 10, 25);
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 1, 1, &ladder), 20U);
	KUNIT_EXPECT_EQ(test, drain_of(w, 2, 1, 1, &ladder), 5U);
	before = sum_of(w);
	KUNIT_EXPECT_EQ(test, packet_of(w, 3, 1, 1, &ladder), TOTAL);
	KUNIT_EXPECT_EQ(test, sum_of(w), before);
	/* Charged once a packet, not once a step */
	wait_for(w, SECOND);
	KUNIT_EXPECT_EQ(test, drain_of(w, 3, 1, 1, &ladder), 10U);
}

/* The penalty is the source's, not that of its prefixes. */
static void ladder_penalty(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 20);

	ladder.limit.block = 60 * SECOND;
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 1, 1, &ladder), 20U);
	KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 1, &ladder), PENALTY_HIT);
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 1, 2, &ladder), 20U);
	KUNIT_EXPECT_EQ(test, drain_of(w, 1, 2, 1, &ladder), 20U);
	wait_for(w, 59 * SECOND);
	KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 1, &ladder), PENALTY_HIT);
	wait_for(w, 4 * SECOND);
	KUNIT_EXPECT_GE(test, drain_of(w, 1, 1, 1, &ladder), 19U);
}

/* The standing is the source's, not the prefix's that it is in. */
static void ladder_standing(struct kunit *test)
{
	struct world *w = world_of(test, 1024);
	struct ladder ladder = ladder_of(test, 10, 20);
	u32 i, passed = 0;

	set_total(test, &ladder.limit, 10, 40);
	ladder.limit.aggregate.edge[ICMPGUARD_NEWCOMER] = ladder.limit.aggregate.rate.tolerance / 2;
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 1, &ladder), PASS);
		wait_for(w, EPOCH);
	}
	for (i = 0; i < 4; i++)
		passed += drain_of(w, 2 + i, 1, 1, &ladder);
	KUNIT_EXPECT_EQ(test, passed, 20U);
	KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 2, &ladder), TOTAL);
	KUNIT_EXPECT_EQ(test, packet_of(w, 1, 1, 1, &ladder), PASS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(ladder_one_source, start_gen_params),
	KUNIT_CASE_PARAM(ladder_one_prefix, start_gen_params),
	KUNIT_CASE_PARAM(ladder_widest, start_gen_params),
	KUNIT_CASE_PARAM(ladder_refusal_writes_nothing, start_gen_params),
	KUNIT_CASE_PARAM(ladder_total, start_gen_params),
	KUNIT_CASE_PARAM(ladder_penalty, start_gen_params),
	KUNIT_CASE_PARAM(ladder_standing, start_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-ladder",
	.init = world_init,
	.exit = world_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
