// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refunds.
 *
 * A packet that is whole takes no memory for reassembly any more. With what its
 * fragments were charged given back, the rate of fragments is one of those that
 * stay alone, and may be low.
 */
#include "packet.h"
#include "policy.h"
#include "refund.h"

/**
 * icmpguard_refund() - give back what a message's fragments were charged
 * @policy: the policy
 * @packet: the message
 * @rule: the rule that holds its source; NULL: none
 * @charges: how many
 *
 * Context: bottom halves off; RCU. Looks at no more than ICMPGUARD_LADDER_MAX
 * buckets.
 */
void icmpguard_refund(const struct icmpguard_policy *policy, const struct icmpguard_packet *packet,
		      const struct icmpguard_rule *rule, unsigned int charges)
{
	const struct icmpguard_plan *plan = icmpguard_policy_fragments(policy, packet->v6);
	unsigned int i, steps = policy->steps[packet->v6];
	const struct icmpguard_gcra *step = plan->step;
	u64 now, block = plan->block;

	if (plan->action != ICMPGUARD_ACTION_LIMIT)
		return;
	if (rule) {
		/* Who is exempt wasn't charged. */
		if (rule->action != ICMPGUARD_RULE_LIMIT)
			return;
		step = &rule->gcra;
		steps = 1;
		block = 0;
	}
	now = icmpguard_clock_now(&policy->clock);
	for (i = 0; i < steps; i++)
		icmpguard_table_refund(policy->table,
				       icmpguard_policy_hash(policy, plan, packet->v6,
							     &packet->src, i),
				       &step[i], i ? 0 : block, i ? NULL : &plan->shared,
				       charges, now);
}
