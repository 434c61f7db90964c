// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configurations: the default one, exceptions for codes, and which types share
 * a line. The types and the rules are those of the other suites.
 */
#include <kunit/test.h>
#include "../config.c"
#include "../config_hash.c"

static const struct icmpguard_treatment drop = { .action = ICMPGUARD_ACTION_DROP };
static const struct icmpguard_treatment slow = {
	.action = ICMPGUARD_ACTION_LIMIT, .limit = { 1, 1, 5 },
};

static const struct icmpguard_treatment open_drop = {
	.action = ICMPGUARD_ACTION_DROP, .limit = { 1, 1, 5 }, .penalty = 7,
};

/* Too large for the stack; without any exception */
static struct icmpguard_config *bare_config(struct kunit *test)
{
	struct icmpguard_config *config = kunit_kzalloc(test, sizeof(*config), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, config);
	icmpguard_config_default(config, ICMPGUARD_MODE_ENFORCE);
	config->codes = 0;
	return config;
}

static void expect_sorted(struct kunit *test, const struct icmpguard_config *config)
{
	unsigned int i;

	for (i = 1; i < config->codes; i++)
		KUNIT_EXPECT_LT(test, config->code[i - 1].tid << 8 | config->code[i - 1].code,
				config->code[i].tid << 8 | config->code[i].code);
}

/* No two exceptions share a slot: it is where their total's bucket is. */
static void expect_slots(struct kunit *test, const struct icmpguard_config *config)
{
	u64 used = 0;
	unsigned int i;

	for (i = 0; i < config->codes; i++) {
		KUNIT_ASSERT_LT(test, (unsigned int)config->code[i].slot,
				(unsigned int)ICMPGUARD_CODES_MAX);
		KUNIT_EXPECT_EQ(test, used & 1ULL << config->code[i].slot, 0ULL);
		used |= 1ULL << config->code[i].slot;
	}
}

static int slot_of(const struct icmpguard_config *config, unsigned int tid, u8 code)
{
	unsigned int i;

	for (i = 0; i < config->codes; i++)
		if (config->code[i].tid == tid && config->code[i].code == code)
			return config->code[i].slot;
	return -1;
}

static void config_default(struct kunit *test)
{
	struct icmpguard_config *config = kunit_kzalloc(test, sizeof(*config), GFP_KERNEL);
	const struct icmpguard_treatment *needed;
	unsigned int tid;
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, config);
	memset(config, 0xff, sizeof(*config));
	icmpguard_config_default(config, ICMPGUARD_MODE_MONITOR);
	KUNIT_EXPECT_EQ(test, config->mode, ICMPGUARD_MODE_MONITOR);
	KUNIT_EXPECT_EQ(test, config->scope, ICMPGUARD_SCOPE_ALL);
	KUNIT_EXPECT_EQ(test, config->max_echo_size, 9216U);
	KUNIT_EXPECT_LE(test, config->table_size, 131072U);
	KUNIT_EXPECT_GE(test, config->table_size, 8192U);
	KUNIT_EXPECT_TRUE(test, is_power_of_2(config->table_size));
	KUNIT_EXPECT_PTR_EQ(test, config->rules, NULL);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, config->ladder[i].steps, 1);
		KUNIT_EXPECT_EQ(test, config->ladder[i].step[0].len, i ? 64 : 32);
		KUNIT_EXPECT_EQ(test, config->ladder[i].step[0].factor, 1U);
	}
	for (tid = 0; tid < ICMPGUARD_TIDS; tid++) {
		struct icmpguard_treatment treatment;

		icmpguard_type_default(tid, &treatment);
		KUNIT_EXPECT_TRUE(test, treatment_equals(&config->types[tid], &treatment));
	}
	/* Path MTU discovery works with nothing configured. */
	KUNIT_EXPECT_EQ(test, config->codes, 1U);
	needed = icmpguard_config_code(config, ICMPGUARD_TID4_DEST_UNREACH, 4);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, needed);
	KUNIT_EXPECT_EQ(test, needed->action, ICMPGUARD_ACTION_LIMIT);
	KUNIT_EXPECT_EQ(test, needed->limit.burst, 60000U);
	KUNIT_EXPECT_TRUE(test, treatment_equals(&config->types[ICMPGUARD_TID6_PACKET_TOO_BIG],
						 needed));
}

