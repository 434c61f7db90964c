// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks: from a packet to a verdict.
 *
 * parse -> rules -> sanity -> the type's treatment -> limiter -> verdict.
 * Each step is a function; the first that has a reason ends it.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include "chain.h"
#include "check.h"
#include "drop.h"
#include "hook.h"
#include "jitter.h"
#include "net.h"
#include "packet.h"
#include "refund.h"
#include "scope.h"
#include "trace.h"
#include "trail.h"

/* Before connection tracking and its reassembly, behind a raw table before both */
#define PRIORITY4	(NF_IP_PRI_CONNTRACK_DEFRAG - 1)
#define PRIORITY6	(NF_IP6_PRI_CONNTRACK_DEFRAG - 1)

/* The longest IP packet */
#define PACKET_MAX	65535

/* No reason yet */
#define UNDECIDED	ICMPGUARD_REASONS

static struct icmpguard_stats *stats_of(const struct icmpguard_net *ign)
{
	return this_cpu_ptr(ign->stats);
}

static void record(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
		   const struct icmpguard_addr *src, unsigned int tid)
{
	struct icmpguard_sampler *sampler = &stats_of(ign)->sampler;
	struct icmpguard_addr prefix;
	u8 len;

	if (!icmpguard_sampler_takes(sampler))
		return;
	len = icmpguard_policy_prefix(policy, icmpguard_tid_is_v6(tid), src, &prefix);
	icmpguard_offenders_record(ign->offenders, &prefix, len, tid, 1 + sampler->skipped);
	sampler->skipped = 0;
}

static bool is_limit(enum icmpguard_reason reason)
{
	return reason == ICMPGUARD_REASON_SOURCE_LIMIT || reason == ICMPGUARD_REASON_PENALTY ||
	       reason == ICMPGUARD_REASON_TOTAL_LIMIT || reason == ICMPGUARD_REASON_FRAGMENT_LIMIT;
}

static void trace(const struct sk_buff *skb, const struct icmpguard_packet *packet, u8 mode,
		  enum icmpguard_reason reason, unsigned int verdict)
{
	if (trace_icmpguard_verdict_enabled())
		icmpguard_trace(skb->dev, skb, packet, mode, reason, verdict);
}

static void count_drop(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
		       const struct icmpguard_addr *src, unsigned int tid,
		       enum icmpguard_reason reason)
{
	enum icmpguard_column column = ICMPGUARD_COLUMN_DROPPED;

	/* A total is everybody's doing: it names no offender. */
	if (reason != ICMPGUARD_REASON_TOTAL_LIMIT)
		record(ign, policy, src, tid);
	if (is_limit(reason))
		column = ICMPGUARD_COLUMN_LIMITED;
	icmpguard_stats_verdict(stats_of(ign), tid, column, reason);
}

/* Count a packet, and let the mode and the type's say what becomes of it. */
static unsigned int conclude(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
			     struct sk_buff *skb, const struct icmpguard_packet *packet,
			     const struct icmpguard_plan *plan, u8 mode,
			     enum icmpguard_reason reason)
{
	if (reason < ICMPGUARD_REASON_DROP_FIRST) {
		icmpguard_stats_verdict(stats_of(ign), packet->tid, ICMPGUARD_COLUMN_ACCEPTED,
					reason);
		trace(skb, packet, mode, reason, NF_ACCEPT);
		return NF_ACCEPT;
	}
	if (mode == ICMPGUARD_MODE_MONITOR || plan->monitor) {
		if (reason != ICMPGUARD_REASON_TOTAL_LIMIT)
			record(ign, policy, &packet->src, packet->tid);
		icmpguard_stats_monitored(stats_of(ign), packet->tid, reason);
		trace(skb, packet, mode, reason, NF_ACCEPT);
		return NF_ACCEPT;
	}
	count_drop(ign, policy, &packet->src, packet->tid, reason);
	trace(skb, packet, mode, reason, NF_DROP);
	return icmpguard_drop(skb, reason);
}

