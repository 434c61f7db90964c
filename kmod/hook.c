// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks: which packets are judged, and by which path.
 *
 * There is one judge (judge.h), and three instances of it, each with more of a
 * packet to look at than the one before. A path that can't decide has charged and
 * counted nothing, and the packet takes the next one:
 *
 * - fast: nothing but a rate to judge by, as with most packets by default. It is
 *   inlined into the hook, takes no packet's address, so that none of it is in
 *   memory, and calls nothing.
 * - mid: errors, prefix rules, exceptions for codes, two steps of the ladder. It is
 *   inlined as well, but not into the hook: that would cost the fast path.
 * - slow: everything, step by step; fragments, extension headers, interfaces
 *   with a mode, packets that are traced.
 *
 * What a path needs is parsed again: handing it on would keep it in memory.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include "fragment.h"
#include "hook.h"
#include "judge.h"
#include "net.h"
#include "packet.h"
#include "scope.h"
#include "verdict.h"

/* Before connection tracking and its reassembly, after a raw table before both */
#define PRIORITY4	(NF_IP_PRI_CONNTRACK_DEFRAG - 1)
#define PRIORITY6	(NF_IP6_PRI_CONNTRACK_DEFRAG - 1)

/* Whether a packet of protocol ICMP is a message and nothing else */
static __always_inline bool is_message(const struct sk_buff *skb, bool v6)
{
	return v6 ? ipv6_hdr(skb)->nexthdr == NEXTHDR_ICMP : !ip_is_fragment(ip_hdr(skb));
}

/* The mode for a packet, by where it came in and whom it is for */
static u8 mode_of(const struct icmpguard_policy *policy, const struct sk_buff *skb,
		  const struct nf_hook_state *state, bool v6)
{
	if (policy->local && !icmpguard_scope_has(state->net, state->in, skb, v6))
		return ICMPGUARD_MODE_OFF;
	if (policy->interfaces)
		return icmpguard_scope_interface(policy, state->in);
	return policy->mode;
}

static noinline unsigned int slow_path(const struct icmpguard_net *ign,
				       const struct icmpguard_policy *policy, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	bool v6 = IS_ENABLED(CONFIG_IPV6) && state->pf == NFPROTO_IPV6;
	u8 mode = mode_of(policy, skb, state, v6);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;

	if (mode == ICMPGUARD_MODE_OFF)
		return NF_ACCEPT;
	if (!v6 && ip_is_fragment(ip_hdr(skb)))
		return icmpguard_fragment_handle4(ign, policy, mode, skb, state->net);
	parsed = v6 ? icmpguard_packet_parse_chain(skb, &packet) :
		      icmpguard_packet_parse(skb, false, &packet);
	if (parsed == ICMPGUARD_PARSED_OTHER)
		return NF_ACCEPT;
	if (v6 && packet.fragment)
		return icmpguard_fragment_handle6(ign, policy, mode, skb, state->net);
	return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
}

/* A packet without extension headers that is no fragment, by the fast or the mid path */
static __always_inline enum icmpguard_reason
judge_message(enum icmpguard_path path, const struct icmpguard_net *ign,
	      const struct icmpguard_policy *policy, const struct sk_buff *skb, bool v6,
	      struct icmpguard_packet *packet)
{
	if (unlikely(icmpguard_packet_parse(skb, v6, packet) != ICMPGUARD_PARSED ||
		     trace_icmpguard_verdict_enabled()))
		return ICMPGUARD_UNDECIDED;
	return icmpguard_judge(path, ign, policy, skb->dev, skb, skb_network_header(skb),
			       icmpguard_packet_linear(skb), packet,
			       icmpguard_judge_plan(path, policy, packet));
}

