/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verdicts: what becomes of a packet whose reason is known, and its counters.
 */
#ifndef _ICMPGUARD_VERDICT_H
#define _ICMPGUARD_VERDICT_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include "drop.h"
#include "net.h"
#include "packet.h"
#include "policy.h"
#include "stats.h"

unsigned int icmpguard_verdict_conclude(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, struct sk_buff *skb,
					const struct icmpguard_packet *packet,
					const struct icmpguard_plan *plan, u8 mode,
					enum icmpguard_reason reason);
void icmpguard_verdict_count_drop(const struct icmpguard_net *ign,
				  const struct icmpguard_policy *policy, u64 src_hi, u64 src_lo,
				  unsigned int tid, enum icmpguard_reason reason);
void icmpguard_verdict_trace(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			     u8 mode, enum icmpguard_reason reason, unsigned int verdict);

/**
 * icmpguard_verdict_of_charge() - the reason that the limiter gives
 * @charge: what it said
 *
 * Context: any.
 */
static __always_inline enum icmpguard_reason
icmpguard_verdict_of_charge(enum icmpguard_charge charge)
{
	switch (charge) {
	case ICMPGUARD_CHARGE_SOURCE:
		return ICMPGUARD_REASON_SOURCE_LIMIT;
	case ICMPGUARD_CHARGE_PENALTY:
		return ICMPGUARD_REASON_PENALTY;
	case ICMPGUARD_CHARGE_TOTAL:
		return ICMPGUARD_REASON_TOTAL_LIMIT;
	default:
		return ICMPGUARD_REASON_WITHIN_LIMIT;
	}
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
 * Context: bottom halves off; RCU. Return: the verdict for netfilter.
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
	if (reason == ICMPGUARD_REASON_TOTAL_LIMIT || icmpguard_sampler_skips(&stats->sampler))
		icmpguard_stats_verdict(stats, packet->tid, icmpguard_reason_column(reason),
					reason);
	else
		icmpguard_verdict_count_drop(ign, policy, packet->src.hi, packet->src.lo,
					     packet->tid, reason);
	return icmpguard_drop(skb, reason);
}

#endif /* _ICMPGUARD_VERDICT_H */