static enum icmpguard_reason check(const struct icmpguard_packet *packet, u8 checks)
{
	if (checks & ICMPGUARD_TYPE_ON_LINK && packet->hop_limit != 255)
		return ICMPGUARD_REASON_ND_HOP_LIMIT;
	if (checks & ICMPGUARD_TYPE_WHOLE && packet->fragmented)
		return ICMPGUARD_REASON_ND_FRAGMENT;
	if (checks & ICMPGUARD_TYPE_ONE_HOP && packet->hop_limit != 1)
		return ICMPGUARD_REASON_MLD_HOP_LIMIT;
	return UNDECIDED;
}

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
		icmpguard_stats_note(stats_of(ign), ICMPGUARD_REASON_NOTED_FIRST + i);
	return UNDECIDED;
}

/* The rule that holds the source; NULL: none. */
static const struct icmpguard_rule *find_rule(const struct icmpguard_policy *policy,
					      const struct icmpguard_packet *packet)
{
	if (!policy->rules)
		return NULL;
	return packet->v6 ? icmpguard_ruleset_find6(policy->rules, &packet->src) :
			    icmpguard_ruleset_find4(policy->rules, packet->src.lo);
}

static enum icmpguard_charge charge_ladder(const struct icmpguard_policy *policy,
					   const struct icmpguard_packet *packet,
					   const struct icmpguard_plan *plan, u64 now)
{
	unsigned int i, steps = policy->steps[packet->v6];
	u64 hash[ICMPGUARD_LADDER_MAX];

	for (i = 0; i < steps; i++)
		hash[i] = icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, i);
	return icmpguard_table_charge_ladder(policy->table, hash, plan->step, steps, plan->block,
					     &plan->shared, now);
}

/* Errors: by all of their prefixes, or by a rule's rate */
static enum icmpguard_charge charge_uncertain(const struct icmpguard_policy *policy,
					      const struct icmpguard_packet *packet,
					      const struct icmpguard_plan *plan,
					      const struct icmpguard_gcra *own, u64 now)
{
	unsigned int i, steps = own ? 1 : policy->steps[packet->v6];
	struct icmpguard_gcra step[ICMPGUARD_LADDER_MAX];
	u64 hash[ICMPGUARD_LADDER_MAX];

	for (i = 0; i < steps; i++) {
		hash[i] = icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, i);
		step[i] = icmpguard_jitter_gcra(own ?: &plan->step[i], hash[i], now);
	}
	if (steps > 1)
		return icmpguard_table_charge_ladder(policy->table, hash, step, steps, plan->block,
						     &plan->shared, now);
	return icmpguard_table_charge_any(policy->table, hash[0], &step[0], own ? 0 : plan->block,
					  &plan->shared, now);
}

static enum icmpguard_charge charge(const struct icmpguard_policy *policy,
				    const struct icmpguard_packet *packet,
				    const struct icmpguard_plan *plan,
				    const struct icmpguard_gcra *own)
{
	const struct icmpguard_gcra *source = own ?: &plan->step[0];
	u64 now = icmpguard_clock_now(&policy->clock);

	if (!source->cost)
		return plan->shared.total ? icmpguard_total_charge(&plan->shared, now) :
					    ICMPGUARD_CHARGE_PASS;
	if (plan->uncertain)
		return charge_uncertain(policy, packet, plan, own, now);
	/* A rate of its own is a source's alone: no other prefix, no penalty. */
	if (policy->steps[packet->v6] > 1 && !own)
		return charge_ladder(policy, packet, plan, now);
	return icmpguard_table_charge_any(policy->table,
					  icmpguard_policy_hash(policy, plan, packet->v6,
								&packet->src, 0),
					  source, own ? 0 : plan->block, &plan->shared, now);
}

