// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments: what each says alone, and what they are when they are together.
 *
 * Only what is for this host is put together. Anything else is judged by its
 * fragments: the first has the type, and the others follow its verdict. Nothing
 * waits for that, and nothing is held.
 */
#include "fragment.h"
#include "judge.h"
#include "net.h"
#include "reassembly.h"
#include "record.h"
#include "reverse.h"
#include "scope.h"
#include "verdict.h"

/* The longest IP packet */
#define PACKET_MAX	65535

/**
 * struct fragment - what is known of a fragment beside what it says
 * @message: its message's hash
 * @piece: its own, where it is put together
 * @rule: its source's; NULL: none
 * @plan: the treatment of fragments; without a total while there is memory in plenty
 * @first: it has the message's type
 * @together: it is put together with the others
 * @short_of_memory: what waits takes most of the memory there is for it
 * @judged: what became of the first, where it isn't
 */
struct fragment {
	u64 message;
	u64 piece;
	const struct icmpguard_rule *rule;
	const struct icmpguard_plan *plan;
	bool first;
	bool together;
	bool short_of_memory;
	enum icmpguard_judged judged;
};

/*
 * Give back what a message's fragments were charged. A packet that is whole takes
 * no memory for reassembly any more; with this the rate of fragments is one of
 * those that stay alone, and may be low. Looks at no more than
 * ICMPGUARD_LADDER_MAX buckets.
 */
static void refund_fragments(const struct icmpguard_policy *policy,
			     const struct icmpguard_packet *packet,
			     const struct fragment *fragment,
			     const struct icmpguard_charged *charged)
{
	const struct icmpguard_plan *plan = icmpguard_policy_fragments(policy, packet->v6);
	unsigned int i, steps = policy->steps[packet->v6];
	const struct icmpguard_gcra *rate = icmpguard_rule_rate(fragment->rule);
	const struct icmpguard_gcra *step = rate ?: plan->step;
	u64 now, hash, penalty = rate ? 0 : plan->penalty;

	if (!charged->charges || plan->action != ICMPGUARD_ACTION_LIMIT)
		return;
	if (rate)
		steps = 1;
	now = icmpguard_clock_now(&policy->clock);
	for (i = 0; i < steps; i++) {
		hash = icmpguard_policy_hash_own(policy, plan, packet->v6, &packet->src,
						 fragment->rule, i);
		icmpguard_table_refund(policy->table, hash, &step[i], i ? 0 : penalty,
				       i || !charged->aggregate ? NULL : &plan->aggregate,
				       charged->charges, charged->age * ICMPGUARD_JIFFY, now);
	}
}

/*
 * A fragment for each part of its weight; see icmpguard_reassembly_weight(). One that
 * is refused takes no memory: what it was charged until then is given back.
 */
static enum icmpguard_reason limit_fragment(const struct icmpguard_policy *policy,
					    const struct icmpguard_packet *packet,
					    const struct fragment *fragment, unsigned int weight)
{
	struct icmpguard_charged charged = { .aggregate = fragment->short_of_memory };
	enum icmpguard_charge charge;

	if (fragment->plan->action != ICMPGUARD_ACTION_LIMIT)
		return ICMPGUARD_UNDECIDED;
	for (; charged.charges < weight; charged.charges++) {
		charge = icmpguard_judge_charge(policy, packet->v6, &packet->src, fragment->plan,
						fragment->rule);
		if (charge == ICMPGUARD_CHARGE_PASS)
			continue;
		refund_fragments(policy, packet, fragment, &charged);
		return charge == ICMPGUARD_CHARGE_AGGREGATE ? ICMPGUARD_REASON_TOTAL_LIMIT :
							  ICMPGUARD_REASON_FRAGMENT_LIMIT;
	}
	return ICMPGUARD_UNDECIDED;
}

/*
 * No fragment but the last ends anywhere but on a multiple of eight bytes, and
 * none is empty: RFC 791 3.2, RFC 8200 4.5. Reassembly would give up the whole
 * packet, which may be another's. And none but the first has any of the ICMP header:
 * it could make another type of what was judged.
 */
