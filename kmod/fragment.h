/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fragments: what each says alone, and what they are when they are together.
 */
#ifndef _ICMPGUARD_FRAGMENT_H
#define _ICMPGUARD_FRAGMENT_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>
#include "net.h"
#include "policy.h"

unsigned int icmpguard_fragment_handle4(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, u8 mode,
					struct sk_buff *skb, struct net *net);
unsigned int icmpguard_fragment_handle6(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, u8 mode,
					struct sk_buff *skb, struct net *net);

#endif /* _ICMPGUARD_FRAGMENT_H */
