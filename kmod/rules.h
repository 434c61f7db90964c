/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prefix rules: exempt, block, or a limit of its own for the sources in a
 * prefix. The longest prefix that holds an address is the one that counts.
 *
 * Nested prefixes are flattened when configured: each family becomes one
 * sorted array of disjoint ranges. An index by the address's upper bits says
 * between which of them a packet has to search.
 *
 * Rules may be bound to an interface. Each interface that has such rules has
 * ranges of its own, so a packet searches twice at most.
 */
#ifndef _ICMPGUARD_RULES_H
#define _ICMPGUARD_RULES_H

#include <linux/if.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include "config_limits.h"
#include "limiter/gcra.h"
#include "limiter/source.h"
#include "types.h"

/**
 * struct icmpguard_rule - what is done with the sources in a prefix
 * @addr: the prefix, bits after @len zero
 * @len: 0 to 32 or 128
 * @v6: an IPv6 prefix; an IPv4 one otherwise
 * @action: enum icmpguard_rule_action
 * @interface: where its packets come in, by number from 1; 0: anywhere
 * @source_len: bits that make a source in it; 0: as many as elsewhere
 * @limit: a source's rate, for ICMPGUARD_RULE_LIMIT
 * @gcra: @limit, ready for the packet path; of no cost without one
 * @comment: for people; NULL: none. A set's rules have theirs in the set
 *
 * There may be a million of them, so what is small shares a byte.
 */
struct icmpguard_rule {
	struct icmpguard_addr addr;
	u8 len;
	u8 action;
	bool v6 : 1;
	u8 interface : 7;
	u8 source_len;
	struct icmpguard_rate limit;
	struct icmpguard_gcra gcra;
	const char *comment;
};

/**
 * struct icmpguard_range4 - where an IPv4 range begins, and its rule
 * @start: first address; the range ends before the next one's
 * @rule: index of the rule, plus one; 0: none
 */
struct icmpguard_range4 {
	u32 start;
	u32 rule;
};

/**
 * struct icmpguard_range6 - where an IPv6 range begins, and its rule
 * @start: first address; the range ends before the next one's
 * @rule: index of the rule, plus one; 0: none
 */
struct icmpguard_range6 {
	struct icmpguard_addr start;
	u32 rule;
};

/**
 * struct icmpguard_index - where in a sorted array to search
 * @base: the upper 64 bits of the second range's start; the first starts at zero
 * @shift: address bits that share a slot
 * @slots: how many; as many as ranges, about
 * @width: how many ranges to search, whatever the slot
 * @first: of each slot, the first of them: no later than the last range that
 *	starts before the slot
 */
struct icmpguard_index {
	u64 base;
	u8 shift;
	u32 slots;
	u32 width;
	u32 *first;
};

/**
 * struct icmpguard_ranges - what a packet searches
 * @range4: IPv4 ranges; the first starts at 0
 * @ranges4: how many; 0: no IPv4 rule
 * @range6: IPv6 ranges; the first starts at ::
 * @ranges6: how many; 0: no IPv6 rule
 * @index4: of @range4
 * @index6: of @range6, by the upper half of the address
 */
struct icmpguard_ranges {
	struct icmpguard_range4 *range4;
	u32 ranges4;
	struct icmpguard_range6 *range6;
	u32 ranges6;
	struct icmpguard_index index4;
	struct icmpguard_index index6;
};

/* With room for those that a change adds before others go */
#define ICMPGUARD_NAMES_MAX	(2 * ICMPGUARD_BOUND_MAX)

/**
 * struct icmpguard_names - the interfaces that rules are bound to
 * @name: sorted; the number of each is its place, plus one
 * @names: how many
 */
struct icmpguard_names {
	char name[ICMPGUARD_NAMES_MAX][IFNAMSIZ];
	u8 names;
};

/**
 * struct icmpguard_bound - the rules of an interface
 * @name: the interface, which need not exist
 * @salt: keeps its sources' buckets apart from others', with room for a step of a ladder
 * @ranges: of its rules
 */
struct icmpguard_bound {
	char name[IFNAMSIZ];
	u32 salt;
	struct icmpguard_ranges ranges;
};

/**
 * struct icmpguard_ruleset - all prefix rules of a configuration
 * @refcount: configurations that hold it
 * @rule: sorted by interface, family, address and length; never changed
 * @rules: how many
 * @any: of the rules for packets from anywhere
 * @bound: interfaces that have rules of their own, sorted by name
 * @bounds: how many
 * @comments: of all rules, one after the other
 * @hash: icmpguard_ruleset_hash() of them; 0: not made yet
 */
struct icmpguard_ruleset {
	refcount_t refcount;
	struct icmpguard_rule *rule;
	u32 rules;
	struct icmpguard_ranges any;
	struct icmpguard_bound *bound;
	u8 bounds;
	char *comments;
	u64 hash;
};

void icmpguard_names_of(struct icmpguard_names *names, const struct icmpguard_ruleset *set);
int icmpguard_names_add(struct icmpguard_names *names, const char *name);
u8 icmpguard_names_find(const struct icmpguard_names *names, const char *name);
struct icmpguard_ruleset *icmpguard_ruleset_make(const struct icmpguard_ruleset *from,
						 const struct icmpguard_names *names,
						 const struct icmpguard_rule *add, u32 adds,
						 const struct icmpguard_rule *remove, u32 removes,
						 u32 *missing);
void icmpguard_ruleset_get(struct icmpguard_ruleset *set);
void icmpguard_ruleset_put(struct icmpguard_ruleset *set);
const struct icmpguard_rule *icmpguard_ruleset_find4(const struct icmpguard_ruleset *set,
						     unsigned int interface, u32 addr);
const struct icmpguard_rule *icmpguard_ruleset_find6(const struct icmpguard_ruleset *set,
						     unsigned int interface,
						     const struct icmpguard_addr *addr);

/**
 * icmpguard_rule_bound() - the interface of a rule
 * @set: the rules
 * @rule: one of them; NULL is allowed
 *
 * Context: any.
 * Return: NULL for a rule of packets from anywhere, and for none.
 */
static inline const struct icmpguard_bound *
icmpguard_rule_bound(const struct icmpguard_ruleset *set, const struct icmpguard_rule *rule)
{
	return rule && rule->interface ? &set->bound[rule->interface - 1] : NULL;
}

/**
 * icmpguard_rule_rate() - the rate that a rule has
 * @rule: the rule; NULL is allowed
 *
 * Context: any.
 * Return: NULL where a source in it has the type's rate.
 */
static inline const struct icmpguard_gcra *icmpguard_rule_rate(const struct icmpguard_rule *rule)
{
	return rule && rule->gcra.cost ? &rule->gcra : NULL;
}

/**
 * icmpguard_addr_mask() - the mask of a prefix length
 * @len: bits
 * @v6: of 128 bits; of 32 otherwise
 *
 * Context: any.
 * Return: ones for the bits of the prefix.
 */
static inline struct icmpguard_addr icmpguard_addr_mask(u8 len, bool v6)
{
	if (!v6)
		return (struct icmpguard_addr) { 0, len ? (u32)(~0U << (32 - len)) : 0 };
	return (struct icmpguard_addr) {
		.hi = !len ? 0 : len >= 64 ? ~0ULL : ~0ULL << (64 - len),
		.lo = len <= 64 ? 0 : ~0ULL << (128 - len),
	};
}

#endif /* _ICMPGUARD_RULES_H */
