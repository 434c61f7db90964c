// SPDX-License-Identifier: GPL-2.0-only
/*
 * The detour: packets that are in pieces, come in where something else is done
 * with them, are traced, or have anything else to them that most have not.
 */
#include "fragment.h"
#include "judge.h"
#include "packet.h"
#include "scope.h"
#include "slow.h"

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

/**
 * icmpguard_detour4() - judge an IPv4 packet of protocol ICMP
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet; when it is dropped, not the caller's any more
 * @state: the hook's
 *
 * What was parsed before is parsed again: see plain.h.
 *
 * Context: bottom halves off; RCU. Return: the verdict for netfilter.
 */
unsigned int icmpguard_detour4(const struct icmpguard_net *ign,
			       const struct icmpguard_policy *policy, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	u8 mode = mode_of(policy, skb, state);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;

	if (mode == ICMPGUARD_MODE_OFF)
		return NF_ACCEPT;
	if (ip_is_fragment(ip_hdr(skb)))
		return icmpguard_fragment_handle4(ign, policy, mode, skb, state->net);
	parsed = icmpguard_packet_parse4(skb, &packet);
	return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
}

#if IS_ENABLED(CONFIG_IPV6)

/**
 * icmpguard_detour6() - judge an IPv6 packet that may be ICMPv6
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet; when it is dropped, not the caller's any more
 * @state: the hook's
 *
 * What was parsed before is parsed again: see plain.h.
 *
 * Context: bottom halves off; RCU. Return: the verdict for netfilter.
 */
unsigned int icmpguard_detour6(const struct icmpguard_net *ign,
			       const struct icmpguard_policy *policy, struct sk_buff *skb,
			       const struct nf_hook_state *state)
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
		return icmpguard_fragment_handle6(ign, policy, mode, skb, state->net);
	return icmpguard_judge_packet(ign, policy, skb, &packet, mode, parsed);
}

#endif