static void config_code_set(struct kunit *test)
{
	struct icmpguard_config *config = bare_config(test);
	const unsigned int tid = ICMPGUARD_TID4_DEST_UNREACH;
	const struct icmpguard_treatment *got;

	KUNIT_EXPECT_PTR_EQ(test, icmpguard_config_code(config, tid, 4),
			    (const struct icmpguard_treatment *)NULL);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 4, &drop), 0);
	got = icmpguard_config_code(config, tid, 4);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, got);
	KUNIT_EXPECT_EQ(test, got->action, ICMPGUARD_ACTION_DROP);
	/* Neither another code nor another type */
	KUNIT_EXPECT_TRUE(test, !icmpguard_config_code(config, tid, 3));
	KUNIT_EXPECT_TRUE(test, !icmpguard_config_code(config, tid, 5));
	KUNIT_EXPECT_TRUE(test, !icmpguard_config_code(config, ICMPGUARD_TID6_DEST_UNREACH, 4));
	/* A change keeps the slot. */
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 4, &slow), 0);
	KUNIT_EXPECT_EQ(test, config->codes, 1U);
	got = icmpguard_config_code(config, tid, 4);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, got);
	KUNIT_EXPECT_TRUE(test, treatment_equals(got, &slow));
	KUNIT_EXPECT_EQ(test, slot_of(config, tid, 4), 0);
}

static void config_code_order(struct kunit *test)
{
	struct icmpguard_config *config = bare_config(test);
	static const struct {
		u8 tid, code;
	} order[] = {
		{ ICMPGUARD_TID6_DEST_UNREACH, 255 }, { ICMPGUARD_TID4_DEST_UNREACH, 13 },
		{ ICMPGUARD_TID4_DEST_UNREACH, 0 }, { ICMPGUARD_TID4_TIME_EXCEEDED, 1 },
		{ ICMPGUARD_TID6_DEST_UNREACH, 0 }, { ICMPGUARD_TID4_DEST_UNREACH, 255 },
		{ ICMPGUARD_TID4_OTHER, 7 }, { ICMPGUARD_TID4_REDIRECT, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, order[i].tid,
								order[i].code, &drop), 0);
		expect_sorted(test, config);
		expect_slots(test, config);
	}
	KUNIT_EXPECT_EQ(test, (size_t)config->codes, ARRAY_SIZE(order));
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_EXPECT_EQ(test, slot_of(config, order[i].tid, order[i].code), i);
		KUNIT_EXPECT_TRUE(test, icmpguard_config_has_codes(config, order[i].tid));
	}
	KUNIT_EXPECT_FALSE(test, icmpguard_config_has_codes(config, ICMPGUARD_TID4_ECHO_REQUEST));
	KUNIT_EXPECT_FALSE(test, icmpguard_config_has_codes(config, ICMPGUARD_TID6_TIME_EXCEEDED));
}

static void config_code_remove(struct kunit *test)
{
	struct icmpguard_config *config = bare_config(test);
	const unsigned int tid = ICMPGUARD_TID4_PARAM_PROBLEM;
	int code;

	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(config, tid, 0), -ENOENT);
	for (code = 0; code < 5; code++)
		KUNIT_ASSERT_EQ(test, icmpguard_config_code_set(config, tid, code, &drop), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(config, tid, 5), -ENOENT);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(config, tid, 1), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(config, tid, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(config, tid, 3), 0);
	KUNIT_EXPECT_EQ(test, config->codes, 3U);
	expect_sorted(test, config);
	/* Those that stay keep their slots; those that come take the free ones. */
	KUNIT_EXPECT_EQ(test, slot_of(config, tid, 0), 0);
	KUNIT_EXPECT_EQ(test, slot_of(config, tid, 2), 2);
	KUNIT_EXPECT_EQ(test, slot_of(config, tid, 4), 4);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 200, &drop), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 100, &drop), 0);
	KUNIT_EXPECT_EQ(test, slot_of(config, tid, 200), 1);
	KUNIT_EXPECT_EQ(test, slot_of(config, tid, 100), 3);
	expect_slots(test, config);
	for (code = 0; config->codes; code++)
		icmpguard_config_code_remove(config, tid, code);
	KUNIT_EXPECT_EQ(test, code, 201);
	KUNIT_EXPECT_FALSE(test, icmpguard_config_has_codes(config, tid));
}

