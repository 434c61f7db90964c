// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracing: from a packet to what is traced of it.
 */
#include <linux/netdevice.h>
#define CREATE_TRACE_POINTS
#include "trace.h"

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

/**
 * icmpguard_trace() - trace a verdict
 * @in: where the packet came in
 * @skb: the packet; NULL where it is gone
 * @packet: the same, parsed
 * @mode: enum icmpguard_mode
 * @reason: enum icmpguard_reason
 * @verdict: NF_ACCEPT or NF_DROP
 *
 * Context: softirq. Called only while somebody listens.
 */
void icmpguard_trace(const struct net_device *in, const struct sk_buff *skb,
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
