/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scope: which packets are judged at all, by where they come in and whom they
 * are for.
 */
#ifndef _ICMPGUARD_SCOPE_H
#define _ICMPGUARD_SCOPE_H

#include <linux/bits.h>
#include <linux/if_packet.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/xfrm.h>
#include "uapi/icmpguard.h"

struct icmpguard_policy;

bool icmpguard_scope_has(struct net *net, const struct net_device *in, const struct sk_buff *skb,
			 bool v6);
bool icmpguard_scope_is_here(struct net *net, const struct net_device *in,
			     const struct sk_buff *skb, bool v6);
bool icmpguard_scope_is_own(const struct net_device *in, const struct sk_buff *skb, bool v6);
bool icmpguard_scope_was_seen(const struct net_device *in, struct sk_buff *skb, bool v6);
bool icmpguard_scope_was_authenticated(const struct sk_buff *skb);
u8 icmpguard_scope_interface(const struct icmpguard_policy *policy, const struct net_device *in);
void icmpguard_scope_resolve(struct net *net, struct icmpguard_policy *policy);
u64 icmpguard_broadcast_bits(const struct in_ifaddr *ifa);
u64 icmpguard_broadcast_find(struct net *net);
bool icmpguard_broadcast_is(const struct icmpguard_policy *policy, const struct net_device *in,
			    u32 addr);

/**
 * icmpguard_scope_is_internal() - whether a packet comes from within
 * @in: where it comes in
 * @skb: an IP packet
 * @v6: of IPv6; of IPv4 otherwise
 *
 * The machine's own packets come from the loopback, and what it sent to a group or
 * to everybody it hears itself; not all that looks so is its own. A VRF shows packets
 * twice, and so does AH with IPv6.
 *
 * Context: any; RCU.
 * Return: true if it mustn't be judged here.
 */
static __always_inline bool icmpguard_scope_is_internal(const struct net_device *in,
							struct sk_buff *skb, bool v6)
{
	if (unlikely(in->flags & IFF_LOOPBACK || skb->pkt_type == PACKET_LOOPBACK))
		return icmpguard_scope_is_own(in, skb, v6);
	if (v6 && unlikely(secpath_exists(skb)) && icmpguard_scope_was_authenticated(skb))
		return true;
	return (netif_is_l3_slave(in) || netif_is_l3_master(in)) &&
	       icmpguard_scope_was_seen(in, skb, v6);
}

/*
 * Which addresses stand for all hosts of a network that this one is part of is in
 * the routing tables, and a look there is dear. So a policy has a bit for each
 * value of an address's last six bits. Where it isn't set the address is no
 * broadcast address: of an ordinary network's 256, one in 64 is looked up.
 */

/**
 * icmpguard_broadcast_bit() - an address's bit in struct icmpguard_policy.broadcasts
 * @addr: the address in host byte order
 *
 * Context: any.
 * Return: one bit of 64.
 */
static inline u64 icmpguard_broadcast_bit(u32 addr)
{
	return BIT_ULL(addr & 63);
}

#endif /* _ICMPGUARD_SCOPE_H */
