// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix rules: finding the longest prefix, against a scan of all rules.
 */
#include <linux/prandom.h>
#include "../rules.c"
#include "rules_world.h"

static void rules_one(struct kunit *test)
{
	struct icmpguard_rule rule = rule4(0xc0000200, 24, ICMPGUARD_RULE_EXEMPT);

	add(test, &rule, 1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0000200), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc00002ff), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc00001ff), -1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0000300), -1);
	KUNIT_EXPECT_EQ(test, found4(test, 0), -1);
	KUNIT_EXPECT_EQ(test, found4(test, U32_MAX), -1);
	expect_all(test);
}

static void rules_nested(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0x0a010203, 32, ICMPGUARD_RULE_BLOCK),
		rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0a010200, 24, ICMPGUARD_RULE_EXEMPT),
		rule4(0x0a010000, 16, ICMPGUARD_RULE_LIMIT),
	};

	add(test, rules, ARRAY_SIZE(rules));
	/* Sorted: /8, /16, /24, /32 */
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a000000), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010000), 1);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010200), 2);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010202), 2);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010203), 3);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010204), 2);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010300), 1);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a020000), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0affffff), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0b000000), -1);
	KUNIT_EXPECT_EQ(test, found4(test, 0x09ffffff), -1);
	expect_all(test);
}

/* Every length nested in the one before, so that the stack is at its deepest */
static void rules_deepest(struct kunit *test)
{
	struct icmpguard_rule *rules = kunit_kcalloc(test, 129 + 33, sizeof(*rules), GFP_KERNEL);
	int len, n = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rules);
	for (len = 0; len <= 128; len++)
		rules[n++] = rule6(0, 0, len, ICMPGUARD_RULE_BLOCK);
	for (len = 0; len <= 32; len++)
		rules[n++] = rule4((u32)icmpguard_addr_mask(len, false).lo, len,
				   ICMPGUARD_RULE_BLOCK);
	add(test, rules, n);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, (u32)n);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0), 33 + 128);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 1), 33 + 127);
	KUNIT_EXPECT_EQ(test, found6(test, ~0ULL, ~0ULL), 33 + 0);
	KUNIT_EXPECT_EQ(test, found4(test, U32_MAX), 32);
	KUNIT_EXPECT_EQ(test, found4(test, U32_MAX - 1), 31);
	KUNIT_EXPECT_EQ(test, found4(test, 0), 0);
	expect_all(test);
}

static void rules_siblings(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0xc0a80000, 16, ICMPGUARD_RULE_BLOCK),
		rule4(0xc0a80100, 24, ICMPGUARD_RULE_EXEMPT),
		rule4(0xc0a80300, 24, ICMPGUARD_RULE_EXEMPT),
	};

	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a800ff), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80180), 1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80200), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80380), 2);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80400), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a90000), -1);
	expect_all(test);
}

static void rules_adjacent(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0xc0a80080, 25, ICMPGUARD_RULE_EXEMPT),
		rule4(0xc0a80000, 25, ICMPGUARD_RULE_BLOCK),
		rule4(0xc0a80100, 24, ICMPGUARD_RULE_BLOCK),
		rule6(0x20010db800000000ULL, 0, 33, ICMPGUARD_RULE_BLOCK),
		rule6(0x20010db880000000ULL, 0, 33, ICMPGUARD_RULE_EXEMPT),
		rule6(0x20010db900000000ULL, 0, 32, ICMPGUARD_RULE_BLOCK),
	};

	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a7ffff), -1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a8007f), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80080), 1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a800ff), 1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80100), 2);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0a80200), -1);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db87fffffffULL, ~0ULL), 3);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db880000000ULL, 0), 4);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db8ffffffffULL, ~0ULL), 4);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db900000000ULL, 0), 5);
	expect_all(test);
}