static __always_inline enum icmpguard_reason reason_of_charge(enum icmpguard_charge charge)
{
	switch (charge) {
	case ICMPGUARD_CHARGE_SOURCE:
		return ICMPGUARD_REASON_SOURCE_LIMIT;
	case ICMPGUARD_CHARGE_PENALTY:
		return ICMPGUARD_REASON_PENALTY;
	case ICMPGUARD_CHARGE_TOTAL:
		return ICMPGUARD_REASON_TOTAL_LIMIT;
	default:
		return ICMPGUARD_REASON_WITHIN_LIMIT;
	}
}

static enum icmpguard_reason judge(const struct icmpguard_net *ign,
				   const struct icmpguard_policy *policy,
				   const struct sk_buff *skb,
				   const struct icmpguard_packet *packet,
				   const struct icmpguard_plan *plan)
{
	const struct icmpguard_gcra *own = NULL;
	const struct icmpguard_rule *rule;
	enum icmpguard_reason reason;

	rule = find_rule(policy, packet);
	if (rule) {
		if (rule->action == ICMPGUARD_RULE_EXEMPT)
			return ICMPGUARD_REASON_EXEMPT;
		if (rule->action == ICMPGUARD_RULE_BLOCK)
			return ICMPGUARD_REASON_BLOCKED;
		own = &rule->gcra;
	}
	if (packet->size > plan->size)
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	if (plan->checks) {
		reason = check(packet, plan->checks);
		if (reason != UNDECIDED)
			return reason;
		if (icmpguard_check_is_due(policy, skb, packet->v6, plan->checks)) {
			reason = check_more(ign, policy, skb, packet, plan->checks);
			if (reason != UNDECIDED)
				return reason;
		}
	}
	switch (plan->action) {
	case ICMPGUARD_ACTION_ACCEPT:
		return ICMPGUARD_REASON_POLICY_ACCEPT;
	case ICMPGUARD_ACTION_DROP:
		return ICMPGUARD_REASON_POLICY_DROP;
	default:
		return reason_of_charge(charge(policy, packet, plan, own));
	}
}

/* A fragment for each part of its weight; see icmpguard_packet_weight() */
static enum icmpguard_reason limit_fragment(const struct icmpguard_policy *policy,
					    const struct icmpguard_packet *packet,
					    const struct icmpguard_plan *plan,
					    const struct icmpguard_gcra *own, unsigned int weight)
{
	while (weight--) {
		switch (charge(policy, packet, plan, own)) {
		case ICMPGUARD_CHARGE_PASS:
			break;
		case ICMPGUARD_CHARGE_TOTAL:
			return ICMPGUARD_REASON_TOTAL_LIMIT;
		default:
			return ICMPGUARD_REASON_FRAGMENT_LIMIT;
		}
	}
	return UNDECIDED;
}

/*
 * No fragment but the last ends anywhere but on a multiple of eight octets, and
 * none is empty: RFC 791 3.2, RFC 8200 4.5. Reassembly would give up the whole
 * packet, which may be somebody else's.
 */
static bool is_impossible(const struct icmpguard_packet *packet)
{
	return packet->size == packet->start ||
	       (!packet->last && (packet->size + packet->inner) % 8);
}

/* What one fragment alone is enough to say */
static enum icmpguard_reason judge_fragment(const struct icmpguard_policy *policy,
					    const struct icmpguard_packet *packet,
					    const struct icmpguard_plan *plan, u8 mode,
					    unsigned int weight)
{
	const struct icmpguard_rule *rule = find_rule(policy, packet);

	if (packet->size + packet->inner + packet->head > PACKET_MAX)
		return ICMPGUARD_REASON_FRAGMENT_OVERSIZE;
	if (is_impossible(packet))
		return ICMPGUARD_REASON_FRAGMENT_REFUSED;
	if (rule && rule->action == ICMPGUARD_RULE_EXEMPT)
		return UNDECIDED;
	if (rule && rule->action == ICMPGUARD_RULE_BLOCK)
		return ICMPGUARD_REASON_BLOCKED;
	if (plan->action == ICMPGUARD_ACTION_DROP)
		return ICMPGUARD_REASON_POLICY_DROP;
	/* It takes no memory, so it is charged nothing. */
	if (packet->size > policy->fragment_end && mode == ICMPGUARD_MODE_ENFORCE)
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	if (plan->action == ICMPGUARD_ACTION_LIMIT)
		return limit_fragment(policy, packet, plan, rule ? &rule->gcra : NULL, weight);
	return UNDECIDED;
}

