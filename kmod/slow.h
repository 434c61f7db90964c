/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The detour: packets that are in pieces, come in where something else is done
 * with them, are traced, or have anything else to them that most have not.
 */
#ifndef _ICMPGUARD_DETOUR_H
#define _ICMPGUARD_DETOUR_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include "net.h"
#include "policy.h"

unsigned int icmpguard_detour4(const struct icmpguard_net *ign,
			       const struct icmpguard_policy *policy, struct sk_buff *skb,
			       const struct nf_hook_state *state);
unsigned int icmpguard_detour6(const struct icmpguard_net *ign,
			       const struct icmpguard_policy *policy, struct sk_buff *skb,
			       const struct nf_hook_state *state);

#endif /* _ICMPGUARD_DETOUR_H */