static bool is_impossible(const struct icmpguard_packet *packet, bool first)
{
	return packet->size == packet->start ||
	       (!packet->last && (packet->size + packet->inner) % 8) ||
	       (!first && packet->start < ICMPGUARD_ICMP_HEADER);
}

static bool is_exempt(const struct fragment *fragment)
{
	return fragment->rule && fragment->rule->action == ICMPGUARD_RULE_EXEMPT;
}

/*
 * Whether it is past the end of any echo that may pass, and that is for it to say.
 * What isn't put together may be an echo unless it is known that it isn't.
 */
static bool is_too_far(const struct icmpguard_policy *policy,
		       const struct icmpguard_packet *packet, const struct fragment *fragment)
{
	bool other = fragment->together || fragment->first ||
		     fragment->judged == ICMPGUARD_JUDGED_PASSED;

	if (packet->size <= (other ? policy->fragment_end : policy->echo_end))
		return false;
	/* Where such an echo passes, the whole message is counted. */
	return !fragment->together || !(policy->large_monitored || fragment->plan->monitor);
}

/*
 * What one fragment alone is enough to say. Return: FRAGMENTS_EARLY for one that goes
 * with a message that was dropped.
 */
static enum icmpguard_reason judge_fragment(const struct icmpguard_net *ign,
					    const struct icmpguard_policy *policy,
					    const struct sk_buff *skb,
					    const struct icmpguard_packet *packet,
					    const struct fragment *fragment, unsigned int weight)
{
	if (packet->size + packet->inner + packet->head > PACKET_MAX)
		return ICMPGUARD_REASON_FRAGMENT_OVERSIZE;
	if (is_impossible(packet, fragment->first))
		return ICMPGUARD_REASON_FRAGMENT_REFUSED;
	if (is_exempt(fragment))
		return ICMPGUARD_UNDECIDED;
	if (fragment->rule && fragment->rule->action == ICMPGUARD_RULE_BLOCK)
		return ICMPGUARD_REASON_BLOCKED;
	/* A first one that isn't put together is judged as its message, by this too. */
	if ((fragment->together || !fragment->first) &&
	    fragment->plan->checks & ICMPGUARD_TYPE_ROUTED &&
	    policy->dropped & BIT(ICMPGUARD_CHECK_REVERSE_PATH) &&
	    !icmpguard_reverse_path_is(skb, packet->v6))
		return ICMPGUARD_REASON_REVERSE_PATH;
	if (fragment->plan->action == ICMPGUARD_ACTION_DROP)
		return ICMPGUARD_REASON_POLICY_DROP;
	if (fragment->judged == ICMPGUARD_JUDGED_DROPPED)
		return ICMPGUARD_REASON_FRAGMENTS_EARLY;
	/* It takes no memory, so it is charged nothing. */
	if (is_too_far(policy, packet, fragment))
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	if (fragment->together) {
		/* Neither does one that is there already, or was a moment ago. */
		if (icmpguard_piece_repeats(ign->records, fragment->piece))
			return ICMPGUARD_REASON_FRAGMENT_REFUSED;
		return limit_fragment(policy, packet, fragment, weight);
	}
	if (fragment->first || fragment->judged != ICMPGUARD_JUDGED_NOT)
		return ICMPGUARD_UNDECIDED;
	return limit_fragment(policy, packet, fragment, 1);
}

/* Count and decide what a fragment alone was enough for. */
static unsigned int conclude_fragment(const struct icmpguard_net *ign,
				      const struct icmpguard_policy *policy, struct sk_buff *skb,
				      const struct icmpguard_packet *packet,
				      const struct fragment *fragment, u8 mode,
				      enum icmpguard_reason reason)
{
	struct icmpguard_packet alone = *packet;
	const struct icmpguard_plan *plan = fragment->plan;
	bool counts = reason != ICMPGUARD_REASON_FRAGMENTS_EARLY;