static __always_inline unsigned int mid_path(const struct icmpguard_net *ign,
					     const struct icmpguard_policy *policy,
					     struct sk_buff *skb,
					     const struct nf_hook_state *state, bool v6)
{
	struct icmpguard_packet packet = {};
	enum icmpguard_reason reason;

	reason = judge_message(ICMPGUARD_PATH_MID, ign, policy, skb, v6, &packet);
	if (unlikely(reason == ICMPGUARD_UNDECIDED))
		return slow_path(ign, policy, skb, state);
	return icmpguard_verdict_enforce(ign, policy, skb, &packet, reason);
}

static noinline unsigned int mid_path4(const struct icmpguard_net *ign,
				       const struct icmpguard_policy *policy, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	return mid_path(ign, policy, skb, state, false);
}

static noinline unsigned int mid_path6(const struct icmpguard_net *ign,
				       const struct icmpguard_policy *policy, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	return mid_path(ign, policy, skb, state, true);
}

static __always_inline unsigned int fast_path(const struct icmpguard_net *ign,
					      struct sk_buff *skb,
					      const struct nf_hook_state *state, bool v6)
{
	const struct icmpguard_policy *policy = rcu_dereference(ign->policy);
	struct icmpguard_packet packet = {};
	enum icmpguard_reason reason;

	if (unlikely(!policy || icmpguard_scope_is_internal(state->in, skb, v6)))
		return NF_ACCEPT;
	if (unlikely(!is_message(skb, v6)))
		return slow_path(ign, policy, skb, state);
	reason = judge_message(ICMPGUARD_PATH_FAST, ign, policy, skb, v6, &packet);
	if (unlikely(reason == ICMPGUARD_UNDECIDED))
		return v6 ? mid_path6(ign, policy, skb, state) :
			    mid_path4(ign, policy, skb, state);
	return icmpguard_verdict_enforce(ign, policy, skb, &packet, reason);
}

/* Functions of their own, so that the hooks need no stack for what isn't ICMP */
static noinline unsigned int fast_path4(const struct icmpguard_net *ign, struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	return fast_path(ign, skb, state, false);
}

static noinline unsigned int fast_path6(const struct icmpguard_net *ign, struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	return fast_path(ign, skb, state, true);
}

/* Only a packet that a queue gives back comes with bottom halves on. */
static noinline unsigned int with_bh_off(const struct icmpguard_net *ign, struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = state->pf == NFPROTO_IPV6 ? fast_path6(ign, skb, state) :
					      fast_path4(ign, skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (likely(ip_hdr(skb)->protocol != IPPROTO_ICMP))
		return NF_ACCEPT;
	if (unlikely(!softirq_count()))
		return with_bh_off(priv, skb, state);
	return fast_path4(priv, skb, state);
}

#if IS_ENABLED(CONFIG_IPV6)

static bool may_be_icmpv6(u8 next_header)
{
	return next_header == NEXTHDR_ICMP || icmpguard_chain_is_extension(next_header);
}

static unsigned int hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (likely(!may_be_icmpv6(ipv6_hdr(skb)->nexthdr)))
		return NF_ACCEPT;
	if (unlikely(!softirq_count()))
		return with_bh_off(priv, skb, state);
	return fast_path6(priv, skb, state);
}

#endif

/**
 * icmpguard_hook_register() - begin to judge a namespace's packets
 * @ign: the namespace, prepared
 *
 * Context: process, @ign->lock held.
 * Return: 0 or what netfilter says.
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
		WRITE_ONCE(ign->hooked, true);
	return err;
}

/**
 * icmpguard_hook_unregister() - judge no more packets
 * @ign: the namespace; nothing is done if it isn't hooked
 *
 * Packets may be in the hooks until a grace period is over.
 *
 * Context: process, @ign->lock held or no other user left.
 */
void icmpguard_hook_unregister(struct icmpguard_net *ign)
{
	if (!ign->hooked)
		return;
	/* The early path's end too: packets may be there until the same grace period. */
	WRITE_ONCE(ign->hooked, false);
	nf_unregister_net_hooks(ign->net, ign->hook, IS_ENABLED(CONFIG_IPV6) ? 2 : 1);
}
