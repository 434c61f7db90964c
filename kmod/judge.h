/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judge: rules, size, checks, the type's treatment, the limiter. The first
 * step that has a reason ends it.
 *
 * It is one body with an instance for each path (hook.c). What a path leaves out
 * can't matter to the packets that it decides: see compile_paths() in policy.c.
 */
#ifndef _ICMPGUARD_JUDGE_H
#define _ICMPGUARD_JUDGE_H

#include "check.h"
#include "limiter/limiter.h"
#include "net.h"
#include "packet.h"
#include "policy.h"
#include "rules.h"

/* No reason yet; of a path, that another one has to decide */
#define ICMPGUARD_UNDECIDED	ICMPGUARD_REASONS

/**
 * enum icmpguard_path - how a packet is judged
 * @ICMPGUARD_PATH_FAST: by its size and its source's bucket, found with one look
 * @ICMPGUARD_PATH_MID: by everything that one look shows
 * @ICMPGUARD_PATH_SLOW: by everything
 * @ICMPGUARD_PATH_EARLY: by what can be seen of it before there is an skb, and nothing
 *	is written
 */
enum icmpguard_path {
	ICMPGUARD_PATH_EARLY,
	ICMPGUARD_PATH_FAST,
	ICMPGUARD_PATH_MID,
	ICMPGUARD_PATH_SLOW,
};

enum icmpguard_charge icmpguard_judge_charge(const struct icmpguard_policy *policy, bool v6,
					     const struct icmpguard_addr *src,
					     const struct icmpguard_plan *plan,
					     const struct icmpguard_rule *own);
enum icmpguard_charge icmpguard_judge_charge_by_value(const struct icmpguard_policy *policy,
						      bool v6, u64 src_hi, u64 src_lo,
						      const struct icmpguard_plan *plan,
						      const struct icmpguard_rule *own);
enum icmpguard_charge icmpguard_judge_refuses_by_value(const struct icmpguard_policy *policy,
						       bool v6, u64 src_hi, u64 src_lo,
						       const struct icmpguard_plan *plan,
						       const struct icmpguard_rule *own);
enum icmpguard_reason icmpguard_judge_checks(const struct icmpguard_net *ign,
					     const struct icmpguard_policy *policy,
					     const struct sk_buff *skb,
					     const struct icmpguard_packet *packet, u16 checks);
unsigned int icmpguard_judge_packet(const struct icmpguard_net *ign,
				    const struct icmpguard_policy *policy, struct sk_buff *skb,
				    const struct icmpguard_packet *packet, u8 mode,
				    enum icmpguard_parsed parsed);

/**
 * icmpguard_judge_rule() - the rule that holds a packet's source
 * @policy: the policy
 * @in: where the packet came in
 * @v6: of IPv6; of IPv4 otherwise
 * @src_hi: the source; see struct icmpguard_addr
 * @src_lo: likewise
 *
 * Context: any. Looks at no more than ICMPGUARD_BOUND_MAX interfaces.
 * Return: NULL: none.
 */
static inline const struct icmpguard_rule *
icmpguard_judge_rule(const struct icmpguard_policy *policy, const struct net_device *in, bool v6,
		     u64 src_hi, u64 src_lo)
{
	const struct icmpguard_addr src = { src_hi, src_lo };
	unsigned int bound = 0, i;

	for (i = 0; i < policy->bounds && !bound; i++)
		if (READ_ONCE(policy->bound[i]) == in->ifindex)
			bound = i + 1;
	return icmpguard_policy_rule(policy, bound, v6, &src);
}

/**
 * icmpguard_judge_source() - what a rule says of a packet's source
 * @policy: the policy
 * @in: where the packet came in
 * @packet: the packet; its address isn't taken
 * @own: set to the rule that has a rate or a length for the source, if one has
 *
 * Context: any.
 * Return: the reason to let it pass or to drop it;
 * ICMPGUARD_UNDECIDED: none.
 */
static __always_inline enum icmpguard_reason
icmpguard_judge_source(const struct icmpguard_policy *policy, const struct net_device *in,
		       const struct icmpguard_packet *packet, const struct icmpguard_rule **own)
{
	const struct icmpguard_rule *rule;

	rule = icmpguard_judge_rule(policy, in, packet->v6, packet->src.hi, packet->src.lo);
	if (!rule)
		return ICMPGUARD_UNDECIDED;
	if (rule->action == ICMPGUARD_RULE_EXEMPT)
		return ICMPGUARD_REASON_EXEMPT;
	if (rule->action == ICMPGUARD_RULE_BLOCK)
		return ICMPGUARD_REASON_BLOCKED;
	*own = rule;
	return ICMPGUARD_UNDECIDED;
}

/**
 * icmpguard_judge_header() - what a type's headers have to be
 * @packet: the packet; its address isn't taken
 * @checks: ICMPGUARD_TYPE_ON_LINK and its like
 *
 * Context: any.
 * Return: the reason to drop it; ICMPGUARD_UNDECIDED: none.
 */
