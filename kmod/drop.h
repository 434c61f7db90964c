/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drops: freeing a packet so that whoever watches drops sees why.
 *
 * Drop monitors tell drops by the kernel's reason and by the address of the code
 * that freed the packet. While somebody watches, icmpguard frees its packets
 * itself, each reason in a function of its own name; else netfilter does, and
 * the watching costs a jump label.
 */
#ifndef _ICMPGUARD_DROP_H
#define _ICMPGUARD_DROP_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <trace/events/skb.h>
#include "stats.h"

unsigned int icmpguard_drop_watched(struct sk_buff *skb, enum icmpguard_reason reason);

/**
 * icmpguard_drop() - drop a packet
 * @skb: the packet, not the caller's any more
 * @reason: of class drop, or FRAGMENTS_EARLY
 *
 * Context: softirq. Return: the verdict for netfilter.
 */
static __always_inline unsigned int icmpguard_drop(struct sk_buff *skb,
						   enum icmpguard_reason reason)
{
	if (trace_kfree_skb_enabled())
		return icmpguard_drop_watched(skb, reason);
	return NF_DROP;
}

#endif /* _ICMPGUARD_DROP_H */
