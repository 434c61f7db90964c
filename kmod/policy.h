/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies: a configuration as a packet reads it. Immutable, made whole,
 * swapped by pointer, freed after the last packet that saw it.
 */
#ifndef _ICMPGUARD_POLICY_H
#define _ICMPGUARD_POLICY_H

#include <linux/rcupdate.h>
#include <linux/siphash.h>
#include <linux/types.h>
#include "config.h"
#include "limiter/clock.h"
#include "limiter/limiter.h"
#include "limiter/source.h"

struct netlink_ext_ack;

/**
 * struct icmpguard_plan - the treatment of a type, or of one of its codes
 * @sip: secret of this limiter's sources; the same for as long as the
 *	namespace lives, so that buckets outlive a change of rates
 * @fast: the fast path decides it: it is @mid, and a source's rate and perhaps a
 *	penalty and a total are all that there is to it
 * @mid: the mid path decides it: it is enforced, wherever a packet comes in, by
 *	the coarse clock
 * @action: enum icmpguard_action
 * @jittered: an error: jittered limits, see icmpguard_jitter_gcra()
 * @checks: ICMPGUARD_TYPE_ON_LINK and its like, those that @size isn't for
 * @monitor: accept what would be dropped
 * @codes: exceptions for codes of this type
 * @first_code: the first of them
 * @least: bytes that a message must have; on the fast path no more than are parsed
 * @size: bytes that a message may have; U32_MAX: any number
 * @penalty: penalty for exceeding a source's rate; 0: none
 * @aggregate: all sources' limit
 * @step: the rate of a source, its cost 0 where it is unlimited, and of each
 *	further prefix of the ladder
 */
struct icmpguard_plan {
	struct icmpguard_sip sip;
	bool fast;
	bool mid;
	u8 action;
	bool jittered;
	u16 checks;
	bool monitor;
	u8 codes;
	u8 first_code;
	u8 least;
	u32 size;
	u64 penalty;
	struct icmpguard_aggregate aggregate;
	struct icmpguard_gcra step[ICMPGUARD_LADDER_MAX];
} __aligned(64);

/**
 * struct icmpguard_policy - all that a packet's verdict depends on
 * @table: the sources' buckets; NULL when @mode is off
 * @clock: the clock they are counted by
 * @rules: prefix rules; NULL: none
 * @fragment_end: an ICMP fragment that ends after this is part of an echo
 *	that is too large, or of nothing legal
 * @echo_end: likewise, of an echo
 * @large_monitored: echoes of some type or code that are too large pass nevertheless
 * @mode: enum icmpguard_mode
 * @local: judge only packets for this host
 * @counted: checks that count what they find, bits by enum icmpguard_check
 * @dropped: checks that drop it, likewise
 * @broadcasts: see icmpguard_broadcast_bit()
 * @interfaces: those that aren't simply on
 * @bounds: interfaces that rules are bound to
 * @steps: the prefixes that are charged, IPv4's and IPv6's
 * @mask: their masks
 * @ifindex: the interfaces' numbers; 0: there is none of that name
 * @bound: likewise, of those that rules are bound to
 * @code: the codes @codes are for
 * @plans: by enum icmpguard_tid
 * @codes: exceptions, each type's together
 * @passing: fragments' that aren't put together here, or find memory in plenty, IPv4's
 *	and IPv6's: the same without a total
 * @groups: of rates that are in use
 * @edge: of each, how long its longest burst lasts
 * @longest: the largest debt that a packet can leave
 * @config: what it was made from
 * @generation: counts changes
 * @rcu: frees it after the last packet that saw it
 */
struct icmpguard_policy {
	struct icmpguard_table *table;
	struct icmpguard_clock clock;
	const struct icmpguard_ruleset *rules;
	u32 fragment_end;
	u32 echo_end;
	bool large_monitored;
	u64 broadcasts;
	u16 counted;
	u16 dropped;
	u8 mode;
	bool local;
	u8 interfaces;
	u8 bounds;
	u8 steps[2];
	struct icmpguard_addr mask[2][ICMPGUARD_LADDER_MAX];
	int ifindex[ICMPGUARD_INTERFACES_MAX];
	int bound[ICMPGUARD_BOUND_MAX];
	u8 code[ICMPGUARD_CODES_MAX];
	struct icmpguard_plan plans[ICMPGUARD_TIDS];
	struct icmpguard_plan codes[ICMPGUARD_CODES_MAX];
	struct icmpguard_plan passing[2];

	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS);
	u64 edge[ICMPGUARD_GROUPS];
	u64 longest;
	struct icmpguard_config config;
	u32 generation;
	struct rcu_head rcu;
};

struct icmpguard_policy *icmpguard_policy_make(const struct icmpguard_config *config,
					       const struct icmpguard_policy *old,
					       const siphash_key_t *secret,
					       struct icmpguard_aggregate_bucket *aggregates,
					       struct netlink_ext_ack *extack);
void icmpguard_policy_destroy(struct icmpguard_policy *policy);
void icmpguard_policy_destroy_rcu(struct icmpguard_policy *policy);

/**
 * icmpguard_policy_plan() - what is done with a type and code
 * @policy: the policy
 * @tid: enum icmpguard_tid
 * @code: the code
 *
 * Context: any. Looks at no more than ICMPGUARD_CODES_MAX exceptions, and at
 * those of the type alone.
 * Return: the plan.
 */
