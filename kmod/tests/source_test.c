// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hashing a source: SipHash-1-3 against a plain implementation of SipHash-c-d
 * over bytes, which is itself held to the published SipHash-2-4.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include "../policy.c"

struct sip {
	u64 a, b, c, d;
};

static void sip_rounds(struct sip *s, int rounds)
{
	while (rounds--) {
		s->a += s->b;
		s->c += s->d;
		s->b = rol64(s->b, 13) ^ s->a;
		s->d = rol64(s->d, 16) ^ s->c;
		s->a = rol64(s->a, 32) + s->d;
		s->c += s->b;
		s->d = rol64(s->d, 21) ^ s->a;
		s->b = rol64(s->b, 17) ^ s->c;
		s->c = rol64(s->c, 32);
	}
}

static u64 sip(const u8 *bytes, size_t len, const siphash_key_t *key, int per_word, int at_end)
{
	struct sip s = {
		key->key[0] ^ 0x736f6d6570736575ULL, key->key[1] ^ 0x646f72616e646f6dULL,
		key->key[0] ^ 0x6c7967656e657261ULL, key->key[1] ^ 0x7465646279746573ULL,
	};
	size_t at;

	for (at = 0; at <= len; at += 8) {
		u64 word = 0;
		size_t i;

		for (i = 0; i < 8 && at + i < len; i++)
			word |= (u64)bytes[at + i] << 8 * i;
		if (at + 8 > len)
			word |= (u64)len << 56;
		s.d ^= word;
		sip_rounds(&s, per_word);
		s.a ^= word;
	}
	s.c ^= 0xff;
	sip_rounds(&s, at_end);
	return s.a ^ s.b ^ s.c ^ s.d;
}

static void put_word(u64 word, u8 *bytes)
{
	__le64 little = cpu_to_le64(word);

	memcpy(bytes, &little, sizeof(little));
}

static siphash_key_t published_key(void)
{
	return (siphash_key_t) { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };
}

struct vector {
	const char *name;
	size_t len;
	u64 hash;
};

/* SipHash-2-4 of 00 01 02 ..., key 00 01 ... 0f */
static const struct vector vectors[] = {
	{ "nothing", 0, 0x726fdb47dd0e0e31ULL },
	{ "1 byte", 1, 0x74f839c593dc67fdULL },
	{ "8 bytes", 8, 0x93f5f5799a932462ULL },
	{ "15 bytes", 15, 0xa129ca6149be45e5ULL },
};

static void vector_name(const struct vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vector, vectors, vector_name);

static void source_reference(struct kunit *test)
{
	const struct vector *v = test->param_value;
	siphash_key_t key = published_key();
	u8 bytes[16];
	int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	KUNIT_EXPECT_EQ(test, sip(bytes, v->len, &key, 2, 4), v->hash);
}

/* The kernel's SipHash-2-4 of a word, for the byte order of a message */
static void source_reference_kernel(struct kunit *test)
{
	siphash_key_t key = published_key();
	u8 bytes[16];

	put_word(0x0123456789abcdefULL, bytes);
	put_word(0xfedcba9876543210ULL, bytes + 8);
	KUNIT_EXPECT_EQ(test, sip(bytes, 4, &key, 2, 4), siphash_1u32(0x89abcdef, &key));
	KUNIT_EXPECT_EQ(test, sip(bytes, 8, &key, 2, 4),
			siphash_1u64(0x0123456789abcdefULL, &key));
	KUNIT_EXPECT_EQ(test, sip(bytes, 16, &key, 2, 4),
			siphash_2u64(0x0123456789abcdefULL, 0xfedcba9876543210ULL, &key));
}

struct message {
	const char *name;
	u64 first, second;
};

static const struct message messages[] = {
	{ "zeros", 0, 0 },
	{ "ones", ~0ULL, ~0ULL },
	{ "one bit low", 1, 0 },
	{ "one bit high", 1ULL << 63, 0 },
	{ "second word alone", 0, 1 },
	{ "192.0.2.1", 0xc0000201, 0 },
	{ "2001:db8::1", 0x20010db800000000ULL, 1 },
	{ "fe80::1", 0xfe80000000000000ULL, 1 },
};

