// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of prefix rules: what a change makes of them, and what it refuses.
 */
#include "rules_world.h"

static void rules_empty(struct kunit *test)
{
	u32 missing = MISSING_UNSET;
	struct icmpguard_rule rule = rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK);

	KUNIT_EXPECT_EQ(test, change(test, NULL, 0, NULL, 0, &missing), 0);
	KUNIT_EXPECT_PTR_EQ(test, set_of_test(test), NULL);
	KUNIT_EXPECT_EQ(test, missing, MISSING_UNSET);
	/* And empty again */
	add(test, &rule, 1);
	KUNIT_EXPECT_EQ(test, change(test, NULL, 0, &rule, 1, &missing), 0);
	KUNIT_EXPECT_PTR_EQ(test, set_of_test(test), NULL);
	icmpguard_ruleset_get(NULL);
	icmpguard_ruleset_put(NULL);
}

static void rules_add_replaces(struct kunit *test)
{
	struct icmpguard_rule rule = rule4(0xc0000200, 24, ICMPGUARD_RULE_BLOCK);

	rule.comment = "first";
	add(test, &rule, 1);
	rule.action = ICMPGUARD_RULE_LIMIT;
	rule.limit = (struct icmpguard_rate) { 5, 1, 10 };
	rule.gcra = (struct icmpguard_gcra) { 100, 200 };
	rule.comment = "second";
	add(test, &rule, 1);
	KUNIT_ASSERT_EQ(test, set_of_test(test)->rules, 1U);
	KUNIT_EXPECT_STREQ(test, set_of_test(test)->rule[0].comment, "second");
	/* It is the set's own. */
	KUNIT_EXPECT_PTR_NE(test, set_of_test(test)->rule[0].comment, rule.comment);
	rule.comment = set_of_test(test)->rule[0].comment;
	KUNIT_EXPECT_EQ(test, memcmp(&set_of_test(test)->rule[0], &rule, sizeof(rule)), 0);
	/* Another length is another rule. */
	rule.len = 25;
	add(test, &rule, 1);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, 2U);
}

/* Two sets are the same in every rule and range. */
static void expect_same(struct kunit *test, const struct icmpguard_ruleset *a,
			const struct icmpguard_ruleset *b)
{
	u32 i;

	KUNIT_ASSERT_EQ(test, a->rules, b->rules);
	KUNIT_ASSERT_EQ(test, a->any.ranges4, b->any.ranges4);
	KUNIT_ASSERT_EQ(test, a->any.ranges6, b->any.ranges6);
	KUNIT_EXPECT_EQ(test, memcmp(a->rule, b->rule, a->rules * sizeof(*a->rule)), 0);
	for (i = 0; i < a->any.ranges4; i++) {
		KUNIT_EXPECT_EQ(test, a->any.range4[i].start, b->any.range4[i].start);
		KUNIT_EXPECT_EQ(test, a->any.range4[i].rule, b->any.range4[i].rule);
	}
	for (i = 0; i < a->any.ranges6; i++) {
		const struct icmpguard_range6 *x = &a->any.range6[i], *y = &b->any.range6[i];

		KUNIT_EXPECT_EQ(test, x->start.hi, y->start.hi);
		KUNIT_EXPECT_EQ(test, x->start.lo, y->start.lo);
		KUNIT_EXPECT_EQ(test, x->rule, y->rule);
	}
}

/* Comments are copied from set to set, each with its rule. */
static void rules_keep_their_comments(struct kunit *test)
{
	struct icmpguard_rule rule[] = {
		rule4(0x0c000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0b000000, 8, ICMPGUARD_RULE_BLOCK),
	};
	char text[] = "twelve";
	u32 missing;

	rule[0].comment = text;
	rule[2].comment = "eleven";
	add(test, rule, 3);
	text[0] = 'x';
	rule[0] = rule4(0x09000000, 8, ICMPGUARD_RULE_EXEMPT);
	rule[0].comment = "nine";
	KUNIT_ASSERT_EQ(test, change(test, rule, 1, &rule[1], 1, &missing), 0);
	KUNIT_ASSERT_EQ(test, set_of_test(test)->rules, 3U);
	KUNIT_EXPECT_STREQ(test, set_of_test(test)->rule[0].comment, "nine");
	KUNIT_EXPECT_STREQ(test, set_of_test(test)->rule[1].comment, "eleven");
	KUNIT_EXPECT_STREQ(test, set_of_test(test)->rule[2].comment, "twelve");
}

