// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge: the slow path's instance, and what the others fall back on.
 */
#include "check.h"
#include "judge.h"
#include "limiter/jitter.h"
#include "net.h"
#include "verdict.h"

/**
 * icmpguard_judge_checks() - checks that read more than a message's first bytes
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet, whole
 * @packet: the same, parsed
 * @checks: ICMPGUARD_TYPE_UNICAST and its like
 *
 * What a check that only counts has found is counted here.
 *
 * Context: bottom halves off; RCU.
 * Return: the reason to drop it; ICMPGUARD_UNDECIDED: none.
 */
enum icmpguard_reason icmpguard_judge_checks(const struct icmpguard_net *ign,
					     const struct icmpguard_policy *policy,
					     const struct sk_buff *skb,
					     const struct icmpguard_packet *packet, u16 checks)
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

/* What a packet is charged to: by all of its source's prefixes, or by a rule's rate */
static unsigned int steps_of(const struct icmpguard_policy *policy, bool v6,
			     const struct icmpguard_addr *src, const struct icmpguard_plan *plan,
			     const struct icmpguard_rule *own, u64 now, u64 *hash,
			     struct icmpguard_gcra *step)
{
	const struct icmpguard_gcra *rate = icmpguard_rule_rate(own);
	unsigned int i, steps = rate ? 1 : policy->steps[v6];

	for (i = 0; i < steps; i++) {
		hash[i] = icmpguard_policy_hash_own(policy, plan, v6, src, own, i);
		step[i] = rate ? *rate : plan->step[i];
		if (plan->jittered)
			step[i] = icmpguard_jitter_gcra(&step[i], hash[i], now);
	}
	return steps;
}

static enum icmpguard_charge charge_steps(const struct icmpguard_policy *policy, bool v6,
					  const struct icmpguard_addr *src,
					  const struct icmpguard_plan *plan,
					  const struct icmpguard_rule *own, u64 now)
{
	struct icmpguard_gcra step[ICMPGUARD_LADDER_MAX];
	u64 hash[ICMPGUARD_LADDER_MAX];
	unsigned int steps = steps_of(policy, v6, src, plan, own, now, hash, step);

	if (steps > 1)
		return icmpguard_table_charge_ladder(policy->table, hash, step, steps,
						     plan->penalty, &plan->aggregate, now);
	return icmpguard_table_charge_slow(policy->table, hash[0], &step[0],
					   icmpguard_rule_rate(own) ? 0 : plan->penalty,
					   &plan->aggregate, now);
}

/**
 * icmpguard_judge_charge() - charge a packet to its source
 * @policy: the policy
 * @v6: of IPv6; of IPv4 otherwise
 * @src: the source
 * @plan: the treatment, a limit
 * @own: a rule that has a rate or a length for the source; NULL: none
 *
 * Context: bottom halves off; RCU.
 * Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_judge_charge(const struct icmpguard_policy *policy, bool v6,
					     const struct icmpguard_addr *src,
					     const struct icmpguard_plan *plan,
					     const struct icmpguard_rule *own)
{
	const struct icmpguard_gcra *rate = icmpguard_rule_rate(own);
	u64 now = icmpguard_clock_now(&policy->clock);

	if (!rate && !plan->step[0].cost)
		return plan->aggregate.bucket ?
			icmpguard_aggregate_charge(&plan->aggregate,
						   icmpguard_policy_hash(policy, plan, v6, src, 0),
						   now) :
			ICMPGUARD_CHARGE_PASS;
	/* A rate of its own is a source's alone: no other prefix, no penalty. */
	if (plan->jittered || (policy->steps[v6] > 1 && !rate))
		return charge_steps(policy, v6, src, plan, own, now);
	return icmpguard_table_charge_slow(policy->table,
					   icmpguard_policy_hash_own(policy, plan, v6, src, own, 0),
					   rate ?: &plan->step[0], rate ? 0 : plan->penalty,
					   &plan->aggregate, now);
}

/**
 * icmpguard_judge_charge_by_value() - likewise, for a source that is in registers
 * @policy: the policy
 * @v6: of IPv6; of IPv4 otherwise
 * @src_hi: the source; see struct icmpguard_addr
 * @src_lo: likewise
 * @plan: the treatment, a limit
 * @own: a rule that has a rate or a length for the source; NULL: none
 *
 * Context: bottom halves off; RCU.
 * Return: enum icmpguard_charge.
 */
enum icmpguard_charge icmpguard_judge_charge_by_value(const struct icmpguard_policy *policy,
						      bool v6, u64 src_hi, u64 src_lo,
						      const struct icmpguard_plan *plan,
						      const struct icmpguard_rule *own)
{
	const struct icmpguard_addr src = { src_hi, src_lo };

	return icmpguard_judge_charge(policy, v6, &src, plan, own);
}

/**
 * icmpguard_judge_refuses_by_value() - whether the limiter would refuse a packet
 * @policy: the policy
 * @v6: of IPv6; of IPv4 otherwise
 * @src_hi: the source, in registers; see struct icmpguard_addr
 * @src_lo: likewise
 * @plan: the treatment, a limit
 * @own: a rule that has a rate or a length for the source; NULL: none
 *
 * The answer of icmpguard_judge_charge(), where it refuses and writes nothing.
 *
 * Context: bottom halves off; RCU. Only reads.
 * Return: as icmpguard_table_refuses().
 */
enum icmpguard_charge icmpguard_judge_refuses_by_value(const struct icmpguard_policy *policy,
						       bool v6, u64 src_hi, u64 src_lo,
						       const struct icmpguard_plan *plan,
						       const struct icmpguard_rule *own)
{
	const struct icmpguard_addr src = { src_hi, src_lo };
	const struct icmpguard_gcra *rate = icmpguard_rule_rate(own);
	u64 now = icmpguard_clock_now(&policy->clock), hash[ICMPGUARD_LADDER_MAX];
	struct icmpguard_gcra step[ICMPGUARD_LADDER_MAX];
	unsigned int steps;

	if (!rate && !plan->step[0].cost)
		return icmpguard_aggregate_look(&plan->aggregate,
						icmpguard_policy_hash(policy, plan, v6, &src, 0),
						now);
	steps = steps_of(policy, v6, &src, plan, own, now, hash, step);
	return icmpguard_table_refuses(policy->table, hash, step, steps, rate ? 0 : plan->penalty,
				       &plan->aggregate, now);
}

static enum icmpguard_reason reason_of(enum icmpguard_parsed parsed)
{
	switch (parsed) {
	case ICMPGUARD_PARSED_SHORT:
		return ICMPGUARD_REASON_FRAGMENT_SHORT;
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
 * Context: bottom halves off; RCU.
 * Return: the verdict for netfilter.
 */
unsigned int icmpguard_judge_packet(const struct icmpguard_net *ign,
				    const struct icmpguard_policy *policy, struct sk_buff *skb,
				    const struct icmpguard_packet *packet, u8 mode,
				    enum icmpguard_parsed parsed)
{
	const struct icmpguard_plan *plan = icmpguard_judge_plan(ICMPGUARD_PATH_SLOW, policy,
								 packet);
	enum icmpguard_reason reason = reason_of(parsed);

	if (reason == ICMPGUARD_UNDECIDED)
		reason = icmpguard_judge(ICMPGUARD_PATH_SLOW, ign, policy, skb->dev, skb,
					 skb_network_header(skb), icmpguard_packet_linear(skb),
					 packet, plan);
	return icmpguard_verdict_conclude(ign, policy, skb, packet, plan, mode, reason);
}