static void config_code_limit(struct kunit *test)
{
	struct icmpguard_config *config = bare_config(test);
	const unsigned int tid = ICMPGUARD_TID4_DEST_UNREACH;
	int code;

	for (code = ICMPGUARD_CODES_MAX - 1; code >= 0; code--)
		KUNIT_ASSERT_EQ(test, icmpguard_config_code_set(config, tid, code, &drop), 0);
	expect_sorted(test, config);
	expect_slots(test, config);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 64, &drop), -ENOSPC);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, ICMPGUARD_TID6_OTHER, 0, &drop),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, config->codes, (unsigned int)ICMPGUARD_CODES_MAX);
	/* What there is can still be changed, and one that goes makes room. */
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 63, &slow), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(config, tid, 10), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(config, tid, 64, &drop), 0);
	expect_sorted(test, config);
	expect_slots(test, config);
}

static void config_copy(struct kunit *test)
{
	struct icmpguard_config *a = bare_config(test), *b = bare_config(test);
	struct icmpguard_rule rule = { .len = 0, .action = ICMPGUARD_RULE_BLOCK };
	static const struct icmpguard_names names;
	u32 missing;

	a->rules = icmpguard_ruleset_make(NULL, &names, &rule, 1, NULL, 0, &missing);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, a->rules);
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_set(a, ICMPGUARD_TID4_OTHER, 1, &drop), 0);
	icmpguard_config_copy(b, a);
	KUNIT_EXPECT_EQ(test, memcmp(a, b, sizeof(*a)), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&a->rules->refcount), 2U);
	/* The copy is changed alone. */
	KUNIT_EXPECT_EQ(test, icmpguard_config_code_remove(b, ICMPGUARD_TID4_OTHER, 1), 0);
	KUNIT_EXPECT_EQ(test, a->codes, 1U);
	icmpguard_config_release(b);
	KUNIT_EXPECT_PTR_EQ(test, b->rules, NULL);
	KUNIT_EXPECT_EQ(test, refcount_read(&a->rules->refcount), 1U);
	icmpguard_config_release(a);
	icmpguard_config_release(a);
	KUNIT_EXPECT_PTR_EQ(test, a->rules, NULL);
}

static void config_merged_default(struct kunit *test)
{
	struct icmpguard_config *config = kunit_kzalloc(test, sizeof(*config), GFP_KERNEL);
	unsigned int tid;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, config);
	icmpguard_config_default(config, ICMPGUARD_MODE_ENFORCE);
	KUNIT_EXPECT_TRUE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_ECHO_REQUEST));
	KUNIT_EXPECT_TRUE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID6_ECHO_REQUEST));
	KUNIT_EXPECT_TRUE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_OTHER));
	KUNIT_EXPECT_TRUE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_FRAGMENT));
	KUNIT_EXPECT_TRUE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_TIME_EXCEEDED));
	/* Different rates; an exception; no twin */
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_PARAM_PROBLEM));
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_DEST_UNREACH));
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID6_DEST_UNREACH));
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID4_REDIRECT));
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, ICMPGUARD_TID6_ND_REDIRECT));
	/* Both of a pair or neither */
	for (tid = 0; tid < ICMPGUARD_TIDS; tid++) {
		int twin = icmpguard_type_twin(tid);

		if (twin >= 0)
			KUNIT_EXPECT_EQ(test, icmpguard_config_is_merged(config, tid),
					icmpguard_config_is_merged(config, twin));
	}
}

#define LIMIT(...)	{ .action = ICMPGUARD_ACTION_LIMIT, __VA_ARGS__ }

struct merged_case {
	const char *name;
	struct icmpguard_treatment a, b;
	bool merged;
};