static void rules_refused_changes_nothing(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0a010000, 16, ICMPGUARD_RULE_EXEMPT),
		rule6(0x20010db800000000ULL, 0, 32, ICMPGUARD_RULE_BLOCK),
	};
	struct icmpguard_rule remove[] = {
		rules[1], rules[0], rule4(0x0a010000, 17, 0), rules[2],
	};
	struct icmpguard_rule twice[] = { rules[1], rules[1] };
	struct icmpguard_rule new[] = {
		rule4(0x0b000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0c000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0b000000, 8, ICMPGUARD_RULE_EXEMPT),
	};
	struct sets *sets = test->priv;
	struct icmpguard_ruleset *old;
	u32 missing = MISSING_UNSET;

	add(test, rules, ARRAY_SIZE(rules));
	old = sets->set[0];
	sets->set[1] = icmpguard_ruleset_make(old, &sets->names, NULL, 0, NULL, 0, &missing);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sets->set[1]);

	KUNIT_EXPECT_EQ(test, change(test, NULL, 0, remove, 4, &missing), -ENOENT);
	KUNIT_EXPECT_EQ(test, missing, 2U);
	KUNIT_EXPECT_PTR_EQ(test, sets->set[0], old);
	expect_same(test, old, sets->set[1]);

	/* One rule can't be removed twice. */
	KUNIT_EXPECT_EQ(test, change(test, NULL, 0, twice, 2, &missing), -ENOENT);
	KUNIT_EXPECT_EQ(test, missing, 1U);
	expect_same(test, old, sets->set[1]);

	KUNIT_EXPECT_EQ(test, change(test, new, 3, NULL, 0, &missing), -EEXIST);
	expect_same(test, old, sets->set[1]);

	/* Nor from a set of none */
	missing = MISSING_UNSET;
	KUNIT_EXPECT_EQ(test, PTR_ERR(icmpguard_ruleset_make(NULL, &sets->names, NULL, 0, rules, 1,
							     &missing)),
			(long)-ENOENT);
	KUNIT_EXPECT_EQ(test, missing, 0U);
}

static void rules_duplicate_of_an_old_one(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0a000000, 8, ICMPGUARD_RULE_EXEMPT),
	};
	u32 missing = MISSING_UNSET;

	add(test, rules, 1);
	KUNIT_EXPECT_EQ(test, change(test, rules, 2, NULL, 0, &missing), -EEXIST);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rule[0].action, ICMPGUARD_RULE_BLOCK);
}

static void rules_remove_then_add(struct kunit *test)
{
	struct icmpguard_rule rules[] = {
		rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK),
		rule4(0x0a010000, 16, ICMPGUARD_RULE_EXEMPT),
	};
	struct icmpguard_rule again = rule4(0x0a000000, 8, ICMPGUARD_RULE_EXEMPT);
	u32 missing = MISSING_UNSET;

	add(test, rules, ARRAY_SIZE(rules));
	KUNIT_ASSERT_EQ(test, change(test, &again, 1, rules, 2, &missing), 0);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, 1U);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rule[0].action, ICMPGUARD_RULE_EXEMPT);
	KUNIT_EXPECT_EQ(test, found4(test, 0x0a010000), 0);
	expect_all(test);
}

static void rules_too_many(struct kunit *test)
{
	struct icmpguard_rule rule = rule4(0, 0, ICMPGUARD_RULE_BLOCK);
	u32 missing = MISSING_UNSET;

	add(test, &rule, 1);
	/* Refused before the first of them is read */
	KUNIT_EXPECT_EQ(test, change(test, &rule, ICMPGUARD_RULES_MAX + 1, NULL, 0, &missing),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, change(test, &rule, U32_MAX, NULL, 0, &missing), -ENOSPC);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, 1U);
}

/* The rules of one interface, one of each network from 10.0.0.0/24 on */
static int change_bound(struct kunit *test, u32 from, u32 to, bool removing)
{
	struct icmpguard_names *names = &((struct sets *)test->priv)->names;
	static struct icmpguard_rule rule[ICMPGUARD_BOUND_MAX + 1];
	u32 missing = MISSING_UNSET, i;
	char name[IFNAMSIZ];

	icmpguard_names_of(names, set_of_test(test));
	for (i = from; i < to; i++) {
		snprintf(name, sizeof(name), "eth%u", i);
		KUNIT_ASSERT_EQ(test, icmpguard_names_add(names, name), 0);
	}
	for (i = from; i < to; i++) {
		snprintf(name, sizeof(name), "eth%u", i);
		rule[i - from] = rule4(0x0a000000 + (i << 8), 24, ICMPGUARD_RULE_BLOCK);
		rule[i - from].interface = icmpguard_names_find(names, name);
	}
	return removing ? change(test, NULL, 0, rule, to - from, &missing) :
			  change(test, rule, to - from, NULL, 0, &missing);
}