	alone.tid = packet->v6 ? ICMPGUARD_TID6_FRAGMENT : ICMPGUARD_TID4_FRAGMENT;
	if (reason == ICMPGUARD_REASON_ECHO_OVERSIZE) {
		/* Count a packet that is too large once, by the fragment it has one of. */
		counts = packet->last;
		/* That fragments are only monitored doesn't matter to an echo's size. */
		plan = icmpguard_policy_plan(policy, packet->v6 ? ICMPGUARD_TID6_ECHO_REQUEST :
							 ICMPGUARD_TID4_ECHO_REQUEST, 0);
		if (policy->large_monitored)
			mode = ICMPGUARD_MODE_MONITOR;
	}
	if (counts)
		return icmpguard_verdict_conclude(ign, policy, skb, &alone, plan, mode, reason);
	if (mode == ICMPGUARD_MODE_MONITOR)
		return NF_ACCEPT;
	icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_FRAGMENTS_EARLY);
	icmpguard_verdict_trace(skb->dev, skb, &alone, mode, ICMPGUARD_REASON_FRAGMENTS_EARLY,
				NF_DROP);
	return icmpguard_drop(skb, ICMPGUARD_REASON_FRAGMENTS_EARLY);
}

/*
 * What one alone says, and what there is to be known for that. Return: true when
 * @verdict is the last word on the fragment; false when it is to be put together, or
 * is a first one that is judged as the message.
 */
static bool decide_fragment(const struct icmpguard_net *ign,
			    const struct icmpguard_policy *policy, struct sk_buff *skb,
			    struct net *net, struct icmpguard_packet *packet,
			    struct fragment *fragment, u8 mode, unsigned int *verdict)
{
	struct icmpguard_charged charged = {
		.charges = icmpguard_reassembly_weight(skb),
		.memory = icmpguard_reassembly_memory(skb),
	};
	enum icmpguard_reason reason;

	icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_FRAGMENTS);
	fragment->rule = icmpguard_judge_rule(policy, skb->dev, packet->v6, packet->src.hi,
					      packet->src.lo);
	/* What must pass in any case is never held. */
	fragment->together = mode == ICMPGUARD_MODE_ENFORCE && !is_exempt(fragment) &&
			     icmpguard_scope_is_here(net, skb->dev, skb, packet->v6);
	fragment->short_of_memory = fragment->together &&
				    icmpguard_record_waiting(ign->records, packet->v6) >
				    icmpguard_reassembly_plenty(net, packet->v6);
	fragment->plan = fragment->short_of_memory ?
			 icmpguard_policy_fragments(policy, packet->v6) :
			 &policy->passing[packet->v6];
	fragment->judged = ICMPGUARD_JUDGED_NOT;
	if (fragment->together)
		fragment->piece = icmpguard_piece_hash(ign->records, fragment->message, packet);
	else if (!fragment->first)
		fragment->judged = icmpguard_record_judged(ign->records, fragment->message);
	reason = judge_fragment(ign, policy, skb, packet, fragment, charged.charges);
	if (reason == ICMPGUARD_UNDECIDED && fragment->first && packet->inner &&
	    !is_exempt(fragment) &&
	    !icmpguard_inner_note(ign->records, fragment->message, packet->inner)) {
		packet->tid = ICMPGUARD_TID6_OTHER;
		*verdict = icmpguard_verdict_conclude(ign, policy, skb, packet,
						      &policy->plans[ICMPGUARD_TID6_OTHER], mode,
						      ICMPGUARD_REASON_HEADER_CHAIN);
		return true;
	}
	if (reason != ICMPGUARD_UNDECIDED) {
		*verdict = conclude_fragment(ign, policy, skb, packet, fragment, mode, reason);
		/* Where nothing is dropped it goes on, and harms no other's message. */
		if (*verdict != NF_ACCEPT || !fragment->together ||
		    reason == ICMPGUARD_REASON_FRAGMENT_OVERSIZE ||
		    reason == ICMPGUARD_REASON_FRAGMENT_REFUSED)
			return true;
	}
	if (!fragment->together) {
		*verdict = NF_ACCEPT;
		return !fragment->first;
	}
	if (reason == ICMPGUARD_UNDECIDED && fragment->plan->action == ICMPGUARD_ACTION_LIMIT) {
		charged.aggregate = fragment->short_of_memory;
		icmpguard_record_charge(ign->records, fragment->message, packet->v6, &charged);
	}
	icmpguard_piece_note(ign->records, fragment->piece);
	return false;
}

