/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Usual packets: not plain, but with nothing to them that is rare.
 */
#ifndef _ICMPGUARD_USUAL_H
#define _ICMPGUARD_USUAL_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include "net.h"
#include "policy.h"

unsigned int icmpguard_usual4(const struct icmpguard_net *ign,
			      const struct icmpguard_policy *policy, struct sk_buff *skb,
			      const struct nf_hook_state *state);
unsigned int icmpguard_usual6(const struct icmpguard_net *ign,
			      const struct icmpguard_policy *policy, struct sk_buff *skb,
			      const struct nf_hook_state *state);

#endif /* _ICMPGUARD_USUAL_H */
