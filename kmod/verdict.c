// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts: counting, recording, tracing, dropping.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/netdevice.h>
#include "compat.h"
#include "limited.h"
#define CREATE_TRACE_POINTS
#include "verdict.h"

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
	[ICMPGUARD_REASON_HEADER_CHAIN]		= SKB_DROP_REASON_IPV6_BAD_EXTHDR,
	[ICMPGUARD_REASON_ND_HOP_LIMIT]		= SKB_DROP_REASON_IPV6_NDISC_HOP_LIMIT,
	[ICMPGUARD_REASON_ND_FRAGMENT]		= SKB_DROP_REASON_IPV6_NDISC_FRAG,
	[ICMPGUARD_REASON_RA_OPTION]		= SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS,
	[ICMPGUARD_REASON_RA_OPTION_LENGTH]	= SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS,
	[ICMPGUARD_REASON_QUOTED_HEADER]	= SKB_DROP_REASON_IP_INHDR,
	[ICMPGUARD_REASON_QUOTED_PROTOCOL]	= SKB_DROP_REASON_IP_NOPROTO,
};

static u16 reason_of(enum icmpguard_reason reason)
{
	return reasons[reason] ?: SKB_DROP_REASON_NETFILTER_DROP;
}

/*
 * The barrier prevents a tail call, so that the address that freed the packet is in
 * here; distinct operands prevent identical code folding.
 */
#define DROP_OF(id, ...)							\
static noinline void icmpguard_drop_##id(struct sk_buff *skb)			\
{										\
	kfree_skb_reason(skb, reason_of(ICMPGUARD_REASON_##id));		\
	barrier_data((void *)(long)ICMPGUARD_REASON_##id);			\
}

DROPS(DROP_OF)

/**
 * icmpguard_drop_watched() - drop a packet while a drop monitor is attached
 * @skb: the packet, not the caller's any more
 * @reason: of class drop, or FRAGMENTS_EARLY
 *
 * Context: softirq.
 * Return: the verdict for netfilter.
 */
unsigned int icmpguard_drop_watched(struct sk_buff *skb, enum icmpguard_reason reason)
{
	static void (*const drop[ICMPGUARD_REASONS])(struct sk_buff *skb) = {
#define X(id, ...) [ICMPGUARD_REASON_##id] = icmpguard_drop_##id,
		DROPS(X)
#undef X
	};

	if (!drop[reason])
		return NF_DROP;
	drop[reason](skb);
	return EPERM << NF_VERDICT_QBITS | NF_STOLEN;
}

/* The type on the wire, also where it has no name */
static u16 type_of(const struct sk_buff *skb, const struct icmpguard_packet *packet)
{
	u32 number = icmpguard_type_number(packet->tid);
	u8 buffer;
	const u8 *type;

	if (number != ICMPGUARD_TYPE_OTHER || !skb || !packet->offset)
		return number;
	type = skb_header_pointer(skb, skb_network_offset(skb) + packet->offset, sizeof(buffer),
				  &buffer);
	return type ? *type : number;
}

static void record_source(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
			  const struct icmpguard_addr *src, unsigned int tid,
			  enum icmpguard_reason reason, bool monitored)
{
	struct icmpguard_sampler *sampler = &icmpguard_net_stats(ign)->sampler;
	struct icmpguard_addr prefix;
	u8 len;

	/* A total is everybody's doing: it names no source. */
	if (reason == ICMPGUARD_REASON_TOTAL_LIMIT || !icmpguard_sampler_takes(sampler))
		return;
	len = icmpguard_policy_prefix(policy, icmpguard_tid_is_v6(tid), src, &prefix);
	icmpguard_limited_record(ign->limited, &prefix, len, tid, 1 + sampler->skipped, monitored);
	sampler->skipped = 0;
}

static void count_drop(const struct icmpguard_net *ign, const struct icmpguard_policy *policy,
		       const struct icmpguard_addr *src, unsigned int tid,
		       enum icmpguard_reason reason)
{
	record_source(ign, policy, src, tid, reason, false);
	icmpguard_stats_verdict(icmpguard_net_stats(ign), tid, icmpguard_reason_column(reason),
				reason);
}

/* A function of its own: only tracing pays for its stack. */
static noinline void trace_verdict(const struct net_device *in, const struct sk_buff *skb,
				   const struct icmpguard_packet *packet, u8 mode,
				   enum icmpguard_reason reason, unsigned int verdict)
{
	struct icmpguard_verdict traced = {
		.dev = in->name,
		.type = type_of(skb, packet),
		.code = packet->code,
		.v6 = packet->v6,
		.mode = mode,
		.verdict = verdict,
		.reason = icmpguard_reason_name(reason),
	};

	if (packet->v6)
		traced.src = icmpguard_addr_to_in6(&packet->src);
	else
		ipv6_addr_set_v4mapped(htonl(packet->src.lo), &traced.src);
	trace_icmpguard_verdict(&traced);
}

/**
 * icmpguard_verdict_trace() - trace a verdict, if someone listens
 * @in: where the packet came in
 * @skb: the packet; NULL where it is gone
 * @packet: the same, parsed
 * @mode: enum icmpguard_mode
 * @reason: the verdict's reason
 * @verdict: NF_ACCEPT or NF_DROP
 *
 * Context: softirq; RCU.
 */
void icmpguard_verdict_trace(const struct net_device *in, const struct sk_buff *skb,
			     const struct icmpguard_packet *packet, u8 mode,
			     enum icmpguard_reason reason, unsigned int verdict)
{
	if (trace_icmpguard_verdict_enabled())
		trace_verdict(in, skb, packet, mode, reason, verdict);
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
 * Context: bottom halves off; RCU.
 * Return: the verdict for netfilter.
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
		icmpguard_verdict_trace(skb->dev, skb, packet, mode, reason, NF_ACCEPT);
		return NF_ACCEPT;
	}
	if (mode == ICMPGUARD_MODE_MONITOR || plan->monitor) {
		record_source(ign, policy, &packet->src, packet->tid, reason, true);
		icmpguard_stats_monitored(icmpguard_net_stats(ign), packet->tid, reason);
		icmpguard_verdict_trace(skb->dev, skb, packet, mode, reason, NF_ACCEPT);
		return NF_ACCEPT;
	}
	count_drop(ign, policy, &packet->src, packet->tid, reason);
	icmpguard_verdict_trace(skb->dev, skb, packet, mode, reason, NF_DROP);
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
