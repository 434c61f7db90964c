/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scope: which packets are judged at all, by where they come in and whom they
 * are for.
 */
#ifndef _ICMPGUARD_SCOPE_H
#define _ICMPGUARD_SCOPE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include "uapi/icmpguard.h"

struct icmpguard_policy;

bool icmpguard_scope_has(struct net *net, const struct net_device *in, const struct sk_buff *skb,
			 bool v6);
u8 icmpguard_scope_interface(const struct icmpguard_policy *policy, const struct net_device *in);
void icmpguard_scope_resolve(struct net *net, struct icmpguard_policy *policy);

/**
 * icmpguard_scope_is_internal() - whether a packet came from within
 * @in: where it came in
 *
 * What comes from the loopback is the machine's own. What comes from the
 * master of a VRF has been seen when it came in from a member.
 *
 * Context: any.
 */
static inline bool icmpguard_scope_is_internal(const struct net_device *in)
{
	return in->flags & IFF_LOOPBACK || netif_is_l3_master(in);
}

#endif /* _ICMPGUARD_SCOPE_H */