/*
 * One that is dropped keeps a fragment's charge, or a flood of complete messages
 * would have all of them put together.
 */
static void give_back(const struct icmpguard_policy *policy, const struct icmpguard_packet *packet,
		      unsigned int weights, unsigned int verdict)
{
	icmpguard_refund(policy, packet, find_rule(policy, packet),
			 weights - (verdict != NF_ACCEPT));
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
		return UNDECIDED;
	}
}

/*
 * A fragment: what it alone says, and then into reassembly.
 * Return: true when @verdict is the last word.
 */
static bool conclude_fragment(const struct icmpguard_net *ign,
			      const struct icmpguard_policy *policy, struct sk_buff *skb,
			      struct icmpguard_packet *packet, u8 mode, unsigned int *verdict)
{
	const struct icmpguard_plan *plan;
	enum icmpguard_reason reason;

	icmpguard_stats_note(stats_of(ign), ICMPGUARD_REASON_FRAGMENTS);
	packet->tid = packet->v6 ? ICMPGUARD_TID6_FRAGMENT : ICMPGUARD_TID4_FRAGMENT;
	plan = &policy->plans[packet->tid];
	reason = judge_fragment(policy, packet, plan, mode,
				icmpguard_packet_weight(skb));
	if (likely(reason == UNDECIDED))
		return false;
	/* Count a packet that is too large once, by the fragment it has one of. */
	if (reason == ICMPGUARD_REASON_ECHO_OVERSIZE && !packet->last) {
		icmpguard_stats_note(stats_of(ign), ICMPGUARD_REASON_FRAGMENTS_EARLY);
		trace(skb, packet, mode, ICMPGUARD_REASON_FRAGMENTS_EARLY, NF_DROP);
		*verdict = icmpguard_drop(skb, ICMPGUARD_REASON_FRAGMENTS_EARLY);
		return true;
	}
	*verdict = conclude(ign, policy, skb, packet, plan, mode, reason);
	return *verdict != NF_ACCEPT;
}

/* Reassembly took a fragment and didn't keep it, or won't have it. */
static void count_refused(const struct icmpguard_net *ign, const struct net_device *in,
			  struct icmpguard_packet *packet, u8 mode)
{
	packet->tid = packet->v6 ? ICMPGUARD_TID6_FRAGMENT : ICMPGUARD_TID4_FRAGMENT;
	icmpguard_stats_verdict(stats_of(ign), packet->tid, ICMPGUARD_COLUMN_DROPPED,
				ICMPGUARD_REASON_FRAGMENT_REFUSED);
	if (trace_icmpguard_verdict_enabled())
		icmpguard_trace(in, NULL, packet, mode, ICMPGUARD_REASON_FRAGMENT_REFUSED, NF_DROP);
}

/* What is done with a packet for where it came in and whom it is for */
static u8 mode_of(const struct icmpguard_policy *policy, const struct sk_buff *skb,
		  const struct nf_hook_state *state)
{
	bool v6 = state->pf == NFPROTO_IPV6;

	if (policy->local && !icmpguard_scope_has(state->net, state->in, skb, v6))
		return ICMPGUARD_MODE_OFF;
	if (policy->interfaces)
		return icmpguard_scope_interface(policy, state->in);
	return policy->mode;
}

/* A packet that is whole, or was made so */
static unsigned int conclude_any(const struct icmpguard_net *ign,
				 const struct icmpguard_policy *policy, struct sk_buff *skb,
				 const struct icmpguard_packet *packet, u8 mode,
				 enum icmpguard_parsed parsed)
{
	const struct icmpguard_plan *plan = icmpguard_policy_plan(policy, packet->tid,
								  packet->code);
	enum icmpguard_reason reason = reason_of(parsed);