/* A rule keeps its interface, whatever others come and go. */
static void rules_of_interfaces(struct kunit *test)
{
	const struct icmpguard_ruleset *set;
	u32 i;

	KUNIT_ASSERT_EQ(test, change_bound(test, 10, 14, false), 0);
	KUNIT_ASSERT_EQ(test, change_bound(test, 1, 3, false), 0);
	KUNIT_ASSERT_EQ(test, change_bound(test, 11, 13, true), 0);
	KUNIT_EXPECT_EQ(test, change_bound(test, 4, 5, true), -ENOENT);
	set = set_of_test(test);
	KUNIT_ASSERT_EQ(test, set->rules, 4U);
	KUNIT_ASSERT_EQ(test, set->bounds, 4);
	for (i = 0; i < 4; i++) {
		static const char * const wanted[] = { "eth1", "eth10", "eth13", "eth2" };
		static const u32 net[] = { 1, 10, 13, 2 };

		KUNIT_EXPECT_STREQ(test, set->bound[i].name, wanted[i]);
		KUNIT_EXPECT_EQ(test, (u8)set->rule[i].interface, i + 1);
		KUNIT_EXPECT_EQ(test, set->rule[i].addr.lo, 0x0a000000ULL + (net[i] << 8));
		KUNIT_EXPECT_EQ(test, found_at4(test, i + 1, 0x0a000001 + (net[i] << 8)), (int)i);
		/* No step of a ladder has it, and no other interface. */
		KUNIT_EXPECT_GE(test, set->bound[i].salt, 0x100U);
		KUNIT_EXPECT_LE(test, set->bound[i].salt, 0xffffffU);
		KUNIT_EXPECT_TRUE(test, !i || set->bound[i].salt != set->bound[i - 1].salt);
	}
	expect_all(test);
}

static void rules_of_too_many_interfaces(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, change_bound(test, 0, ICMPGUARD_BOUND_MAX + 1, false), -E2BIG);
	KUNIT_EXPECT_PTR_EQ(test, set_of_test(test), NULL);
	KUNIT_ASSERT_EQ(test, change_bound(test, 0, ICMPGUARD_BOUND_MAX, false), 0);
	KUNIT_EXPECT_EQ(test, change_bound(test, 50, 51, false), -E2BIG);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->bounds, ICMPGUARD_BOUND_MAX);
	/* One goes, and there is room again. */
	KUNIT_ASSERT_EQ(test, change_bound(test, 7, 8, true), 0);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->bounds, ICMPGUARD_BOUND_MAX - 1);
	KUNIT_EXPECT_EQ(test, change_bound(test, 50, 51, false), 0);
	expect_all(test);
}

static void rules_refcount(struct kunit *test)
{
	struct icmpguard_rule rule = rule4(0x0a000000, 8, ICMPGUARD_RULE_BLOCK);
	struct sets *sets = test->priv;
	u32 missing = MISSING_UNSET;

	add(test, &rule, 1);
	sets->set[1] = sets->set[0];
	icmpguard_ruleset_get(sets->set[1]);
	KUNIT_EXPECT_EQ(test, refcount_read(&sets->set[1]->refcount), 2U);
	KUNIT_EXPECT_EQ(test, change(test, NULL, 0, &rule, 1, &missing), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&sets->set[1]->refcount), 1U);
	KUNIT_EXPECT_PTR_EQ(test, icmpguard_ruleset_find4(sets->set[1], 0, 0x0a000001),
			    (const struct icmpguard_rule *)sets->set[1]->rule);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rules_empty),
	KUNIT_CASE(rules_add_replaces),
	KUNIT_CASE(rules_keep_their_comments),
	KUNIT_CASE(rules_refused_changes_nothing),
	KUNIT_CASE(rules_duplicate_of_an_old_one),
	KUNIT_CASE(rules_remove_then_add),
	KUNIT_CASE(rules_too_many),
	KUNIT_CASE(rules_of_interfaces),
	KUNIT_CASE(rules_of_too_many_interfaces),
	KUNIT_CASE(rules_refcount),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-ruleset",
	.init = rules_init,
	.exit = rules_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
