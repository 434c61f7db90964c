/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracing: a tracepoint for each verdict. While nobody listens it costs a jump
 * label, which is a no-op.
 */
#ifndef _ICMPGUARD_TRACE_H
#define _ICMPGUARD_TRACE_H

#include <linux/if.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/types.h>
#include "packet.h"
#include "stats.h"

/* Octets for the longest name of a reason */
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

void icmpguard_trace(const struct net_device *in, const struct sk_buff *skb,
		     const struct icmpguard_packet *packet, u8 mode,
		     enum icmpguard_reason reason, unsigned int verdict);

#include "verdict_event.h"

#endif /* _ICMPGUARD_TRACE_H */
