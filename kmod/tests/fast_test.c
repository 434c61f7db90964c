// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast functions that charge a packet: at every packet of a random sequence they
 * give the same answer and leave the same state as the slow one. And what is said of a
 * packet without charging it is what then becomes of it.
 */
#include "world.h"
#include "../limiter/jitter.h"

#define PACKETS		20000
#define SOURCES		48
#define HEAVY		6
#define PREFIXES	24

/**
 * struct fast_case - what packets are charged to
 * @name: of the case
 * @steps: 1: the source alone; 2: a prefix as well
 * @jittered: edges are
 * @block: seconds of penalty
 * @total: there is one
 * @resized: with a table that was replaced
 */
struct fast_case {
	const char *name;
	u8 steps;
	bool jittered;
	u8 block;
	bool total;
	bool resized;
};

static const struct fast_case fast_cases[] = {
	{ "a rate", 1 },
	{ "a rate and a total", 1, .total = true },
	{ "a penalty", 1, .block = 3 },
	{ "a jittered limit", 1, .jittered = true },
	{ "a jittered limit and a penalty", 1, .jittered = true, .block = 3 },
	{ "a table that was replaced", 1, .total = true, .resized = true },
	{ "two steps", 2 },
	{ "two steps and a total", 2, .total = true },
	{ "two steps and a penalty", 2, .block = 3 },
	{ "two jittered steps", 2, .jittered = true },
	{ "two steps and all", 2, .jittered = true, .block = 3, .total = true },
	{ "two steps, a table that was replaced", 2, .total = true, .resized = true },
};

static void fast_name(const struct fast_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fast, fast_cases, fast_name);

/**
 * struct fast_world - one of the two that are compared
 * @table: its buckets
 * @total: all sources' bucket
 * @aggregate: and its rate
 */
struct fast_world {
	struct icmpguard_table *table;
	struct icmpguard_aggregate_bucket *total;
	struct icmpguard_aggregate aggregate;
};

static void fast_init(struct kunit *test, struct fast_world *w, bool total, u64 now)
{
	w->table = icmpguard_table_alloc(128, now);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->table);
	w->total = kunit_kzalloc(test, sizeof(*w->total), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, w->total);
	icmpguard_aggregate_forget(w->total, now);
	w->aggregate = (struct icmpguard_aggregate) { .rate = rate_of(test, 60, 1, 40, 1) };
	if (total)
		w->aggregate.bucket = w->total;
	icmpguard_aggregate_divide(&w->aggregate);
}

static void fast_resize(struct kunit *test, struct fast_world *w, u64 now)
{
	struct icmpguard_table *table = icmpguard_table_alloc(128, now);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, table);
	rcu_assign_pointer(table->older, w->table);
	w->table = table;
}

static void fast_free(struct fast_world *w)
{
	icmpguard_table_free(rcu_dereference_protected(w->table->older, true));
	icmpguard_table_free(w->table);
}

static enum icmpguard_charge charge_slow(struct fast_world *w, const struct fast_case *c,
					 const u64 *hash, const struct icmpguard_gcra *step,
					 u64 now)
{
	struct icmpguard_gcra strict[2] = { step[0], step[1] };
	int i;

	for (i = 0; c->jittered && i < 2; i++)
		strict[i] = icmpguard_jitter_gcra(&step[i], hash[i], now);
	if (c->steps == 1)
		return icmpguard_table_charge_slow(w->table, hash[0], strict, c->block * SECOND,
						  &w->aggregate, now);
	return icmpguard_table_charge_ladder(w->table, hash, strict, 2, c->block * SECOND,
					     &w->aggregate, now);
}

static enum icmpguard_charge charge_fast(struct fast_world *w, const struct fast_case *c,
					 const u64 *hash, const struct icmpguard_gcra *step,
					 u64 now, u32 *far)
{
	enum icmpguard_charge charge;

	if (c->steps == 1)
		charge = icmpguard_table_charge_fast(w->table, hash[0], step, c->jittered,
						     c->block * SECOND, &w->aggregate, now);
	else
		charge = icmpguard_table_charge_fast2(w->table, hash, step, c->jittered,
						      c->block * SECOND, &w->aggregate, now);
	if (charge != ICMPGUARD_CHARGE_UNDECIDED)
		return charge;
	++*far;
	return charge_slow(w, c, hash, step, now);
}

static bool is_same(const struct fast_world *a, const struct fast_world *b)
{
	return a->total->tat.counter == b->total->tat.counter &&
	       a->total->pressed.counter == b->total->pressed.counter &&
	       !memcmp(a->table->sets, b->table->sets,
		       (a->table->mask + 1) * a->table->regions * sizeof(*a->table->sets));
}

