// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix rules: building sets of them, and finding the longest prefix, against
 * a scan of all rules.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include "../rules.c"

#define MISSING_UNSET	77U

/* The sets a test holds, so that they go when it ends early */
struct sets {
	struct icmpguard_ruleset *set[2];
};

static struct icmpguard_rule rule4(u32 addr, u8 len, u8 action)
{
	return (struct icmpguard_rule) { .addr = { 0, addr }, .len = len, .action = action };
}

static struct icmpguard_rule rule6(u64 hi, u64 lo, u8 len, u8 action)
{
	return (struct icmpguard_rule) {
		.addr = { hi, lo }, .len = len, .v6 = true, .action = action,
	};
}

static int rules_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct sets), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void rules_exit(struct kunit *test)
{
	struct sets *sets = test->priv;

	icmpguard_ruleset_put(sets->set[0]);
	icmpguard_ruleset_put(sets->set[1]);
}

/* Change the test's set. Return: what went wrong; the set is the old one then. */
static int change(struct kunit *test, const struct icmpguard_rule *add, u32 adds,
		  const struct icmpguard_rule *remove, u32 removes, u32 *missing)
{
	struct sets *sets = test->priv;
	struct icmpguard_ruleset *set;

	set = icmpguard_ruleset_make(sets->set[0], add, adds, remove, removes, missing);
	if (IS_ERR(set))
		return PTR_ERR(set);
	icmpguard_ruleset_put(sets->set[0]);
	sets->set[0] = set;
	return 0;
}

static void add(struct kunit *test, const struct icmpguard_rule *rule, u32 n)
{
	u32 missing = MISSING_UNSET;

	KUNIT_ASSERT_EQ(test, change(test, rule, n, NULL, 0, &missing), 0);
	KUNIT_ASSERT_EQ(test, missing, MISSING_UNSET);
}

static struct icmpguard_ruleset *set_of_test(struct kunit *test)
{
	return ((struct sets *)test->priv)->set[0];
}

/* The index of the rule found; -1: none */
static int found4(struct kunit *test, u32 addr)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	const struct icmpguard_rule *rule = icmpguard_ruleset_find4(set, addr);

	return rule ? rule - set->rule : -1;
}

static int found6(struct kunit *test, u64 hi, u64 lo)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	const struct icmpguard_addr addr = { hi, lo };
	const struct icmpguard_rule *rule = icmpguard_ruleset_find6(set, &addr);

	return rule ? rule - set->rule : -1;
}

static bool holds(const struct icmpguard_rule *rule, bool v6, const struct icmpguard_addr *addr)
{
	const u8 len = rule->len;

	if (rule->v6 != v6)
		return false;
	if (!v6)
		return !len || (u32)(rule->addr.lo ^ addr->lo) >> (32 - len) == 0;
	if (len > 64)
		return rule->addr.hi == addr->hi && (rule->addr.lo ^ addr->lo) >> (128 - len) == 0;
	return !len || (rule->addr.hi ^ addr->hi) >> (64 - len) == 0;
}

static int scan(const struct icmpguard_ruleset *set, bool v6, const struct icmpguard_addr *addr)
{
	int best = -1;
	u32 i;

	for (i = 0; i < set->rules; i++)
		if (holds(&set->rule[i], v6, addr) &&
		    (best < 0 || set->rule[i].len > set->rule[best].len))
			best = i;
	return best;
}

static void expect_scan(struct kunit *test, bool v6, struct icmpguard_addr addr)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	int expected = scan(set, v6, &addr);

	if (v6)
		KUNIT_EXPECT_EQ(test, found6(test, addr.hi, addr.lo), expected);
	else
		KUNIT_EXPECT_EQ(test, found4(test, addr.lo), expected);
}

static struct icmpguard_addr step(struct icmpguard_addr addr, bool v6, int by)
{
	if (!v6)
		return (struct icmpguard_addr) { 0, (u32)(addr.lo + by) };
	if (by > 0)
		return (struct icmpguard_addr) { addr.hi + !(addr.lo + 1), addr.lo + 1 };
	return (struct icmpguard_addr) { addr.hi - !addr.lo, addr.lo - 1 };
}

/* At each prefix's first and last address and beside them */
static void expect_scan_at_edges(struct kunit *test)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	u32 i;

	for (i = 0; i < set->rules; i++) {
		const struct icmpguard_rule *rule = &set->rule[i];
		struct icmpguard_addr mask = icmpguard_addr_mask(rule->len, rule->v6);
		struct icmpguard_addr last = {
			rule->addr.hi | (rule->v6 ? ~mask.hi : 0),
			rule->addr.lo | (rule->v6 ? ~mask.lo : (u32)~mask.lo),
		};

		expect_scan(test, rule->v6, rule->addr);
		expect_scan(test, rule->v6, step(rule->addr, rule->v6, -1));
		expect_scan(test, rule->v6, last);
		expect_scan(test, rule->v6, step(last, rule->v6, 1));
	}
}

