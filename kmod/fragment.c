// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments: what each says alone, and what they are when they are together.
 */
#include "fragment.h"
#include "judge.h"
#include "net.h"
#include "reassembly.h"
#include "reverse.h"
#include "verdict.h"

/* The longest IP packet */
#define PACKET_MAX	65535

/*
 * Give back what a message's fragments were charged. A packet that is whole takes
 * no memory for reassembly any more; with this the rate of fragments is one of
 * those that stay alone, and may be low. Looks at no more than
 * ICMPGUARD_LADDER_MAX buckets.
 */
static void refund_fragments(const struct icmpguard_policy *policy,
			     const struct icmpguard_packet *packet,
			     const struct icmpguard_rule *rule, unsigned int charges)
{
	const struct icmpguard_plan *plan = icmpguard_policy_fragments(policy, packet->v6);
	unsigned int i, steps = policy->steps[packet->v6];
	const struct icmpguard_gcra *step = plan->step;
	u64 now, hash, penalty = plan->penalty;

	if (plan->action != ICMPGUARD_ACTION_LIMIT)
		return;
	if (rule) {
		/* An exempt source wasn't charged. */
		if (rule->action != ICMPGUARD_RULE_LIMIT)
			return;
		step = &rule->gcra;
		steps = 1;
		penalty = 0;
	}
	now = icmpguard_clock_now(&policy->clock);
	for (i = 0; i < steps; i++) {
		hash = rule ? icmpguard_policy_hash_own(policy, plan, packet->v6, &packet->src,
							rule) :
			      icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, i);
		icmpguard_table_refund(policy->table, hash, &step[i], i ? 0 : penalty,
				       i ? NULL : &plan->aggregate, charges, now);
	}
}

/*
 * A fragment for each part of its weight; see icmpguard_reassembly_weight(). One that
 * is refused takes no memory: what it was charged until then is given back.
 */
static enum icmpguard_reason limit_fragment(const struct icmpguard_policy *policy,
					    const struct icmpguard_packet *packet,
					    const struct icmpguard_plan *plan,
					    const struct icmpguard_rule *rule, unsigned int weight)
{
	enum icmpguard_charge charge;
	unsigned int i;

	for (i = 0; i < weight; i++) {
		charge = icmpguard_judge_charge(policy, packet->v6, &packet->src, plan, rule);
		if (charge == ICMPGUARD_CHARGE_PASS)
			continue;
		if (i)
			refund_fragments(policy, packet, rule, i);
		return charge == ICMPGUARD_CHARGE_AGGREGATE ? ICMPGUARD_REASON_TOTAL_LIMIT :
							  ICMPGUARD_REASON_FRAGMENT_LIMIT;
	}
	return ICMPGUARD_UNDECIDED;
}

/*
 * No fragment but the last ends anywhere but on a multiple of eight octets, and
 * none is empty: RFC 791 3.2, RFC 8200 4.5. Reassembly would give up the whole
 * packet, which may be another sender's.
 */
static bool is_impossible(const struct icmpguard_packet *packet)
{
	return packet->size == packet->start ||
	       (!packet->last && (packet->size + packet->inner) % 8);
}

/* What one fragment alone is enough to say */
static enum icmpguard_reason judge_fragment(const struct icmpguard_policy *policy,
					    const struct sk_buff *skb,
					    const struct icmpguard_packet *packet,
					    const struct icmpguard_plan *plan, u8 mode,
					    unsigned int weight)
{
	const struct icmpguard_rule *rule = icmpguard_judge_rule(policy, skb->dev, packet->v6,
								 packet->src.hi, packet->src.lo);

	if (packet->size + packet->inner + packet->head > PACKET_MAX)
		return ICMPGUARD_REASON_FRAGMENT_OVERSIZE;
	if (is_impossible(packet))
		return ICMPGUARD_REASON_FRAGMENT_REFUSED;
	if (rule && rule->action == ICMPGUARD_RULE_EXEMPT)
		return ICMPGUARD_UNDECIDED;
	if (rule && rule->action == ICMPGUARD_RULE_BLOCK)
		return ICMPGUARD_REASON_BLOCKED;
	if (plan->checks & ICMPGUARD_TYPE_ROUTED &&
	    policy->dropped & BIT(ICMPGUARD_CHECK_REVERSE_PATH) &&
	    !icmpguard_reverse_path_is(skb, packet->v6))
		return ICMPGUARD_REASON_REVERSE_PATH;
	if (plan->action == ICMPGUARD_ACTION_DROP)
		return ICMPGUARD_REASON_POLICY_DROP;
	/* It takes no memory, so it is charged nothing. */
	if (packet->size > policy->fragment_end && mode == ICMPGUARD_MODE_ENFORCE &&
	    !plan->monitor)
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	if (plan->action == ICMPGUARD_ACTION_LIMIT)
		return limit_fragment(policy, packet, plan, rule, weight);
	return ICMPGUARD_UNDECIDED;
}