	if (parsed == ICMPGUARD_PARSED)
		reason = judge(ign, policy, skb, packet, plan);
	return conclude(ign, policy, skb, packet, plan, mode, reason);
}

/*
 * Whether there is nothing but a rate to judge a packet by: what most packets
 * are. The way of those that are is inlined, takes no packet's address, so that
 * none of it is in memory, and calls nothing.
 */
static __always_inline bool is_plain(const struct icmpguard_policy *policy,
				     const struct sk_buff *skb,
				     const struct icmpguard_packet *packet,
				     enum icmpguard_parsed parsed)
{
	const struct icmpguard_plan *plan = &policy->plans[packet->tid];

	return likely(parsed == ICMPGUARD_PARSED && plan->plain &&
		      !icmpguard_check_is_due(policy, skb, packet->v6, plan->checks) &&
		      !trace_icmpguard_verdict_enabled());
}

static __always_inline enum icmpguard_reason judge_plain(const struct icmpguard_policy *policy,
							 const struct icmpguard_packet *packet,
							 const struct icmpguard_plan *plan)
{
	u64 hash;

	if (unlikely(packet->size > plan->size))
		return ICMPGUARD_REASON_ECHO_OVERSIZE;
	hash = icmpguard_policy_hash(policy, plan, packet->v6, &packet->src, 0);
	return reason_of_charge(icmpguard_table_charge(policy->table, hash, &plan->step[0],
						       plan->block, &plan->shared,
						       icmpguard_clock_now_coarse(&policy->clock)));
}

/* The address comes by value, so that it is in registers until here. */
static noinline void count_drop_plain(const struct icmpguard_net *ign,
				      const struct icmpguard_policy *policy, u64 src_hi, u64 src_lo,
				      unsigned int tid, enum icmpguard_reason reason)
{
	const struct icmpguard_addr src = { src_hi, src_lo };

	count_drop(ign, policy, &src, tid, reason);
}

static __always_inline unsigned int conclude_plain(const struct icmpguard_net *ign,
						   const struct icmpguard_policy *policy,
						   struct sk_buff *skb,
						   const struct icmpguard_packet *packet)
{
	const struct icmpguard_plan *plan = &policy->plans[packet->tid];
	struct icmpguard_stats *stats = stats_of(ign);
	enum icmpguard_reason reason;

	reason = judge_plain(policy, packet, plan);
	if (likely(reason < ICMPGUARD_REASON_DROP_FIRST)) {
		icmpguard_stats_verdict(stats, packet->tid, ICMPGUARD_COLUMN_ACCEPTED, reason);
		return NF_ACCEPT;
	}
	/* A flood's packet is counted and nothing else. */
	if (reason == ICMPGUARD_REASON_TOTAL_LIMIT ||
	    (reason == ICMPGUARD_REASON_SOURCE_LIMIT && icmpguard_sampler_skips(&stats->sampler)))
		icmpguard_stats_verdict(stats, packet->tid, ICMPGUARD_COLUMN_LIMITED, reason);
	else
		count_drop_plain(ign, policy, packet->src.hi, packet->src.lo, packet->tid, reason);
	return icmpguard_drop(skb, reason);
}

static noinline unsigned int handle_fragment4(const struct icmpguard_net *ign,
					      const struct icmpguard_policy *policy, u8 mode,
					      struct sk_buff *skb, struct net *net)
{
	const struct net_device *in = skb->dev;
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;
	unsigned int verdict, weights;
	u64 trail;
	int err;