/* The first fragment is judged as the message, and the others follow. */
static unsigned int judge_first(const struct icmpguard_net *ign,
				const struct icmpguard_policy *policy, struct sk_buff *skb,
				const struct icmpguard_packet *packet,
				const struct fragment *fragment, u8 mode)
{
	bool sized = icmpguard_policy_plan(policy, packet->tid, packet->code)->size != U32_MAX;
	unsigned int verdict = icmpguard_judge_packet(ign, policy, skb, packet, mode,
						      ICMPGUARD_PARSED);

	icmpguard_record_judge(ign->records, fragment->message,
			       verdict != NF_ACCEPT ? ICMPGUARD_JUDGED_DROPPED :
			       sized ? ICMPGUARD_JUDGED_SIZED : ICMPGUARD_JUDGED_PASSED);
	return verdict;
}

/*
 * The message is whole. One that is dropped keeps a fragment's charge, or a flood of
 * complete messages would have all of them put together.
 */
static unsigned int judge_whole(const struct icmpguard_net *ign,
				const struct icmpguard_policy *policy, struct sk_buff *skb,
				struct icmpguard_packet *packet, const struct fragment *fragment,
				u8 mode, enum icmpguard_parsed parsed)
{
	struct icmpguard_charged charged = icmpguard_record_end(ign->records, fragment->message,
								packet->v6);
	unsigned int verdict;

	icmpguard_stats_note(icmpguard_net_stats(ign), ICMPGUARD_REASON_REASSEMBLED);
	packet->fragmented = true;
	verdict = icmpguard_judge_packet(ign, policy, skb, packet, mode, parsed);
	if (verdict != NF_ACCEPT && charged.charges)
		charged.charges--;
	refund_fragments(policy, packet, fragment, &charged);
	return verdict;
}

/*
 * Reassembly refused a fragment: IPv4's has freed it, and IPv6's may have taken its
 * headers off. So there is nothing left to let pass.
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
	struct fragment fragment;
	unsigned int verdict;
	int err;

	parsed = icmpguard_packet_parse_fragment4(skb, &packet);
	if (parsed != ICMPGUARD_PARSED)
		return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
	fragment.message = icmpguard_record_hash(ign->records, skb, &packet);
	fragment.first = !packet.start;
	if (decide_fragment(ign, policy, skb, net, &packet, &fragment, mode, &verdict))
		return verdict;
	if (!fragment.together)
		return judge_first(ign, policy, skb, &packet, &fragment, mode);
	err = icmpguard_reassembly_gather4(net, skb);
	if (err) {
		if (err != -EINPROGRESS)
			count_refused(ign, policy, in, &packet, mode);
		return NF_STOLEN;
	}
	parsed = icmpguard_packet_parse(skb, false, &packet);
	return judge_whole(ign, policy, skb, &packet, &fragment, mode, parsed);
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
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;
	struct fragment fragment;
	unsigned int verdict;
	int err;

	parsed = icmpguard_packet_parse_chain(skb, &packet);
	fragment.message = icmpguard_record_hash(ign->records, skb, &packet);
	fragment.first = !packet.start;
	if (parsed == ICMPGUARD_PARSED_LATER) {
		if (!icmpguard_inner_find(ign->records, fragment.message, &packet))
			return NF_ACCEPT;
	} else if (parsed != ICMPGUARD_PARSED) {
		return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
	}
	if (decide_fragment(ign, policy, skb, net, &packet, &fragment, mode, &verdict))
		return verdict;
	if (!fragment.together)
		return judge_first(ign, policy, skb, &packet, &fragment, mode);
	err = icmpguard_reassembly_gather6(net, skb);
	if (err == -EINPROGRESS)
		return NF_STOLEN;
	if (!err)
		parsed = icmpguard_packet_parse_chain(skb, &packet);
	if (err || parsed == ICMPGUARD_PARSED_OTHER) {
		count_refused(ign, policy, skb->dev, &packet, mode);
		return icmpguard_drop(skb, ICMPGUARD_REASON_FRAGMENT_REFUSED);
	}
	/* Nothing for reassembly, which left it as it was */
	if (packet.fragment)
		return conclude_fragment(ign, policy, skb, &packet, &fragment, mode,
					 ICMPGUARD_REASON_FRAGMENT_REFUSED);
	return judge_whole(ign, policy, skb, &packet, &fragment, mode, parsed);
}

#endif