static const struct merged_case merged_cases[] = {
	{ "both accepted", { .action = ICMPGUARD_ACTION_ACCEPT },
	  { .action = ICMPGUARD_ACTION_ACCEPT }, true },
	{ "accepted and dropped", { .action = ICMPGUARD_ACTION_ACCEPT },
	  { .action = ICMPGUARD_ACTION_DROP }, false },
	{ "dropped with an old rate", { .action = ICMPGUARD_ACTION_DROP, .limit = { 1, 1, 1 } },
	  { .action = ICMPGUARD_ACTION_DROP }, true },
	{ "one only monitored", { .action = ICMPGUARD_ACTION_DROP, .monitor = true },
	  { .action = ICMPGUARD_ACTION_DROP }, false },
	{ "both monitored", { .action = ICMPGUARD_ACTION_DROP, .monitor = true },
	  { .action = ICMPGUARD_ACTION_DROP, .monitor = true }, true },
	{ "same rate", LIMIT(.limit = { 10, 1, 20 }), LIMIT(.limit = { 10, 1, 20 }), true },
	{ "other rate", LIMIT(.limit = { 10, 1, 20 }), LIMIT(.limit = { 11, 1, 20 }), false },
	{ "other period", LIMIT(.limit = { 10, 1, 20 }), LIMIT(.limit = { 10, 60, 20 }), false },
	{ "other burst", LIMIT(.limit = { 10, 1, 20 }), LIMIT(.limit = { 10, 1, 21 }), false },
	{ "unlimited both ways", LIMIT(.limit = { 0, 1, 20 }), LIMIT(.limit = {}), true },
	{ "unlimited and limited", LIMIT(.limit = { 10, 1, 20 }), LIMIT(.limit = {}), false },
	{ "other total", LIMIT(.total = { 10, 1, 20 }), LIMIT(.total = { 10, 1, 21 }), false },
	{ "total and none", LIMIT(.total = { 10, 1, 20 }), LIMIT(.total = {}), false },
	{ "other penalty", LIMIT(.limit = { 10, 1, 20 }, .penalty = 1),
	  LIMIT(.limit = { 10, 1, 20 }), false },
	{ "same penalty", LIMIT(.limit = { 10, 1, 20 }, .penalty = 60),
	  LIMIT(.limit = { 10, 1, 20 }, .penalty = 60), true },
};

static void merged_name(const struct merged_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(merged, merged_cases, merged_name);

static void config_merged(struct kunit *test)
{
	struct icmpguard_config *config = bare_config(test);
	const struct merged_case *c = test->param_value;
	const unsigned int a = ICMPGUARD_TID4_ECHO_REPLY, b = ICMPGUARD_TID6_ECHO_REPLY;

	config->types[a] = c->a;
	config->types[b] = c->b;
	KUNIT_EXPECT_EQ(test, icmpguard_config_is_merged(config, a), c->merged);
	KUNIT_EXPECT_EQ(test, icmpguard_config_is_merged(config, b), c->merged);
	/* An exception of either keeps them apart. */
	KUNIT_ASSERT_EQ(test, icmpguard_config_code_set(config, b, 0, &drop), 0);
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, a));
	KUNIT_EXPECT_FALSE(test, icmpguard_config_is_merged(config, b));
}

/* The number isn't @first. Return: one without any change, for the next one */
static struct icmpguard_config *other_than(struct kunit *test,
					   const struct icmpguard_config *config, u64 first)
{
	KUNIT_EXPECT_NE(test, icmpguard_config_hash(config), first);
	return bare_config(test);
}

/* Each setting is in the number, and is gone from it when it is taken back. */
static void config_hash_settings(struct kunit *test)
{
	struct icmpguard_config *config = bare_config(test);
	u64 first = icmpguard_config_hash(config);
	unsigned int i;

	for (i = 0; i < __ICMPGUARD_SETTING_MAX; i++) {
		*icmpguard_setting(&icmpguard_settings[i], config) ^= 1;
		config = other_than(test, config, first);
	}
	config->mode = ICMPGUARD_MODE_MONITOR;
	config = other_than(test, config, first);
	config->scope = ICMPGUARD_SCOPE_LOCAL;
	config = other_than(test, config, first);
	config->max_echo_size++;
	config = other_than(test, config, first);
	config->table_size *= 2;
	config = other_than(test, config, first);
	config->ladder[0].step[0].len = 24;
	config = other_than(test, config, first);
	config->ladder[1].steps = 2;
	config = other_than(test, config, first);
	config->checks[ICMPGUARD_CHECK_MTU_ZERO] = ICMPGUARD_CHECK_DROP;
	config = other_than(test, config, first);
	config->types[ICMPGUARD_TID4_OTHER].limit.burst++;
	config = other_than(test, config, first);
	config->types[ICMPGUARD_TID4_OTHER].penalty = 1;
	config = other_than(test, config, first);
	config->types[ICMPGUARD_TID4_OTHER].monitor = true;
	config = other_than(test, config, first);
	KUNIT_EXPECT_EQ(test, icmpguard_config_hash(config), first);
	KUNIT_EXPECT_EQ(test, first >> 48, 0ULL);
	icmpguard_config_interface_set(config, "eth0", ICMPGUARD_MODE_OFF);
	KUNIT_EXPECT_NE(test, icmpguard_config_hash(config), first);
	icmpguard_config_interface_set(config, "eth0", ICMPGUARD_MODE_ENFORCE);
	KUNIT_EXPECT_EQ(test, icmpguard_config_hash(config), first);
}