static inline const struct icmpguard_plan *
icmpguard_policy_plan(const struct icmpguard_policy *policy, unsigned int tid, u8 code)
{
	const struct icmpguard_plan *plan = &policy->plans[tid];
	unsigned int i;

	for (i = 0; i < plan->codes; i++)
		if (policy->code[plan->first_code + i] == code)
			return &policy->codes[plan->first_code + i];
	return plan;
}

/**
 * icmpguard_policy_fragments() - what is done with fragments that are put together
 * @policy: the policy
 * @v6: ICMPv6's; ICMP's otherwise
 *
 * Context: any.
 * Return: the plan.
 */
static inline const struct icmpguard_plan *
icmpguard_policy_fragments(const struct icmpguard_policy *policy, bool v6)
{
	return &policy->plans[v6 ? ICMPGUARD_TID6_FRAGMENT : ICMPGUARD_TID4_FRAGMENT];
}

u64 icmpguard_policy_hash_apart(const struct icmpguard_policy *policy,
				const struct icmpguard_plan *plan, u64 hi, u64 lo,
				unsigned int step, u32 salt);

u64 icmpguard_policy_hash_sized(const struct icmpguard_plan *plan,
				const struct icmpguard_rule *own, u64 hi, u64 lo, u32 salt);

/**
 * icmpguard_policy_rule() - the rule that holds a source
 * @policy: the policy
 * @interface: the number of the interface that rules are bound to; 0: of none
 * @v6: of IPv6; of IPv4 otherwise
 * @addr: the source
 *
 * Context: any.
 * Return: NULL: none.
 */
static inline const struct icmpguard_rule *
icmpguard_policy_rule(const struct icmpguard_policy *policy, unsigned int interface, bool v6,
		      const struct icmpguard_addr *addr)
{
	if (!policy->rules)
		return NULL;
	return v6 ? icmpguard_ruleset_find6(policy->rules, interface, addr) :
		    icmpguard_ruleset_find4(policy->rules, interface, addr->lo);
}

/**
 * icmpguard_addr_is_common() - whether an IPv6 source certainly is its first bits
 * @hi: the first 64 of them
 *
 * Context: any.
 * Return: true from 2001:1:: to 2001:ffff::/32 and from 2003::/16 to fe00::/9's first half,
 * false for whatever icmpguard_policy_hash_apart() looks at.
 */
static inline bool icmpguard_addr_is_common(u64 hi)
{
	return hi - (0x20010001ULL << 32) < (0x20020000ULL - 0x20010001ULL) << 32 ||
	       hi - (0x2003ULL << 48) < (0xfe80ULL - 0x2003ULL) << 48;
}

/* The first bits of an address, as many as @mask has, hashed for one limiter */
static __always_inline u64
icmpguard_policy_hash_masked(const struct icmpguard_plan *plan, bool v6, u64 hi, u64 lo,
			     const struct icmpguard_addr *mask, u32 salt)
{
	if (!v6)
		return icmpguard_hash_u32(lo & mask->lo, salt, &plan->sip);
	if (!mask->lo)
		return icmpguard_hash_u64(hi & mask->hi, salt, &plan->sip);
	return icmpguard_hash_2u64(hi, lo & mask->lo, salt, &plan->sip);
}

/**
 * icmpguard_policy_hash_own() - a source that may have a rule, hashed for one limiter
 * @policy: the policy
 * @plan: the limiter's
 * @v6: of IPv6; of IPv4 otherwise
 * @addr: the address
 * @own: its rule; NULL: none
 * @step: of the ladder, 0 for the source itself
 *
 * A rule that is bound to an interface has buckets of its own: what comes in elsewhere
 * in the source's name is charged to others. A source as long as a rule has it is so at
 * each step: shorter prefixes would put together what the rule keeps apart.
 *
 * Context: any.
 * Return: the hash.
 */
static __always_inline u64
icmpguard_policy_hash_own(const struct icmpguard_policy *policy, const struct icmpguard_plan *plan,
			  bool v6, const struct icmpguard_addr *addr,
			  const struct icmpguard_rule *own, unsigned int step)
{
	const struct icmpguard_bound *bound = icmpguard_rule_bound(policy->rules, own);
	const struct icmpguard_addr *mask = &policy->mask[v6][step];
	u32 salt = bound ? bound->salt | step : step;

	if (unlikely(own && own->source_len))
		return icmpguard_policy_hash_sized(plan, own, addr->hi, addr->lo, salt);
	if (v6 && unlikely(!icmpguard_addr_is_common(addr->hi)))
		return icmpguard_policy_hash_apart(policy, plan, addr->hi, addr->lo, step, salt);
	return icmpguard_policy_hash_masked(plan, v6, addr->hi, addr->lo, mask, salt);
}

/**
 * icmpguard_policy_hash() - likewise, whatever rule it has
 * @policy: the policy
 * @plan: the limiter's
 * @v6: of IPv6; of IPv4 otherwise
 * @addr: the address
 * @step: of the ladder, 0 for the source itself
 *
 * Context: any.
 * Return: the hash.
 */
static __always_inline u64
icmpguard_policy_hash(const struct icmpguard_policy *policy, const struct icmpguard_plan *plan,
		      bool v6, const struct icmpguard_addr *addr, unsigned int step)
{
	return icmpguard_policy_hash_own(policy, plan, v6, addr, NULL, step);
}

u8 icmpguard_policy_prefix(const struct icmpguard_policy *policy, bool v6,
			   const struct icmpguard_addr *addr, struct icmpguard_addr *prefix);

#endif /* _ICMPGUARD_POLICY_H */
