/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judging: rules, checks, the type's treatment, the limiter.
 */
#ifndef _ICMPGUARD_JUDGE_H
#define _ICMPGUARD_JUDGE_H

#include "limiter/limiter.h"
#include "net.h"
#include "packet.h"
#include "policy.h"
#include "rules.h"

/* No reason yet */
#define ICMPGUARD_UNDECIDED	ICMPGUARD_REASONS

enum icmpguard_charge icmpguard_judge_charge(const struct icmpguard_policy *policy, bool v6,
					     const struct icmpguard_addr *src,
					     const struct icmpguard_plan *plan,
					     const struct icmpguard_gcra *own);
unsigned int icmpguard_judge_packet(const struct icmpguard_net *ign,
				    const struct icmpguard_policy *policy, struct sk_buff *skb,
				    const struct icmpguard_packet *packet, u8 mode,
				    enum icmpguard_parsed parsed);

/**
 * icmpguard_judge_rule() - the rule that holds a packet's source
 * @policy: the policy
 * @v6: of IPv6; of IPv4 otherwise
 * @src_hi: the source; see struct icmpguard_addr
 * @src_lo: likewise
 *
 * Context: any. Return: NULL: none.
 */
static inline const struct icmpguard_rule *
icmpguard_judge_rule(const struct icmpguard_policy *policy, bool v6, u64 src_hi, u64 src_lo)
{
	const struct icmpguard_addr src = { src_hi, src_lo };

	if (!policy->rules)
		return NULL;
	return v6 ? icmpguard_ruleset_find6(policy->rules, &src) :
		    icmpguard_ruleset_find4(policy->rules, src_lo);
}

/**
 * icmpguard_judge_source() - what a rule says of a packet's source
 * @policy: the policy
 * @packet: the packet; its address isn't taken
 * @own: set to the rate that a rule has for the source, if one has
 *
 * Context: any. Return: the reason to let it pass or to drop it;
 * ICMPGUARD_UNDECIDED: none.
 */
static __always_inline enum icmpguard_reason
icmpguard_judge_source(const struct icmpguard_policy *policy,
		       const struct icmpguard_packet *packet, const struct icmpguard_gcra **own)
{
	const struct icmpguard_rule *rule;

	rule = icmpguard_judge_rule(policy, packet->v6, packet->src.hi, packet->src.lo);
	if (!rule)
		return ICMPGUARD_UNDECIDED;
	if (rule->action == ICMPGUARD_RULE_EXEMPT)
		return ICMPGUARD_REASON_EXEMPT;
	if (rule->action == ICMPGUARD_RULE_BLOCK)
		return ICMPGUARD_REASON_BLOCKED;
	*own = &rule->gcra;
	return ICMPGUARD_UNDECIDED;
}

/**
 * icmpguard_judge_header() - what a type's headers have to be
 * @packet: the packet; its address isn't taken
 * @checks: ICMPGUARD_TYPE_ON_LINK and its like
 *
 * Context: any. Return: the reason to drop it; ICMPGUARD_UNDECIDED: none.
 */
static __always_inline enum icmpguard_reason
icmpguard_judge_header(const struct icmpguard_packet *packet, u8 checks)
{
	if (checks & ICMPGUARD_TYPE_ON_LINK && packet->hop_limit != 255)
		return ICMPGUARD_REASON_ND_HOP_LIMIT;
	if (checks & ICMPGUARD_TYPE_WHOLE && packet->fragmented)
		return ICMPGUARD_REASON_ND_FRAGMENT;
	if (checks & ICMPGUARD_TYPE_ONE_HOP && packet->hop_limit != 1)
		return ICMPGUARD_REASON_MLD_HOP_LIMIT;
	return ICMPGUARD_UNDECIDED;
}

#endif /* _ICMPGUARD_JUDGE_H */
