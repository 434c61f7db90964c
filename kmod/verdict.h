/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts: what becomes of a packet whose reason is known, and its counters.
 *
 * Drop monitors identify a drop by the kernel's reason and by the address of the
 * code that freed the packet. While one is attached, icmpguard frees its packets
 * itself, each reason in a function of its own name; otherwise netfilter does.
 * The tracepoint and the drop monitors' cost a jump label each while unused.
 */
#ifndef _ICMPGUARD_VERDICT_H
#define _ICMPGUARD_VERDICT_H

#include <linux/if.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/types.h>
#include <trace/events/skb.h>
#include "net.h"
#include "packet.h"
#include "policy.h"
#include "stats.h"

/* Bytes for the longest name of a reason */
#define ICMPGUARD_REASON_NAME	24

/**
 * struct icmpguard_verdict - a verdict, as it is traced
 * @dev: name of the interface the packet came in by
 * @src: its source, an IPv4 address mapped into IPv6
 * @type: its type, ICMPGUARD_TYPE_OTHER or ICMPGUARD_TYPE_FRAGMENT where it
 *	isn't known
 * @code: its code
 * @v6: of IPv6; of IPv4 otherwise
 * @mode: enum icmpguard_mode
 * @reason: name of the reason; of a packet that is accepted although there
 *	was one to drop it, that one
 * @verdict: NF_ACCEPT, NF_DROP
 */
struct icmpguard_verdict {
	const char *dev;
	struct in6_addr src;
	u16 type;
	u8 code;
	bool v6;
	u8 mode;
	u8 verdict;
	const char *reason;
};

#include "verdict_event.h"

unsigned int icmpguard_verdict_conclude(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, struct sk_buff *skb,
					const struct icmpguard_packet *packet,
					const struct icmpguard_plan *plan, u8 mode,
					enum icmpguard_reason reason);
void icmpguard_verdict_count_drop(const struct icmpguard_net *ign,
				  const struct icmpguard_policy *policy, u64 src_hi, u64 src_lo,
				  unsigned int tid, enum icmpguard_reason reason);
void icmpguard_verdict_trace(const struct net_device *in, const struct sk_buff *skb,
			     const struct icmpguard_packet *packet, u8 mode,
			     enum icmpguard_reason reason, unsigned int verdict);
unsigned int icmpguard_drop_watched(struct sk_buff *skb, enum icmpguard_reason reason);

/**
 * icmpguard_drop() - drop a packet
 * @skb: the packet, not the caller's any more
 * @reason: of class drop, or FRAGMENTS_EARLY
 *
 * Context: softirq.
 * Return: the verdict for netfilter.
 */
static __always_inline unsigned int icmpguard_drop(struct sk_buff *skb,
						   enum icmpguard_reason reason)
{
	if (trace_kfree_skb_enabled())
		return icmpguard_drop_watched(skb, reason);
	return NF_DROP;
}

/**
 * icmpguard_verdict_refuse() - count a packet that is dropped where nothing is traced
 * @ign: the namespace
 * @policy: the policy
 * @stats: of this processor
 * @packet: the packet, parsed; its address isn't taken
 * @reason: why
 *
 * Context: bottom halves off; RCU.
 */
static __always_inline void
icmpguard_verdict_refuse(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
			 struct icmpguard_stats *stats, const struct icmpguard_packet *packet,
			 enum icmpguard_reason reason)
{
	if (reason == ICMPGUARD_REASON_TOTAL_LIMIT || icmpguard_sampler_skips(&stats->sampler))
		icmpguard_stats_verdict(stats, packet->tid, icmpguard_reason_column(reason),
					reason);
	else
		icmpguard_verdict_count_drop(ign, policy, packet->src.hi, packet->src.lo,
					     packet->tid, reason);
}

/**
 * icmpguard_verdict_enforce() - conclude where nothing is monitored or traced
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet; when it is dropped, not the caller's any more
 * @packet: the same, parsed; its address isn't taken
 * @reason: why
 *
 * The same as icmpguard_verdict_conclude(). A flood's packet is counted where
 * that was found, and nothing else.
 *
 * Context: bottom halves off; RCU.
 * Return: the verdict for netfilter.
 */
static __always_inline unsigned int
icmpguard_verdict_enforce(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
			  struct sk_buff *skb, const struct icmpguard_packet *packet,
			  enum icmpguard_reason reason)
{
	struct icmpguard_stats *stats = icmpguard_net_stats(ign);

	if (likely(reason < ICMPGUARD_REASON_DROP_FIRST)) {
		icmpguard_stats_verdict(stats, packet->tid, ICMPGUARD_COLUMN_ACCEPTED, reason);
		return NF_ACCEPT;
	}
	icmpguard_verdict_refuse(ign, policy, stats, packet, reason);
	return icmpguard_drop(skb, reason);
}

#endif /* _ICMPGUARD_VERDICT_H */