static void message_name(const struct message *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(message, messages, message_name);

static void compare_message(struct kunit *test, u64 first, u64 second, const siphash_key_t *key)
{
	struct icmpguard_sip ready;
	u8 bytes[16];

	icmpguard_sip_init(&ready, key);
	put_word(first, bytes);
	put_word(second, bytes + 8);
	KUNIT_EXPECT_EQ(test, icmpguard_hash_u32(first, 0, &ready), sip(bytes, 4, key, 1, 3));
	KUNIT_EXPECT_EQ(test, icmpguard_hash_u64(first, 0, &ready), sip(bytes, 8, key, 1, 3));
	KUNIT_EXPECT_EQ(test, icmpguard_hash_2u64(first, second, 0, &ready),
			sip(bytes, 16, key, 1, 3));
}

static void source_hash(struct kunit *test)
{
	const struct message *m = test->param_value;
	siphash_key_t key = published_key(), zero = {};

	compare_message(test, m->first, m->second, &key);
	compare_message(test, m->first, m->second, &zero);
}

static struct icmpguard_sip ready_key(siphash_key_t key)
{
	struct icmpguard_sip ready;

	icmpguard_sip_init(&ready, &key);
	return ready;
}

static u64 random_u64(struct rnd_state *random)
{
	return (u64)prandom_u32_state(random) << 32 | prandom_u32_state(random);
}

static void source_hash_random(struct kunit *test)
{
	struct rnd_state random;
	int i;

	prandom_seed_state(&random, 1);
	for (i = 0; i < 1000; i++) {
		u64 first = random_u64(&random), second = random_u64(&random);
		siphash_key_t key = { { random_u64(&random), random_u64(&random) } };

		compare_message(test, first, second, &key);
	}
}

static void source_keys_differ(struct kunit *test)
{
	struct icmpguard_sip key = ready_key(published_key());
	int bit;

	for (bit = 0; bit < 128; bit++) {
		siphash_key_t changed = published_key();
		struct icmpguard_sip other;

		changed.key[bit / 64] ^= 1ULL << bit % 64;
		other = ready_key(changed);
		KUNIT_EXPECT_NE(test, icmpguard_hash_u32(1, 0, &key),
				icmpguard_hash_u32(1, 0, &other));
		KUNIT_EXPECT_NE(test, icmpguard_hash_u64(1, 0, &key),
				icmpguard_hash_u64(1, 0, &other));
		KUNIT_EXPECT_NE(test, icmpguard_hash_2u64(1, 2, 0, &key),
				icmpguard_hash_2u64(1, 2, 0, &other));
	}
}

/* One source at several steps of a ladder, and in both families */
static void source_salts_differ(struct kunit *test)
{
	struct icmpguard_sip key = ready_key(published_key());
	u64 hash[12];
	int i, j, n = 0;

	for (i = 0; i < 4; i++) {
		hash[n++] = icmpguard_hash_u32(0xc0000200, i, &key);
		hash[n++] = icmpguard_hash_u64(0xc0000200, i, &key);
		hash[n++] = icmpguard_hash_2u64(0xc0000200, 0, i, &key);
	}
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, hash[i], hash[j]);
}

/* A /16 fills the sets evenly, and so do the /64s of a /48. */
static void source_hash_spreads(struct kunit *test)
{
	struct icmpguard_sip key = ready_key(published_key());
	u32 *fill4 = kunit_kcalloc(test, 1024, sizeof(*fill4), GFP_KERNEL);
	u32 *fill6 = kunit_kcalloc(test, 1024, sizeof(*fill6), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fill4);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fill6);
	for (i = 0; i < 65536; i++) {
		fill4[icmpguard_hash_u32(0xc0a80000 + i, 0, &key) % 1024]++;
		fill6[icmpguard_hash_u64(0x20010db800010000ULL + i, 0, &key) % 1024]++;
	}
	/* 64 each on average, give or take five standard deviations and a little */
	for (i = 0; i < 1024; i++) {
		KUNIT_EXPECT_GE(test, fill4[i], 24U);
		KUNIT_EXPECT_LE(test, fill4[i], 108U);
		KUNIT_EXPECT_GE(test, fill6[i], 24U);
		KUNIT_EXPECT_LE(test, fill6[i], 108U);
	}
}

static void source_in6(struct kunit *test)
{
	static const u8 bytes[16] = {
		0x20, 0x01, 0x0d, 0xb8, 0x11, 0x22, 0x33, 0x44,
		0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
	};
	struct icmpguard_addr addr;
	struct in6_addr in6;

	memcpy(&in6, bytes, sizeof(in6));
	addr = icmpguard_addr_from_in6(&in6);
	KUNIT_EXPECT_EQ(test, addr.hi, 0x20010db811223344ULL);
	KUNIT_EXPECT_EQ(test, addr.lo, 0x5566778899aabbccULL);
	in6 = icmpguard_addr_to_in6(&addr);
	KUNIT_EXPECT_EQ(test, memcmp(&in6, bytes, sizeof(in6)), 0);
}

