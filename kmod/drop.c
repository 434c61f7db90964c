// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops: the kernel's reasons, and a function for each of icmpguard's.
 */
#include <linux/errno.h>
#include "compat.h"
#include "drop.h"

#define DROPS(X)							\
	ICMPGUARD_REASONS_DROP(X)					\
	X(FRAGMENTS_EARLY, "fragments-early")

/* The kernel's reason, where it has one that says more than "netfilter" */
static const u16 reasons[ICMPGUARD_REASONS] = {
	[ICMPGUARD_REASON_ECHO_OVERSIZE]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[ICMPGUARD_REASON_FRAGMENTS_EARLY]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[ICMPGUARD_REASON_FRAGMENT_OVERSIZE]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[ICMPGUARD_REASON_FRAGMENT_SHORT]	= SKB_DROP_REASON_PKT_TOO_SMALL,
	[ICMPGUARD_REASON_TRUNCATED]		= SKB_DROP_REASON_PKT_TOO_SMALL,
	[ICMPGUARD_REASON_HEADER_CHAIN]		= ICMPGUARD_SKB_BAD_EXTHDR,
	[ICMPGUARD_REASON_ND_HOP_LIMIT]		= ICMPGUARD_SKB_NDISC_HOP_LIMIT,
	[ICMPGUARD_REASON_ND_FRAGMENT]		= ICMPGUARD_SKB_NDISC_FRAG,
	[ICMPGUARD_REASON_RA_OPTION]		= ICMPGUARD_SKB_NDISC_BAD_OPTIONS,
	[ICMPGUARD_REASON_QUOTED_HEADER]	= SKB_DROP_REASON_IP_INHDR,
	[ICMPGUARD_REASON_QUOTED_PROTOCOL]	= SKB_DROP_REASON_IP_NOPROTO,
};

static enum skb_drop_reason reason_of(enum icmpguard_reason reason)
{
	return reasons[reason] ?: SKB_DROP_REASON_NETFILTER_DROP;
}

/*
 * Behind the call there is something left to do, so that it isn't a jump, and
 * the address it returns to is in here; what that is differs, so that the
 * compiler doesn't make one function of all.
 */
#define DROP_OF(id, name)							\
static noinline void icmpguard_drop_##id(struct sk_buff *skb)			\
{										\
	kfree_skb_reason(skb, reason_of(ICMPGUARD_REASON_##id));		\
	asm volatile("" : : "i"(ICMPGUARD_REASON_##id) : "memory");		\
}

DROPS(DROP_OF)

/**
 * icmpguard_drop_watched() - drop a packet while somebody watches
 * @skb: the packet, not the caller's any more
 * @reason: of class drop, or FRAGMENTS_EARLY
 *
 * Context: softirq. Return: the verdict for netfilter.
 */
unsigned int icmpguard_drop_watched(struct sk_buff *skb, enum icmpguard_reason reason)
{
	static void (*const drop[ICMPGUARD_REASONS])(struct sk_buff *skb) = {
#define X(id, name) [ICMPGUARD_REASON_##id] = icmpguard_drop_##id,
		DROPS(X)
#undef X
	};

	if (!drop[reason])
		return NF_DROP;
	drop[reason](skb);
	return EPERM << NF_VERDICT_QBITS | NF_STOLEN;
}