	parsed = icmpguard_packet_parse_fragment4(skb, &packet);
	if (parsed != ICMPGUARD_PARSED)
		return conclude_any(ign, policy, skb, &packet, mode, parsed);
	if (conclude_fragment(ign, policy, skb, &packet, mode, &verdict))
		return verdict;
	trail = icmpguard_trail_hash(ign->trails, skb, &packet);
	icmpguard_trail_follow(ign->trails, trail, &packet);
	err = icmpguard_packet_gather4(net, skb);
	if (err) {
		if (err != -EINPROGRESS)
			count_refused(ign, in, &packet, mode);
		return NF_STOLEN;
	}
	icmpguard_stats_note(stats_of(ign), ICMPGUARD_REASON_REASSEMBLED);
	parsed = icmpguard_packet_parse4(skb, &packet);
	packet.fragmented = true;
	weights = icmpguard_packet_weights(skb);
	verdict = conclude_any(ign, policy, skb, &packet, mode, parsed);
	if (icmpguard_trail_end(ign->trails, trail))
		give_back(policy, &packet, weights, verdict);
	if (verdict == NF_ACCEPT)
		icmpguard_packet_keep_df(skb);
	return verdict;
}

/* All that isn't plain. What was parsed before is parsed again: see is_plain(). */
static noinline unsigned int handle_any4(const struct icmpguard_net *ign,
					 const struct icmpguard_policy *policy,
					 struct sk_buff *skb, const struct nf_hook_state *state)
{
	u8 mode = mode_of(policy, skb, state);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;

	if (mode == ICMPGUARD_MODE_OFF)
		return NF_ACCEPT;
	if (ip_is_fragment(ip_hdr(skb)))
		return handle_fragment4(ign, policy, mode, skb, state->net);
	parsed = icmpguard_packet_parse4(skb, &packet);
	return conclude_any(ign, policy, skb, &packet, mode, parsed);
}

/* A function of its own, so that the hook needs no stack for what isn't ICMP */
static noinline unsigned int handle4(const struct icmpguard_net *ign, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct icmpguard_policy *policy = rcu_dereference(ign->policy);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;

	if (unlikely(!policy || icmpguard_scope_is_internal(state->in, skb, false)))
		return NF_ACCEPT;
	if (unlikely(ip_is_fragment(ip_hdr(skb))))
		return handle_any4(ign, policy, skb, state);
	parsed = icmpguard_packet_parse4(skb, &packet);
	if (is_plain(policy, skb, &packet, parsed))
		return conclude_plain(ign, policy, skb, &packet);
	return handle_any4(ign, policy, skb, state);
}