static void rules_everything(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0, 0, ICMPGUARD_RULE_BLOCK),
		rule6(0, 0, 0, ICMPGUARD_RULE_BLOCK),
		rule4(0x7f000000, 8, ICMPGUARD_RULE_EXEMPT),
		rule6(0, 1, 128, ICMPGUARD_RULE_EXEMPT),
	};

	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_EXPECT_EQ(test, found4(test, 0), 0);
	KUNIT_EXPECT_EQ(test, found4(test, U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0x7f000001), 1);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0), 2);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 1), 3);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 2), 2);
	KUNIT_EXPECT_EQ(test, found6(test, ~0ULL, ~0ULL), 2);
	expect_all(test);
}

static void rules_last_address(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(U32_MAX, 32, ICMPGUARD_RULE_BLOCK),
		rule4(0xffffff00, 24, ICMPGUARD_RULE_EXEMPT),
		rule4(0, 32, ICMPGUARD_RULE_BLOCK),
		rule6(~0ULL, ~0ULL, 128, ICMPGUARD_RULE_BLOCK),
		rule6(~0ULL, 0, 64, ICMPGUARD_RULE_EXEMPT),
		rule6(0, 0, 128, ICMPGUARD_RULE_BLOCK),
	};

	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_EXPECT_EQ(test, found4(test, 0), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 1), -1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xfffffeff), -1);
	KUNIT_EXPECT_EQ(test, found4(test, 0xffffff00), 1);
	KUNIT_EXPECT_EQ(test, found4(test, U32_MAX - 1), 1);
	KUNIT_EXPECT_EQ(test, found4(test, U32_MAX), 2);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0), 3);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 1), -1);
	KUNIT_EXPECT_EQ(test, found6(test, ~0ULL - 1, ~0ULL), -1);
	KUNIT_EXPECT_EQ(test, found6(test, ~0ULL, 0), 4);
	KUNIT_EXPECT_EQ(test, found6(test, ~0ULL, ~0ULL - 1), 4);
	KUNIT_EXPECT_EQ(test, found6(test, ~0ULL, ~0ULL), 5);
	expect_all(test);
}

/* A prefix that ends where the upper half of an address carries */
static void rules_carry(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule6(0x20010db800000000ULL, 0, 64, ICMPGUARD_RULE_BLOCK),
		rule6(0x20010db800000000ULL, ~0ULL, 128, ICMPGUARD_RULE_EXEMPT),
		rule6(0x20010db800000002ULL, 0, 65, ICMPGUARD_RULE_BLOCK),
	};

	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db7ffffffffULL, ~0ULL), -1);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db800000000ULL, ~0ULL - 1), 0);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db800000000ULL, ~0ULL), 1);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db800000001ULL, 0), -1);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db800000002ULL, ~0ULL >> 1), 2);
	KUNIT_EXPECT_EQ(test, found6(test, 0x20010db800000002ULL, 1ULL << 63), -1);
	expect_all(test);
}

static void rules_families_apart(struct kunit *test)
{
	struct icmpguard_rule v4 = rule4(0xc0000200, 24, ICMPGUARD_RULE_BLOCK);
	struct icmpguard_rule v6[] = {
		rule6(0, 0xffffc0000200ULL, 120, ICMPGUARD_RULE_EXEMPT),
		rule6(0, 0xc0000200ULL, 120, ICMPGUARD_RULE_EXEMPT),
	};
	u32 missing = MISSING_UNSET;

	add(test, &v4, 1);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0xffffc0000201ULL), -1);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0xc0000201ULL), -1);
	add(test, v6, ARRAY_SIZE(v6));
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0000201), 0);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0xc0000201ULL), 1);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0xffffc0000201ULL), 2);
	KUNIT_EXPECT_EQ(test, change(test, NULL, 0, &v4, 1, &missing), 0);
	KUNIT_EXPECT_EQ(test, found4(test, 0xc0000201), -1);
	KUNIT_EXPECT_EQ(test, found6(test, 0, 0xffffc0000201ULL), 1);
	/* One address and length, two families: two rules */
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, 2U);
	v4 = rule4(0, 0, ICMPGUARD_RULE_BLOCK);
	v6[0] = rule6(0, 0, 0, ICMPGUARD_RULE_EXEMPT);
	add(test, &v4, 1);
	add(test, v6, 1);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, 4U);
	expect_all(test);
}

