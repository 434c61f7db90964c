// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judging: rules, checks, the type's treatment, the limiter. The first step
 * that has a reason ends it.
 *
 * This is for packets that nothing may be left out for. Most take a shorter way
 * to the same verdict: plain.h, usual.c.
 */
#include "check.h"
#include "judge.h"
#include "limiter/jitter.h"
#include "net.h"
#include "verdict.h"

/* What only some types are looked at for */
static enum icmpguard_reason check_more(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy,
					const struct sk_buff *skb,
					const struct icmpguard_packet *packet, u8 checks)
{
	unsigned long counted, dropped, found;
	unsigned int i;

	found = icmpguard_check_find(policy, skb, packet, checks);
	dropped = found & policy->dropped;
	if (dropped)
		return ICMPGUARD_REASON_CHECK_FIRST + __ffs(dropped);
	counted = found & policy->counted;
	for_each_set_bit(i, &counted, __ICMPGUARD_CHECK_MAX)
		icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_NOTED_FIRST + i);
	return ICMPGUARD_UNDECIDED;
}

static enum icmpguard_charge charge_ladder(const struct icmpguard_policy *policy, bool v6,
					   const struct icmpguard_addr *src,
					   const struct icmpguard_plan *plan, u64 now)
{
	unsigned int i, steps = policy->steps[v6];
	u64 hash[ICMPGUARD_LADDER_MAX];

	for (i = 0; i < steps; i++)
		hash[i] = icmpguard_policy_hash(policy, plan, v6, src, i);
	return icmpguard_table_charge_ladder(policy->table, hash, plan->step, steps, plan->block,
					     &plan->shared, now);
}

/* Errors: by all of their prefixes, or by a rule's rate */
static enum icmpguard_charge charge_uncertain(const struct icmpguard_policy *policy, bool v6,
					      const struct icmpguard_addr *src,
					      const struct icmpguard_plan *plan,
					      const struct icmpguard_gcra *own, u64 now)
{
	unsigned int i, steps = own ? 1 : policy->steps[v6];
	struct icmpguard_gcra step[ICMPGUARD_LADDER_MAX];
	u64 hash[ICMPGUARD_LADDER_MAX];

	for (i = 0; i < steps; i++) {
		hash[i] = icmpguard_policy_hash(policy, plan, v6, src, i);
		step[i] = icmpguard_jitter_gcra(own ?: &plan->step[i], hash[i], now);
	}
	if (steps > 1)
		return icmpguard_table_charge_ladder(policy->table, hash, step, steps, plan->block,
						     &plan->shared, now);
	return icmpguard_table_charge_any(policy->table, hash[0], &step[0], own ? 0 : plan->block,
					  &plan->shared, now);
}

/**
 * icmpguard_judge_charge() - charge a packet to its source
 * @policy: the policy
 * @v6: of IPv6; of IPv4 otherwise
 * @src: the source
 * @plan: the treatment, a limit
 * @own: a rule's rate for the source; NULL: the treatment's
 *
 * Context: bottom halves off; RCU. Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_judge_charge(const struct icmpguard_policy *policy, bool v6,
					     const struct icmpguard_addr *src,
					     const struct icmpguard_plan *plan,
					     const struct icmpguard_gcra *own)
{
	const struct icmpguard_gcra *source = own ?: &plan->step[0];
	u64 now = icmpguard_clock_now(&policy->clock);

	if (!source->cost)
		return plan->shared.total ?
			icmpguard_total_charge(&plan->shared,
					       icmpguard_policy_hash(policy, plan, v6, src, 0),
					       now) :
			ICMPGUARD_CHARGE_PASS;
	if (plan->uncertain)
		return charge_uncertain(policy, v6, src, plan, own, now);
	/* A rate of its own is a source's alone: no other prefix, no penalty. */
	if (policy->steps[v6] > 1 && !own)
		return charge_ladder(policy, v6, src, plan, now);
	return icmpguard_table_charge_any(policy->table,
					  icmpguard_policy_hash(policy, plan, v6, src, 0), source,
					  own ? 0 : plan->block, &plan->shared, now);
}

static enum icmpguard_reason judge(const struct icmpguard_net *ign,
				   const struct icmpguard_policy *policy,
				   const struct sk_buff *skb,
				   const struct icmpguard_packet *packet,
				   const struct icmpguard_plan *plan)
{
	const struct icmpguard_gcra *own = NULL;
	enum icmpguard_reason reason;

	reason = icmpguard_judge_source(policy, packet, &own);
	if (reason != ICMPGUARD_UNDECIDED)
		return reason;
	if (packet->size > plan->size)
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	if (plan->checks) {
		reason = icmpguard_judge_header(packet, plan->checks);
		if (reason != ICMPGUARD_UNDECIDED)
			return reason;
		if (icmpguard_check_is_due(policy, skb, packet->v6, plan->checks)) {
			reason = check_more(ign, policy, skb, packet, plan->checks);
			if (reason != ICMPGUARD_UNDECIDED)
				return reason;
		}
	}
	switch (plan->action) {
	case ICMPGUARD_ACTION_ACCEPT:
		return ICMPGUARD_REASON_POLICY_ACCEPT;
	case ICMPGUARD_ACTION_DROP:
		return ICMPGUARD_REASON_POLICY_DROP;
	default:
		return icmpguard_verdict_of_charge(icmpguard_judge_charge(policy, packet->v6,
									  &packet->src, plan, own));
	}
}

static enum icmpguard_reason reason_of(enum icmpguard_parsed parsed)
{
	switch (parsed) {
	case ICMPGUARD_PARSED_SHORT:
		return ICMPGUARD_REASON_FRAGMENT_SHORT;
	case ICMPGUARD_PARSED_TRUNCATED:
		return ICMPGUARD_REASON_TRUNCATED;
	case ICMPGUARD_PARSED_CHAIN:
		return ICMPGUARD_REASON_HEADER_CHAIN;
	default:
		return ICMPGUARD_UNDECIDED;
	}
}

/**
 * icmpguard_judge_packet() - judge a packet that is whole, or was made so
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet; when it is dropped, not the caller's any more
 * @packet: the same, parsed
 * @mode: enum icmpguard_mode, not OFF
 * @parsed: what came of parsing it
 *
 * Context: bottom halves off; RCU. Return: the verdict for netfilter.
 */
unsigned int icmpguard_judge_packet(const struct icmpguard_net *ign,
				    const struct icmpguard_policy *policy, struct sk_buff *skb,
				    const struct icmpguard_packet *packet, u8 mode,
				    enum icmpguard_parsed parsed)
{
	const struct icmpguard_plan *plan = icmpguard_policy_plan(policy, packet->tid,
								  packet->code);
	enum icmpguard_reason reason = reason_of(parsed);

	if (parsed == ICMPGUARD_PARSED)
		reason = judge(ign, policy, skb, packet, plan);
	return icmpguard_verdict_conclude(ign, policy, skb, packet, plan, mode, reason);
}
