// SPDX-License-Identifier: GPL-2.0-only
/*
 * Usual packets: errors, and whatever there are prefix rules, exceptions or two
 * steps of the ladder for.
 *
 * All of it is inlined, as a plain packet's way is, but not into the hook: that
 * would make plain packets dearer. Whatever turns out to be rare takes the
 * detour before anything is charged or counted for it.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include "check.h"
#include "judge.h"
#include "limiter/limiter.h"
#include "mid.h"
#include "packet.h"
#include "slow.h"
#include "verdict.h"

/* Two buckets that are where they are looked for; everything else is rare. */
static __always_inline enum icmpguard_charge charge_near(const struct icmpguard_policy *policy,
							 const struct icmpguard_packet *packet,
							 const struct icmpguard_plan *plan,
							 const struct icmpguard_gcra *own)
{
	u64 now = icmpguard_clock_now_coarse(&policy->clock);
	const struct icmpguard_gcra *step = own ?: plan->step;
	u64 block = own ? 0 : plan->block;
	u64 hash[2] = {};

	if (unlikely(!step->cost))
		return ICMPGUARD_CHARGE_ANY;
	hash[0] = icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, 0);
	if (own || policy->steps[packet->v6] == 1)
		return icmpguard_table_charge_near(policy->table, hash[0], step, plan->uncertain,
						   block, &plan->shared, now);
	if (unlikely(policy->steps[packet->v6] != 2))
		return ICMPGUARD_CHARGE_ANY;
	hash[1] = icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, 1);
	return icmpguard_table_charge_near2(policy->table, hash, step, plan->uncertain, block,
					    &plan->shared, now);
}

/* The address comes by value, so that it is in registers until here. */
static noinline enum icmpguard_charge charge_any(const struct icmpguard_policy *policy, bool v6,
						 u64 src_hi, u64 src_lo,
						 const struct icmpguard_plan *plan,
						 const struct icmpguard_gcra *own)
{
	const struct icmpguard_addr src = { src_hi, src_lo };

	return icmpguard_judge_charge(policy, v6, &src, plan, own);
}

static __always_inline enum icmpguard_reason limit(const struct icmpguard_policy *policy,
						   const struct icmpguard_packet *packet,
						   const struct icmpguard_plan *plan,
						   const struct icmpguard_gcra *own)
{
	enum icmpguard_charge charge = charge_near(policy, packet, plan, own);

	if (unlikely(charge == ICMPGUARD_CHARGE_ANY))
		charge = charge_any(policy, packet->v6, packet->src.hi, packet->src.lo, plan, own);
	return icmpguard_verdict_of_charge(charge);
}

/* Return: ICMPGUARD_UNDECIDED where something is rare, and nothing was charged. */
static __always_inline enum icmpguard_reason judge(const struct icmpguard_policy *policy,
						   const struct sk_buff *skb,
						   const struct icmpguard_packet *packet,
						   const struct icmpguard_plan *plan)
{
	const struct icmpguard_gcra *own = NULL;
	enum icmpguard_reason reason;

	reason = icmpguard_judge_source(policy, packet, &own);
	if (reason != ICMPGUARD_UNDECIDED)
		return reason;
	if (unlikely(packet->size > plan->size))
		return ICMPGUARD_UNDECIDED;
	if (plan->checks) {
		if (unlikely(icmpguard_judge_header(packet, plan->checks) != ICMPGUARD_UNDECIDED))
			return ICMPGUARD_UNDECIDED;
		if (icmpguard_check_is_due(policy, skb, packet->v6, plan->checks) &&
		    unlikely(!icmpguard_check_is_clean(policy, skb, packet, plan->checks)))
			return ICMPGUARD_UNDECIDED;
	}
	switch (plan->action) {
	case ICMPGUARD_ACTION_ACCEPT:
		return ICMPGUARD_REASON_POLICY_ACCEPT;
	case ICMPGUARD_ACTION_DROP:
		return ICMPGUARD_REASON_POLICY_DROP;
	default:
		return limit(policy, packet, plan, own);
	}
}

static __always_inline enum icmpguard_reason judge_if_usual(const struct icmpguard_policy *policy,
							    const struct sk_buff *skb,
							    const struct icmpguard_packet *packet,
							    enum icmpguard_parsed parsed)
{
	const struct icmpguard_plan *plan;

	if (unlikely(parsed != ICMPGUARD_PARSED || trace_icmpguard_verdict_enabled()))
		return ICMPGUARD_UNDECIDED;
	plan = icmpguard_policy_plan(policy, packet->tid, packet->code);
	if (unlikely(!plan->usual))
		return ICMPGUARD_UNDECIDED;
	return judge(policy, skb, packet, plan);
}

/**
 * icmpguard_usual4() - judge an ICMP packet that isn't plain
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet, no fragment; when it is dropped, not the caller's any more
 * @state: the hook's
 *
 * What was parsed before is parsed again: see plain.h.
 *
 * Context: bottom halves off; RCU. Return: the verdict for netfilter.
 */
unsigned int icmpguard_usual4(const struct icmpguard_net *ign,
			      const struct icmpguard_policy *policy, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct icmpguard_packet packet = {};
	enum icmpguard_parsed parsed;
	enum icmpguard_reason reason;

	parsed = icmpguard_packet_parse4(skb, &packet);
	reason = judge_if_usual(policy, skb, &packet, parsed);
	if (unlikely(reason == ICMPGUARD_UNDECIDED))
		return icmpguard_detour4(ign, policy, skb, state);
	return icmpguard_verdict_enforce(ign, policy, skb, &packet, reason);
}

#if IS_ENABLED(CONFIG_IPV6)

/**
 * icmpguard_usual6() - judge an ICMPv6 packet that isn't plain
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet, without extension headers; when it is dropped, not the
 *	caller's any more
 * @state: the hook's
 *
 * Context: as icmpguard_usual4(). Return: the verdict for netfilter.
 */
unsigned int icmpguard_usual6(const struct icmpguard_net *ign,
			      const struct icmpguard_policy *policy, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct icmpguard_packet packet = {};
	enum icmpguard_parsed parsed;
	enum icmpguard_reason reason;

	parsed = icmpguard_packet_parse6(skb, &packet);
	reason = judge_if_usual(policy, skb, &packet, parsed);
	if (unlikely(reason == ICMPGUARD_UNDECIDED))
		return icmpguard_detour6(ign, policy, skb, state);
	return icmpguard_verdict_enforce(ign, policy, skb, &packet, reason);
}

#endif