static void expect_searched(struct kunit *test, const struct icmpguard_index *index, u32 ranges,
			    u64 (*key)(const struct icmpguard_ranges *, u32))
{
	const struct icmpguard_ranges *set = &set_of_test(test)->any;
	u32 i, j, n, low, bad = 0;

	for (i = 0; i < ranges; i++) {
		/* The start of a range, the address before it, one in the middle */
		const u64 keys[] = { key(set, i), key(set, i) - 1,
				     key(set, i) + (i + 1 < ranges ?
						    (key(set, i + 1) - key(set, i)) / 2 : 1) };

		for (j = 0; j < ARRAY_SIZE(keys); j++) {
			low = look_up(index, keys[j]);
			n = index->width;
			/* What is left of it starts no later, what is right of it later. */
			bad += low >= ranges || n > ranges - low;
			bad += low && key(set, low) > keys[j];
			bad += low + n < ranges && key(set, low + n) <= keys[j];
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0U);
}

/* The index leads to every range, wherever the prefixes are: everywhere, or close together. */
static void rules_index(struct kunit *test)
{
	static const struct {
		u32 n;
		u64 first, step;
		u8 len;
	} shapes[] = {
		{ 1, 0, 0, 0 },
		{ 1, 0xffffffffULL, 0, 32 },
		{ 9, 0x0a000000, 0x100, 24 },
		{ 3000, 0x01000000, 0x14000, 24 },
		{ 3000, 0xc0000000, 2, 32 },
		{ 256, 0, 0x01000000, 8 },
		{ 256, 0xffffff00, 1, 32 },
	};
	struct icmpguard_rule *rule;
	struct sets *sets = test->priv;
	unsigned int shape;
	u32 i;

	rule = kunit_kcalloc(test, 6000, sizeof(*rule), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rule);
	for (shape = 0; shape < ARRAY_SIZE(shapes); shape++) {
		u32 n = shapes[shape].n;
		u8 len = shapes[shape].len;

		for (i = 0; i < n; i++) {
			u64 at = shapes[shape].first + i * shapes[shape].step;

			rule[i] = rule4(at, len, ICMPGUARD_RULE_BLOCK);
			/* The same in both halves of the address */
			rule[n + i] = i % 2 ? rule6(at << 32, 0, len, ICMPGUARD_RULE_BLOCK) :
					      rule6(0x20010db800000000ULL, at << 32, 64 + len,
						    ICMPGUARD_RULE_BLOCK);
		}
		icmpguard_ruleset_put(sets->set[0]);
		sets->set[0] = NULL;
		add(test, rule, 2 * n);
		expect_searched(test, &set_of_test(test)->any.index4,
				set_of_test(test)->any.ranges4, key4);
		for (i = 0; i < 2 * n; i += 1 + n / 50) {
			const struct icmpguard_rule *one = &rule[i];

			if (one->v6)
				KUNIT_EXPECT_EQ(test, found6(test, one->addr.hi, one->addr.lo),
						scan(set_of_test(test), 0, true, &one->addr));
			else
				KUNIT_EXPECT_EQ(test, found4(test, one->addr.lo),
						scan(set_of_test(test), 0, false, &one->addr));
		}
	}
}

static struct icmpguard_rule bound(struct icmpguard_rule rule, u8 interface)
{
	rule.interface = interface;
	return rule;
}

/* The longest prefix; of one prefix the rule of the interface; nothing of other interfaces' */
static void rules_bound(struct kunit *test)
{
	struct icmpguard_names *names = &((struct sets *)test->priv)->names;
	const struct icmpguard_rule rules[] = {
		rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK),
		bound(rule4(0x0a000000, 8, ICMPGUARD_RULE_EXEMPT), 1),
		rule4(0x0a010000, 16, ICMPGUARD_RULE_LIMIT),
		bound(rule4(0x0a010200, 24, ICMPGUARD_RULE_EXEMPT), 2),
		bound(rule4(0x0b000000, 8, ICMPGUARD_RULE_BLOCK), 2),
		bound(rule6(0x20010db800000000ULL, 0, 32, ICMPGUARD_RULE_BLOCK), 1),
	};

	KUNIT_ASSERT_EQ(test, icmpguard_names_add(names, "b"), 0);
	KUNIT_ASSERT_EQ(test, icmpguard_names_add(names, "a"), 0);
	KUNIT_ASSERT_EQ(test, icmpguard_names_add(names, "b"), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_names_find(names, "a"), 1);
	KUNIT_EXPECT_EQ(test, icmpguard_names_find(names, "b"), 2);
	KUNIT_EXPECT_EQ(test, icmpguard_names_find(names, "c"), 0);
	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_ASSERT_EQ(test, set_of_test(test)->bounds, 2);
	/* Sorted: anywhere's /8, /16; a's, a's of IPv6; b's /24, /8 */
	KUNIT_EXPECT_EQ(test, found_at4(test, 0, 0x0a000001), 0);
	KUNIT_EXPECT_EQ(test, found_at4(test, 1, 0x0a000001), 2);
	KUNIT_EXPECT_EQ(test, found_at4(test, 2, 0x0a000001), 0);
	KUNIT_EXPECT_EQ(test, found_at4(test, 0, 0x0a010203), 1);
	KUNIT_EXPECT_EQ(test, found_at4(test, 1, 0x0a010203), 1);
	KUNIT_EXPECT_EQ(test, found_at4(test, 2, 0x0a010203), 4);
	KUNIT_EXPECT_EQ(test, found_at4(test, 0, 0x0b000000), -1);
	KUNIT_EXPECT_EQ(test, found_at4(test, 1, 0x0b000000), -1);
	KUNIT_EXPECT_EQ(test, found_at4(test, 2, 0x0b000000), 5);
	KUNIT_EXPECT_EQ(test, found_at6(test, 0, 0x20010db800000000ULL, 1), -1);
	KUNIT_EXPECT_EQ(test, found_at6(test, 1, 0x20010db800000000ULL, 1), 3);
	KUNIT_EXPECT_EQ(test, found_at6(test, 2, 0x20010db800000000ULL, 1), -1);
	expect_all(test);
}

