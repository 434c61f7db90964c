// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts: what becomes of a packet whose reason is known, and its counters.
 */
#include "drop.h"
#include "offenders.h"
#include "trace.h"
#include "verdict.h"

static void record(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
		   const struct icmpguard_addr *src, unsigned int tid, enum icmpguard_reason reason)
{
	struct icmpguard_sampler *sampler = &icmpguard_net_stats(ign)->sampler;
	struct icmpguard_addr prefix;
	u8 len;

	/* A total is everybody's doing: it names no offender. */
	if (reason == ICMPGUARD_REASON_TOTAL_LIMIT || !icmpguard_sampler_takes(sampler))
		return;
	len = icmpguard_policy_prefix(policy, icmpguard_tid_is_v6(tid), src, &prefix);
	icmpguard_offenders_record(ign->offenders, &prefix, len, tid, 1 + sampler->skipped);
	sampler->skipped = 0;
}

static void count_drop(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
		       const struct icmpguard_addr *src, unsigned int tid,
		       enum icmpguard_reason reason)
{
	record(ign, policy, src, tid, reason);
	icmpguard_stats_verdict(icmpguard_net_stats(ign), tid, icmpguard_reason_column(reason),
				reason);
}

/**
 * icmpguard_verdict_trace() - tell who listens
 * @skb: the packet
 * @packet: the same, parsed
 * @mode: enum icmpguard_mode
 * @reason: the verdict's reason
 * @verdict: NF_ACCEPT or NF_DROP
 *
 * Context: softirq; RCU.
 */
void icmpguard_verdict_trace(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			     u8 mode, enum icmpguard_reason reason, unsigned int verdict)
{
	if (trace_icmpguard_verdict_enabled())
		icmpguard_trace(skb->dev, skb, packet, mode, reason, verdict);
}

/**
 * icmpguard_verdict_conclude() - count a packet and decide it
 * @ign: the namespace
 * @policy: the policy
 * @skb: the packet; when it is dropped, not the caller's any more
 * @packet: the same, parsed
 * @plan: its type's treatment
 * @mode: enum icmpguard_mode
 * @reason: why
 *
 * The mode, and the type's own, say what becomes of one that is to be dropped.
 *
 * Context: bottom halves off; RCU. Return: the verdict for netfilter.
 */
unsigned int icmpguard_verdict_conclude(const struct icmpguard_net *ign,
					const struct icmpguard_policy *policy, struct sk_buff *skb,
					const struct icmpguard_packet *packet,
					const struct icmpguard_plan *plan, u8 mode,
					enum icmpguard_reason reason)
{
	if (reason < ICMPGUARD_REASON_DROP_FIRST) {
		icmpguard_stats_verdict(icmpguard_net_stats(ign), packet->tid,
					ICMPGUARD_COLUMN_ACCEPTED, reason);
		icmpguard_verdict_trace(skb, packet, mode, reason, NF_ACCEPT);
		return NF_ACCEPT;
	}
	if (mode == ICMPGUARD_MODE_MONITOR || plan->monitor) {
		record(ign, policy, &packet->src, packet->tid, reason);
		icmpguard_stats_monitored(icmpguard_net_stats(ign), packet->tid, reason);
		icmpguard_verdict_trace(skb, packet, mode, reason, NF_ACCEPT);
		return NF_ACCEPT;
	}
	count_drop(ign, policy, &packet->src, packet->tid, reason);
	icmpguard_verdict_trace(skb, packet, mode, reason, NF_DROP);
	return icmpguard_drop(skb, reason);
}

/**
 * icmpguard_verdict_count_drop() - count a packet that is dropped, and record its source
 * @ign: the namespace
 * @policy: the policy
 * @src_hi: its source, by value: so it is in registers until here
 * @src_lo: likewise
 * @tid: its type
 * @reason: why
 *
 * Context: bottom halves off; RCU.
 */
void icmpguard_verdict_count_drop(const struct icmpguard_net *ign,
				  const struct icmpguard_policy *policy, u64 src_hi, u64 src_lo,
				  unsigned int tid, enum icmpguard_reason reason)
{
	const struct icmpguard_addr src = { src_hi, src_lo };

	count_drop(ign, policy, &src, tid, reason);
}