/* Ranges start at zero, go up and never repeat a rule without need. */
static void expect_ranges_sorted(struct kunit *test)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	u32 i;

	if (set->ranges4)
		KUNIT_EXPECT_EQ(test, set->range4[0].start, 0U);
	for (i = 1; i < set->ranges4; i++)
		KUNIT_EXPECT_LT(test, set->range4[i - 1].start, set->range4[i].start);
	if (set->ranges6)
		KUNIT_EXPECT_EQ(test, set->range6[0].start.hi | set->range6[0].start.lo, 0ULL);
	for (i = 1; i < set->ranges6; i++)
		KUNIT_EXPECT_LT(test, compare_addr(&set->range6[i - 1].start,
						   &set->range6[i].start), 0);
}

static void expect_all(struct kunit *test)
{
	expect_ranges_sorted(test);
	expect_scan_at_edges(test);
}

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
	KUNIT_ASSERT_EQ(test, a->ranges4, b->ranges4);
	KUNIT_ASSERT_EQ(test, a->ranges6, b->ranges6);
	KUNIT_EXPECT_EQ(test, memcmp(a->rule, b->rule, a->rules * sizeof(*a->rule)), 0);
	for (i = 0; i < a->ranges4; i++) {
		KUNIT_EXPECT_EQ(test, a->range4[i].start, b->range4[i].start);
		KUNIT_EXPECT_EQ(test, a->range4[i].rule, b->range4[i].rule);
	}
	for (i = 0; i < a->ranges6; i++) {
		KUNIT_EXPECT_EQ(test, compare_addr(&a->range6[i].start, &b->range6[i].start), 0);
		KUNIT_EXPECT_EQ(test, a->range6[i].rule, b->range6[i].rule);
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

static void expect_searched(struct kunit *test, const struct icmpguard_index *index, u32 ranges,
			    u64 (*key)(const struct icmpguard_ruleset *, u32))
{
	const struct icmpguard_ruleset *set = set_of_test(test);
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
		expect_searched(test, &set_of_test(test)->index4, set_of_test(test)->ranges4, key4);
		for (i = 0; i < 2 * n; i += 1 + n / 50) {
			const struct icmpguard_rule *one = &rule[i];

			if (one->v6)
				KUNIT_EXPECT_EQ(test, found6(test, one->addr.hi, one->addr.lo),
						scan(set_of_test(test), true, &one->addr));
			else
				KUNIT_EXPECT_EQ(test, found4(test, one->addr.lo),
						scan(set_of_test(test), false, &one->addr));
		}
	}
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
	sets->set[1] = icmpguard_ruleset_make(old, NULL, 0, NULL, 0, &missing);
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
	KUNIT_EXPECT_EQ(test, PTR_ERR(icmpguard_ruleset_make(NULL, NULL, 0, rules, 1, &missing)),
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
	KUNIT_EXPECT_EQ(test, change(test, &rule, ICMPGUARD_RULES_MAX, NULL, 0, &missing),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, change(test, &rule, U32_MAX, NULL, 0, &missing), -ENOSPC);
	KUNIT_EXPECT_EQ(test, set_of_test(test)->rules, 1U);
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
	KUNIT_EXPECT_PTR_EQ(test, icmpguard_ruleset_find4(sets->set[1], 0x0a000001),
			    (const struct icmpguard_rule *)sets->set[1]->rule);
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
	};
}

/* Random changes to a set: duplicates taken out, as a request may not have them */
static void random_round(struct kunit *test, struct rnd_state *random)
{
	struct icmpguard_rule *rules = kunit_kcalloc(test, 48, sizeof(*rules), GFP_KERNEL);
	struct icmpguard_ruleset *set = set_of_test(test);
	u32 i, j, adds = 0, removes = 0, missing = MISSING_UNSET, wanted;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rules);
	for (i = 0; set && i < set->rules && removes < 16; i++)
		if (prandom_u32_state(random) % 4 == 0)
			rules[47 - removes++] = set->rule[i];
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
	for (round = 0; round < 200; round++)
		random_round(test, &random);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rules_empty),
	KUNIT_CASE(rules_one),
	KUNIT_CASE(rules_nested),
	KUNIT_CASE(rules_deepest),
	KUNIT_CASE(rules_siblings),
	KUNIT_CASE(rules_adjacent),
	KUNIT_CASE(rules_everything),
	KUNIT_CASE(rules_last_address),
	KUNIT_CASE(rules_carry),
	KUNIT_CASE(rules_families_apart),
	KUNIT_CASE(rules_add_replaces),
	KUNIT_CASE(rules_keep_their_comments),
	KUNIT_CASE(rules_index),
	KUNIT_CASE(rules_refused_changes_nothing),
	KUNIT_CASE(rules_duplicate_of_an_old_one),
	KUNIT_CASE(rules_remove_then_add),
	KUNIT_CASE(rules_too_many),
	KUNIT_CASE(rules_refcount),
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
