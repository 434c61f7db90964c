// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks: which packets are judged, and which way they take.
 *
 * parse -> rules -> sanity -> the type's treatment -> limiter -> verdict. A
 * packet leaves out what it is known not to need: plain.h nearly all, usual.c
 * what is rare, detour.c nothing.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include "fast.h"
#include "hook.h"
#include "mid.h"
#include "net.h"
#include "packet.h"
#include "scope.h"
#include "slow.h"

/* Before connection tracking and its reassembly, behind a raw table before both */
#define PRIORITY4	(NF_IP_PRI_CONNTRACK_DEFRAG - 1)
#define PRIORITY6	(NF_IP6_PRI_CONNTRACK_DEFRAG - 1)

/* A function of its own, so that the hook needs no stack for what isn't ICMP */
static noinline unsigned int handle4(const struct icmpguard_net *ign, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct icmpguard_policy *policy = rcu_dereference(ign->policy);
	struct icmpguard_packet packet = {};
	enum icmpguard_parsed parsed;

	if (unlikely(!policy || icmpguard_scope_is_internal(state->in, skb, false)))
		return NF_ACCEPT;
	if (unlikely(ip_is_fragment(ip_hdr(skb))))
		return icmpguard_detour4(ign, policy, skb, state);
	parsed = icmpguard_packet_parse4(skb, &packet);
	if (icmpguard_plain_is(policy, skb, &packet, parsed))
		return icmpguard_plain_conclude(ign, policy, skb, &packet);
	return icmpguard_usual4(ign, policy, skb, state);
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

static noinline unsigned int handle6(const struct icmpguard_net *ign, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct icmpguard_policy *policy = rcu_dereference(ign->policy);
	struct icmpguard_packet packet = {};
	enum icmpguard_parsed parsed;

	if (unlikely(!policy || icmpguard_scope_is_internal(state->in, skb, true)))
		return NF_ACCEPT;
	if (unlikely(ipv6_hdr(skb)->nexthdr != NEXTHDR_ICMP))
		return icmpguard_detour6(ign, policy, skb, state);
	parsed = icmpguard_packet_parse6(skb, &packet);
	if (icmpguard_plain_is(policy, skb, &packet, parsed))
		return icmpguard_plain_conclude(ign, policy, skb, &packet);
	return icmpguard_usual6(ign, policy, skb, state);
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
