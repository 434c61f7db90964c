/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of prefix rules share: a set for each test, and the scan of all
 * rules that finding is compared with.
 */
#ifndef _ICMPGUARD_RULES_WORLD_H
#define _ICMPGUARD_RULES_WORLD_H

#include <kunit/test.h>
#include "../rules.h"

#define MISSING_UNSET	77U

/* The sets a test holds, so that they go when it ends early; what interfaces are called */
struct sets {
	struct icmpguard_ruleset *set[2];
	struct icmpguard_names names;
};

static inline struct icmpguard_rule rule4(u32 addr, u8 len, u8 action)
{
	return (struct icmpguard_rule) { .addr = { 0, addr }, .len = len, .action = action };
}

static inline struct icmpguard_rule rule6(u64 hi, u64 lo, u8 len, u8 action)
{
	return (struct icmpguard_rule) {
		.addr = { hi, lo }, .len = len, .v6 = true, .action = action,
	};
}

static inline int rules_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct sets), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static inline void rules_exit(struct kunit *test)
{
	struct sets *sets = test->priv;

	icmpguard_ruleset_put(sets->set[0]);
	icmpguard_ruleset_put(sets->set[1]);
}

/* Change the test's set. Return: what went wrong; the set is the old one then. */
static inline int change(struct kunit *test, const struct icmpguard_rule *add, u32 adds,
			 const struct icmpguard_rule *remove, u32 removes, u32 *missing)
{
	struct sets *sets = test->priv;
	struct icmpguard_ruleset *set;

	set = icmpguard_ruleset_make(sets->set[0], &sets->names, add, adds, remove, removes,
				     missing);
	if (IS_ERR(set))
		return PTR_ERR(set);
	icmpguard_ruleset_put(sets->set[0]);
	sets->set[0] = set;
	return 0;
}

static inline void add(struct kunit *test, const struct icmpguard_rule *rule, u32 n)
{
	u32 missing = MISSING_UNSET;

	KUNIT_ASSERT_EQ(test, change(test, rule, n, NULL, 0, &missing), 0);
	KUNIT_ASSERT_EQ(test, missing, MISSING_UNSET);
}

static inline struct icmpguard_ruleset *set_of_test(struct kunit *test)
{
	return ((struct sets *)test->priv)->set[0];
}

/* The index of the rule found; -1: none */
static inline int found_at4(struct kunit *test, unsigned int interface, u32 addr)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	const struct icmpguard_rule *rule = icmpguard_ruleset_find4(set, interface, addr);

	return rule ? rule - set->rule : -1;
}

static inline int found_at6(struct kunit *test, unsigned int interface, u64 hi, u64 lo)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	const struct icmpguard_addr addr = { hi, lo };
	const struct icmpguard_rule *rule = icmpguard_ruleset_find6(set, interface, &addr);

	return rule ? rule - set->rule : -1;
}

static inline int found4(struct kunit *test, u32 addr)
{
	return found_at4(test, 0, addr);
}

static inline int found6(struct kunit *test, u64 hi, u64 lo)
{
	return found_at6(test, 0, hi, lo);
}

static inline bool holds(const struct icmpguard_rule *rule, bool v6,
			 const struct icmpguard_addr *addr)
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

/* Of rules for one prefix those of anywhere come first. */
static inline int scan(const struct icmpguard_ruleset *set, unsigned int interface, bool v6,
		       const struct icmpguard_addr *addr)
{
	int best = -1;
	u32 i;

	for (i = 0; i < set->rules; i++)
		if ((!set->rule[i].interface || set->rule[i].interface == interface) &&
		    holds(&set->rule[i], v6, addr) &&
		    (best < 0 || set->rule[i].len >= set->rule[best].len))
			best = i;
	return best;
}

static inline void expect_scan(struct kunit *test, bool v6, struct icmpguard_addr addr)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	unsigned int i;

	for (i = 0; i <= set->bounds; i++)
		KUNIT_EXPECT_EQ(test, v6 ? found_at6(test, i, addr.hi, addr.lo) :
					   found_at4(test, i, addr.lo),
				scan(set, i, v6, &addr));
}

static inline struct icmpguard_addr step(struct icmpguard_addr addr, bool v6, int by)
{
	if (!v6)
		return (struct icmpguard_addr) { 0, (u32)(addr.lo + by) };
	if (by > 0)
		return (struct icmpguard_addr) { addr.hi + !(addr.lo + 1), addr.lo + 1 };
	return (struct icmpguard_addr) { addr.hi - !addr.lo, addr.lo - 1 };
}

/* At each prefix's first and last address and beside them */
static inline void expect_scan_at_edges(struct kunit *test)
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

static inline void expect_sorted(struct kunit *test, const struct icmpguard_ranges *ranges)
{
	u32 i;

	if (ranges->ranges4)
		KUNIT_EXPECT_EQ(test, ranges->range4[0].start, 0U);
	for (i = 1; i < ranges->ranges4; i++)
		KUNIT_EXPECT_LT(test, ranges->range4[i - 1].start, ranges->range4[i].start);
	if (ranges->ranges6)
		KUNIT_EXPECT_EQ(test, ranges->range6[0].start.hi | ranges->range6[0].start.lo,
				0ULL);
	for (i = 1; i < ranges->ranges6; i++) {
		const struct icmpguard_addr a = ranges->range6[i - 1].start;
		const struct icmpguard_addr b = ranges->range6[i].start;

		KUNIT_EXPECT_TRUE(test, a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo));
	}
}

/* Ranges start at zero, go up and never repeat a rule without need. */
static inline void expect_ranges_sorted(struct kunit *test)
{
	const struct icmpguard_ruleset *set = set_of_test(test);
	unsigned int i;

	expect_sorted(test, &set->any);
	for (i = 0; i < set->bounds; i++)
		expect_sorted(test, &set->bound[i].ranges);
}

static inline void expect_all(struct kunit *test)
{
	expect_ranges_sorted(test);
	expect_scan_at_edges(test);
}

#endif /* _ICMPGUARD_RULES_WORLD_H */