/*
 * One that is dropped keeps a fragment's charge, or a flood of complete messages
 * would have all of them put together.
 */
static void give_back(const struct icmpguard_policy *policy, const struct net_device *in,
		      const struct icmpguard_packet *packet, unsigned int weights,
		      unsigned int verdict)
{
	refund_fragments(policy, packet,
			 icmpguard_judge_rule(policy, in, packet->v6, packet->src.hi,
					      packet->src.lo),
			 weights - (verdict != NF_ACCEPT));
}

/*
 * A fragment: what it alone says, and then into reassembly; @charged is whether the
 * limit let it pass. Return: true when @verdict is the last word.
 */
static bool conclude_fragment(const struct icmpguard_net *ign,
			      const struct icmpguard_policy *policy, struct sk_buff *skb,
			      struct icmpguard_packet *packet, u8 mode, unsigned int *verdict,
			      bool *charged)
{
	const struct icmpguard_plan *plan;
	enum icmpguard_reason reason;

	icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_FRAGMENTS);
	packet->tid = packet->v6 ? ICMPGUARD_TID6_FRAGMENT : ICMPGUARD_TID4_FRAGMENT;
	plan = icmpguard_policy_fragments(policy, packet->v6);
	reason = judge_fragment(policy, skb, packet, plan, mode,
				icmpguard_reassembly_weight(skb));
	*charged = reason == ICMPGUARD_UNDECIDED;
	if (likely(*charged))
		return false;
	/* Count a packet that is too large once, by the fragment it has one of. */
	if (reason == ICMPGUARD_REASON_ECHO_OVERSIZE && !packet->last) {
		icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_FRAGMENTS_EARLY);
		icmpguard_verdict_trace(skb->dev, skb, packet, mode,
					ICMPGUARD_REASON_FRAGMENTS_EARLY, NF_DROP);
		*verdict = icmpguard_drop(skb, ICMPGUARD_REASON_FRAGMENTS_EARLY);
		return true;
	}
	*verdict = icmpguard_verdict_conclude(ign, policy, skb, packet, plan, mode, reason);
	/* Where nothing is dropped, it goes on as it came, and harms no other's message. */
	return *verdict != NF_ACCEPT || reason == ICMPGUARD_REASON_FRAGMENT_OVERSIZE ||
	       reason == ICMPGUARD_REASON_FRAGMENT_REFUSED;
}

/*
 * Reassembly refused a fragment: IPv4's has freed it, and IPv6's may have taken its
 * headers off. So there is nothing left to let pass, in any mode.
 */
static void count_refused(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
			  const struct net_device *in, struct icmpguard_packet *packet, u8 mode)
{
	packet->tid = packet->v6 ? ICMPGUARD_TID6_FRAGMENT : ICMPGUARD_TID4_FRAGMENT;
	icmpguard_verdict_count_drop(ign, policy, packet->src.hi, packet->src.lo, packet->tid,
				     ICMPGUARD_REASON_FRAGMENT_REFUSED);
	icmpguard_verdict_trace(in, NULL, packet, mode, ICMPGUARD_REASON_FRAGMENT_REFUSED, NF_DROP);
}