static void rules_mask(struct kunit *test)
{
	int len;

	for (len = 0; len <= 128; len++) {
		struct icmpguard_addr mask = icmpguard_addr_mask(len, true);

		KUNIT_EXPECT_EQ(test, (int)(hweight64(mask.hi) + hweight64(mask.lo)), len);
		KUNIT_EXPECT_TRUE(test, !(~mask.hi & (~mask.hi + 1)));
		KUNIT_EXPECT_TRUE(test, !(~mask.lo & (~mask.lo + 1)));
		KUNIT_EXPECT_TRUE(test, !mask.lo || !~mask.hi);
	}
	for (len = 0; len <= 32; len++) {
		struct icmpguard_addr mask = icmpguard_addr_mask(len, false);

		KUNIT_EXPECT_EQ(test, mask.hi, 0ULL);
		KUNIT_EXPECT_LE(test, mask.lo, (u64)U32_MAX);
		KUNIT_EXPECT_EQ(test, (int)hweight64(mask.lo), len);
		KUNIT_EXPECT_TRUE(test, !((u32)~mask.lo & ((u32)~mask.lo + 1)));
	}
}

/* Few different addresses, so that prefixes nest and touch */
static struct icmpguard_addr random_addr(struct rnd_state *random, bool v6)
{
	u32 r = prandom_u32_state(random);
	u64 word = (u64)prandom_u32_state(random) << 32 | prandom_u32_state(random);