/* Only a packet that a queue gives back comes with bottom halves on. */
static noinline unsigned int handle4_bh(const struct icmpguard_net *ign, struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = handle4(ign, skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (likely(ip_hdr(skb)->protocol != IPPROTO_ICMP))
		return NF_ACCEPT;
	if (unlikely(!in_softirq()))
		return handle4_bh(priv, skb, state);
	return handle4(priv, skb, state);
}

#if IS_ENABLED(CONFIG_IPV6)

static bool may_be_icmpv6(u8 next_header)
{
	return next_header == NEXTHDR_ICMP || icmpguard_chain_is_extension(next_header);
}

static noinline unsigned int handle_fragment6(const struct icmpguard_net *ign,
					      const struct icmpguard_policy *policy, u8 mode,
					      struct sk_buff *skb, struct net *net)
{
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;
	unsigned int verdict, weights;
	u64 trail;
	int err;

	parsed = icmpguard_packet_parse_chain(skb, &packet);
	trail = icmpguard_trail_hash(ign->trails, skb, &packet);
	if (parsed == ICMPGUARD_PARSED_LATER) {
		if (!icmpguard_trail_find(ign->trails, trail, &packet))
			return NF_ACCEPT;
	} else if (parsed != ICMPGUARD_PARSED) {
		return conclude_any(ign, policy, skb, &packet, mode, parsed);
	}
	if (conclude_fragment(ign, policy, skb, &packet, mode, &verdict))
		return verdict;
	icmpguard_trail_follow(ign->trails, trail, &packet);
	err = icmpguard_packet_gather6(net, skb);
	if (err == -EINPROGRESS)
		return NF_STOLEN;
	if (!err)
		parsed = icmpguard_packet_parse_chain(skb, &packet);
	if (err || packet.fragment) {
		count_refused(ign, skb->dev, &packet, mode);
		return icmpguard_drop(skb, ICMPGUARD_REASON_FRAGMENT_REFUSED);
	}
	icmpguard_stats_note(stats_of(ign), ICMPGUARD_REASON_REASSEMBLED);
	packet.fragmented = true;
	weights = icmpguard_packet_weights(skb);
	verdict = conclude_any(ign, policy, skb, &packet, mode, parsed);
	if (icmpguard_trail_end(ign->trails, trail))
		give_back(policy, &packet, weights, verdict);
	return verdict;
}

/* All that isn't plain: see handle_any4() */
static noinline unsigned int handle_any6(const struct icmpguard_net *ign,
					 const struct icmpguard_policy *policy,
					 struct sk_buff *skb, const struct nf_hook_state *state)
{
	u8 mode = mode_of(policy, skb, state);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;

	if (mode == ICMPGUARD_MODE_OFF)
		return NF_ACCEPT;
	parsed = icmpguard_packet_parse_chain(skb, &packet);
	if (parsed == ICMPGUARD_PARSED_OTHER)
		return NF_ACCEPT;
	if (packet.fragment)
		return handle_fragment6(ign, policy, mode, skb, state->net);
	return conclude_any(ign, policy, skb, &packet, mode, parsed);
}

static noinline unsigned int handle6(const struct icmpguard_net *ign, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct icmpguard_policy *policy = rcu_dereference(ign->policy);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;

	if (unlikely(!policy || icmpguard_scope_is_internal(state->in, skb, true)))
		return NF_ACCEPT;
	if (unlikely(ipv6_hdr(skb)->nexthdr != NEXTHDR_ICMP))
		return handle_any6(ign, policy, skb, state);
	parsed = icmpguard_packet_parse6(skb, &packet);
	if (is_plain(policy, skb, &packet, parsed))
		return conclude_plain(ign, policy, skb, &packet);
	return handle_any6(ign, policy, skb, state);
}

static noinline unsigned int handle6_bh(const struct icmpguard_net *ign, struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = handle6(ign, skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (likely(!may_be_icmpv6(ipv6_hdr(skb)->nexthdr)))
		return NF_ACCEPT;
	if (unlikely(!in_softirq()))
		return handle6_bh(priv, skb, state);
	return handle6(priv, skb, state);
}

#endif

/**
 * icmpguard_hook_register() - begin to judge a namespace's packets
 * @ign: the namespace, prepared
 *
 * Context: process, @ign->lock held. Return: 0 or what netfilter says.
 */
int icmpguard_hook_register(struct icmpguard_net *ign)
{
	unsigned int hooks = 0;
	int err;

	ign->hook[hooks++] = (struct nf_hook_ops) {
		.hook = hook4,
		.priv = ign,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = PRIORITY4,
	};
#if IS_ENABLED(CONFIG_IPV6)
	ign->hook[hooks++] = (struct nf_hook_ops) {
		.hook = hook6,
		.priv = ign,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = PRIORITY6,
	};
#endif
	err = nf_register_net_hooks(ign->net, ign->hook, hooks);
	if (!err)
		ign->hooked = true;
	return err;
}

/**
 * icmpguard_hook_unregister() - judge no more packets
 * @ign: the namespace; nothing is done if it isn't hooked
 *
 * Packets may be in the hooks until a grace period is over.
 *
 * Context: process, @ign->lock held or nobody else left.
 */
void icmpguard_hook_unregister(struct icmpguard_net *ign)
{
	if (!ign->hooked)
		return;
	nf_unregister_net_hooks(ign->net, ign->hook, IS_ENABLED(CONFIG_IPV6) ? 2 : 1);
	ign->hooked = false;
}