/* What has no effect isn't: rates of what is dropped, places, what was before. */
static void config_hash_effect(struct kunit *test)
{
	struct icmpguard_config *a = bare_config(test), *b = bare_config(test);

	a->types[ICMPGUARD_TID4_ECHO_REQUEST] = drop;
	b->types[ICMPGUARD_TID4_ECHO_REQUEST] = open_drop;
	KUNIT_EXPECT_EQ(test, icmpguard_config_hash(a), icmpguard_config_hash(b));
	/* No total's burst */
	a->types[ICMPGUARD_TID4_OTHER].total = (struct icmpguard_rate) { .burst = 5 };
	b->types[ICMPGUARD_TID4_OTHER].total = (struct icmpguard_rate) {};
	KUNIT_EXPECT_EQ(test, icmpguard_config_hash(a), icmpguard_config_hash(b));
	icmpguard_config_code_set(a, ICMPGUARD_TID4_DEST_UNREACH, 1, &drop);
	icmpguard_config_code_set(a, ICMPGUARD_TID4_DEST_UNREACH, 2, &slow);
	icmpguard_config_code_set(b, ICMPGUARD_TID4_DEST_UNREACH, 2, &slow);
	KUNIT_EXPECT_NE(test, icmpguard_config_hash(a), icmpguard_config_hash(b));
	icmpguard_config_code_set(b, ICMPGUARD_TID4_DEST_UNREACH, 1, &drop);
	KUNIT_EXPECT_NE(test, slot_of(a, ICMPGUARD_TID4_DEST_UNREACH, 1),
			slot_of(b, ICMPGUARD_TID4_DEST_UNREACH, 1));
	KUNIT_EXPECT_EQ(test, icmpguard_config_hash(a), icmpguard_config_hash(b));
}

static void config_hash_rules(struct kunit *test)
{
	struct icmpguard_rule rule = {
		.addr = { 0, 0x0a000000 }, .len = 8, .action = ICMPGUARD_RULE_BLOCK,
	};
	struct icmpguard_bound bound = { .name = "eth0" };
	struct icmpguard_ruleset set = { .rule = &rule, .rules = 1, .bound = &bound, .bounds = 1 };
	u64 first = icmpguard_ruleset_hash(&set), second;

	KUNIT_EXPECT_EQ(test, icmpguard_ruleset_hash(NULL), 0ULL);
	rule.limit = (struct icmpguard_rate) { 5, 1, 10 };
	KUNIT_EXPECT_EQ(test, icmpguard_ruleset_hash(&set), first);
	rule.comment = "why";
	KUNIT_EXPECT_NE(test, icmpguard_ruleset_hash(&set), first);
	rule.comment = NULL;
	rule.v6 = true;
	KUNIT_EXPECT_NE(test, icmpguard_ruleset_hash(&set), first);
	rule.v6 = false;
	rule.source_len = 24;
	KUNIT_EXPECT_NE(test, icmpguard_ruleset_hash(&set), first);
	rule.source_len = 0;
	/* By its name, and not by the number that it has today */
	rule.interface = 1;
	second = icmpguard_ruleset_hash(&set);
	KUNIT_EXPECT_NE(test, second, first);
	bound.name[3] = '1';
	KUNIT_EXPECT_NE(test, icmpguard_ruleset_hash(&set), second);
	KUNIT_EXPECT_NE(test, icmpguard_ruleset_hash(&set), first);
	rule.interface = 0;
	rule.action = ICMPGUARD_RULE_LIMIT;
	KUNIT_EXPECT_NE(test, icmpguard_ruleset_hash(&set), first);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(config_default),
	KUNIT_CASE(config_code_set),
	KUNIT_CASE(config_code_order),
	KUNIT_CASE(config_code_remove),
	KUNIT_CASE(config_code_limit),
	KUNIT_CASE(config_copy),
	KUNIT_CASE(config_merged_default),
	KUNIT_CASE_PARAM(config_merged, merged_gen_params),
	KUNIT_CASE(config_hash_settings),
	KUNIT_CASE(config_hash_effect),
	KUNIT_CASE(config_hash_rules),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-config",
	.test_cases = cases,
};

kunit_test_suite(suite);