static __always_inline enum icmpguard_reason
icmpguard_judge_header(const struct icmpguard_packet *packet, u16 checks)
{
	if (checks & ICMPGUARD_TYPE_ON_LINK && packet->hop_limit != 255)
		return ICMPGUARD_REASON_ND_HOP_LIMIT;
	if (checks & ICMPGUARD_TYPE_WHOLE && packet->fragmented)
		return ICMPGUARD_REASON_ND_FRAGMENT;
	/* A sender on another link can choose the hop limit that arrives, not this source. */
	if (checks & ICMPGUARD_TYPE_ONE_HOP &&
	    (packet->hop_limit != 1 ||
	     !icmpguard_addr_is_on_link(packet->src.hi, packet->src.lo)))
		return ICMPGUARD_REASON_MLD_HOP_LIMIT;
	return ICMPGUARD_UNDECIDED;
}

/**
 * icmpguard_judge_reason() - the reason that the limiter gives
 * @charge: what it said
 *
 * Context: any.
 * Return: the reason, WITHIN_LIMIT for a packet that passes.
 */
static __always_inline enum icmpguard_reason
icmpguard_judge_reason(enum icmpguard_charge charge)
{
	switch (charge) {
	case ICMPGUARD_CHARGE_SOURCE:
		return ICMPGUARD_REASON_SOURCE_LIMIT;
	case ICMPGUARD_CHARGE_PENALTY:
		return ICMPGUARD_REASON_PENALTY;
	case ICMPGUARD_CHARGE_AGGREGATE:
		return ICMPGUARD_REASON_TOTAL_LIMIT;
	default:
		return ICMPGUARD_REASON_WITHIN_LIMIT;
	}
}

/* Buckets that are where they are looked for; everything else is charged slowly. */
static __always_inline enum icmpguard_charge
icmpguard_judge_charge_mid(const struct icmpguard_policy *policy,
			   const struct icmpguard_packet *packet, const struct icmpguard_plan *plan,
			   const struct icmpguard_rule *own)
{
	u64 now = icmpguard_clock_now_coarse(&policy->clock);
	const struct icmpguard_gcra *rate = icmpguard_rule_rate(own);
	const struct icmpguard_gcra *step = rate ?: plan->step;
	u64 penalty = rate ? 0 : plan->penalty;
	u64 hash[2] = {};

	if (unlikely(!step->cost))
		return ICMPGUARD_CHARGE_UNDECIDED;
	hash[0] = icmpguard_policy_hash_own(policy, plan, packet->v6, &packet->src, own, 0);
	if (rate || policy->steps[packet->v6] == 1)
		return icmpguard_table_charge_fast(policy->table, hash[0], step, plan->jittered,
						   penalty, &plan->aggregate, now);
	if (unlikely(policy->steps[packet->v6] != 2))
		return ICMPGUARD_CHARGE_UNDECIDED;
	hash[1] = icmpguard_policy_hash_own(policy, plan, packet->v6, &packet->src, own, 1);
	return icmpguard_table_charge_fast2(policy->table, hash, step, plan->jittered, penalty,
					    &plan->aggregate, now);
}

/*
 * Whether the limiter would refuse it, found with one look where that suffices. A
 * refusal that writes is PRE_ROUTING's.
 */
static __always_inline enum icmpguard_charge
icmpguard_judge_refuses(const struct icmpguard_policy *policy,
			const struct icmpguard_packet *packet, const struct icmpguard_plan *plan,
			const struct icmpguard_rule *own)
{
	const struct icmpguard_gcra *rate = icmpguard_rule_rate(own);
	const struct icmpguard_gcra *step = rate ?: plan->step;
	u64 now = icmpguard_clock_now(&policy->clock), penalty = rate ? 0 : plan->penalty;
	enum icmpguard_charge charge;
	u64 hash;

	if (unlikely(!step->cost || (!rate && policy->steps[packet->v6] > 1)))
		return icmpguard_judge_refuses_by_value(policy, packet->v6, packet->src.hi,
							packet->src.lo, plan, own);
	hash = icmpguard_policy_hash_own(policy, plan, packet->v6, &packet->src, own, 0);
	charge = icmpguard_table_refuses_fast(policy->table, hash, step, plan->jittered, penalty,
					      &plan->aggregate, now);
	if (likely(charge != ICMPGUARD_CHARGE_UNDECIDED))
		return charge;
	return icmpguard_table_refuses_slow(policy->table, hash, step, plan->jittered, penalty,
					    &plan->aggregate, now);
}