	switch (r % 4) {
	case 0:
		word = 0;
		break;
	case 1:
		word = ~0ULL;
		break;
	case 2:
		word &= 0xc0000003c0000003ULL;
		break;
	}
	if (!v6)
		return (struct icmpguard_addr) { 0, (u32)word };
	return (struct icmpguard_addr) { word, r & 16 ? ror64(word, r >> 5 & 63) : word };
}

static struct icmpguard_rule random_rule(struct rnd_state *random)
{
	u32 r = prandom_u32_state(random);
	bool v6 = r & 1;
	u8 len = (r >> 8) % (v6 ? 129 : 33);
	struct icmpguard_addr mask = icmpguard_addr_mask(len, v6);
	struct icmpguard_addr addr = random_addr(random, v6);

	addr.hi &= mask.hi;
	addr.lo &= mask.lo;
	return (struct icmpguard_rule) {
		.addr = addr, .len = len, .v6 = v6, .action = ICMPGUARD_RULE_BLOCK,
		.interface = max_t(int, r >> 16 & 7, 4) - 4,
	};
}

/* Random changes to a set: duplicates taken out, as a request may not have them */
static void random_round(struct kunit *test, struct rnd_state *random)
{
	struct icmpguard_rule *rules = kunit_kcalloc(test, 48, sizeof(*rules), GFP_KERNEL);
	struct icmpguard_ruleset *set = set_of_test(test);
	u32 i, j, adds = 0, removes = 0, missing = MISSING_UNSET, wanted;
	struct icmpguard_names *names = &((struct sets *)test->priv)->names;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rules);
	for (i = 0; set && i < set->rules && removes < 16; i++)
		if (prandom_u32_state(random) % 4 == 0) {
			const struct icmpguard_bound *bound;

			bound = icmpguard_rule_bound(set, &set->rule[i]);
			rules[47 - removes] = set->rule[i];
			/* Its number in the set is another than in the names. */
			rules[47 - removes++].interface =
				bound ? icmpguard_names_find(names, bound->name) : 0;
		}
	wanted = prandom_u32_state(random) % 32;
	for (i = 0; i < wanted; i++) {
		rules[adds] = random_rule(random);
		for (j = 0; j < adds && compare(&rules[j], &rules[adds]); j++)
			;
		adds += j == adds;
	}
	KUNIT_ASSERT_EQ(test, change(test, rules, adds, rules + 48 - removes, removes, &missing),
			0);
	kunit_kfree(test, rules);
	if (!set_of_test(test))
		return;
	expect_all(test);
	for (i = 0; i < 64; i++) {
		expect_scan(test, false, random_addr(random, false));
		expect_scan(test, true, random_addr(random, true));
	}
}

static void rules_random(struct kunit *test)
{
	struct rnd_state random;
	int round;

	prandom_seed_state(&random, 20);
	icmpguard_names_add(&((struct sets *)test->priv)->names, "eth1");
	icmpguard_names_add(&((struct sets *)test->priv)->names, "eth0.100");
	icmpguard_names_add(&((struct sets *)test->priv)->names, "eth0");
	for (round = 0; round < 200; round++)
		random_round(test, &random);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rules_one),
	KUNIT_CASE(rules_nested),
	KUNIT_CASE(rules_deepest),
	KUNIT_CASE(rules_siblings),
	KUNIT_CASE(rules_adjacent),
	KUNIT_CASE(rules_everything),
	KUNIT_CASE(rules_last_address),
	KUNIT_CASE(rules_carry),
	KUNIT_CASE(rules_families_apart),
	KUNIT_CASE(rules_index),
	KUNIT_CASE(rules_bound),
	KUNIT_CASE(rules_mask),
	KUNIT_CASE(rules_random),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-rules",
	.init = rules_init,
	.exit = rules_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
