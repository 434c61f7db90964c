/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scope: which packets are judged at all, by where they come in and whom they
 * are for.
 */
#ifndef _ICMPGUARD_SCOPE_H
#define _ICMPGUARD_SCOPE_H

#include <linux/if_packet.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include "uapi/icmpguard.h"

struct icmpguard_policy;

bool icmpguard_scope_has(struct net *net, const struct net_device *in, const struct sk_buff *skb,
			 bool v6);
bool icmpguard_scope_was_judged(const struct net_device *in, const struct sk_buff *skb, bool v6);
u8 icmpguard_scope_interface(const struct icmpguard_policy *policy, const struct net_device *in);
void icmpguard_scope_resolve(struct net *net, struct icmpguard_policy *policy);

/**
 * icmpguard_scope_is_internal() - whether a packet comes from within
 * @in: where it comes in
 * @skb: an IP packet
 * @v6: of IPv6; of IPv4 otherwise
 *
 * What comes from the loopback is the machine's own, and so is what it sent to
 * a group or to everybody and hears itself. A VRF shows packets twice.
 *
 * Context: any.
 */
static __always_inline bool icmpguard_scope_is_internal(const struct net_device *in,
							const struct sk_buff *skb, bool v6)
{
	if (in->flags & IFF_LOOPBACK || skb->pkt_type == PACKET_LOOPBACK)
		return true;
	return (netif_is_l3_slave(in) || netif_is_l3_master(in)) &&
	       icmpguard_scope_was_judged(in, skb, v6);
}

#endif /* _ICMPGUARD_SCOPE_H */