static struct icmpguard_policy *policy_of_rules(struct kunit *test, struct icmpguard_ruleset *set)
{
	struct icmpguard_policy *policy = kunit_kzalloc(test, sizeof(*policy), GFP_KERNEL);
	unsigned int step;

	KUNIT_ASSERT_NOT_NULL(test, policy);
	policy->rules = set;
	for (step = 0; step < 2; step++) {
		policy->mask[0][step] = icmpguard_addr_mask(32 - 8 * step, false);
		policy->mask[1][step] = icmpguard_addr_mask(64 - 8 * step, true);
	}
	return policy;
}

static u64 hash_of(const struct icmpguard_policy *policy, const struct icmpguard_rule *rule,
		   const struct icmpguard_plan *plan, const struct icmpguard_addr *addr,
		   unsigned int step)
{
	return icmpguard_policy_hash_own(policy, plan, rule->v6, addr, rule, step);
}

/* The addresses differ in bit @bit, counted from the first. */
static bool are_apart(const struct icmpguard_policy *policy, const struct icmpguard_rule *rule,
		      const struct icmpguard_plan *plan, unsigned int bit, unsigned int step)
{
	struct icmpguard_addr a = { rule->addr.hi, rule->addr.lo + 0x5 }, b = a;

	if (!rule->v6)
		b.lo ^= 1ULL << (31 - bit);
	else if (bit < 64)
		b.hi ^= 1ULL << (63 - bit);
	else
		b.lo ^= 1ULL << (127 - bit);
	return hash_of(policy, rule, plan, &a, step) != hash_of(policy, rule, plan, &b, step);
}

/* A source is as long as its rule has it, at each step, and its steps are apart. */
static void source_lengths(struct kunit *test)
{
	static const struct icmpguard_rule prefixes[] = {
		{ .addr = { 0x20010db8ULL << 32, 0 }, .len = 32, .v6 = true },
		{ .addr = { 0x20010db800640000ULL, 0 }, .len = 96, .v6 = true },
		{ .addr = { 0x64ff9bULL << 32, 0 }, .len = 96, .v6 = true },	/* not common */
		{ .addr = { 0, 0x0a000000 }, .len = 8 },
	};
	struct icmpguard_bound bound = { .name = "eth0", .salt = 0x100 };
	unsigned int i, bits, bit, step, most, where;
	const struct icmpguard_addr *addr;
	struct icmpguard_plan plan = {};
	struct icmpguard_policy *policy;

	icmpguard_sip_init(&plan.sip, &(siphash_key_t) { { 7, 8 } });
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct icmpguard_rule rule = prefixes[i];
		struct icmpguard_ruleset set = {
			.rule = &rule, .rules = 1, .bound = &bound, .bounds = 1,
		};

		most = rule.v6 ? 128 : 32;
		addr = &rule.addr;
		policy = policy_of_rules(test, &set);
		for (bits = rule.len; bits <= most; bits++) {
			rule.source_len = bits;
			for (bit = rule.len; bit < most; bit++)
				for (step = 0; step < 2; step++)
					KUNIT_EXPECT_EQ(test, are_apart(policy, &rule, &plan, bit,
									step), bit < bits);
			for (where = 0; where < 2; where++) {
				rule.interface = where;
				KUNIT_EXPECT_NE(test, hash_of(policy, &rule, &plan, addr, 0),
						hash_of(policy, &rule, &plan, addr, 1));
			}
			rule.interface = 0;
		}
		/* As long as it would be anyhow: the same bucket as without the rule */
		if (i == 0) {
			rule.source_len = 64;
			KUNIT_EXPECT_EQ(test, icmpguard_policy_hash(policy, &plan, true, addr, 0),
					hash_of(policy, &rule, &plan, addr, 0));
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(source_reference, vector_gen_params),
	KUNIT_CASE(source_reference_kernel),
	KUNIT_CASE_PARAM(source_hash, message_gen_params),
	KUNIT_CASE(source_hash_random),
	KUNIT_CASE(source_keys_differ),
	KUNIT_CASE(source_salts_differ),
	KUNIT_CASE(source_hash_spreads),
	KUNIT_CASE(source_in6),
	KUNIT_CASE(source_lengths),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-source",
	.test_cases = cases,
};

kunit_test_suite(suite);
