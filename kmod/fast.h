/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plain packets: there is nothing but a rate to judge them by, as is so for most
 * packets with the defaults. Their way is inlined into the hook, takes no
 * packet's address, so that none of it is in memory, and calls nothing.
 */
#ifndef _ICMPGUARD_PLAIN_H
#define _ICMPGUARD_PLAIN_H

#include "check.h"
#include "limiter/limiter.h"
#include "packet.h"
#include "policy.h"
#include "verdict.h"

/**
 * icmpguard_plain_is() - whether a packet is plain
 * @policy: the policy
 * @skb: the packet, no fragment
 * @packet: the same, parsed
 * @parsed: what came of that
 *
 * Context: softirq; RCU.
 */
static __always_inline bool icmpguard_plain_is(const struct icmpguard_policy *policy,
					       const struct sk_buff *skb,
					       const struct icmpguard_packet *packet,
					       enum icmpguard_parsed parsed)
{
	const struct icmpguard_plan *plan = &policy->plans[packet->tid];

	return likely(parsed == ICMPGUARD_PARSED && plan->plain &&
		      !icmpguard_check_is_due(policy, skb, packet->v6, plan->checks) &&
		      !trace_icmpguard_verdict_enabled());
}

static __always_inline enum icmpguard_reason
icmpguard_plain_judge(const struct icmpguard_policy *policy, const struct icmpguard_packet *packet)
{
	const struct icmpguard_plan *plan = &policy->plans[packet->tid];
	enum icmpguard_charge charge;
	u64 hash;

	if (unlikely(packet->size > plan->size))
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	hash = icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, 0);
	charge = icmpguard_table_charge(policy->table, hash, &plan->step[0], plan->block,
					&plan->shared, icmpguard_clock_now_coarse(&policy->clock));
	return icmpguard_verdict_of_charge(charge);
}

/**
 * icmpguard_plain_conclude() - judge a plain packet
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet; when it is dropped, not the caller's any more
 * @packet: the same, parsed; its address isn't taken
 *
 * Context: softirq; RCU. Return: the verdict for netfilter.
 */
static __always_inline unsigned int
icmpguard_plain_conclude(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
			 struct sk_buff *skb, const struct icmpguard_packet *packet)
{
	return icmpguard_verdict_enforce(ign, policy, skb, packet,
					 icmpguard_plain_judge(policy, packet));
}

#endif /* _ICMPGUARD_PLAIN_H */