static __always_inline enum icmpguard_reason
icmpguard_judge_limit(const enum icmpguard_path path, const struct icmpguard_policy *policy,
		      const struct icmpguard_packet *packet, const struct icmpguard_plan *plan,
		      const struct icmpguard_rule *own)
{
	enum icmpguard_charge charge = ICMPGUARD_CHARGE_UNDECIDED;

	if (path == ICMPGUARD_PATH_EARLY)
		return icmpguard_judge_reason(icmpguard_judge_refuses(policy, packet, plan, own));
	if (path == ICMPGUARD_PATH_FAST)
		charge = icmpguard_table_charge(policy->table,
						icmpguard_policy_hash(policy, plan, packet->v6,
								      &packet->src, 0),
						&plan->step[0], plan->penalty, &plan->aggregate,
						icmpguard_clock_now_coarse(&policy->clock));
	if (path == ICMPGUARD_PATH_MID)
		charge = icmpguard_judge_charge_mid(policy, packet, plan, own);
	if (path != ICMPGUARD_PATH_FAST && unlikely(charge == ICMPGUARD_CHARGE_UNDECIDED))
		charge = icmpguard_judge_charge_by_value(policy, packet->v6, packet->src.hi,
							 packet->src.lo, plan, own);
	return icmpguard_judge_reason(charge);
}

/**
 * icmpguard_judge_plan() - what is done with a packet's type and code
 * @path: the path
 * @policy: the policy
 * @packet: the packet; its address isn't taken
 *
 * Context: any.
 * Return: the plan; on the fast path the type's, see @fast of struct icmpguard_plan.
 */
static __always_inline const struct icmpguard_plan *
icmpguard_judge_plan(const enum icmpguard_path path, const struct icmpguard_policy *policy,
		     const struct icmpguard_packet *packet)
{
	if (path == ICMPGUARD_PATH_FAST)
		return &policy->plans[packet->tid];
	return icmpguard_policy_plan(policy, packet->tid, packet->code);
}

/**
 * icmpguard_judge() - judge a packet that is whole
 * @path: the path, a constant
 * @ign: the namespace
 * @policy: the policy
 * @in: where the packet came in
 * @skb: the packet; NULL on the early path
 * @header: its IP header
 * @length: bytes from there that may be read
 * @packet: the same, parsed; its address isn't taken
 * @plan: icmpguard_judge_plan()
 *
 * Context: bottom halves off; RCU.
 * Return: the reason of the verdict; ICMPGUARD_UNDECIDED where this path can't decide,
 * and has written nothing. On the early path a reason to accept means no more than
 * that: the packet has to be judged and charged by another.
 */
static __always_inline enum icmpguard_reason
icmpguard_judge(const enum icmpguard_path path, const struct icmpguard_net *ign,
		const struct icmpguard_policy *policy, const struct net_device *in,
		const struct sk_buff *skb, const u8 *header, unsigned int length,
		const struct icmpguard_packet *packet, const struct icmpguard_plan *plan)
{
	const struct icmpguard_rule *own = NULL;
	enum icmpguard_reason reason;
	bool due;

	if (path == ICMPGUARD_PATH_FAST && unlikely(!plan->fast))
		return ICMPGUARD_UNDECIDED;
	if (path == ICMPGUARD_PATH_MID && unlikely(!plan->mid))
		return ICMPGUARD_UNDECIDED;
	due = icmpguard_check_is_due(policy, header, packet->v6, plan->checks);
	if (path == ICMPGUARD_PATH_FAST && unlikely(due))
		return ICMPGUARD_UNDECIDED;
	/* How long a message is, its first fragment doesn't say. */
	if (path != ICMPGUARD_PATH_FAST && unlikely(packet->size < plan->least) &&
	    !packet->fragment)
		return ICMPGUARD_REASON_TRUNCATED;
	if (path != ICMPGUARD_PATH_FAST) {
		reason = icmpguard_judge_source(policy, in, packet, &own);
		if (reason != ICMPGUARD_UNDECIDED)
			return reason;
	}
	if (unlikely(packet->size > plan->size))
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	if (path != ICMPGUARD_PATH_FAST && plan->checks) {
		reason = icmpguard_judge_header(packet, plan->checks);
		if (unlikely(reason != ICMPGUARD_UNDECIDED))
			return reason;
	}
	if ((path == ICMPGUARD_PATH_MID || path == ICMPGUARD_PATH_EARLY) && due &&
	    unlikely(!icmpguard_check_is_clean(policy, skb, header, length, packet,
					       plan->checks)))
		return ICMPGUARD_UNDECIDED;
	if (path == ICMPGUARD_PATH_SLOW && due) {
		reason = icmpguard_judge_checks(ign, policy, skb, packet, plan->checks);
		if (reason != ICMPGUARD_UNDECIDED)
			return reason;
	}
	if (path != ICMPGUARD_PATH_FAST && plan->action == ICMPGUARD_ACTION_ACCEPT)
		return ICMPGUARD_REASON_POLICY_ACCEPT;
	if (path != ICMPGUARD_PATH_FAST && plan->action == ICMPGUARD_ACTION_DROP)
		return ICMPGUARD_REASON_POLICY_DROP;
	return icmpguard_judge_limit(path, policy, packet, plan, own);
}

#endif /* _ICMPGUARD_JUDGE_H */