/**
 * icmpguard_fragment_handle4() - judge a fragment of an ICMP message
 * @ign: the namespace
 * @policy: the policy
 * @mode: enum icmpguard_mode, not OFF
 * @skb: the fragment
 * @net: where it is gathered
 *
 * Context: bottom halves off; RCU.
 * Return: the verdict for netfilter, on the
 * message where this was what it waited for.
 */
unsigned int icmpguard_fragment_handle4(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, u8 mode,
					struct sk_buff *skb, struct net *net)
{
	const struct net_device *in = skb->dev;
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;
	unsigned int verdict, weights;
	bool charged;
	u64 record;
	int err;

	parsed = icmpguard_packet_parse_fragment4(skb, &packet);
	if (parsed != ICMPGUARD_PARSED)
		return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
	if (conclude_fragment(ign, policy, skb, &packet, mode, &verdict, &charged))
		return verdict;
	record = icmpguard_record_hash(ign->records, skb, &packet);
	icmpguard_record_note(ign->records, record, &packet, charged);
	err = icmpguard_reassembly_gather4(net, skb);
	if (err) {
		if (err != -EINPROGRESS)
			count_refused(ign, policy, in, &packet, mode);
		return NF_STOLEN;
	}
	icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_REASSEMBLED);
	parsed = icmpguard_packet_parse(skb, false, &packet);
	packet.fragmented = true;
	weights = icmpguard_reassembly_weights(skb);
	verdict = icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
	if (icmpguard_record_end(ign->records, record))
		give_back(policy, in, &packet, weights, verdict);
	if (verdict == NF_ACCEPT)
		icmpguard_reassembly_keep_df(skb);
	return verdict;
}

#if IS_ENABLED(CONFIG_IPV6)

/**
 * icmpguard_fragment_handle6() - judge a fragment of an ICMPv6 message
 * @ign: the namespace
 * @policy: the policy
 * @mode: enum icmpguard_mode, not OFF
 * @skb: the fragment
 * @net: where it is gathered
 *
 * Context: bottom halves off; RCU.
 * Return: the verdict for netfilter, on the
 * message where this was what it waited for.
 */
unsigned int icmpguard_fragment_handle6(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, u8 mode,
					struct sk_buff *skb, struct net *net)
{
	const struct net_device *in = skb->dev;
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;
	unsigned int verdict, weights;
	bool charged;
	u64 record;
	int err;

	parsed = icmpguard_packet_parse_chain(skb, &packet);
	record = icmpguard_record_hash(ign->records, skb, &packet);
	if (parsed == ICMPGUARD_PARSED_LATER) {
		if (!icmpguard_record_find(ign->records, record, &packet))
			return NF_ACCEPT;
	} else if (parsed != ICMPGUARD_PARSED) {
		return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
	}
	if (conclude_fragment(ign, policy, skb, &packet, mode, &verdict, &charged))
		return verdict;
	icmpguard_record_note(ign->records, record, &packet, charged);
	err = icmpguard_reassembly_gather6(net, skb);
	if (err == -EINPROGRESS)
		return NF_STOLEN;
	if (!err)
		parsed = icmpguard_packet_parse_chain(skb, &packet);
	if (err || parsed == ICMPGUARD_PARSED_OTHER) {
		count_refused(ign, policy, in, &packet, mode);
		return icmpguard_drop(skb, ICMPGUARD_REASON_FRAGMENT_REFUSED);
	}
	/* Nothing for reassembly, which left it as it was */
	if (packet.fragment) {
		packet.tid = ICMPGUARD_TID6_FRAGMENT;
		return icmpguard_verdict_conclude(ign, policy, skb, &packet,
						  icmpguard_policy_fragments(policy, true), mode,
						  ICMPGUARD_REASON_FRAGMENT_REFUSED);
	}
	icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_REASSEMBLED);
	packet.fragmented = true;
	weights = icmpguard_reassembly_weights(skb);
	verdict = icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
	if (icmpguard_record_end(ign->records, record))
		give_back(policy, in, &packet, weights, verdict);
	return verdict;
}

#endif