/* What would be said of a packet, by one look where that is enough; @looks counts those */
static enum icmpguard_charge refuses(struct fast_world *w, const struct fast_case *c,
				     const u64 *hash, const struct icmpguard_gcra *step, u64 now,
				     u32 *looks)
{
	struct icmpguard_gcra strict[2] = { step[0], step[1] };
	enum icmpguard_charge charge;
	int i;

	if (c->steps == 1) {
		charge = icmpguard_table_refuses_fast(w->table, hash[0], step, c->jittered,
						      c->block * SECOND, &w->aggregate, now);
		if (charge != ICMPGUARD_CHARGE_UNDECIDED) {
			++*looks;
			return charge;
		}
		return icmpguard_table_refuses_slow(w->table, hash[0], step, c->jittered,
						    c->block * SECOND, &w->aggregate, now);
	}
	for (i = 0; c->jittered && i < 2; i++)
		strict[i] = icmpguard_jitter_gcra(&step[i], hash[i], now);
	return icmpguard_table_refuses(w->table, hash, strict, c->steps, c->block * SECOND,
				       &w->aggregate, now);
}

static void fast_as_slow(struct kunit *test)
{
	const struct fast_case *c = test->param_value;
	const struct icmpguard_gcra step[2] = {
		rate_of(test, 10, 1, 20, 2 * UNIT), rate_of(test, 40, 1, 80, 2 * UNIT),
	};
	u32 i, slow = 0, looks = 0, undecided = 0, seen[ICMPGUARD_CHARGE_UNDECIDED] = {};
	struct fast_world fast, other;
	struct rnd_state random;
	u64 now = -100 * SECOND & ICMPGUARD_TIME_MASK;

	prandom_seed_state(&random, 1);
	fast_init(test, &fast, c->total, now);
	fast_init(test, &other, c->total, now);
	for (i = 0; i < PACKETS; i++) {
		u32 dice = prandom_u32_state(&random) >> 8;
		u32 source = (dice >> 12) % (dice & 1 ? SOURCES : HEAVY);
		const u64 hash[2] = {
			hash_of(source / 8, 1 + source),
			hash_of(8 + source % PREFIXES / 6, 1000 + source % PREFIXES),
		};
		enum icmpguard_charge charge, expected, told;

		/*
		 * Heavy sources exceed the rates, others don't; at times all are silent,
		 * for an epoch or for as long as a standing is kept.
		 */
		if (dice % 1024 == 0)
			now += dice & 1024 ? EPOCH : ICMPGUARD_KEPT_TIME;
		else if (dice % 16 == 1)
			now += SECOND / 20 & ICMPGUARD_TIME_MASK;
		if (c->resized && i == PACKETS / 2) {
			fast_resize(test, &fast, now);
			fast_resize(test, &other, now);
		}
		/* To ask changes nothing, and tells what happens; or else that it is written. */
		told = refuses(&fast, c, hash, step, now, &looks);
		KUNIT_ASSERT_TRUE(test, is_same(&fast, &other));
		charge = charge_fast(&fast, c, hash, step, now, &slow);
		KUNIT_EXPECT_EQ(test, is_same(&fast, &other),
				told != PASS && told != ICMPGUARD_CHARGE_UNDECIDED);
		expected = charge_slow(&other, c, hash, step, now);
		KUNIT_ASSERT_EQ(test, charge, expected);
		KUNIT_ASSERT_TRUE(test, is_same(&fast, &other));
		if (told == ICMPGUARD_CHARGE_UNDECIDED) {
			undecided++;
			KUNIT_ASSERT_NE(test, expected, PASS);
		} else {
			KUNIT_ASSERT_EQ(test, told, expected);
		}
		seen[charge]++;
	}
	/* Both functions were used, and every answer was given. */
	KUNIT_EXPECT_GT(test, slow, 0U);
	KUNIT_EXPECT_LT(test, slow, (u32)PACKETS / 4 * 3);
	KUNIT_EXPECT_GT(test, seen[PASS], 100U);
	KUNIT_EXPECT_GT(test, seen[SOURCE], 0U);
	KUNIT_EXPECT_EQ(test, seen[PENALTY_HIT] > 0, c->block > 0);
	KUNIT_EXPECT_EQ(test, seen[TOTAL] > 0, c->total);
	KUNIT_EXPECT_EQ(test, looks > 0, c->steps == 1);
	KUNIT_EXPECT_EQ(test, undecided > 0, c->block || c->resized);
	fast_free(&fast);
	fast_free(&other);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(fast_as_slow, fast_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-fast",
	.test_cases = cases,
};

kunit_test_suite(suite);
