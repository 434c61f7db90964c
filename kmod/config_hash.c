// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration as one number, by which machines are compared.
 *
 * It is made of what is in force, not of how that came about: values that have no
 * effect and places in memory are left out. The key is no secret, so that every
 * machine has the same number for the same configuration.
 */
#include <linux/bits.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/string.h>
#include "config_hash.h"

static u64 mix(u64 hash, u64 a, u64 b)
{
	static const siphash_key_t key;

	return siphash_3u64(hash, a, b, &key);
}

static u64 mix_text(u64 hash, const char *text, u64 value)
{
	static const siphash_key_t key;

	return mix(hash, text ? siphash(text, strlen(text), &key) : 0, value);
}

static u64 mix_rate(u64 hash, const struct icmpguard_rate *rate)
{
	if (!rate->packets)
		return mix(hash, 0, 0);
	return mix(hash, (u64)rate->packets << 32 | rate->period, rate->burst);
}

static u64 mix_treatment(u64 hash, const struct icmpguard_treatment *treatment)
{
	hash = mix(hash, treatment->action, treatment->monitor);
	if (treatment->action != ICMPGUARD_ACTION_LIMIT)
		return hash;
	hash = mix_rate(hash, &treatment->limit);
	hash = mix_rate(hash, &treatment->total);
	return mix(hash, treatment->penalty, 0);
}

static u64 mix_ladder(u64 hash, const struct icmpguard_ladder *ladder)
{
	unsigned int i;

	hash = mix(hash, ladder->steps, 0);
	for (i = 0; i < ladder->steps; i++)
		hash = mix(hash, ladder->step[i].len, ladder->step[i].factor);
	return hash;
}

static u64 mix_rule(u64 hash, const struct icmpguard_ruleset *set,
		    const struct icmpguard_rule *rule)
{
	const struct icmpguard_bound *bound = icmpguard_rule_bound(set, rule);

	hash = mix(hash, rule->addr.hi, rule->addr.lo);
	hash = mix_text(hash, rule->comment, (u64)rule->source_len << 24 | rule->v6 << 16 |
			rule->action << 8 | rule->len);
	if (bound)
		hash = mix_text(hash, bound->name, 0);
	return rule->action == ICMPGUARD_RULE_LIMIT ? mix_rate(hash, &rule->limit) : hash;
}

/**
 * icmpguard_ruleset_hash() - all prefix rules as a number
 * @set: the rules, which are sorted; NULL: none
 *
 * There may be a million rules, so callers keep the number.
 *
 * Context: process.
 * Return: the number; 0 where there is no rule.
 */
u64 icmpguard_ruleset_hash(const struct icmpguard_ruleset *set)
{
	u64 hash = 0;
	u32 i;

	for (i = 0; set && i < set->rules; i++) {
		cond_resched();
		hash = mix_rule(hash, set, &set->rule[i]);
	}
	return hash;
}

/**
 * icmpguard_config_hash() - a configuration as a number
 * @config: the configuration, in force or not
 *
 * Context: any.
 * Return: 48 bits, which are exact also as a floating-point number.
 */
u64 icmpguard_config_hash(const struct icmpguard_config *config)
{
	u64 hash = mix(config->mode, (u64)config->scope << 32 | config->max_echo_size,
		       config->table_size);
	unsigned int i;

	hash = mix_ladder(hash, &config->ladder[0]);
	hash = mix_ladder(hash, &config->ladder[1]);
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		hash = mix(hash, i, config->checks[i]);
	for (i = 0; i < ICMPGUARD_TIDS; i++)
		hash = mix_treatment(hash, &config->types[i]);
	for (i = 0; i < config->codes; i++) {
		hash = mix(hash, config->code[i].tid, config->code[i].code);
		hash = mix_treatment(hash, &config->code[i].treatment);
	}
	for (i = 0; i < config->interfaces; i++)
		hash = mix_text(hash, config->interface[i].name, config->interface[i].mode);
	hash = mix(hash, (u64)config->codes << 32 | config->interfaces,
		   config->rules ? config->rules->hash : 0);
	return hash & GENMASK_ULL(47, 0);
}
